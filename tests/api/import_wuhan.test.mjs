// Import of the Wuhan Red Cross's receipts, then issues: free names and packs of told and untold
// content. Every row read is posted or rejected with a reason, and the ledgers equal an independent
// sum of the posted rows.
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createDatabase } from '../lib/cluster.mjs';
import { data, mapping, parseCsv, readBack, writable } from '../lib/files.mjs';
import { cli } from '../lib/service.mjs';
import { populate } from '../lib/world.mjs';

const SOURCES = { receipts: (row) => `${row.sheet}-${row.row}`, issues: (row) => `${row.source}-${row.row}` };
const STANDING = ['disposable-mask', 'n95', 'glove', 'face-shield', 'isolation-gown', 'protective-suit',
  'hand-gel', 'goggles'];

let db;
const rows = {};
const reports = {};
const rejected = {};
let slips; // by document

async function importFile(what, ...more) {
  const { code, stdout, stderr } = await cli(['import', 'slips', '--store', 'XT', '--mapping',
    mapping(`wuhan-redcross-${what}`), '--create-items', '--json', ...more,
    data(`wuhan-redcross/${what}.csv`)], { database: db });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

before(async () => {
  db = await createDatabase();
  await populate(db);
  for (const what of ['receipts', 'issues']) {
    const rejects = writable('rejects.csv');
    rows[what] = parseCsv(readFileSync(data(`wuhan-redcross/${what}.csv`), 'utf8'));
    reports[what] = await importFile(what, '--rejects', rejects);
    rejected[what] = parseCsv(readBack(rejects));
  }
  slips = new Map((await db.rows(`
    SELECT slip.document, slip.kind, slip.counterparty, slip.business_date, item.code AS item,
      sum(entry.quantity) AS quantity, count(*) AS lines
    FROM slip JOIN entry USING (store_id, event_seq) JOIN item USING (item_id)
    GROUP BY slip.store_id, slip.event_seq, item.code`)).map((slip) => [slip.document, slip]));
});

const postedRows = (what) => {
  const lines = new Set(rejected[what].map((row) => Number(row.reject_row)));
  return rows[what].filter((row, i) => !lines.has(i + 2));
};

test('rows read = rows posted + rows rejected, each posted row by one slip', () => {
  for (const what of ['receipts', 'issues']) {
    const report = reports[what];
    assert.equal(report.read, rows[what].length);
    assert.equal(report.read, report.posted + report.rejected);
    assert.equal(report.rejected, rejected[what].length);
    assert.equal(report.slips, report.posted);
    for (const row of postedRows(what)) {
      const slip = slips.get(SOURCES[what](row));
      assert.equal(slip?.kind, what === 'receipts' ? 'in' : 'out', JSON.stringify(row));
      assert.equal(slip.counterparty, row.donor ?? row.recipient);
      assert.equal(slip.business_date, row.date);
    }
  }
  assert.equal(slips.size, reports.receipts.posted + reports.issues.posted);
});

test('every rejected row stands as it was, with its reason in both languages', () => {
  for (const what of ['receipts', 'issues'])
    for (const row of rejected[what]) {
      const original = rows[what][Number(row.reject_row) - 2];
      for (const [name, cell] of Object.entries(original)) assert.equal(row[name], cell);
      assert.match(row.reject_code, /^[a-z_]+$/);
      assert.match(row.reject_reason_zh, /\p{Script=Han}.*。/u);
      assert.match(row.reject_reason_en, /^[A-Z].*\.$/);
    }
});

test('the cumulative block, which repeats daily rows, is not counted twice', () => {
  const block = rows.receipts.filter((row) => row.date_raw.startsWith('截至'));
  assert.ok(block.length > 200);
  for (const row of block) assert.equal(slips.get(SOURCES.receipts(row)), undefined);
  const reasons = rejected.receipts.filter((row) => row.reject_code === 'cumulative');
  assert.equal(reasons.length, block.length);
  // All but a handful of the other receipts are posted.
  assert.ok(reports.receipts.rejected - block.length < 50, `${reports.receipts.rejected}`);
});

// How many pieces a row holds, told by its own words: by another way than the mapping's expressions.
function pieces(row, item) {
  const count = Number(row.qty);
  const base = { glove: /^[双副付]$/, 'hand-gel': /^瓶$/, 'protective-suit': /^[套只]$/, 'isolation-gown': /^[套只]$/ };
  const single = item === 'glove' && /^[只个支片]$/;
  if ((base[item] ?? /^[只个支片枚副]$/).test(row.unit)) return count;
  if (single && single.test(row.unit)) return count / 2;
  const told = /\d\s*[只个支片枚双副付套件][/*]|\d[*]\d+[只套]|\d[盒包袋][/].*\d支|\d[/][箱件]|^\d+[只个套副付]$/;
  const text = told.test(row.spec) ? row.spec : row.item;
  const inner = /^[盒包袋]$/.test(row.unit) ? /(\d+)(?=[只个支片双套件]\/[盒包袋])/g
    : /(\d+)(?=\s*[只个支片枚双副付套件盒包袋合]|\*|\/[箱件])/g;
  const numbers = [...text.matchAll(inner)].map(([n]) => Number(n));
  assert.ok(numbers.length > 0, JSON.stringify(row));
  const content = numbers.reduce((a, b) => a * b, 1);
  return count * (item === 'glove' && !/[双副付]/.test(text) ? content / 2 : content);
}

test('ledgers equal the sum of the posted rows', async () => {
  const sums = {};
  for (const [what, sign] of [['receipts', 1], ['issues', -1]])
    for (const row of postedRows(what)) {
      const slip = slips.get(SOURCES[what](row));
      const quantity = sign * (STANDING.includes(slip.item) ? pieces(row, slip.item) : Number(row.qty));
      assert.equal(slip.quantity, quantity, `${slip.item}: ${JSON.stringify(row)}`);
      sums[slip.item] = (sums[slip.item] ?? 0) + quantity;
    }
  const ledgers = await db.rows(`
    SELECT item.code, ledger.balance FROM ledger JOIN item USING (item_id) WHERE entry_seq > 0`);
  assert.deepEqual(Object.fromEntries(ledgers.map((l) => [l.code, l.balance])), sums);
  for (const item of STANDING) assert.ok(sums[item] > 0, item);
});

test('names find their items', () => {
  const item = (what, name, unit, spec = '') => new Set(postedRows(what)
    .filter((row) => row.item === name && row.unit === unit && row.spec === spec)
    .map((row) => slips.get(SOURCES[what](row)).item));
  const is = (set, ...codes) => assert.deepEqual([...set], codes);
  is(item('receipts', '口罩', '只'), 'disposable-mask');
  is(item('receipts', '口罩', '箱'), 'disposable-mask-carton');
  is(item('receipts', '口罩', '箱', '2000个/箱'), 'disposable-mask');
  is(item('receipts', '口罩', '件', 'KN95'), 'n95-case');
  is(item('receipts', 'KN95口罩', '只'), 'n95');
  is(item('receipts', '医用丁腈检查手套', '件', 'M,1000只/件'), 'glove');
  is(item('receipts', '防护服', '箱', '20套/箱'), 'protective-suit');
  is(item('receipts', '医用隔离衣', '箱', '50件/箱'), 'isolation-gown');
  is(item('receipts', '防护面屏', '件', '20只/件'), 'face-shield');
  is(item('receipts', '免洗手消毒液', '瓶', '500ml'), 'hand-gel');
  is(item('receipts', '护目镜', '箱', '200个/箱'), 'goggles');
  assert.match([...item('receipts', '一次性输氧面罩', '箱')].join(), /^wuhan-[0-9a-f]{10}$/);
});

test('other supplies are items of the category that suits them', async () => {
  const categories = Object.fromEntries((await db.rows(
    "SELECT name_zh, category FROM item WHERE code LIKE 'wuhan-%'")).map((r) => [r.name_zh, r.category]));
  assert.equal(categories['75%乙醇消毒液（件）'], 'disinfection');
  assert.equal(categories['医用帽子（箱）'], 'protection');
  assert.equal(categories['红外体温计（箱）'], 'testing');
  assert.equal(categories['军用被子（件）'], 'isolation');
});

test('what was not there to issue is rejected, and nothing went below zero', async () => {
  const uncovered = rejected.issues.filter((row) => row.reject_code === 'insufficient_stock');
  assert.ok(uncovered.length > 100);
  for (const row of uncovered) assert.match(row.reject_reason_en, / (\d+) < (\d+)\. /);
  assert.equal(await db.sql('SELECT count(*) FROM entry WHERE balance_after < 0'), '0');
});

test('both files again post nothing', async () => {
  const before = await db.sql('SELECT count(*), max(seq) FROM event');
  for (const what of ['receipts', 'issues']) {
    const report = await importFile(what);
    assert.equal(report.posted, 0);
    assert.equal(report.repeated, reports[what].posted);
    assert.equal(report.rejected, reports[what].rejected);
  }
  assert.equal(await db.sql('SELECT count(*), max(seq) FROM event'), before);
});

test('verify finds everything in order', async () => {
  const { code, stdout, stderr } = await cli(['verify'], { database: db });
  assert.equal(code, 0, stdout + stderr);
});
