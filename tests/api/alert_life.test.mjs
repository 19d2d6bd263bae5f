// The life of an alert: what the clock opens, rules down the tree, hysteresis, re-arming, snoozing,
// escalation; and the sweep, of which there is one, and which shows when it stands still.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { newKey } from '../lib/client.mjs';
import { cli } from '../lib/service.mjs';
import { until } from '../lib/process.mjs';
import { openStream } from '../lib/stream.mjs';
import { startWorld } from '../lib/world.mjs';

const SWEEP = { settings: { alert_interval: 150 } };
const DAY = 86400000;

let world;
let other; // a second process on the same database
let keeper;
let coordinator;
let stream;

before(async () => {
  world = await startWorld(SWEEP);
  other = await world.startAnother(SWEEP);
  [keeper, coordinator] = await Promise.all(['keeper', 'coordinator'].map((u) => world.client(u)));
  stream = await openStream(coordinator);
});
after(async () => {
  stream?.close();
  await other?.stop();
  await world.stop();
});

// A business day so many days from today, in the service's time zone.
const day = (n) => new Date(Date.now() + 8 * 3600000 + n * DAY).toISOString().slice(0, 10);
const move = async (kind, item, quantity, { reason = kind === 'in' ? 'purchase' : 'issue', ...more } = {}) => {
  const { business_date, ...line } = more;
  const answer = await keeper.post('/api/v1/stores/XT/slips',
    { kind, reason, business_date, lines: [{ item, quantity, ...line }] }, { key: newKey() });
  assert.equal(answer.status, 201, answer.text);
};
const thresholds = async (item, minimum, target) => {
  const answer = await coordinator.put(`/api/v1/stores/XT/ledgers/${item}/thresholds`,
    { normal: { minimum, target }, emergency: null });
  assert.equal(answer.status, 200, answer.text);
};
const alerts = async (item, query = { status: 'open' }) =>
  (await coordinator.get('/api/v1/alerts', { item, store: 'XT', ...query })).body.items;
const one = async (item, cause) => (await alerts(item)).find((a) => a.cause === cause);
const opened = (item, cause) => until(`${cause} of ${item} open`, () => one(item, cause));
const closed = (item, cause) => until(`${cause} of ${item} closed`, async () => !await one(item, cause));
const rulePath = (place, cause) => `/api/v1/places/${place}/alert-rules/${cause}`;
const rule = async (place, cause, body) => {
  const answer = await (body ? coordinator.put(rulePath(place, cause), body) : coordinator.delete(rulePath(place, cause)));
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
};
const rules = async (place, cause) =>
  (await coordinator.get('/api/v1/alert-rules', { place, ...(cause ? { cause } : {}) })).body.items;
const state = async () => (await coordinator.get('/api/v1/alert-sweep')).body;
// Two runs that ended after this: the second one began after it, too.
const swept = async () => {
  for (let i = 0; i < 2; i++) {
    const { last_run: last } = await state();
    await until('a sweep', async () => (await state()).last_run !== last);
  }
};
const told = (item, cause) => stream.of('alert').filter((a) => a.item === item && a.cause === cause);
const states = (item, cause) => told(item, cause).map((a) => a.state);

