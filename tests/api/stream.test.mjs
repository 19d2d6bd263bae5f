// What happens, as it happens: GET /api/v1/stream over several processes.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { newKey } from '../lib/client.mjs';
import { startCluster } from '../lib/cluster.mjs';
import { root, until } from '../lib/process.mjs';
import { misfits } from '../lib/schema.mjs';
import { openStream, STREAM } from '../lib/stream.mjs';
import { addPlace, addStore, addUser, PASSWORD, startWorld } from '../lib/world.mjs';

const document_ = JSON.parse(readFileSync(join(root, 'service/openapi.json'), 'utf8'));

let world;
let other; // another process
const streams = [];

before(async () => {
  world = await startWorld({ settings: { idle_timeout: 2000 } });
  other = await world.startAnother();
  await addUser(world.db, 'everywhere', [['storekeeper', 'gujiao'], ['coordinator', 'gujiao']]);
});
after(async () => {
  for (const stream of streams) stream.close();
  await other.stop();
  await world.stop();
});

async function watch(client, options) {
  const stream = await openStream(client, options);
  streams.push(stream);
  return stream;
}

// A signed-in client of one's own, that its test may sign out.
async function signIn(username, url = world.url) {
  const client = (await world.client('guest')).another(url);
  await client.signIn(username, PASSWORD);
  return client;
}

async function post(store, changes = {}, url = other.url) {
  const client = (await world.client(store === 'HP' ? 'stranger' : 'everywhere')).another(url);
  const answer = await client.post(`/api/v1/stores/${store}/slips`,
    { kind: 'in', reason: 'donation', lines: [{ item: 'n95', quantity: 5 }], ...changes }, { key: newKey() });
  client.close();
  assert.equal(answer.status, 201, answer.text);
  return answer.body;
}

async function postMany(store, count, note = '') {
  const client = (await world.client('everywhere')).another(other.url);
  const slips = Array.from({ length: count }, () => ({ idempotency_key: newKey(), kind: 'in', reason: 'donation',
    note, lines: [{ item: 'glove', quantity: 1 }] }));
  const answer = await client.post(`/api/v1/stores/${store}/slips/batch`, { slips });
  client.close();
  assert.ok(answer.body.results.every((result) => result.status === 201), answer.text.slice(0, 200));
  return answer.body.results.map((result) => result.slip);
}

const name = ({ store, event_seq: seq }) => `${store} ${seq}`;
const saw = (slip) => (stream) => stream.of('slip').some((s) => name(s) === name(slip));

async function figure(metric, client) {
  const { text } = await client.get('/metrics');
  return Number(new RegExp(`^taizhang_${metric} (\\S+)$`, 'm').exec(text)[1]);
}

test('a slip posted through another process is seen, and what it did to levels and alerts', async () => {
  const coordinator = await world.client('coordinator');
  const stream = await watch(coordinator);
  assert.equal(stream.headers['content-type'], 'text/event-stream');
  assert.equal(stream.headers['x-accel-buffering'], 'no');
  assert.equal(stream.headers['cache-control'], 'no-store');
  await stream.has((s) => s.id && s.retry >= 1000);

  const thresholds = await coordinator.put('/api/v1/stores/XT/ledgers/n95/thresholds',
    { normal: { minimum: 10, target: 30 }, emergency: { minimum: 100, target: 300 } });
  assert.equal(thresholds.status, 200);
  const slip = await post('XT', { counterparty: '捐赠方 "甲"<b>&', note: '一\n\n二', lines: [
    { item: 'n95', quantity: 12 }, { item: 'n95', quantity: 8, lot: 'L1' }, { item: 'glove', quantity: 3 }] });
  await stream.has(saw(slip));
  await stream.has((s) => s.of('level').length === 3);
  const { body: alerts } = await coordinator.get('/api/v1/alerts', { store: 'XT', item: 'n95' });
  assert.deepEqual(stream.of('slip'), [slip]);
  assert.deepEqual(stream.of('alert').map((a) => [a.id, a.store, a.item, a.cause, a.state, a.by, a.on_hand]), [
    [alerts.items[1].id, 'XT', 'n95', 'low_stock', 'opened', 'coordinator', 0],
    [alerts.items[0].id, 'XT', 'n95', 'out_of_stock', 'opened', 'coordinator', 0],
    [alerts.items[1].id, 'XT', 'n95', 'low_stock', 'closed', 'everywhere', 20],
    [alerts.items[0].id, 'XT', 'n95', 'out_of_stock', 'closed', 'everywhere', 20],
  ]);
  const level = (item, onHand, status, minimum = null, target = null) =>
    ({ store: 'XT', item, on_hand: onHand, minimum, target, status });
  assert.deepEqual(stream.of('level'), [level('n95', 0, 'out', 10, 30), level('n95', 20, 'ok', 10, 30), level('glove', 3, 'ok')]);

  // The whole store is touched; an alert is acknowledged.
  const changed = await coordinator.put('/api/v1/places/xita/readiness', { readiness: 'emergency', reason: '演练' });
  assert.equal(changed.status, 200);
  await stream.has((s) => s.of('level').length === 3 + 7);
  assert.deepEqual(stream.of('level').find((l) => l.minimum === 100), level('n95', 20, 'low', 100, 300));
  const opened = stream.of('alert').at(-1);
  const noted = await coordinator.post(`/api/v1/alerts/${opened.id}/acknowledge`, { note: '已采购' });
  assert.equal(noted.status, 200, noted.text);
  await stream.has((s) => s.of('alert').at(-1).state === 'acknowledged');
  assert.equal(stream.of('alert').at(-1).note, '已采购');

  const { 'x-events': described } = document_.paths[STREAM].get.responses['200'];
  for (const { id, event, data } of stream.events) {
    assert.match(id, /^\d{16}$/);
    assert.deepEqual(misfits(document_, described[event], data), [], event);
  }
});

