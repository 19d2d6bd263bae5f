// Posting over HTTP: what is accepted, what is refused and how, keys, reversals, many in one request.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { Client, newKey } from '../lib/client.mjs';
import { PASSWORD, startWorld } from '../lib/world.mjs';

let world;
let keeper;

before(async () => {
  world = await startWorld();
  keeper = await world.client('keeper');
});
after(() => world.stop());

const slips = '/api/v1/stores/XT/slips';
const inSlip = (lines, more = {}) => ({ kind: 'in', reason: 'purchase', lines, ...more });
const outSlip = (lines, more = {}) => ({ kind: 'out', reason: 'issue', lines, ...more });
const post = (body, key = newKey()) => keeper.post(slips, body, { key });
const onHand = async (item, store = 'XT') => Number(await world.db.sql(
  `SELECT balance FROM ledger JOIN store USING (store_id) JOIN item USING (item_id)
   WHERE store.code = '${store}' AND item.code = '${item}'`));
const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' }).format(new Date());

async function posted(body, key) {
  const answer = await post(body, key);
  assert.equal(answer.status, 201, answer.text);
  return answer.body;
}

function refused(answer, status, code) {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.headers['content-type'], 'application/problem+json');
  assert.equal(answer.body.code, code, answer.text);
  assert.match(answer.body.detail, /[\u4e00-\u9fff]/, 'says what to do in Chinese');
  assert.match(answer.body.detail_en, /[a-z]/, 'and in English');
  return answer.body;
}

