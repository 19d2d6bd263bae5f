// Levels of a store's ledgers, and their entries.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { newKey } from '../lib/client.mjs';
import { startWorld } from '../lib/world.mjs';

let world;
let keeper;
let coordinator;
let day; // day(n): the business date n days from today

before(async () => {
  world = await startWorld();
  [keeper, coordinator] = await Promise.all(['keeper', 'coordinator'].map((name) => world.client(name)));
  const today = await world.db.sql("SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date");
  day = (n) => new Date(Date.parse(today) + n * 86400000).toISOString().slice(0, 10);
});
after(() => world.stop());

async function post(kind, reason, lines, head = {}) {
  const answer = await keeper.post('/api/v1/stores/XT/slips', { kind, reason, lines, ...head }, { key: newKey() });
  assert.equal(answer.status, 201, answer.text);
  return answer.body;
}

async function ledger(item) {
  const answer = await keeper.get(`/api/v1/stores/XT/ledgers/${item}`);
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
}

async function entries(item, query) {
  const answer = await keeper.get(`/api/v1/stores/XT/ledgers/${item}/entries`, query);
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
}

test('a new store\'s seven ledgers stand at nothing', async () => {
  const { items } = (await keeper.get('/api/v1/stores/XT/ledgers')).body;
  assert.equal(items.length, 7);
  assert.deepEqual(items[1], {
    item: 'n95', name_zh: 'N95口罩', name_en: 'N95 respirator', category: 'protection', unit: '只', unit_en: 'piece',
    on_hand: 0, minimum: null, target: null, status: 'out', earliest_expiry: null, expiring_30d: 0, expired: 0,
    avg_daily_out_14d: 0, days_of_cover: null, last_entry_at: null,
    thresholds: { normal: { minimum: null, target: null }, emergency: { minimum: null, target: null } },
    lots: [], packs: [{ name: '盒', quantity: 20 }, { name: '箱', quantity: 400 }],
  });
});

test('ok, low and out follow the thresholds of the store\'s readiness', async () => {
  const set = await coordinator.put('/api/v1/stores/XT/ledgers/glove/thresholds',
    { normal: { minimum: 10, target: 50 }, emergency: { minimum: 30, target: 90 } });
  assert.equal(set.status, 200, set.text);
  const seen = async () => {
    const { on_hand: onHand, minimum, target, status } = await ledger('glove');
    return [onHand, minimum, target, status];
  };
  assert.deepEqual(await seen(), [0, 10, 50, 'out']);
  await post('in', 'purchase', [{ item: 'glove', quantity: 9 }]);
  assert.deepEqual(await seen(), [9, 10, 50, 'low']);
  await post('in', 'purchase', [{ item: 'glove', quantity: 1 }]);
  assert.deepEqual(await seen(), [10, 10, 50, 'ok']);
  const ready = (readiness) => coordinator.put('/api/v1/places/xita/readiness', { readiness, reason: '演练' });
  assert.equal((await ready('emergency')).status, 200);
  assert.deepEqual(await seen(), [10, 30, 90, 'low']);
  assert.equal((await ready('normal')).status, 200);
  assert.deepEqual(await seen(), [10, 10, 50, 'ok']);
  assert.deepEqual((await ledger('glove')).thresholds,
    { normal: { minimum: 10, target: 50 }, emergency: { minimum: 30, target: 90 } });
});

test('lots: what is on hand of each, the first to expire first, and what has expired', async () => {
  const lot = (name, expires, quantity) => ({ item: 'hand-gel', lot: name, ...(expires ? { expires } : {}), quantity });
  await post('in', 'purchase', [lot('B', day(31), 7), lot('A', day(30), 5), lot('C', day(0), 3), lot('D', null, 11)]);
  await post('in', 'opening', [lot('E', day(-1), 4)], { business_date: day(-9) });
  const gel = await ledger('hand-gel');
  assert.deepEqual(gel.lots, [
    { lot: 'E', expires: day(-1), balance: 4, expired: true },
    { lot: 'C', expires: day(0), balance: 3, expired: false },
    { lot: 'A', expires: day(30), balance: 5, expired: false },
    { lot: 'B', expires: day(31), balance: 7, expired: false },
    { lot: 'D', expires: null, balance: 11, expired: false },
  ]);
  assert.equal(gel.on_hand, 30);
  assert.equal(gel.earliest_expiry, day(-1));
  assert.equal(gel.expiring_30d, 8);
  assert.equal(gel.expired, 4);

  await post('out', 'scrap', [{ item: 'hand-gel', lot: 'E', quantity: 4 }]);
  const scrapped = await ledger('hand-gel');
  assert.ok(!scrapped.lots.some((one) => one.lot === 'E'), 'an empty lot is not shown');
  assert.equal(scrapped.earliest_expiry, day(0));
  assert.equal(scrapped.expired, 0);
});