test('a change of 700 stores at once is told whole, though one message does not hold it', async () => {
  await addPlace(world.db, { code: 'many', parent: 'wanbolin', kind: 'street' });
  await world.db.sql(`
    SELECT setval('store_store_id_seq', 2000000000);
    WITH added AS (
      INSERT INTO store (code, place_id, name_zh, name_en)
      SELECT 'M' || n, (SELECT place_id FROM place WHERE code = 'many'), '库', 'Store' FROM generate_series(1, 700) AS n
      RETURNING store_id
    ), headed AS (
      INSERT INTO store_head (store_id) SELECT store_id FROM added
    ) INSERT INTO ledger (store_id, item_id) SELECT store_id, item_id FROM added, item WHERE item.code = 'n95'`);
  const stranger = await world.client('stranger');
  const stream = await watch(stranger);
  const own = await world.startAnother({ settings: { post_batch: 1000 } });
  const client = stranger.another(own.url);
  const answer = await client.put('/api/v1/places/many/readiness', { readiness: 'emergency', reason: '演练' });
  const batches = await figure('post_batches_total', client);
  client.close();
  await own.stop();
  assert.equal(answer.status, 200, answer.text);
  assert.ok(batches < 10, `${batches} batches: one was refused, and each of it posted by itself`);
  await until('all stores told', () => new Set(stream.of('level').map((level) => level.store)).size === 700);
  assert.equal(stream.of('reset').length, 0);
});

test('nobody sees more than lies at the places granted', async () => {
  await addPlace(world.db, { code: 'grid-13', parent: 'xita', kind: 'grid' });
  const watchers = {};
  for (const user of ['keeper', 'coordinator', 'auditor', 'stranger']) watchers[user] = await watch(await world.client(user));
  await addStore(world.db, 'GR', 'grid-13'); // and stores that come later
  for (const store of ['XT', 'BT', 'HP', 'GR']) await post(store);
  const last = [await post('XT'), await post('HP')];
  for (const [user, stores] of Object.entries({
    keeper: ['XT', 'GR', 'XT'], coordinator: ['XT', 'BT', 'GR', 'XT'], auditor: ['XT', 'BT', 'GR', 'XT'], stranger: ['HP', 'HP'],
  })) {
    await watchers[user].has((s) => last.some((slip) => saw(slip)(s)));
    assert.deepEqual(watchers[user].of('slip').map((s) => s.store), stores, user);
    const touched = new Set(watchers[user].of('level').map((l) => l.store));
    assert.deepEqual([...touched].sort(), [...new Set(stores)].sort(), user);
  }
  const guest = await world.client('guest');
  assert.equal((await guest.get(STREAM)).status, 403);
  assert.equal((await (await world.client('admin')).get(STREAM)).status, 403);
});

test('whoever comes back is told what they missed, by any process', async () => {
  const keeper = await world.client('keeper');
  const first = await watch(keeper);
  const seen = await post('XT');
  await first.has(saw(seen));
  first.close();
  const missed = [await post('XT', {}, world.url), await post('GR')];
  await post('BT');
  const late = await world.startAnother();
  await (await watch(keeper.another(late.url))).has((s) => s.id); // it listens
  for (const options of [{ id: first.id }, { query: { last_event_id: first.id } }]) {
    const again = await watch(keeper.another(late.url), options);
    await again.has(saw(missed[1]));
    const live = await post('XT');
    await again.has(saw(live));
    const news = again.of('slip').map(name).filter((n) => !first.of('slip').map(name).includes(n));
    assert.deepEqual(news.filter((n) => [...missed, live].map(name).includes(n)), [...missed, live].map(name));
    assert.ok(again.of('slip').every((s) => s.store !== 'BT'));
    assert.deepEqual(again.of('reset'), []);
    assert.ok(again.of('level').some((l) => l.store === 'GR'));
  }
  // Who saw nothing yet knows from when on.
  const idle = await watch(keeper);
  await idle.has((s) => s.id);
  idle.close();
  const between = await post('XT');
  await (await watch(keeper.another(late.url), { id: idle.id })).has(saw(between));
  await late.stop();
});