describe('a slip', () => {
  test('in packs and pieces is answered whole, and read back the same', async () => {
    const answer = await post(inSlip([
      { item: 'n95', quantity: 2, pack: '盒' },
      { item: 'hand-gel', quantity: 24, lot: 'G2209', expires: '2099-01-31' },
    ], { reason: 'donation', business_date: '2022-11-20', counterparty: '第12微网格', receiver: '张三',
      handler: '李四', document: '领字2022-118', note: '第一行\n第二行' }));
    assert.equal(answer.status, 201, answer.text);
    const slip = answer.body;
    assert.equal(slip.number, 'XT-RK-20221120-0001');
    assert.equal(answer.headers.location, `${slips}/XT-RK-20221120-0001`);
    assert.equal(answer.headers['idempotent-replayed'], undefined);
    assert.deepEqual(slip.lines.map((l) => [l.item, l.quantity, l.pack, l.pack_quantity, l.lot, l.expires, l.balance_after]),
      [['n95', 40, '盒', 2, null, null, 40], ['hand-gel', 24, null, null, 'G2209', '2099-01-31', 24]]);
    assert.equal(slip.posted_by, 'keeper');
    assert.match(slip.posted_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+08:00$/);
    assert.equal(slip.receiver, '张三');
    assert.equal(slip.reverses, null);
    const read = await keeper.get(answer.headers.location);
    assert.equal(read.status, 200, read.text);
    assert.deepEqual({ ...read.body, posted_at: 0 }, { ...slip, posted_at: 0 });
    assert.equal(Date.parse(read.body.posted_at), Date.parse(slip.posted_at));
  });

  test('without a date is of today', async () => {
    const slip = await posted(inSlip([{ item: 'glove', quantity: 1 }]));
    assert.equal(slip.business_date, today);
  });

  test('numbers run on per kind and day, gapless past refusals', async () => {
    const day = { business_date: '2022-03-01' };
    const one = await posted(inSlip([{ item: 'glove', quantity: 5 }], day));
    refused(await post(outSlip([{ item: 'glove', quantity: 5_000 }], day)), 409, 'insufficient_stock');
    const two = await posted(outSlip([{ item: 'glove', quantity: 1 }], day));
    const three = await posted(outSlip([{ item: 'glove', quantity: 1 }], day));
    assert.deepEqual([one, two, three].map((s) => s.number),
      ['XT-RK-20220301-0001', 'XT-CK-20220301-0001', 'XT-CK-20220301-0002']);
  });

  test('out takes the lot that expires first, and may answer several lines for one', async () => {
    await posted(inSlip([
      { item: 'face-shield', quantity: 3, lot: 'LATE', expires: '2098-01-01' },
      { item: 'face-shield', quantity: 3, lot: 'SOON', expires: '2097-01-01' },
      { item: 'face-shield', quantity: 3, lot: 'GONE', expires: '2021-01-01' },
    ]));
    const slip = await posted(outSlip([{ item: 'face-shield', quantity: 4 }]));
    assert.deepEqual(slip.lines.map((l) => [l.line, l.lot, l.quantity]), [[0, 'SOON', 3], [0, 'LATE', 1]]);
    const short = refused(await post(outSlip([{ item: 'face-shield', quantity: 3 }])), 409, 'insufficient_stock');
    assert.equal(short.available, 2);
    assert.equal(short.line, 0);
    refused(await post(outSlip([{ item: 'face-shield', quantity: 1, lot: 'GONE' }])), 409, 'expired_lot');
    const scrap = await posted({ kind: 'out', reason: 'scrap', lines: [{ item: 'face-shield', quantity: 3, lot: 'GONE' }] });
    assert.equal(scrap.lines[0].lot, 'GONE');
    assert.equal(await onHand('face-shield'), 2);
  });

  test('is posted whole or not at all', async () => {
    const before = await onHand('glove');
    const short = refused(await post(outSlip([
      { item: 'glove', quantity: 1 }, { item: 'isolation-gown', quantity: 1 },
    ])), 409, 'insufficient_stock');
    assert.equal(short.line, 1);
    assert.equal(short.available, 0);
    assert.equal(await onHand('glove'), before);
  });

  test('names every wrong field', async () => {
    const problem = refused(await post({
      kind: 'out', reason: 'purchase', business_date: '2022-02-30', receiver: 7, colour: 'red',
      lines: [{ item: 'n95', quantity: 0 }, { item: 'nothing', quantity: 1.5, expires: '2030-01-01' }, 3],
    }), 422, 'validation_failed');
    assert.deepEqual(problem.errors.map((e) => [e.field, e.code]).sort(), [
      ['business_date', 'bad_date'], ['colour', 'unknown_field'], ['lines[0].quantity', 'out_of_range'],
      ['lines[1].expires', 'only_in_slips'], ['lines[1].quantity', 'wrong_type'], ['lines[2]', 'wrong_type'],
      ['reason', 'reason_of_other_kind'], ['receiver', 'wrong_type']]);
    const unknown = refused(await post(outSlip([
      { item: 'nothing', quantity: 1 }, { item: 'n95', quantity: 1, pack: '桶' }, { item: 'n95', quantity: 1, lot: 'NONE' },
    ])), 422, 'validation_failed');
    assert.deepEqual(unknown.errors.map((e) => [e.field, e.code]), [
      ['lines[0].item', 'unknown_item'], ['lines[1].pack', 'unknown_pack'], ['lines[2].lot', 'unknown_lot']]);
    for (const body of [{}, inSlip([]), inSlip(Array(201).fill({ item: 'n95', quantity: 1 })),
      inSlip([{ item: 'n95', quantity: 1 }], { business_date: '2999-01-01' }),
      inSlip([{ item: 'n95', quantity: 1 }], { note: '\u0001' }), inSlip([{ item: 'n95', quantity: 1 }], { reason: 'reversal' })])
      refused(await post(body), 422, 'validation_failed');
  });

  test('keeps text as it was written', async () => {
    const note = '<b>粗</b> 😀 \u202eאבג =cmd()|"x" \\u0000 \t end';
    const slip = await posted(inSlip([{ item: 'n95', quantity: 1 }], { note, counterparty: '=HYPERLINK("x")' }));
    assert.equal(slip.note, note);
    assert.equal((await keeper.get(`${slips}/${slip.number}`)).body.note, note);
  });

  test('of another item opens its ledger', async () => {
    await world.db.sql(`INSERT INTO item (code, category, name_zh, name_en, unit, unit_en)
      VALUES ('swab', 'testing', '采样拭子', 'Swab', '支', 'piece')`);
    refused(await post(outSlip([{ item: 'swab', quantity: 1 }])), 409, 'insufficient_stock');
    await posted(inSlip([{ item: 'swab', quantity: 10 }]));
    assert.equal(await onHand('swab'), 10);
  });

  test('a lot without its date joins the one known by that number', async () => {
    await posted(inSlip([{ item: 'protective-suit', quantity: 1, lot: 'P1', expires: '2096-05-01' }]));
    const slip = await posted(inSlip([{ item: 'protective-suit', quantity: 1, lot: 'P1' }]));
    assert.equal(slip.lines[0].expires, '2096-05-01');
  });
});