test('use and cover are of the last fourteen business days', async () => {
  await post('in', 'purchase', [{ item: 'face-shield', quantity: 100 }], { business_date: day(-20) });
  const use = (quantity, n) => post('out', 'issue', [{ item: 'face-shield', quantity }], { business_date: day(n) });
  await use(50, -14);
  assert.equal((await ledger('face-shield')).days_of_cover, null);
  await use(15, -13);
  await use(6, 0);
  const shield = await ledger('face-shield');
  assert.equal(shield.on_hand, 29);
  assert.equal(shield.avg_daily_out_14d, 1.5);
  assert.equal(shield.days_of_cover, 19.3);
  assert.match(shield.last_entry_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+08:00$/);
});

test('entries tell what each line did, in posting order', async () => {
  const first = await post('in', 'purchase', [{ item: 'isolation-gown', quantity: 2, pack: '包', lot: 'L1', expires: day(99) }],
    { counterparty: '供应商', handler: '李四', document: '发票1', business_date: day(-3) });
  const second = await post('in', 'donation', [{ item: 'isolation-gown', quantity: 5 }],
    { counterparty: '红十字会', business_date: day(-8) });
  const third = await post('out', 'issue', [{ item: 'isolation-gown', quantity: 22 }],
    { counterparty: '第12微网格', receiver: '张三', handler: '王五' });
  const page = await entries('isolation-gown', { order: 'asc' });
  assert.deepEqual(page.items[0], {
    seq: 1, slip: first.number, line: 0, kind: 'in', reason: 'purchase', business_date: day(-3), posted_at: first.posted_at,
    quantity_in: 20, quantity_out: 0, balance_after: 20, lot: 'L1', expires: day(99), counterparty: '供应商', receiver: '',
    handler: '李四', document: '发票1', posted_by: 'keeper',
  });
  assert.deepEqual(page.items.map((e) => [e.seq, e.slip, e.quantity_in, e.quantity_out, e.balance_after, e.lot]), [
    [1, first.number, 20, 0, 20, 'L1'], [2, second.number, 5, 0, 25, null],
    [3, third.number, 0, 20, 5, 'L1'], [4, third.number, 0, 2, 3, null]]);
  assert.deepEqual((await entries('isolation-gown')).items.map((e) => e.seq), [4, 3, 2, 1]);

  const seqs = async (query) => (await entries('isolation-gown', { order: 'asc', ...query })).items.map((e) => e.seq);
  assert.deepEqual(await seqs({ kind: 'out' }), [3, 4]);
  assert.deepEqual(await seqs({ lot: 'L1' }), [1, 3]);
  assert.deepEqual(await seqs({ lot: 'L1', kind: 'in' }), [1]);
  assert.deepEqual(await seqs({ counterparty: '红十字会' }), [2]);
  assert.deepEqual(await seqs({ handler: '王五' }), [3, 4]);
  assert.deepEqual(await seqs({ from: day(-3) }), [1, 3, 4]);
  assert.deepEqual(await seqs({ to: day(-3) }), [1, 2]);
  assert.deepEqual(await seqs({ from: day(-7), to: day(-1) }), [1]);
  assert.deepEqual(await seqs({ from: day(-7), to: day(-4) }), []);
});

test('what was on hand before the first day stands on the first page', async () => {
  const gown = async (query) => {
    const page = await entries('isolation-gown', query);
    return [page.items.length, page.opening_balance];
  };
  assert.deepEqual(await gown({ from: day(-8) }), [4, 0]);
  assert.deepEqual(await gown({ from: day(-7) }), [3, 5]);
  assert.deepEqual(await gown({ from: day(-2) }), [2, 25]);
  assert.deepEqual(await gown({ from: day(1) }), [0, 3], 'also when there is no entry');
  assert.deepEqual(await gown({ to: day(0) }), [4, undefined]);
  const first = await entries('isolation-gown', { from: day(-7), limit: 2 });
  assert.equal(first.opening_balance, 5);
  const second = await entries('isolation-gown', { from: day(-7), limit: 2, cursor: first.next_cursor });
  assert.equal(second.items.length, 1);
  assert.ok(!('opening_balance' in second));
});

test('a ledger that the store does not keep is not found', async () => {
  for (const item of ['unheard-of', 'N95', "x'", '%F0%9F%A7%A4']) {
    assert.equal((await keeper.get(`/api/v1/stores/XT/ledgers/${item}`)).status, 404, item);
    assert.equal((await keeper.get(`/api/v1/stores/XT/ledgers/${item}/entries`)).status, 404, item);
    assert.equal((await keeper.get(`/api/v1/stores/XT/ledgers/${item}/entries.csv`)).status, 404, item);
  }
  assert.equal((await keeper.get('/api/v1/stores/BT/ledgers/n95')).status, 404, 'another store\'s');
  assert.equal((await keeper.get('/api/v1/stores/NONE/ledgers')).status, 404);
});
