// Single documents, filters, what is refused, and master data.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Client, newKey } from '../lib/client.mjs';
import { startCluster } from '../lib/cluster.mjs';
import { until } from '../lib/process.mjs';
import { PASSWORD, startWorld } from '../lib/world.mjs';

const SLIPS = '/api/v1/stores/XT/slips';

let world;
let keeper;
let auditor;
let coordinator;
let admin;
let today;

before(async () => {
  world = await startWorld();
  [keeper, auditor, coordinator, admin] = await Promise.all(
    ['keeper', 'auditor', 'coordinator', 'admin'].map((name) => world.client(name)));
  today = await world.db.sql("SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date");
});
after(() => world.stop());

async function post(slip, client = keeper) {
  const answer = await client.post(SLIPS, slip, { key: newKey() });
  assert.equal(answer.status, 201, answer.text);
  return answer.body;
}

async function items(client, path, query) {
  const answer = await client.get(path, query);
  assert.equal(answer.status, 200, answer.text);
  return answer.body.items;
}

const numbers = async (query) => (await items(keeper, SLIPS, query)).map((slip) => slip.number);

function assertErrors(answer, expected) {
  assert.equal(answer.status, 422, answer.text);
  assert.equal(answer.body.code, 'validation_failed');
  assert.deepEqual(answer.body.errors.map(({ field, code }) => [field, code]), expected);
}

test('a slip reads as it was answered to its poster, and says what reversed it', async () => {
  const posted = await post({
    kind: 'in', reason: 'purchase', business_date: '2022-11-20', counterparty: '市"红十字"会', receiver: '张三',
    handler: '李四', document: '领字2022-118', note: '第一行\n第二行\t\\',
    lines: [
      { item: 'n95', quantity: 2, pack: '盒', lot: 'K1', expires: '2030-01-31' },
      { item: 'hand-gel', quantity: 24 },
    ],
  });
  const read = await keeper.get(`${SLIPS}/${posted.number}`);
  assert.equal(read.status, 200);
  assert.deepEqual(read.body, posted);
  assert.deepEqual((await items(keeper, SLIPS, { number: posted.number })), [posted]);

  const reversal = await keeper.post(`${SLIPS}/${posted.number}/reversal`, { note: '记错' }, { key: newKey() });
  assert.equal(reversal.status, 201, reversal.text);
  const undone = (await keeper.get(`${SLIPS}/${posted.number}`)).body;
  assert.deepEqual(undone, { ...posted, reversed_by: reversal.body.number });
  const undoing = (await keeper.get(`${SLIPS}/${reversal.body.number}`)).body;
  assert.deepEqual(undoing, reversal.body);
  assert.equal(undoing.reverses, posted.number);
});

test('what is no slip of the store is not found', async () => {
  const { number } = await post({ kind: 'in', reason: 'donation', lines: [{ item: 'n95', quantity: 1 }] });
  for (const wrong of ['XT-RK-20221120-9999', 'XT-CK-20221120-0001', 'XT-RK-20221399-0001', 'XT', 'x%2Fy',
    number.toLowerCase(), `${number}0`, number.replace('-0', '-00'), number.replace('XT', 'BT')])
    assert.equal((await keeper.get(`${SLIPS}/${wrong}`)).status, 404, wrong);
  const elsewhere = await coordinator.get(`/api/v1/stores/BT/slips/${number}`);
  assert.equal(elsewhere.status, 404);
});