describe('an idempotency key', () => {
  test('is required, and well formed', async () => {
    const body = inSlip([{ item: 'n95', quantity: 1 }]);
    for (const headers of [{}, { 'Idempotency-Key': 'a b' }, { 'Idempotency-Key': 'x'.repeat(65) }, { 'Idempotency-Key': '' }])
      refused(await keeper.request('POST', slips, { body, headers }), 400, 'idempotency_key_missing');
  });

  test('answers again what it answered first, whatever happened since', async () => {
    const key = newKey();
    const body = inSlip([{ item: 'n95', quantity: 7 }], { note: '一次' });
    const first = await post(body, key);
    await posted(outSlip([{ item: 'n95', quantity: 1 }]));
    const before = await onHand('n95');
    const again = await post(body, key);
    assert.equal(again.status, 201);
    assert.equal(again.headers['idempotent-replayed'], 'true');
    assert.equal(again.text, first.text);
    assert.equal(again.headers.location, first.headers.location);
    assert.equal(await onHand('n95'), before);
    // The same asked in another spelling is the same.
    const spelled = await keeper.request('POST', slips, {
      key, body: `{"note":"\\u4e00\\u6b21", "lines":[{"quantity":7,"item":"n95"}],"reason":"purchase","kind":"in"}` });
    assert.equal(spelled.text, first.text);
    refused(await post(inSlip([{ item: 'n95', quantity: 8 }], { note: '一次' }), key), 422, 'idempotency_key_reused');
  });

  test('answers a refusal again, even when stock has come', async () => {
    const key = newKey();
    const body = outSlip([{ item: 'isolation-gown', quantity: 4 }]);
    const first = refused(await post(body, key), 409, 'insufficient_stock');
    await posted(inSlip([{ item: 'isolation-gown', quantity: 4 }]));
    const again = await post(body, key);
    assert.equal(again.headers['idempotent-replayed'], 'true');
    assert.equal(refused(again, 409, 'insufficient_stock').available, first.available);
    await posted(body);
  });

  test('of bad input is free to be used for the corrected slip', async () => {
    const key = newKey();
    refused(await post(inSlip([{ item: 'nothing', quantity: 1 }]), key), 422, 'validation_failed');
    await posted(inSlip([{ item: 'n95', quantity: 1 }]), key);
  });

  test('raced by its own retries posts once', async () => {
    const key = newKey();
    const before = await onHand('n95');
    const body = inSlip([{ item: 'n95', quantity: 3 }]);
    const clients = Array.from({ length: 16 }, () => keeper.another());
    const answers = await Promise.all(clients.map((c) => c.post(slips, body, { key })));
    clients.forEach((c) => c.close());
    assert.deepEqual([...new Set(answers.map((a) => a.text))].length, 1);
    assert.ok(answers.every((a) => a.status === 201));
    assert.equal(answers.filter((a) => a.headers['idempotent-replayed']).length, 15);
    assert.equal(await onHand('n95'), before + 3);
  });

  test('belongs to its store', async () => {
    const key = newKey();
    await world.db.sql(`INSERT INTO user_grant SELECT user_id, 'storekeeper', place_id
      FROM app_user, place WHERE username = 'keeper' AND code = 'beita'`);
    const both = new Client(world.url);
    await both.signIn('keeper', PASSWORD);
    const body = inSlip([{ item: 'n95', quantity: 1 }]);
    const a = await both.post(slips, body, { key });
    const b = await both.post('/api/v1/stores/BT/slips', body, { key });
    assert.deepEqual([a.status, b.status], [201, 201], b.text);
    assert.equal(b.body.store, 'BT');
    both.close();
  });
});