test('lots expire: those within the days and those past them, until they are gone or the rule changes', async () => {
  await move('in', 'n95', 1, { lot: 'A', expires: day(30) });
  await move('in', 'n95', 10, { lot: 'B', expires: day(0) });
  await move('in', 'n95', 1000, { lot: 'D', expires: day(31) });
  await move('in', 'n95', 100, { lot: 'C', expires: day(-1) }); // the last: a sweep may come between
  const expiring = await opened('n95', 'expiring');
  const expired = await opened('n95', 'expired');
  assert.deepEqual([expiring.value, expiring.bound, expiring.window_days, expiring.state], [11, 30, null, 'open']);
  assert.deepEqual([expired.value, expired.bound, expired.on_hand, expired.minimum, expired.suggested_quantity],
    [100, null, 1111, null, null]);
  assert.equal(expired.opened_by_slip, null);
  assert.equal(expired.armed_at, expired.opened_at);
  assert.deepEqual(await alerts('n95', { cause: 'expired' }), [expired]);
  await rule('malan', 'expiring', { enabled: true, days: 5, escalate_minutes: null });
  assert.deepEqual([(await one('n95', 'expiring')).value, (await one('n95', 'expiring')).bound], [10, 5], 'as it is now');
  await move('out', 'n95', 100, { reason: 'scrap', lot: 'C' });
  await closed('n95', 'expired');
  await rule('xita', 'expiring', { enabled: false, days: 90, escalate_minutes: null });
  await closed('n95', 'expiring');
  await rule('xita', 'expiring');
  assert.notEqual((await opened('n95', 'expiring')).id, expiring.id);
  await rule('malan', 'expiring');
  await stream.has(() => states('n95', 'expired').length === 2);
  const [first, last] = told('n95', 'expired');
  assert.deepEqual([first.state, first.by, first.value, first.on_hand, last.state], ['opened', 'system', 100, 1111, 'closed']);
});

test('days of cover: what is on hand over the average of the window, where there was any issue', async () => {
  await move('in', 'glove', 56, { business_date: day(-20) });
  await move('out', 'glove', 14, { business_date: day(-14) }); // the day before the window
  await swept();
  assert.deepEqual(await alerts('glove'), [], 'nothing was issued in the window');
  await move('out', 'glove', 14, { business_date: day(-13) });
  await move('out', 'glove', 14);
  await swept();
  assert.deepEqual(await alerts('glove'), [], '14 left, 2 a day: seven days are not below seven');
  await move('out', 'glove', 1);
  const alert = await opened('glove', 'days_of_cover');
  assert.deepEqual([alert.value, alert.bound, alert.window_days, alert.on_hand], [6, 7, 14, 13]);
  await move('in', 'glove', 2);
  await swept();
  assert.equal((await one('glove', 'days_of_cover')).value, 7, 'not clear of it yet');
  await move('in', 'glove', 2);
  await closed('glove', 'days_of_cover');
  await move('out', 'glove', 16);
  await opened('glove', 'days_of_cover');
  await move('out', 'glove', 1);
  await closed('glove', 'days_of_cover'); // nothing is left to last
});

test('overdue counts: off unless wanted; a count ends it, an undone one does not count', async () => {
  await move('in', 'face-shield', 5, { business_date: day(-20) });
  await swept();
  assert.deepEqual(await alerts('face-shield'), []);
  await rule('malan', 'overdue_count', { enabled: true, days: 19, escalate_minutes: null });
  const alert = await opened('face-shield', 'overdue_count');
  assert.deepEqual([alert.value, alert.bound], [20, 19]);
  await move('in', 'face-shield', 1, { reason: 'count_gain', business_date: day(-2) });
  await closed('face-shield', 'overdue_count');
  const { body } = await keeper.get('/api/v1/stores/XT/slips', { reason: 'count_gain' });
  const undone = await keeper.post(`/api/v1/stores/XT/slips/${body.items[0].number}/reversal`, {}, { key: newKey() });
  assert.equal(undone.status, 201, undone.text);
  await opened('face-shield', 'overdue_count');
  await rule('malan', 'overdue_count');
  await closed('face-shield', 'overdue_count');
});