test('slips are filtered by what they say', async () => {
  await Promise.all([['n95', '甲'], ['glove', '乙']].map(([item, counterparty]) => post({
    kind: 'in', reason: 'allocation', business_date: '2021-03-01', counterparty,
    lines: [{ item, quantity: 10 }] })));
  await post({ kind: 'out', reason: 'issue', business_date: '2021-03-05', counterparty: '甲',
    lines: [{ item: 'n95', quantity: 2 }, { item: 'glove', quantity: 1 }] });
  const within = { from: '2021-03-01', to: '2021-03-05' };
  const of = async (query) => (await items(keeper, SLIPS, { ...within, ...query })).length;

  assert.equal(await of({}), 3);
  assert.equal(await of({ kind: 'out' }), 1);
  assert.equal(await of({ kind: 'in' }), 2);
  assert.equal(await of({ reason: 'issue' }), 1);
  assert.equal(await of({ reason: 'scrap' }), 0);
  assert.equal(await of({ item: 'n95' }), 2);
  assert.equal(await of({ item: 'face-shield' }), 0);
  assert.equal(await of({ item: 'unheard-of' }), 0);
  assert.equal(await of({ counterparty: '甲' }), 2);
  assert.equal(await of({ counterparty: '甲', kind: 'in', item: 'glove' }), 0);
  assert.equal(await of({ posted_by: 'keeper' }), 3);
  assert.equal(await of({ posted_by: 'auditor' }), 0);
  assert.equal(await of({ from: '2021-03-02' }), 1);
  assert.equal(await of({ to: '2021-03-04' }), 2);
  assert.equal((await numbers({ from: '2021-03-05', to: '2021-03-05' })).length, 1);
  assert.equal((await numbers({ to: '1999-12-31' })).length, 0);
  assert.equal((await numbers({ from: '2021-03-06', to: '2021-03-05' })).length, 0);
});

test('parameters that are wrong or unknown are named', async () => {
  assertErrors(await keeper.get(SLIPS, { kind: 'both', reason: '', from: '2022-02-30', to: 'heute', limit: 201, cursor: 'x' }),
    [['limit', 'out_of_range'], ['cursor', 'bad_cursor'], ['kind', 'unknown_value'], ['reason', 'unknown_value'],
      ['from', 'bad_date'], ['to', 'bad_date']]);
  assertErrors(await keeper.get(SLIPS, { colour: 'red', order: 'up' }),
    [['colour', 'unknown_field'], ['order', 'unknown_value']]);
  for (const limit of ['0', '-1', '1.5', 'ten', '', '99999999999999999999', ' 1', '+1'])
    assertErrors(await keeper.get(SLIPS, { limit }), [['limit', 'out_of_range']]);
  assertErrors(await keeper.get('/api/v1/stores/XT/ledgers', { order: 'desc' }), [['order', 'unknown_value']]);
  assertErrors(await keeper.get('/api/v1/stores/XT/ledgers/n95', { limit: 1, order: 'asc' }),
    [['limit', 'unknown_field'], ['order', 'unknown_field']]);
  assertErrors(await keeper.get(SLIPS, { encoding: 'gb18030' }), [['encoding', 'unknown_field']]);
  assertErrors(await keeper.get(SLIPS, { '@store': '2', '-': '1', '{number}': 'x' }),
    [['@store', 'unknown_field'], ['-', 'unknown_field'], ['{number}', 'unknown_field']]);
  const hostile = "'; DROP TABLE slip; --";
  assert.deepEqual(await numbers({ counterparty: hostile, item: hostile, posted_by: hostile }), []);
});

test('the log of a store: hashes are over the record, which says what the fields say', async () => {
  await post({ kind: 'in', reason: 'donation', note: '🧤 "引号" \\', lines: [{ item: 'glove', quantity: 3 }] });
  const events = await items(auditor, '/api/v1/stores/XT/events');
  assert.ok(events.length > 0);
  for (const event of events) {
    const hash = createHash('sha256').update('\0').update(event.record).digest('hex');
    assert.equal(event.leaf_hash, hash);
    const { actor, at, body, seq, source, store, type } = JSON.parse(event.record);
    assert.deepEqual({ actor, at, body, seq, source, type },
      { actor: event.actor, at: event.at, body: event.body, seq: event.seq, source: event.source, type: event.type });
    assert.equal(store, 'XT');
  }
  const [last] = events;
  assert.equal(last.type, 'slip_posted');
  assert.equal(last.actor, 'keeper');
  assert.equal(last.source, '127.0.0.1');
  assert.equal(last.body.event_seq, last.seq);
});

