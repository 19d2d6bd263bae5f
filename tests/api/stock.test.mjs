// Levels summed up the tree of places.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { newKey } from '../lib/client.mjs';
import { addPlace, addStore, startWorld } from '../lib/world.mjs';

let world;

before(async () => {
  world = await startWorld();
  await addPlace(world.db, { code: 'empty', parent: 'malan', kind: 'community' });
  await addStore(world.db, 'G12', 'grid-12');
  const [keeper, coordinator, stranger] = await Promise.all(
    ['keeper', 'coordinator', 'stranger'].map((name) => world.client(name)));
  const stock = async (client, store, item, quantity) => {
    const answer = await client.post(`/api/v1/stores/${store}/slips`,
      { kind: 'in', reason: 'purchase', lines: [{ item, quantity }] }, { key: newKey() });
    assert.equal(answer.status, 201, answer.text);
  };
  const minimum = async (store, item, normal) => {
    const answer = await coordinator.put(`/api/v1/stores/${store}/ledgers/${item}/thresholds`, { normal, emergency: null });
    assert.equal(answer.status, 200, answer.text);
  };
  await minimum('XT', 'n95', { minimum: 50, target: 100 });
  await minimum('G12', 'n95', { minimum: 10, target: 20 });
  await stock(keeper, 'XT', 'n95', 40);
  await stock(keeper, 'G12', 'n95', 25);
  await stock(keeper, 'G12', 'glove', 7);
  await stock(stranger, 'HP', 'n95', 1000);
});
after(() => world.stop());

async function stock(name, query) {
  const answer = await (await world.client(name)).get('/api/v1/stock', { limit: 200, ...query });
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
}

const brief = ({ place, on_hand: onHand, minimum, target, status, stores, stores_low: low, stores_out: out }) =>
  [place, onHand, minimum, target, status, stores, low, out];

test('each place has the sums of the stores at and below it', async () => {
  const { items } = await stock('auditor', { item: 'n95' });
  assert.deepEqual(items.map(brief), [
    ['gujiao', 65, 60, 120, 'ok', 3, 1, 1],
    ['malan', 65, 60, 120, 'ok', 3, 1, 1],
    ['xita', 65, 60, 120, 'ok', 2, 1, 0],
    ['beita', 0, null, null, 'out', 1, 0, 1],
    ['grid-12', 25, 10, 20, 'ok', 1, 0, 0],
  ]);
  const [first] = items;
  assert.equal(first.place_kind, 'district');
  assert.equal(first.place_name_zh, 'gujiao');
  assert.equal(first.name_zh, 'N95口罩');
  assert.equal(first.unit, '只');
});

test('every item that a store keeps a ledger of', async () => {
  const { items } = await stock('auditor', { place: 'grid-12' });
  assert.equal(items.length, 7);
  assert.deepEqual(items.filter((row) => row.on_hand > 0).map((row) => [row.item, row.on_hand]), [['n95', 25], ['glove', 7]]);
});

test('a place narrows it to what lies there', async () => {
  const page = await stock('auditor', { place: 'xita', item: 'n95' });
  assert.equal(page.place, 'xita');
  assert.deepEqual(page.items.map((row) => row.place), ['xita', 'grid-12']);
  assert.deepEqual(await stock('auditor', { place: 'empty' }), { items: [], next_cursor: null, place: 'empty' });
});

test('only what is granted is seen, summed or named', async () => {
  const seen = async (name) => [...new Set((await stock(name, { item: 'n95' })).items.map((row) => row.place))];
  assert.deepEqual(await seen('keeper'), ['xita', 'grid-12']);
  assert.deepEqual(await seen('coordinator'), ['malan', 'xita', 'beita', 'grid-12']);
  assert.deepEqual(await seen('stranger'), ['wanbolin', 'heping', 'hepi']);
  for (const [name, place] of [['keeper', 'malan'], ['keeper', 'beita'], ['auditor', 'hepi'], ['auditor', 'nowhere']]) {
    const client = await world.client(name);
    for (const path of ['/api/v1/stock', '/api/v1/alerts', '/api/v1/stock.csv', '/api/v1/alerts.ndjson'])
      assert.equal((await client.get(path, { place })).status, 404, `${name} ${place} ${path}`);
  }
  assert.equal((await (await world.client('guest')).get('/api/v1/stock')).status, 403);
  assert.equal((await (await world.client('admin')).get('/api/v1/stock')).status, 403);
});

test('by status of the sums', async () => {
  const of = async (query) => (await stock('auditor', { item: 'n95', ...query })).items.map((row) => row.place);
  assert.deepEqual(await of({ status: 'out' }), ['beita']);
  assert.deepEqual(await of({ status: 'low' }), []);
  const answer = await (await world.client('keeper')).post('/api/v1/stores/G12/slips',
    { kind: 'out', reason: 'issue', lines: [{ item: 'n95', quantity: 16 }] }, { key: newKey() });
  assert.equal(answer.status, 201, answer.text);
  assert.deepEqual(await of({ status: 'low' }), ['gujiao', 'malan', 'xita', 'grid-12']);
});

test('alerts of a place and all below it', async () => {
  const client = await world.client('auditor');
  const stores = async (query) => (await client.get('/api/v1/alerts', { order: 'asc', ...query })).body.items.map((a) => a.store);
  assert.deepEqual([...new Set(await stores({ status: 'open' }))].sort(), ['G12', 'XT']);
  assert.deepEqual([...new Set(await stores({ status: 'open', place: 'grid-12' }))], ['G12']);
  assert.deepEqual(await stores({ place: 'beita' }), []);
  assert.deepEqual([...new Set(await stores({ store: 'XT', item: 'n95' }))], ['XT']);
  assert.deepEqual(await stores({ item: 'glove' }), []);
});