describe('a reversal', () => {
  const reverse = (number, key = newKey(), note = '写错') =>
    keeper.post(`${slips}/${number}/reversal`, { note }, { key });

  test('of an out slip restores the very lots, once', async () => {
    await posted(inSlip([
      { item: 'protective-suit', quantity: 3, lot: 'R1', expires: '2090-01-01' },
      { item: 'protective-suit', quantity: 3, lot: 'R2', expires: '2091-01-01' }]));
    const out = await posted(outSlip([{ item: 'protective-suit', quantity: 4 }], { counterparty: '后勤组' }));
    const key = newKey();
    const answer = await reverse(out.number, key);
    assert.equal(answer.status, 201, answer.text);
    assert.equal(answer.body.kind, 'in');
    assert.equal(answer.body.reason, 'reversal');
    assert.equal(answer.body.reverses, out.number);
    assert.equal(answer.body.counterparty, '后勤组');
    assert.deepEqual(answer.body.lines.map((l) => [l.lot, l.quantity]), [['R1', 3], ['R2', 1]]);
    assert.equal((await keeper.get(`${slips}/${out.number}`)).body.reversed_by, answer.body.number);
    assert.equal((await reverse(out.number, key)).headers['idempotent-replayed'], 'true');
    refused(await reverse(out.number), 409, 'already_reversed');
    refused(await reverse(answer.body.number), 409, 'reversal_of_reversal');
  });

  test('of an in slip is refused when it would oversell', async () => {
    const slip = await posted(inSlip([{ item: 'isolation-gown', quantity: 5, lot: 'IG', expires: '2090-01-01' }]));
    await posted(outSlip([{ item: 'isolation-gown', quantity: 2, lot: 'IG' }]));
    const problem = refused(await reverse(slip.number), 409, 'reversal_would_oversell');
    assert.equal(problem.available, 3);
  });

  test('of nothing is not found', async () => {
    for (const number of ['XT-RK-20221120-9999', 'BT-RK-20221120-0001', 'XT-RK-20221120-1', 'rubbish', 'XT-RK-20221399-0001',
      'XT-RK-00000101-0001', 'XT-RK-20221120--001'])
      refused(await reverse(number), 404, 'not_found');
    refused(await keeper.post(`${slips}/XT-RK-20221120-0001/reversal`, {}), 400, 'idempotency_key_missing');
  });

  test('raced reverses once', async () => {
    const slip = await posted(inSlip([{ item: 'n95', quantity: 1, lot: 'RACE' }]));
    const clients = Array.from({ length: 8 }, () => keeper.another());
    const answers = await Promise.all(clients.map((c) => c.post(`${slips}/${slip.number}/reversal`, { note: '' }, { key: newKey() })));
    clients.forEach((c) => c.close());
    assert.equal(answers.filter((a) => a.status === 201).length, 1);
    assert.equal(answers.filter((a) => a.body.code === 'already_reversed').length, 7);
  });
});

