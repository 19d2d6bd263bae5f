// What an auditor checks of a store, by month: held against the slips and alerts themselves, summed up here
// in another way; as pages, files and a workbook.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { newKey } from '../lib/client.mjs';
import { readXlsx } from '../lib/xlsx.mjs';
import { startWorld } from '../lib/world.mjs';

const SLIPS = '/api/v1/stores/XT/slips';
const COMPLIANCE = '/api/v1/stores/XT/compliance';
const ITEMS = ['n95', 'glove', 'hand-gel'];
const CHECKS = ['slips', 'moved', 'adjustments', 'reversals', 'reversals_by', 'reversal', 'late_dates', 'no_document',
  'no_receiver', 'numbers', 'alerts', 'unacknowledged'];

let world;
let keeper;
let coordinator;
let auditor;

const ago = (days) => new Date(Date.now() - days * 86400e3 + 8 * 3600e3).toISOString().slice(0, 10);
const owner = (sql) => world.db.sql(`
  ALTER TABLE slip DISABLE TRIGGER slip_append_only; ${sql}; ALTER TABLE slip ENABLE TRIGGER slip_append_only`);
const slipWhere = (number) => {
  const [store, kind, date, serial] = number.split('-');
  return `store_id = (SELECT store_id FROM store WHERE code = '${store}') AND kind = '${kind === 'RK' ? 'in' : 'out'}'
    AND business_date = '${date}' AND serial = ${Number(serial)}`;
};

async function post(fields) {
  const answer = await keeper.post(SLIPS, fields, { key: newKey() });
  assert.equal(answer.status, 201, answer.text);
  return answer.body;
}

async function reverse(number) {
  const answer = await keeper.post(`${SLIPS}/${number}/reversal`, { note: '填错' }, { key: newKey() });
  assert.equal(answer.status, 201, answer.text);
  return answer.body;
}

// Slips of 70 days: with and without documents and receivers, on time and late, one line split over lots,
// some reversed; two alerts, one of them acknowledged.
before(async () => {
  world = await startWorld();
  [keeper, coordinator, auditor] = await Promise.all(['keeper', 'coordinator', 'auditor'].map((u) => world.client(u)));
  for (const item of ITEMS)
    await post({ kind: 'in', reason: 'opening', business_date: ago(70), lines: [
      { item, quantity: 10, lot: 'A' }, { item, quantity: 2000, lot: 'B' }] });
  const reasons = [['in', 'purchase'], ['in', 'donation'], ['in', 'allocation'], ['in', 'count_gain'], ['in', 'return'],
    ['out', 'issue'], ['out', 'scrap'], ['out', 'count_loss'], ['out', 'transfer'], ['out', 'issue']];
  const slips = Array.from({ length: 140 }, (_, i) => {
    const [kind, reason] = reasons[(i * 7) % reasons.length];
    return { idempotency_key: newKey(), kind, reason, business_date: ago(69 - (i % 70)),
      document: i % 3 ? `第${i}号` : '', receiver: i % 9 ? '张三' : '',
      lines: ITEMS.slice(i % 3).map((item) => ({ item, quantity: 1 + (i % 13) })) };
  });
  const { body } = await keeper.post(`${SLIPS}/batch`, { slips });
  assert.ok(body.results.every((r) => r.status === 201));
  // They were posted on their day, but for one of them in seven, eight days later.
  await owner(`UPDATE slip SET posted_at = business_date + time '09:00' + CASE WHEN event_seq % 7 = 0
    THEN interval '8 days' ELSE interval '0' END WHERE business_date < current_date - 8`);
  const numbers = body.results.map((r) => r.slip.number);
  for (const i of [2, 3, 12, 40, 41, 100]) await reverse(numbers[i]);
  await coordinator.put('/api/v1/stores/XT/ledgers/n95/thresholds', { normal: { minimum: 5000, target: 9000 }, emergency: null });
  await coordinator.put('/api/v1/stores/XT/ledgers/glove/thresholds', { normal: { minimum: 5000, target: 9000 }, emergency: null });
  const { body: { items: alerts } } = await coordinator.get('/api/v1/alerts', { status: 'open', item: 'n95' });
  await coordinator.post(`/api/v1/alerts/${alerts[0].id}/acknowledge`, { note: '已下单' });
  await world.db.sql(`UPDATE alert SET opened_at = acknowledged_at - interval '95 minutes', armed_at = acknowledged_at - interval '95 minutes' WHERE acknowledged_at IS NOT NULL`);
});
after(() => world.stop());

const all = async (query) => {
  const items = [];
  for (let cursor; ;) {
    const { status, body, text } = await auditor.get(COMPLIANCE, { limit: 200, ...query, ...(cursor ? { cursor } : {}) });
    assert.equal(status, 200, text);
    items.push(...body.items);
    if (!body.next_cursor) return items;
    cursor = body.next_cursor;
  }
};