test('what was committed later than its time tells is not missed', async () => {
  const everywhere = await world.client('everywhere');
  const stream = await watch(everywhere);
  await post('BT'); // the ledger has been touched
  const release = await world.db.hold("SELECT FROM ledger JOIN store USING (store_id) WHERE code = 'BT' FOR UPDATE OF ledger");
  const held = post('BT', { note: 'held' });
  await until('the slip held up', async () => (await world.db.sql(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'", 'postgres')) !== '0');
  const later = await post('XT', {}, world.url);
  await stream.has(saw(later));
  assert.ok(!stream.of('slip').some((s) => s.note === 'held'));
  stream.close();
  await release();
  const slip = await held;
  assert.ok(slip.posted_at < later.posted_at);
  await (await watch(everywhere, { id: stream.id })).has(saw(slip));
});

test('whoever missed too much, or cannot say what, is told to load anew', async () => {
  const keeper = await world.client('keeper');
  const [stream, steady] = [await watch(keeper), await watch(keeper)];
  await stream.has((s) => s.id);
  stream.close();
  await steady.has(saw((await postMany('XT', 600)).at(-1)));
  for (const id of [stream.id, 'nonsense', '-1', '1', '99999999999999999999999', '']) {
    const again = await watch(keeper, { id });
    await again.has((s) => s.of('reset').length === 1);
    const now = await post('XT');
    await again.has(saw(now));
    assert.deepEqual(again.of('slip').map(name), [name(now)]);
    assert.ok(BigInt(again.id) > BigInt(stream.id));
    again.close();
  }
  assert.equal(await figure('stream_resets_total', keeper), 6);
});

test('signing out, at whichever process, ends it', async () => {
  const keeper = await signIn('keeper');
  const stream = await watch(keeper);
  const mine = await post('XT');
  await stream.has(saw(mine));
  assert.equal((await keeper.another(other.url).delete('/api/v1/session')).status, 204);
  assert.equal(await stream.ended, true);
  await assert.rejects(watch(keeper, { id: stream.id }), /401/, 'nor is it remembered');
  keeper.close();
});

test('a sign-in that is over ends it, and a token that is revoked', async () => {
  const keeper = await signIn('keeper');
  const made = await keeper.post('/api/v1/tokens', { name: 'watcher' });
  assert.equal(made.status, 201);
  const stream = await watch(keeper);
  const by_token = await watch({ url: other.url, bearer: made.body.secret });
  assert.equal((await keeper.delete(`/api/v1/tokens/${made.body.id}`)).status, 204);
  assert.equal(await by_token.ended, true);
  await world.db.sql(`UPDATE session SET expires_at = now() + interval '1 second'
    WHERE ended_at IS NULL AND user_id = (SELECT user_id FROM app_user WHERE username = 'keeper') AND created_at > now() - interval '1 minute'
      AND token_hash = sha256('${keeper.cookie.split('=')[1]}')`);
  // Any change to people has everybody looked up.
  await addUser(world.db, 'newcomer');
  const admin = await world.client('admin');
  assert.equal((await admin.patch('/api/v1/places/beita', { name_en: 'Beita' })).status, 200);
  assert.equal(await stream.ended, true);
  keeper.close();
});

test('a grant that is taken takes its events along', async () => {
  await addUser(world.db, 'two-places', [['auditor', 'xita'], ['coordinator', 'beita'], ['admin', 'xita']]);
  const stream = await watch(await signIn('two-places', other.url));
  const admin = await world.client('admin');
  const both = [await post('XT'), await post('BT')];
  for (const slip of both) await stream.has(saw(slip));
  const take = (role, place) => admin.delete(`/api/v1/users/two-places/grants/${role}/${place}`);
  assert.equal((await take('auditor', 'xita')).status, 204);
  // Until the grant is out of everybody's memory a slip may still come through.
  await until('nothing of XT any more', async () => {
    const [lost, kept] = [await post('XT'), await post('BT')];
    await stream.has(saw(kept));
    return !saw(lost)(stream);
  });
  const [lost, kept] = [await post('XT'), await post('BT')];
  await stream.has(saw(kept));
  assert.ok(!saw(lost)(stream));
  assert.equal((await take('coordinator', 'beita')).status, 204);
  assert.equal(await stream.ended, true, 'administrators of places see no stock');
});

test('signs of life', async () => {
  const stream = await watch(await world.client('stranger'));
  await stream.has((s) => s.signs >= 2);
  assert.deepEqual(stream.events, []);
});

test('a client that leaves is forgotten', async () => {
  const keeper = await world.client('keeper');
  const open = await figure('streams_open', keeper);
  const stream = await watch(keeper);
  const asking = await watch(keeper, { id: '1' });
  assert.equal(await figure('streams_open', keeper), open + 2);
  stream.close();
  asking.close();
  await until('two streams less', async () => await figure('streams_open', keeper) === open);
});

test('there are only so many', async () => {
  const small = await world.startAnother({ settings: { max_streams: 1 } });
  const keeper = (await world.client('keeper')).another(small.url);
  const stream = await watch(keeper);
  const refused = await keeper.get(STREAM);
  assert.equal(refused.status, 503);
  assert.equal(refused.body.code, 'busy');
  assert.ok(Number(refused.headers['retry-after']) > 0);
  stream.close();
  await until('room again', async () => await figure('streams_open', keeper) === 0);
  const again = await watch(keeper);

  // Stopping does not wait for those who watch.
  await small.stop();
  assert.equal(await again.ended, true);
  keeper.close();
});

test('HEAD, and what is not asked for', async () => {
  const keeper = await world.client('keeper');
  const head = await keeper.request('HEAD', STREAM);
  assert.equal(head.status, 200);
  assert.equal(head.headers['content-type'], 'text/event-stream');
  assert.equal(head.text, '');
  const refused = await keeper.get(STREAM, { colour: 'red' });
  assert.equal(refused.status, 422);
  assert.deepEqual(refused.body.errors.map((e) => e.field), ['colour']);
});

// More than have their turn at once, and more news than waits for a turn, both in pieces and all at once.
test('a hundred streams are each sent everything, once and in order', async () => {
  const own = await world.startAnother();
  const keeper = (await world.client('keeper')).another(own.url);
  const streams = await Promise.all(Array.from({ length: 100 }, () => watch(keeper)));
  for (const stream of streams) await stream.has((s) => s.id);
  const posted = [];
  for (const n of [1, 1, 10, 200, 1]) posted.push(...(await postMany('XT', n, '')));
  for (const stream of streams) {
    await stream.has(saw(posted.at(-1)));
    assert.deepEqual(stream.of('slip').map(name), posted.map(name));
    stream.close();
  }
  await own.stop();
  keeper.close();
});

test('who does not read is cut off, and holds nobody up', async () => {
  const own = await world.startAnother({ settings: { stream_backlog: 1048576, idle_timeout: 600000 } });
  const keeper = (await world.client('keeper')).another(own.url);
  const [slow, quick] = [await watch(keeper), await watch(keeper)];
  for (const stream of [slow, quick]) await stream.has((s) => s.id);
  slow.pause();
  const posted = [];
  await until('the slow one cut', async () => {
    posted.push(...(await postMany('XT', 100, '很长的备注'.repeat(200)))); // half of what a stream may be behind
    await quick.has(saw(posted.at(-1)));
    return await figure('streams_cut_total', keeper) === 1;
  }, 60);
  slow.resume();
  assert.equal(await slow.ended, false);
  assert.deepEqual(quick.of('slip').map(name), posted.map(name));
  assert.equal(await figure('streams_cut_total', keeper), 1);
  await own.stop();
  keeper.close();
});

test('the database restarts: streams go on, and are told that they missed something', async () => {
  const cluster = await startCluster();
  const own = await startWorld({ cluster });
  const keeper = await own.client('keeper');
  const stream = await openStream(keeper);
  await stream.has((s) => s.id); // the feed listens, and has told where it is
  const send = async () => {
    const answer = await keeper.post('/api/v1/stores/XT/slips',
      { kind: 'in', reason: 'donation', lines: [{ item: 'n95', quantity: 5 }] }, { key: newKey() });
    return answer.status === 201 && answer.body;
  };
  const first = await send();
  await stream.has(saw(first));
  let resets = stream.of('reset').length;
  const anotherReset = (s) => s.of('reset').length > resets;
  await cluster.stop();
  await cluster.start();
  const second = await until('a slip posted', send);
  await stream.has(anotherReset);
  const third = await send();
  await stream.has(saw(third));
  assert.ok(second);

  // The same when only the listening connection was lost.
  resets = stream.of('reset').length;
  await own.db.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'taizhang stream'", 'postgres');
  await stream.has(anotherReset);
  const fourth = await send();
  await stream.has(saw(fourth));
  stream.close();
  keeper.close();
  await own.stop();
  await cluster.stop();
});