test('rules go down the tree, and stock alerts follow at once', async () => {
  assert.deepEqual((await rules('xita')).map((r) => [r.cause, r.enabled, r.days, r.window_days, r.clear_percent, r.rearm_percent,
    r.escalate_minutes, r.inherited_from, r.is_default]), [
    ['low_stock', true, null, null, 10, 25, 240, null, true], ['out_of_stock', true, null, null, null, null, 60, null, true],
    ['days_of_cover', true, 7, 14, 10, null, 1440, null, true], ['expiring', true, 30, null, null, null, null, null, true],
    ['expired', true, null, null, null, null, 1440, null, true], ['overdue_count', false, 90, null, null, null, null, null, true]]);
  await thresholds('hand-gel', 10, 20);
  assert.equal((await alerts('hand-gel')).length, 2);
  const off = { enabled: false, escalate_minutes: 60 };
  const set = await rule('malan', 'out_of_stock', off);
  assert.equal(set.stores, 2);
  assert.deepEqual((await alerts('hand-gel')).map((a) => a.cause), ['low_stock']);
  const [inherited] = await rules('xita', 'out_of_stock');
  assert.deepEqual([inherited.enabled, inherited.inherited_from, inherited.is_default], [false, 'malan', false]);
  assert.equal((await rule('malan', 'out_of_stock', off)).stores, 0, 'as it is');
  const xita = { clear_percent: 0, rearm_percent: 50, escalate_minutes: null };
  assert.equal((await rule('xita', 'low_stock', { enabled: true, ...xita })).stores, 1);
  assert.equal((await rules('xita', 'low_stock'))[0].inherited_from, null);
  // A new store follows from the start; one that a crash left behind, with the next sweep.
  const admin = await world.client('admin');
  await admin.post('/api/v1/places', { code: 'nanta', kind: 'community', name_zh: '南塔', name_en: 'Nanta', parent: 'malan' });
  assert.equal((await admin.post('/api/v1/stores', { code: 'NT', place: 'nanta', name_zh: '南塔库', name_en: 'Nanta' })).status, 201);
  const follows = (code) => world.db.sql(`SELECT low_stock, out_of_stock, clear_percent, rearm_percent
    FROM store_head JOIN store USING (store_id) WHERE code = '${code}'`);
  assert.equal(await follows('NT'), 't|f|10|25');
  assert.equal(await follows('XT'), 't|f|0|50');
  await world.db.sql("DELETE FROM alert_rule WHERE cause = 'out_of_stock'");
  await until('stores follow', async () => await follows('NT') === 't|t|10|25' && await follows('XT') === 't|t|0|50');
  assert.equal((await alerts('hand-gel')).length, 2);
  const removed = await rule('xita', 'low_stock');
  assert.deepEqual([removed.is_default, removed.clear_percent], [true, 10]);

  const refused = async (cause, body) => (await coordinator.put(rulePath('xita', cause), body)).body.errors.map((e) => [e.field, e.code]);
  assert.deepEqual(await refused('days_of_cover', { enabled: 1, days: 0, rearm_percent: 5, colour: 'red' }), [
    ['colour', 'unknown_field'], ['enabled', 'wrong_type'], ['days', 'out_of_range'], ['window_days', 'required'],
    ['clear_percent', 'required'], ['rearm_percent', 'unknown_field']]);
  assert.equal((await coordinator.put(rulePath('xita', 'boredom'), { enabled: true })).status, 404);
  assert.equal((await coordinator.delete(rulePath('xita', 'expired'))).status, 404, 'it has none of its own');
  assert.equal((await coordinator.put(rulePath('hepi', 'expired'), { enabled: true })).status, 404);
  assert.equal((await keeper.put(rulePath('xita', 'expired'), { enabled: true })).status, 403);
  assert.equal((await coordinator.get('/api/v1/alert-rules', { place: 'hepi' })).status, 404);
  const page = (await coordinator.get('/api/v1/alert-rules', { limit: 7 })).body;
  const more = (await coordinator.get('/api/v1/alert-rules', { cursor: page.next_cursor })).body;
  assert.equal(page.items.length + more.items.length, 6 * 6);
  assert.deepEqual([...page.items, ...more.items].slice(6, 8).map((r) => [r.place, r.cause]), [['xita', 'low_stock'], ['xita', 'out_of_stock']]);
});