// --- The same once more, from the slips and alerts as they are read ---

const given = (row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
function groups(list, ...of) { // those that agree in these, each as a list
  const map = new Map();
  for (const x of list) {
    const key = JSON.stringify(of.map((f) => f(x)));
    map.set(key, [...map.get(key) ?? [], x]);
  }
  return [...map.values()];
}
const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
const middle = (numbers) => [...numbers].sort((a, b) => a - b)[Math.ceil(numbers.length / 2) - 1];
const stretch = (minutes) => ({ ...(minutes.length ? { median: middle(minutes), longest: Math.max(...minutes) } : {}), measure: 'minutes' });
const minutes = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / 60e3);
const daysLate = (slip) => Math.round((Date.parse(slip.posted_at.slice(0, 10)) - Date.parse(slip.business_date)) / 86400e3);
const ADJUSTMENTS = ['count_gain', 'scrap', 'count_loss'];

async function expected({ from, to, patience = 1 }) {
  const read = async (path, query) => (await auditor.get(path, query)).text.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  const every = await read(`${SLIPS}.ndjson`, { order: 'asc' });
  const units = Object.fromEntries((await auditor.get('/api/v1/items')).body.items.map((i) => [i.code, i]));
  const slips = every.filter((s) => s.business_date >= from && s.business_date <= to);
  const alerts = (await read('/api/v1/alerts.ndjson', { order: 'asc', store: 'XT' }))
    .filter((a) => a.opened_at.slice(0, 10) >= from && a.opened_at.slice(0, 10) <= to);
  const rows = [];
  const first = every.reduce((a, s) => (s.business_date < a ? s.business_date : a), ago(0));
  const months = [];
  for (let d = new Date(`${(from > first ? from : first).slice(0, 7)}-01`); d.toISOString().slice(0, 10) <= (to < ago(0) ? to : ago(0)); d.setUTCMonth(d.getUTCMonth() + 1))
    months.push(d.toISOString().slice(0, 7));
  for (const month of months) {
    const add = (check, row) => rows.push(given({ month, check, ...row }));
    const own = slips.filter((s) => s.business_date.startsWith(month));
    for (const of of groups(own, (s) => s.kind, (s) => s.reason))
      add('slips', { kind: of[0].kind, reason: of[0].reason, count: of.length });
    const lines = own.flatMap((s) => s.lines.map((l) => ({ ...l, s })));
    for (const of of groups(lines, (l) => l.s.kind, (l) => l.s.reason, (l) => l.item)) {
      const { s: { kind, reason }, item } = of[0];
      const row = { kind, reason, item, count: new Set(of.map((l) => l.s.number)).size, quantity: sum(of.map((l) => l.quantity)),
        unit: units[item].unit, unit_en: units[item].unit_en };
      add('moved', row);
      if (ADJUSTMENTS.includes(reason)) add('adjustments', row);
    }
    const reversals = own.filter((s) => s.reverses)
      .map((s) => ({ s, took: minutes(every.find((r) => r.number === s.reverses).posted_at, s.posted_at) }));
    add('reversals', { reason: 'reversal', count: reversals.length, total: own.length, ...stretch(reversals.map((r) => r.took)) });
    for (const of of groups(reversals, (r) => r.s.posted_by))
      add('reversals_by', { reason: 'reversal', posted_by: of[0].s.posted_by, count: of.length, ...stretch(of.map((r) => r.took)) });
    for (const { s, took } of reversals)
      add('reversal', { kind: s.kind, reason: 'reversal', posted_by: s.posted_by, slip: s.number, reverses: s.reverses, count: 1, longest: took, measure: 'minutes' });
    const late = own.filter((s) => daysLate(s) > patience).sort((a, b) => daysLate(b) - daysLate(a) || a.event_seq - b.event_seq);
    add('late_dates', { count: late.length, total: own.length, measure: 'days', ok: !late.length,
      ...(late.length ? { longest: daysLate(late[0]), slip: late[0].number } : {}) });
    for (const [check, kind, reason, field] of [['no_document', 'in', 'purchase', 'document'], ['no_document', 'in', 'donation', 'document'],
      ['no_document', 'in', 'allocation', 'document'], ['no_receiver', 'out', 'issue', 'receiver']]) {
      const of = own.filter((s) => s.reason === reason);
      const lacking = of.filter((s) => s[field] === '' && !s.reversed_by);
      add(check, { kind, reason, count: lacking.length, total: of.length, ok: !lacking.length, ...(lacking.length ? { slip: lacking[0].number } : {}) });
    }
    for (const of of groups(own, (s) => s.kind)) {
      const numbers = of.map((s) => s.number).sort();
      add('numbers', { kind: of[0].kind, count: of.length, total: of.length, ok: true, slip: numbers[0], last_slip: numbers[numbers.length - 1] });
    }
    const opened = alerts.filter((a) => a.opened_at.startsWith(month));
    const acknowledged = (list) => list.filter((a) => a.acknowledged_at).map((a) => minutes(a.opened_at, a.acknowledged_at));
    for (const of of groups(opened, (a) => a.cause))
      add('alerts', { cause: of[0].cause, count: of.length, total: of.length, ...stretch(acknowledged(of)) });
    const never = opened.filter((a) => !a.acknowledged_at);
    add('unacknowledged', { count: never.length, total: opened.length, ok: !never.length });
  }
  return rows;
}

