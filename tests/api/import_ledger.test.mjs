// Import of an ordinary ledger page (台账): its spellings, its merged cells, and its own balances,
// which are checked against the ledger's.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDatabase } from '../lib/cluster.mjs';
import { mapping, parseCsv, readBack, writable, write } from '../lib/files.mjs';
import { root, run } from '../lib/process.mjs';
import { cli } from '../lib/service.mjs';
import { populate } from '../lib/world.mjs';

const page = readFileSync(join(root, 'tests/data/taizhang.csv'));

async function newStore() {
  const db = await createDatabase();
  await populate(db);
  return db;
}

async function importFile(db, path, ...more) {
  // The page's 3 November has no year: the mapping of that book gives it.
  const book = write('book.json', JSON.stringify({ extends: mapping('taizhang-paper'), name: 'book-2022', dates: { year: 2022 } })
    .replace(mapping('taizhang-paper'), `../mappings/taizhang-paper.json`));
  const { code, stdout, stderr } = await cli(
    ['import', 'slips', '--store', 'XT', '--mapping', book, '--json', ...more, path], { database: db });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

const entries = (db) => db.rows(`
  SELECT item.name_zh AS item, slip.reason, slip.business_date AS date, quantity, pack_quantity, pack,
    balance_after AS balance, slip.receiver, slip.handler, slip.note
  FROM entry JOIN slip USING (store_id, event_seq) JOIN item USING (item_id) ORDER BY event_seq`);

async function gb18030(bytes) {
  const { code, stdout } = await run('sh', ['-c', 'iconv -f UTF-8 -t GB18030 | base64'], { input: bytes });
  assert.equal(code, 0);
  return Buffer.from(stdout, 'base64');
}

test('a page in GB18030 becomes slips, and balances that differ are reported', async () => {
  const db = await newStore();
  const rejects = writable('rejects.csv');
  const bytes = await gb18030(page);
  assert.ok(!bytes.equals(page));
  const report = await importFile(db, write('taizhang.csv', bytes), '--create-items', '--rejects', rejects);

  const of = (item, reason, date, quantity, balance, more) => ({
    item, reason, date, quantity, pack_quantity: null, pack: null, balance, receiver: '', handler: '李四', note: '', ...more });
  assert.deepEqual(await entries(db), [
    of('一次性口罩', 'opening', '2022-11-01', 1000, 1000, { note: '上年结转' }),
    of('一次性口罩', 'allocation', '2022-11-02', 1000, 2000, { pack_quantity: 20, pack: '盒', note: '50只/盒 区里拨付' }),
    of('一次性口罩', 'issue', '2022-11-03', -300, 1700, { receiver: '张三', note: '50只/盒' }),
    of('一次性口罩', 'issue', '2022-11-03', -1000, 700, { receiver: '王五', note: '50只/盒 第12微网格' }),
    of('N95口罩', 'donation', '2022-11-04', 100, 100, { note: '爱心企业捐赠' }),
    of('N95口罩', 'issue', '2022-11-05', -30, 70, { receiver: '张三' }),
    of('N95口罩', 'issue', '2022-11-06', -10, 60, { receiver: '张三' }),
    of('N95口罩', 'purchase', '2022-11-07', 20, 80),
    of('酒精', 'purchase', '2022-11-09', 2000, 2000, { note: '500ml' }),
    of('体温枪', 'purchase', '2022-11-11', 1, 1),
  ]);
  assert.deepEqual(report.differences, [
    { row: 9, item: 'n95', expected: 70, found: 80, carried: false },
    { row: 10, item: 'n95', expected: 60, found: 70, carried: true },
  ]);
  assert.equal(report.read, 13);
  assert.deepEqual([report.posted, report.rejected, report.skipped], [10, 2, 1]);
  assert.deepEqual(parseCsv(readBack(rejects).replace(/^\ufeff/, ''))
    .map((row) => [row['物资名称'], row.reject_row, row.reject_code]), [
    ['N95口罩', '13', 'insufficient_stock'], ['酒精', '15', 'unreadable_quantity']]);
});

test('a dry run finds the same differences and changes nothing', async () => {
  const db = await newStore();
  const path = write('taizhang.csv', page);
  const dry = await importFile(db, path, '--create-items', '--dry-run');
  assert.equal(await db.sql('SELECT count(*) FROM event'), '0');
  assert.equal(await db.sql('SELECT count(*) FROM refusal'), '0');
  const real = await importFile(db, path, '--create-items');
  assert.deepEqual({ ...dry, dry_run: false }, real);
  // What was posted is known again, and so are its differences.
  const again = await importFile(db, path, '--create-items', '--dry-run');
  assert.equal(again.repeated, real.posted - 1); // the opening row is a balance carried forward by now
  assert.equal(again.posted, 0);
  assert.deepEqual(again.differences, real.differences);
});

test('only with --create-items are items made', async () => {
  const db = await newStore();
  const items = await db.sql('SELECT count(*) FROM item');
  const report = await importFile(db, write('taizhang.csv', page));
  assert.equal(report.items_made, 0);
  assert.equal(await db.sql('SELECT count(*) FROM item'), items);
  assert.deepEqual(report.reasons.find((r) => r.code === 'item_missing')?.rows, 2);
});