test('low stock: it lingers until clear of the minimum, and is told again as stock falls further', async () => {
  const item = 'isolation-gown';
  await thresholds(item, 100, 300);
  await move('in', item, 109);
  const [alert] = await alerts(item);
  assert.deepEqual([alert.cause, alert.state, alert.value, alert.bound], ['low_stock', 'open', 109, 100]);
  await move('in', item, 1);
  assert.deepEqual(await alerts(item), []);
  await move('out', item, 20);
  const [again] = await alerts(item);
  const acknowledge = (note) => coordinator.post(`/api/v1/alerts/${again.id}/acknowledge`, { note });
  assert.equal((await acknowledge('已下单')).status, 200);
  assert.equal((await alerts(item))[0].state, 'acknowledged');
  await move('out', item, 24);
  assert.equal((await alerts(item))[0].acknowledged_by, 'coordinator');
  await move('out', item, 1); // 65: a quarter of 100 below 90
  const [rearmed] = await alerts(item);
  assert.deepEqual([rearmed.id, rearmed.state, rearmed.acknowledged_by, rearmed.acknowledged_note], [again.id, 'open', null, null]);
  assert.ok(rearmed.armed_at > rearmed.opened_at);
  await acknowledge('');
  assert.equal((await alerts(item))[0].state, 'acknowledged');
  await stream.has(() => states(item, 'low_stock').length === 6);
  assert.deepEqual(states(item, 'low_stock'), ['opened', 'closed', 'opened', 'acknowledged', 'rearmed', 'acknowledged']);
  assert.equal(told(item, 'low_stock')[4].reason, 'stock');
});

test('snoozed until a day, with a reason; then it is told again', async () => {
  const item = 'isolation-gown';
  const [alert] = await alerts(item);
  const path = `/api/v1/alerts/${alert.id}/snooze`;
  const snooze = (until_, reason) => coordinator.post(path, { until: until_, reason });
  const wrong = await snooze(day(0), '');
  assert.deepEqual(wrong.body.errors.map((e) => [e.field, e.code]), [['reason', 'required']]);
  assert.deepEqual((await snooze(day(0), 'x')).body.errors.map((e) => [e.field, e.code]), [['until', 'out_of_range']]);
  assert.equal((await keeper.post(path, { until: day(1), reason: 'x' })).status, 403);
  const done = await snooze(day(2), '在途，后天到');
  assert.equal(done.status, 200, done.text);
  const [snoozed] = await alerts(item);
  assert.deepEqual([snoozed.state, snoozed.snoozed_until, snoozed.snoozed_by, snoozed.snooze_reason],
    ['snoozed', day(2), 'coordinator', '在途，后天到']);
  await swept();
  assert.equal((await alerts(item))[0].state, 'snoozed');
  await world.db.sql(`UPDATE alert SET snoozed_until = '${day(0)}' WHERE alert_id = ${alert.id}`); // the day has come
  await until('awake', async () => (await alerts(item))[0].state === 'open');
  const [awake] = await alerts(item);
  assert.deepEqual([awake.snoozed_until, awake.snoozed_by, awake.snooze_reason, awake.acknowledged_by], [null, null, null, null]);
  await stream.has(() => states(item, 'low_stock').at(-1) === 'rearmed');
  assert.deepEqual(told(item, 'low_stock').slice(-2).map((a) => [a.state, a.reason, a.snoozed_until]),
    [['snoozed', '在途，后天到', day(2)], ['rearmed', 'snooze_over', null]]);
  await move('in', item, 300);
  assert.equal((await snooze(day(1), 'x')).body.code, 'alert_closed');
});