const sorted = (rows) => rows.map((row) => JSON.stringify(Object.entries(row).sort())).sort();
const assertSame = (rows, wanted) => assert.deepEqual(sorted(rows.map(given)), sorted(wanted));

test('every finding is as the slips and alerts say', async () => {
  const range = { from: ago(300), to: ago(0) };
  const rows = await all(range);
  const wanted = await expected(range);
  assertSame(rows, wanted);
  for (const check of CHECKS) assert.ok(rows.some((r) => r.check === check && r.count > 0), `there is ${check}`);
  for (const check of ['late_dates', 'no_document', 'no_receiver', 'unacknowledged'])
    assert.ok(rows.some((r) => r.check === check && !r.ok), `${check} says ▲`);
  assert.ok(rows.some((r) => r.check === 'alerts' && r.longest === 95 && r.median === 95));
  assert.ok(rows.some((r) => r.check === 'late_dates' && r.longest === 8));
  const place = (r) => `${r.month} ${String(CHECKS.indexOf(r.check)).padStart(2)}`;
  assert.deepEqual(rows.map(place), rows.map(place).sort());
});

test('a range cuts through months; patience says what is late', async () => {
  for (const range of [{ from: ago(50), to: ago(20) }, { from: ago(33), to: ago(33) }, { from: ago(300), to: ago(200) }])
    assertSame(await all(range), await expected(range));
  const rows = await all({ from: ago(60), to: ago(10), late_days: '14' });
  assertSame(rows, await expected({ from: ago(60), to: ago(10), patience: 14 }));
  assert.ok(rows.filter((r) => r.check === 'late_dates').every((r) => r.ok));
  const months = new Set((await all({})).map((r) => r.month));
  assert.equal(months.size, 3, 'three months where no day is given');
});

test('pages, CSV, NDJSON and Excel hold the same rows', async () => {
  const query = { from: ago(300), to: ago(0) };
  const rows = await all(query);
  assert.deepEqual(await all({ ...query, limit: 60 }), rows);
  const lines = (await auditor.get(`${COMPLIANCE}.ndjson`, query)).text.trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(lines, rows);
  const csv = (await auditor.get(`${COMPLIANCE}.csv`, query)).text.trim().split(/\r?\n/);
  assert.equal(csv.length, rows.length + 1);
  assert.match(csv[0], /^\ufeff?month,check,kind,reason,item,/);
  const book = await fetch(`${world.url}${COMPLIANCE}.xlsx?${new URLSearchParams(query)}`, { headers: { Cookie: auditor.cookie } });
  assert.match(book.headers.get('content-disposition'), /"XT-compliance\.xlsx"/);
  const [names, ...cells] = readXlsx(Buffer.from(await book.arrayBuffer())).sheets[0].rows.slice(-rows.length - 1);
  assert.deepEqual(names.slice(0, 4).map((name) => name.split(/\s/)[0]), ['月份', '检查项', '出入库', '事由']);
  assert.deepEqual(cells.map((row) => Object.keys(rows[0]).map((_, i) => row[i] ?? null)), rows.map((row) => Object.values(row)));
});

test('an auditor of the store may, nobody else; what is asked wrongly is refused', async () => {
  assert.equal((await keeper.get(COMPLIANCE)).status, 403);
  assert.equal((await coordinator.get(COMPLIANCE)).status, 403);
  assert.equal((await (await world.client('stranger')).get(COMPLIANCE)).status, 404);
  assert.equal((await auditor.get(COMPLIANCE, { late_days: '4' })).status, 422);
  assert.equal((await auditor.get(COMPLIANCE, { from: '2026-01' })).status, 422);
  assert.deepEqual(await all({ from: ago(-40), to: ago(-80) }), [], 'nothing is said of what is to come');
});

test('a number that is gone shows', async () => {
  const second = await post({ kind: 'in', reason: 'purchase', lines: [{ item: 'n95', quantity: 1 }] });
  await owner(`DELETE FROM slip WHERE ${slipWhere(second.number)}`);
  const [row] = (await all({ from: ago(0), to: ago(0) })).filter((r) => r.check === 'numbers' && r.kind === 'in');
  assert.equal(row.ok, false);
  assert.equal(row.total, row.count + 1);
  assert.equal(row.last_slip, second.number);
});
