// A process knows what its last batches left in a store, and does not ask for it again. The same history
// is written twice: into XT by one process, and into BT by two in turns, each of which finds that the
// other wrote there meanwhile and reads all of it anew. Both must be the same to the last number, and
// what stands in the database must follow from the entries.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { newKey } from '../lib/client.mjs';
import { cli } from '../lib/service.mjs';
import { startWorld } from '../lib/world.mjs';

const ROUNDS = 220;
const V = '/api/v1';

let world;
let other;
let admin; // of both places
let clients; // of each process

before(async () => {
  world = await startWorld();
  await world.db.sql(`INSERT INTO user_grant (user_id, role, place_id)
    SELECT user_id, 'storekeeper', place_id FROM app_user, place WHERE username = 'coordinator' AND code = 'malan'`);
  other = await world.startAnother();
  admin = await world.client('coordinator');
  clients = [admin, admin.another(other.url)];
});
after(async () => {
  clients[1].close();
  await other.stop();
  await world.stop();
});

// The same at each run.
function dice(seed) {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

// What is done next, as a function of the store and what it answered before.
function nextCommand(roll) {
  const items = ['n95', 'glove'];
  const line = (out) => {
    const lot = [undefined, undefined, 'A', 'B', 'C', `L${roll(30)}`][roll(6)];
    const expires = !out && lot && roll(2) ? ['2020-01-01', '2098-01-01', '2099-01-01'][roll(3)] : undefined;
    return { item: items[roll(2)], quantity: 1 + roll(out ? 30 : 20), lot, expires };
  };
  const slip = () => {
    const out = roll(5) > 1;
    const reason = out ? ['issue', 'issue', 'scrap'][roll(3)] : 'purchase';
    return { kind: out ? 'out' : 'in', reason, lines: Array.from({ length: 1 + roll(3) }, () => line(out)),
      ...(roll(3) ? {} : { business_date: ['2022-11-20', '2022-11-21'][roll(2)] }) };
  };
  const kind = roll(24);
  if (kind < 3) {
    const minimum = 20 * roll(16);
    const body = { normal: roll(4) ? { minimum, target: minimum + roll(50) } : null, emergency: null };
    const item = items[roll(2)];
    return (client, store) => client.put(`${V}/stores/${store}/ledgers/${item}/thresholds`, body);
  }
  if (kind < 7) {
    const which = roll(12);
    return (client, store, numbers) => client.post(`${V}/stores/${store}/slips/${numbers.at(-1 - which) ?? 'none'}/reversal`,
      { note: '写错' }, { key: newKey() });
  }
  if (kind < 12) {
    const slips = Array.from({ length: 1 + roll(6) }, slip);
    return (client, store) => client.post(`${V}/stores/${store}/slips/batch`,
      { slips: slips.map((s) => ({ idempotency_key: newKey(), ...s })) });
  }
  const one = slip();
  return (client, store) => client.post(`${V}/stores/${store}/slips`, one, { key: newKey() });
}

// An answer without what differs between two stores.
const plain = (value, store) => JSON.parse(JSON.stringify(value)
  .replaceAll(`${store}-`, '').replaceAll(`"${store}"`, '""').replace(/"(posted_at|instance|store_name_\w+)":"[^"]*"/g, '"$1":""'));

function remember(numbers, body) {
  for (const slip of [body, ...(body?.results ?? []).map((result) => result.slip)])
    if (slip?.number) numbers.push(slip.number);
}

test('what a process knows of a store is what another one reads of it', async () => {
  const roll = dice(20221120);
  const numbers = { XT: [], BT: [] };
  const seen = {};
  for (let round = 0; round < ROUNDS; round++) {
    const command = nextCommand(roll);
    const [one, two] = await Promise.all([
      command(clients[0], 'XT', numbers.XT), command(clients[round % 2], 'BT', numbers.BT)]);
    assert.deepEqual(plain(two.body, 'BT'), plain(one.body, 'XT'), `round ${round}`);
    assert.equal(two.status, one.status);
    for (const result of one.body.results ?? [{ status: one.status, problem: one.body }])
      seen[result.problem?.code ?? result.status] = (seen[result.problem?.code ?? result.status] ?? 0) + 1;
    remember(numbers.XT, one.body);
    remember(numbers.BT, two.body);
  }
  for (const kind of ['200', '201', 'insufficient_stock', 'expired_lot', 'already_reversed', 'reversal_would_oversell'])
    assert.ok(seen[kind] > 0, `${kind} among ${JSON.stringify(seen)}`);

  const state = (store) => world.db.sql(`
    SELECT item_id, lot_seq, lot, expires, l.balance, k.balance, entry_seq, lot_count
    FROM ledger AS k JOIN lot AS l USING (store_id, item_id) JOIN store USING (store_id)
    WHERE code = '${store}' ORDER BY item_id, lot_seq;
    SELECT kind, business_date, last_serial FROM slip_series JOIN store USING (store_id)
    WHERE code = '${store}' ORDER BY 1, 2;
    SELECT item_id, cause, opened_seq, closed_seq, armed_seq, on_hand FROM alert JOIN store USING (store_id)
    WHERE code = '${store}' ORDER BY opened_seq`);
  assert.equal(await state('BT'), await state('XT'));
  const { code, stdout } = await cli(['verify'], { database: world.db });
  assert.equal(code, 0, stdout);
});

test('alerts follow, slip by slip and rule by rule', async () => {
  const ok = async (answer) => {
    assert.ok((await answer).status < 300, (await answer).text);
    return (await answer).body;
  };
  const set = (minimum) => ok(admin.put(`${V}/stores/XT/ledgers/isolation-gown/thresholds`,
    { normal: { minimum, target: minimum + 5 }, emergency: null }));
  const slip = (kind, quantity) => ok(admin.post(`${V}/stores/XT/slips`,
    { kind, reason: kind === 'in' ? 'purchase' : 'issue', lines: [{ item: 'isolation-gown', quantity }] }, { key: newKey() }));
  const open = async () => (await ok(admin.get(`${V}/alerts`, { place: 'xita', status: 'open', limit: 200 }))).items
    .filter((alert) => alert.item === 'isolation-gown').map((alert) => alert.cause).sort();
  const minimum = async () => (await ok(admin.get(`${V}/stores/XT/ledgers/isolation-gown`))).minimum;
  await slip('in', 20);
  for (const quiet of [9, 8, 10]) {
    await set(quiet);
    assert.equal(await minimum(), quiet);
  }
  for (let cycle = 0; cycle < 3; cycle++) {
    await slip('out', 12);
    assert.deepEqual(await open(), ['low_stock']);
    await slip('out', 4); // further down: it is told again
    await slip('out', 4);
    assert.deepEqual(await open(), ['low_stock', 'out_of_stock']);
    await slip('in', 4);
    assert.deepEqual(await open(), ['low_stock']);
    await slip('in', 16);
    assert.deepEqual(await open(), []);
    await set(30);
    await slip('out', 1);
    assert.deepEqual(await open(), ['low_stock']);
    assert.equal(await minimum(), 30);
    await set(10);
    await slip('in', 1);
    assert.deepEqual(await open(), []);
    assert.equal(await minimum(), 10);
  }
  await slip('out', 20);
  assert.equal(await world.db.sql(`SELECT count(*), count(*) FILTER (WHERE armed.at = armed_at AND
      (closed_seq IS NULL OR closed_at = (SELECT at FROM event AS e WHERE e.store_id = a.store_id AND seq = closed_seq)))
    FROM alert AS a JOIN store USING (store_id) JOIN item USING (item_id)
    JOIN event AS armed ON armed.store_id = a.store_id AND armed.seq = armed_seq
    WHERE store.code = 'XT' AND item.code = 'isolation-gown'`), '11|11', 'each of its events\' times');
  const { code, stdout } = await cli(['verify'], { database: world.db });
  assert.equal(code, 0, stdout);
});

test('of two processes that post at once, neither uses what the other made old', async () => {
  const slip = { kind: 'in', reason: 'donation', lines: [{ item: 'face-shield', quantity: 1 }] };
  const answers = await Promise.all(clients.flatMap((client) => Array.from({ length: 8 }, () => client.another(client.url)))
    .map(async (client) => {
      const mine = [];
      for (let i = 0; i < 10; i++) mine.push((await client.post(`${V}/stores/XT/slips`, slip, { key: newKey() })).body);
      client.close();
      return mine;
    }));
  const levels = answers.flat().map((body) => body.lines[0].balance_after).sort((a, b) => a - b);
  assert.deepEqual(levels, levels.map((_, i) => i + 1));
  const serials = answers.flat().map((body) => Number(body.number.slice(-4))).sort((a, b) => a - b);
  assert.deepEqual(serials, serials.map((_, i) => serials[0] + i));
});