describe('many slips in one request', () => {
  const many = (list) => keeper.post(`${slips}/batch`, { slips: list });

  test('are each posted or refused by themselves, in order', async () => {
    const base = await onHand('hand-gel');
    const key = newKey();
    const good = { idempotency_key: key, ...inSlip([{ item: 'hand-gel', quantity: 1, lot: 'M' }]) };
    const list = [
      good,
      { idempotency_key: newKey(), ...outSlip([{ item: 'hand-gel', quantity: 1_000_000 }]) },
      { idempotency_key: newKey(), ...outSlip([{ item: 'nothing', quantity: 1 }]) },
      inSlip([{ item: 'hand-gel', quantity: 1 }]),
      { idempotency_key: newKey(), ...outSlip([{ item: 'hand-gel', quantity: 1, lot: 'M' }]) },
      { idempotency_key: newKey(), kind: 'sideways' },
      'rubbish',
      good,
    ];
    const answer = await many(list);
    assert.equal(answer.status, 200, answer.text);
    const { results } = answer.body;
    assert.deepEqual(results.map((r) => r.status), [201, 409, 422, 400, 201, 422, 422, 201]);
    assert.equal(results[1].problem.code, 'insufficient_stock');
    assert.equal(results[2].problem.errors[0].field, 'lines[0].item');
    assert.equal(results[7].slip.number, results[0].slip.number);
    assert.equal(await onHand('hand-gel'), base);
    // The same slip alone, with the same key, is the same slip.
    const { idempotency_key: _, ...alone } = good;
    assert.equal((await post(alone, key)).headers['idempotent-replayed'], 'true');
  });

  test('up to a thousand, gapless', async () => {
    const list = Array.from({ length: 1000 }, (_, i) => ({ idempotency_key: newKey(),
      ...inSlip([{ item: 'n95', quantity: 1 }], { business_date: '2021-01-01', note: `${i}` }) }));
    const { results } = (await many(list)).body;
    assert.deepEqual(results.map((r) => r.slip?.number),
      list.map((_, i) => `XT-RK-20210101-${String(i + 1).padStart(4, '0')}`));
    assert.deepEqual(results.map((r) => r.slip.note), list.map((s) => s.note));
    const again = await many(list);
    assert.deepEqual(again.body.results, results);
    refused(await many([...list, list[0]]), 422, 'validation_failed');
    refused(await many([]), 422, 'validation_failed');
  });
});

describe('races', () => {
  test('64 clients for the last unit: never below zero, never lost, numbers gapless', async () => {
    const other = await world.startAnother();
    await posted(inSlip([{ item: 'disposable-mask', quantity: 40 }]));
    const clients = Array.from({ length: 64 }, (_, i) => keeper.another(i % 2 ? other.url : world.url));
    const day = { business_date: '2020-05-05' };
    const answers = await Promise.all(clients.map((c) =>
      c.post(slips, outSlip([{ item: 'disposable-mask', quantity: 1 }], day), { key: newKey() })));
    clients.forEach((c) => c.close());
    const done = answers.filter((a) => a.status === 201);
    assert.equal(done.length, 40);
    for (const answer of answers.filter((a) => a.status !== 201)) refused(answer, 409, 'insufficient_stock');
    assert.equal(await onHand('disposable-mask'), 0);
    assert.deepEqual(done.map((a) => a.body.lines[0].balance_after).sort((a, b) => a - b), Array.from({ length: 40 }, (_, i) => i));
    assert.deepEqual(done.map((a) => Number(a.body.number.slice(-4))).sort((a, b) => a - b), Array.from({ length: 40 }, (_, i) => i + 1));
    await other.stop();
  });

  test('crossing slips of many lines over several processes do not wait for each other for ever', async () => {
    const other = await world.startAnother();
    const items = ['n95', 'glove', 'face-shield', 'hand-gel'];
    await posted(inSlip(items.map((item) => ({ item, quantity: 1000 }))));
    const clients = Array.from({ length: 16 }, (_, i) => keeper.another(i % 2 ? other.url : world.url));
    const answers = await Promise.all(clients.map(async (c, i) => {
      const statuses = [];
      for (let n = 0; n < 10; n += 1) {
        const lines = (i % 2 ? items : [...items].reverse()).map((item) => ({ item, quantity: 1 }));
        statuses.push((await c.post(slips, outSlip(lines), { key: newKey() })).status);
      }
      return statuses;
    }));
    clients.forEach((c) => c.close());
    assert.ok(answers.flat().every((s) => s === 201));
    await other.stop();
  });
});