test('events are filtered by type, actor and day', async () => {
  const path = '/api/v1/stores/XT/events';
  const all = await items(auditor, path, { limit: 200 });
  const count = async (query) => (await items(auditor, path, { limit: 200, ...query })).length;
  const posted = all.filter((event) => event.type === 'slip_posted').length;
  assert.ok(posted > 0 && posted < all.length);
  assert.equal(await count({ type: 'slip_posted' }), posted);
  assert.equal(await count({ type: 'nothing_such' }), 0);
  assert.equal(await count({ actor: 'keeper' }), all.length);
  assert.equal(await count({ actor: 'admin' }), 0);
  assert.equal(await count({ from: today, to: today }), all.length);
  assert.equal(await count({ to: '2021-01-01' }), 0);
  assert.equal(await count({ from: '2199-01-01' }), 0);
});

test('a day of the log is of the service\'s zone, and found among many', async () => {
  await world.db.sql(`
    INSERT INTO event (store_id, seq, at, type, actor, record, leaf_hash)
    SELECT store_id, n, '2022-01-01 00:00+08'::timestamptz + (n - 1) * interval '1 hour', 'tick', 'x',
      json_build_object('actor', 'x', 'at', n, 'body', json_build_object(), 'seq', n, 'source', '', 'store', 'BT',
        'type', 'tick'), sha256(n::text::bytea)
    FROM store, generate_series(1, 2400) AS n WHERE code = 'BT';
    SELECT log_tree_build(ARRAY[store_id]) FROM store WHERE code = 'BT'`);
  const seqs = async (query) =>
    (await items(auditor, '/api/v1/stores/BT/events', { limit: 200, order: 'asc', ...query })).map((e) => e.seq);
  const day = (n) => Array.from({ length: 24 }, (_, hour) => n * 24 + hour + 1);
  assert.deepEqual(await seqs({ from: '2022-01-01', to: '2022-01-01' }), day(0));
  assert.deepEqual(await seqs({ from: '2022-02-01', to: '2022-02-02' }), [...day(31), ...day(32)]);
  assert.deepEqual(await seqs({ from: '2022-04-10' }), day(99));
  assert.deepEqual((await seqs({ to: '2022-01-02' })), [...day(0), ...day(1)]);
});

test('the system\'s log is for an auditor at a root place', async () => {
  const events = await items(auditor, '/api/v1/events', { type: 'sign_in' });
  assert.ok(events.some((event) => event.actor === 'auditor'));
  assert.equal((await keeper.get('/api/v1/events')).status, 403);
  assert.equal((await keeper.get('/api/v1/stores/XT/events')).status, 403);
});

test('items come with their packs', async () => {
  const all = await items(keeper, '/api/v1/items', { order: 'asc' });
  assert.deepEqual(all.slice(0, 7).map((item) => item.code),
    ['disposable-mask', 'n95', 'glove', 'face-shield', 'isolation-gown', 'protective-suit', 'hand-gel']);
  assert.deepEqual(all[1], {
    code: 'n95', category: 'protection', name_zh: 'N95口罩', name_en: 'N95 respirator', unit: '只', unit_en: 'piece',
    standing: true, packs: [{ name: '盒', quantity: 20 }, { name: '箱', quantity: 400 }],
  });
  assert.deepEqual((await items(keeper, '/api/v1/items', { category: 'isolation' })).map((item) => item.code),
    ['isolation-gown']);
});

test('places: one\'s own, what lies below, and the way up; nothing beside', async () => {
  const places = await items(keeper, '/api/v1/places', { order: 'asc' });
  assert.deepEqual(places.map(({ code, parent, granted }) => [code, parent, granted]), [
    ['gujiao', null, false], ['malan', 'gujiao', false], ['xita', 'malan', true], ['grid-12', 'xita', true],
    ['testing-group', 'xita', true]]);
  assert.deepEqual((await items(await world.client('stranger'), '/api/v1/places', { order: 'asc' })).map((p) => p.code),
    ['wanbolin', 'heping', 'hepi']);
  assert.deepEqual((await items(auditor, '/api/v1/places', { kind: 'grid' })).map((p) => p.code), ['grid-12']);
  assert.equal((await (await world.client('guest')).get('/api/v1/places')).status, 403);
});

