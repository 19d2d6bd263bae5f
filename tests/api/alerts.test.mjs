// Thresholds, readiness and the alerts that follow from them.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { newKey } from '../lib/client.mjs';
import { until } from '../lib/process.mjs';
import { startWorld } from '../lib/world.mjs';

let world;
let keeper;
let coordinator;
let auditor;

before(async () => {
  world = await startWorld();
  [keeper, coordinator, auditor] = await Promise.all(['keeper', 'coordinator', 'auditor'].map((u) => world.client(u)));
});
after(() => world.stop());

const move = async (kind, item, quantity) => {
  const answer = await keeper.post('/api/v1/stores/XT/slips',
    { kind, reason: kind === 'in' ? 'purchase' : 'issue', lines: [{ item, quantity }] }, { key: newKey() });
  assert.equal(answer.status, 201, answer.text);
  return answer.body;
};
const thresholds = (item, body, options) =>
  coordinator.put(`/api/v1/stores/XT/ledgers/${item}/thresholds`, body, options);
const alerts = async (query) => (await coordinator.get('/api/v1/alerts', query)).body.items;
const open = async (item) => (await alerts({ status: 'open' })).filter((a) => a.item === item);
const level = (minimum, target) => ({ minimum, target });

test('an alert opens below the minimum, once a cause, and closes when stock is back', async () => {
  await move('in', 'n95', 20);
  const set = await thresholds('n95', { normal: level(10, 50), emergency: level(30, 90) });
  assert.equal(set.status, 200, set.text);
  assert.deepEqual(set.body.normal, level(10, 50));
  assert.deepEqual(await open('n95'), []);
  await move('out', 'n95', 10);
  assert.deepEqual(await open('n95'), [], 'at the minimum is not below it');
  const slip = await move('out', 'n95', 1);
  const [alert, ...more] = await open('n95');
  assert.deepEqual(more, []);
  assert.equal(alert.cause, 'low_stock');
  assert.equal(alert.store, 'XT');
  assert.equal(alert.opened_by_slip, slip.number);
  assert.equal(alert.on_hand, 9);
  assert.equal(alert.minimum, 10);
  assert.equal(alert.suggested_quantity, 41);
  assert.equal(alert.closed_at, null);
  await move('out', 'n95', 1);
  assert.equal((await open('n95')).length, 1);
  await move('out', 'n95', 8);
  assert.deepEqual((await open('n95')).map((a) => a.cause).sort(), ['low_stock', 'out_of_stock']);
  await move('in', 'n95', 1);
  assert.deepEqual((await open('n95')).map((a) => a.cause), ['low_stock']);
  await move('in', 'n95', 30);
  assert.deepEqual(await open('n95'), []);
  const closed = (await alerts({ status: 'closed' })).filter((a) => a.item === 'n95');
  assert.equal(closed.length, 2);
  assert.ok(closed.every((a) => a.closed_at));
});

test('thresholds open and close alerts at once', async () => {
  await move('in', 'glove', 5);
  await thresholds('glove', { normal: level(6, 10), emergency: null });
  assert.equal((await open('glove')).length, 1);
  await thresholds('glove', { normal: null, emergency: level(6, 10) });
  assert.deepEqual(await open('glove'), []);
  const wrong = await thresholds('glove', { normal: level(10, 5), other: 1 });
  assert.equal(wrong.status, 422);
  assert.deepEqual(wrong.body.errors.map((e) => [e.field, e.code]).sort(),
    [['emergency', 'required'], ['normal.target', 'target_below_minimum'], ['other', 'unknown_field']]);
  assert.equal((await thresholds('nothing', { normal: null, emergency: null })).status, 404);
});

test('readiness of a place goes to all below it, and picks the thresholds that count', async () => {
  await move('in', 'hand-gel', 20);
  await thresholds('hand-gel', { normal: level(10, 20), emergency: level(30, 60) });
  assert.deepEqual(await open('hand-gel'), []);
  const emergency = await coordinator.put('/api/v1/places/malan/readiness', { readiness: 'emergency', reason: '封控' });
  assert.equal(emergency.status, 200, emergency.text);
  assert.equal(emergency.body.stores, 2);
  assert.equal((await open('hand-gel'))[0].minimum, 30);
  const ledger = (await coordinator.get('/api/v1/stores/XT/ledgers')).body.items.find((l) => l.item === 'hand-gel');
  assert.deepEqual([ledger.minimum, ledger.target, ledger.status], [30, 60, 'low']);
  const again = await coordinator.put('/api/v1/places/malan/readiness', { readiness: 'emergency', reason: '再次' });
  assert.equal(again.body.stores, 0, 'nothing is left to switch');
  await coordinator.put('/api/v1/places/xita/readiness', { readiness: 'normal', reason: '解封' });
  assert.deepEqual(await open('hand-gel'), []);
  assert.equal((await coordinator.put('/api/v1/places/xita/readiness', { readiness: 'war' })).status, 422);
  assert.equal((await coordinator.put('/api/v1/places/gujiao/readiness', { readiness: 'normal', reason: 'x' })).status, 404);
});

test('a store that a crash left behind its place is brought up by the sweep', async () => {
  const readiness = () => world.db.sql(
    `SELECT readiness FROM store_head JOIN store USING (store_id) WHERE code = 'BT'`);
  assert.equal(await readiness(), 'emergency');
  await world.db.sql(`UPDATE place SET readiness = 'normal' WHERE code = 'beita'`);
  const other = await world.startAnother({ settings: { sweep_interval: 1000 } });
  await until('the store follows its place', async () => await readiness() === 'normal');
  await other.stop();
});

test('an alert is acknowledged with a note, by who may', async () => {
  await move('in', 'face-shield', 1);
  await thresholds('face-shield', { normal: level(5, 9), emergency: null });
  const [alert] = await open('face-shield');
  const path = `/api/v1/alerts/${alert.id}/acknowledge`;
  assert.equal((await keeper.post(path, { note: '' })).status, 403);
  assert.equal((await (await world.client('stranger')).post(path, { note: '' })).status, 404);
  const done = await coordinator.post(path, { note: '已下单' });
  assert.equal(done.status, 200, done.text);
  const [after] = await open('face-shield');
  assert.equal(after.acknowledged_by, 'coordinator');
  await move('in', 'face-shield', 10);
  const late = await coordinator.post(path, { note: '' });
  assert.equal(late.status, 409);
  assert.equal(late.body.code, 'alert_closed');
  assert.equal((await coordinator.post('/api/v1/alerts/999999/acknowledge', {})).status, 404);
});

test('every change is an event: sequence without gaps, hashes over the very bytes', async () => {
  const { body } = await auditor.get('/api/v1/stores/XT/events', { order: 'asc', limit: 200 });
  assert.deepEqual(body.items.map((e) => e.seq), body.items.map((_, i) => i + 1));
  const types = new Set(body.items.map((e) => e.type));
  for (const type of ['slip_posted', 'thresholds_set', 'readiness_set', 'alert_opened', 'alert_closed', 'alert_acknowledged'])
    assert.ok(types.has(type), type);
  const { createHash } = await import('node:crypto');
  for (const event of body.items) {
    assert.equal(createHash('sha256').update('\0').update(event.record).digest('hex'), event.leaf_hash);
    const record = JSON.parse(event.record);
    assert.deepEqual(record.body, event.body);
    assert.equal(record.seq, event.seq);
    assert.equal(record.actor, event.actor);
    assert.equal(record.store, 'XT');
  }
});