test('nobody acknowledges: it goes up the tree, a place at a time, to the root', async () => {
  const item = 'protective-suit';
  await thresholds(item, 10, 20);
  await swept();
  assert.deepEqual((await alerts(item)).map((a) => a.escalation), [0, 0], 'its time has not come');
  // An hour and a minute pass.
  await world.db.sql(`UPDATE alert SET armed_at = armed_at - interval '61 minutes' WHERE item_id =
    (SELECT item_id FROM item WHERE code = '${item}')`);
  await until('out of stock escalated', async () => (await one(item, 'out_of_stock')).escalation === 1);
  const street = await one(item, 'out_of_stock');
  assert.equal(street.escalated_to, 'malan');
  assert.ok(street.escalated_at);
  assert.equal((await one(item, 'low_stock')).escalation, 0, 'it has four hours');
  assert.equal((await coordinator.delete(rulePath('gujiao', 'low_stock'))).status, 404, 'not hers');
  await rule('xita', 'low_stock', { enabled: true, clear_percent: 10, rearm_percent: 25, escalate_minutes: 0 });
  await until('at the root', async () => (await one(item, 'low_stock')).escalated_to === 'gujiao');
  await swept();
  assert.equal((await one(item, 'low_stock')).escalation, 2);
  await coordinator.post(`/api/v1/alerts/${street.id}/acknowledge`, { note: '' });
  await world.db.sql(`UPDATE alert SET escalated_at = escalated_at - interval '61 minutes' WHERE alert_id = ${street.id}`);
  await swept();
  assert.equal((await one(item, 'out_of_stock')).escalation, 1, 'somebody looks after it');
  assert.deepEqual(told(item, 'low_stock').map((a) => [a.state, a.escalation, a.escalated_to]),
    [['opened', null, null], ['escalated', 1, 'malan'], ['escalated', 2, 'gujiao']]);
  await rule('xita', 'low_stock');
});

test('a sweep that stands still shows, and slips are posted all the same', async () => {
  // Another process has the lock, and hangs.
  const release = await world.db.hold('SELECT pg_advisory_lock(8470, 7)');
  const ready = (service) => fetch(`${service.url}/readyz`).then(async (answer) => [answer.status, await answer.json()]);
  for (const service of [world.service, other])
    await until('late', async () => (await ready(service))[1].alert_sweep.late);
  const [status, body] = await ready(world.service);
  assert.equal(status, 200);
  assert.ok(body.alert_sweep.last_run);
  const sweep = await state();
  assert.deepEqual([sweep.late, sweep.interval_s], [true, 0.15]);
  const metrics = await fetch(`${world.url}/metrics`).then((answer) => answer.text());
  assert.match(metrics, /^taizhang_alert_sweep_late 1$/m);
  const last = Number(/^taizhang_alert_sweep_last_run_timestamp_seconds (.*)$/m.exec(metrics)[1]);
  assert.ok(Math.abs(last * 1000 - Date.parse(sweep.last_run)) < 1000);
  await move('in', 'disposable-mask', 7, { expires: day(-1) });
  assert.deepEqual(await alerts('disposable-mask'), []);
  await release();
  await opened('disposable-mask', 'expired');
  await until('in time', async () => !(await ready(other))[1].alert_sweep.late && !(await state()).late);
});

test('two processes swept all along: nothing twice, and the history is true', async () => {
  const twice = await world.db.rows(`
    SELECT store_id, type, body->>'opened_seq' AS opened, body->>'escalation' AS escalation, count(*)
    FROM (SELECT store_id, type, record::json->'body' AS body FROM event) AS e
    WHERE type IN ('alert_closed', 'alert_escalated')
    GROUP BY 1, 2, 3, 4 HAVING count(*) > 1`);
  assert.deepEqual(twice, []);
  const { code, stdout } = await cli(['verify'], { database: world.db });
  assert.equal(code, 0, stdout);
  for (const service of [world.service, other])
    assert.deepEqual(service.log.filter((line) => line.event === 'alert_sweep_failed' || line.event === 'posting_failed'), []);
});

test('a sweep that fails is none: it shows, and goes on once it can', async () => {
  await world.db.sql("ALTER TABLE alert ADD CONSTRAINT broken CHECK (cause <> 'expired') NOT VALID");
  await move('in', 'glove', 3, { expires: day(-1) });
  await until('late', async () => (await state()).late);
  assert.ok([world.service, other].some((service) => service.log.some((line) => line.event === 'alert_sweep_failed')));
  await world.db.sql('ALTER TABLE alert DROP CONSTRAINT broken');
  await opened('glove', 'expired');
  await until('in time', async () => !(await state()).late);
});
