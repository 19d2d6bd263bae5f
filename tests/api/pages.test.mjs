// Every list in pages: all rows once, in both orders, whatever is added meanwhile.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { newKey } from '../lib/client.mjs';
import { addPlace, addStore, addUser, startWorld } from '../lib/world.mjs';

let world;
let keeper;
let coordinator;

before(async () => {
  world = await startWorld();
  [keeper, coordinator] = await Promise.all(['keeper', 'coordinator'].map((name) => world.client(name)));
  await postMany(23);
  for (let i = 0; i < 3; i++) {
    await addPlace(world.db, { code: `c${i}`, parent: 'malan', kind: 'community' });
    await addStore(world.db, `C${i}`, `c${i}`);
    await addUser(world.db, `user${i}`);
    assert.equal((await coordinator.put(`/api/v1/stores/C${i}/ledgers/n95/thresholds`,
      { normal: { minimum: 5, target: 9 }, emergency: null })).status, 200);
    assert.equal((await keeper.post('/api/v1/tokens', { name: `t${i}` })).status, 201);
  }
});
after(() => world.stop());

async function postMany(count) {
  const slips = Array.from({ length: count }, (_, i) => ({
    idempotency_key: newKey(), kind: i % 3 === 2 ? 'out' : 'in', reason: i % 3 === 2 ? 'issue' : 'purchase',
    lines: [{ item: 'n95', quantity: 5 }, { item: i % 3 === 2 ? 'n95' : 'glove', quantity: 2 }],
  }));
  const answer = await keeper.post('/api/v1/stores/XT/slips/batch', { slips });
  assert.ok(answer.body.results.every((result) => result.status === 201), answer.text);
}

async function page(client, path, query) {
  const answer = await client.get(path, query);
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
}

// All pages from the first, or from a cursor on.
async function walk(client, path, query, cursor) {
  const pages = [];
  do {
    const { items, next_cursor: next } = await page(client, path, { ...query, ...(cursor ? { cursor } : {}) });
    pages.push(items);
    cursor = next;
  } while (cursor);
  return pages;
}

const lists = [
  ['keeper', '/api/v1/stores/XT/slips'],
  ['keeper', '/api/v1/stores/XT/slips', { kind: 'in', from: '2000-01-01' }],
  ['keeper', '/api/v1/stores/XT/slips', { item: 'glove' }],
  ['keeper', '/api/v1/stores/XT/ledgers/n95/entries'],
  ['keeper', '/api/v1/stores/XT/ledgers/n95/entries', { to: '2199-12-31', kind: 'out' }],
  ['auditor', '/api/v1/stores/XT/events'],
  ['auditor', '/api/v1/events'],
  ['keeper', '/api/v1/items'],
  ['coordinator', '/api/v1/places'],
  ['coordinator', '/api/v1/stores'],
  ['coordinator', '/api/v1/alerts'],
  ['admin', '/api/v1/users'],
  ['keeper', '/api/v1/tokens'],
  ['keeper', '/api/v1/stores/XT/ledgers', {}, 'asc only'],
  ['coordinator', '/api/v1/stock', {}, 'asc only'],
];

for (const [name, path, query = {}, ascOnly] of lists) {
  test(`${path} ${JSON.stringify(query)}`, async () => {
    const client = await world.client(name);
    const whole = (await page(client, path, { ...query, limit: 200, order: 'asc' })).items;
    assert.ok(whole.length >= 3, `${whole.length} rows are too few to page through`);
    assert.equal(new Set(whole.map((row) => JSON.stringify(row))).size, whole.length);
    const orders = ascOnly ? { '': whole, asc: whole } : { '': [...whole].reverse(), asc: whole, desc: [...whole].reverse() };
    for (const [order, expected] of Object.entries(orders)) {
      for (const limit of [1, 2, whole.length - 1, whole.length]) {
        const pages = await walk(client, path, { ...query, limit, ...(order ? { order } : {}) });
        assert.deepEqual(pages.flat(), expected, `order ${order}, limit ${limit}`);
        assert.equal(pages.length, Math.ceil(whole.length / limit), 'no empty last page');
      }
    }
  });
}

test('fifty rows unless asked for more', async () => {
  await postMany(40);
  const { items, next_cursor: next } = await page(keeper, '/api/v1/stores/XT/slips');
  assert.equal(items.length, 50);
  assert.equal(typeof next, 'string');
});

test('what is posted while a client pages neither repeats a row nor hides one', async () => {
  const path = '/api/v1/stores/XT/ledgers/n95/entries';
  const seqs = (rows) => rows.map((row) => row.seq);
  const before_ = seqs((await walk(keeper, path, { limit: 200 })).flat());
  const first = await page(keeper, path, { limit: 7 });
  await postMany(9);
  const rest = (await walk(keeper, path, { limit: 7 }, first.next_cursor)).flat();
  assert.deepEqual([...seqs(first.items), ...seqs(rest)], before_);

  const ascending = await page(keeper, path, { limit: 7, order: 'asc' });
  await postMany(9);
  const onward = (await walk(keeper, path, { limit: 50, order: 'asc' }, ascending.next_cursor)).flat();
  const now = seqs((await walk(keeper, path, { limit: 200, order: 'asc' })).flat());
  assert.deepEqual([...seqs(ascending.items), ...seqs(onward)], now);
  assert.ok(now.length > before_.length);
});

test('a list that has nothing is an empty page', async () => {
  assert.deepEqual(await page(coordinator, '/api/v1/stores/BT/slips'), { items: [], next_cursor: null });
  assert.deepEqual(await page(coordinator, '/api/v1/stores/BT/ledgers/n95/entries'), { items: [], next_cursor: null });
  assert.deepEqual(await page(await world.client('stranger'), '/api/v1/alerts'), { items: [], next_cursor: null });
});

test('a cursor of another list, or none at all, is refused', async () => {
  const { next_cursor: two } = await page(coordinator, '/api/v1/stock', { limit: 1 });
  for (const cursor of [two, '', '1', 'zzzzzzzzzzzzzzzz', '00000000000000010', "'"]) {
    const answer = await keeper.get('/api/v1/stores/XT/slips', { cursor });
    assert.equal(answer.status, 422, cursor);
    assert.deepEqual(answer.body.errors.map((e) => [e.field, e.code]), [['cursor', 'bad_cursor']]);
  }
  // Far outside every key, but well formed.
  for (const cursor of ['7fffffffffffffff', '8000000000000000'])
    for (const path of ['/api/v1/items', '/api/v1/stores/XT/slips', '/api/v1/stores/XT/ledgers'])
      assert.equal((await keeper.get(path, { cursor })).status, 200, path);
});