test('stores: those at the places granted and below', async () => {
  const codes = async (name) => (await items(await world.client(name), '/api/v1/stores', { order: 'asc' })).map((s) => s.code);
  assert.deepEqual(await codes('keeper'), ['XT']);
  assert.deepEqual(await codes('coordinator'), ['XT', 'BT']);
  assert.deepEqual(await codes('stranger'), ['HP']);
  const [store] = await items(keeper, '/api/v1/stores');
  assert.deepEqual({ ...store, opened_at: undefined },
    { code: 'XT', place: 'xita', name_zh: 'XT库', name_en: 'Store XT', readiness: 'normal', opened_at: undefined });
});

test('users: those with a role where one administers, and those with none', async () => {
  const users = await items(admin, '/api/v1/users', { order: 'asc' });
  assert.deepEqual(users.map((user) => user.username), ['keeper', 'coordinator', 'auditor', 'admin', 'guest']);
  assert.deepEqual(users[0].roles, [{ role: 'storekeeper', place: 'xita' }]);
  assert.deepEqual(users[4].roles, []);
  assert.equal(users[0].disabled, false);
  assert.ok(!JSON.stringify(users).includes('scrypt'));
  assert.equal((await keeper.get('/api/v1/users')).status, 403);
});

test('tokens: one\'s own, without their secret, until revoked', async () => {
  const made = await keeper.post('/api/v1/tokens', { name: '脚本' });
  assert.equal(made.status, 201, made.text);
  const tokens = await items(keeper, '/api/v1/tokens');
  assert.deepEqual(tokens.map(({ id, name, expires_at }) => [id, name, expires_at]), [[made.body.id, '脚本', null]]);
  assert.ok(!JSON.stringify(tokens).includes(made.body.secret));
  assert.deepEqual(await items(auditor, '/api/v1/tokens'), []);
  assert.equal((await keeper.delete(`/api/v1/tokens/${made.body.id}`)).status, 204);
  assert.deepEqual(await items(keeper, '/api/v1/tokens'), []);
});

test('HEAD answers without a body', async () => {
  const answer = await keeper.request('HEAD', SLIPS);
  assert.equal(answer.status, 200);
  assert.equal(answer.text, '');
});

test('without the database reads are refused at once, and come back with it', async () => {
  const cluster = await startCluster();
  const own = await startWorld({ cluster });
  const client = await own.client('keeper');
  await cluster.stop();
  const refused = await until('a refusal', async () => {
    const answer = await client.get(SLIPS);
    return answer.status !== 200 && answer;
  });
  assert.equal(refused.status, 503);
  assert.equal(refused.body.code, 'database_away');
  assert.ok(Number(refused.headers['retry-after']) > 0);
  assert.equal((await client.get(`${SLIPS}.csv`)).status, 503);
  await cluster.start();
  await until('reads again', async () => (await client.get(SLIPS)).status === 200);
  await own.stop();
  await cluster.stop();
});

test('more reads at once than may wait are refused, the others answered', async () => {
  const own = await startWorld({ settings: { read_queue: 1, database_connections: 1 } });
  const client = new Client(own.url, { maxSockets: 64 });
  await client.signIn('keeper', PASSWORD);
  const answers = await Promise.all(Array.from({ length: 256 }, () => client.get('/api/v1/stores/XT/ledgers')));
  const refused = answers.filter((answer) => answer.status !== 200);
  assert.ok(refused.length > 0 && refused.length < answers.length, `${refused.length} refused`);
  for (const { status, body, headers } of refused) {
    assert.equal(status, 503, body.code);
    assert.ok(Number(headers['retry-after']) > 0);
  }
  assert.ok(refused.some((answer) => answer.body.code === 'busy'));
  client.close();
  await own.stop();
});
