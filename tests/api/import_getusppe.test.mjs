// Import of GetUsPPE's matches: each delivered row in and out again, in time order, reconciled with an
// independent sum of the file per ledger and per month, to the unit; and what a repetition does.
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createDatabase } from '../lib/cluster.mjs';
import { data, mapping, parseCsv, readBack, write, writable } from '../lib/files.mjs';
import { cli } from '../lib/service.mjs';
import { populate } from '../lib/world.mjs';

// As the data's README has them.
const LEDGERS = {
  surgical_mask: 'disposable-mask', three_ply_mask: 'disposable-mask', n95: 'n95', kn95: 'n95',
  nitrile_gloves: 'glove', face_shield: 'face-shield', gown: 'isolation-gown',
  coveralls: 'protective-suit', sanitizer: 'hand-gel',
};
const FURTHER = {
  cloth_mask: 'cloth-mask', disinfecting_wipes: 'disinfecting-wipe', disposable_booties: 'shoe-cover',
  surgical_cap: 'surgical-cap', safety_goggles: 'goggles', thermometer: 'thermometer',
  ear_saver: 'ear-saver', safety_glasses: 'safety-glasses', '2_way_radio': 'two-way-radio',
};

let db;
let file;
let rows;
let fates; // what the file holds of each

async function importFile(path, ...more) {
  const { code, stdout, stderr } = await cli(['import', 'slips', '--store', 'XT', '--mapping',
    mapping('getusppe'), '--create-items', '--json', ...more, path], { database: db });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

// What a whole database says of itself: nothing of it may change unnoticed.
const everything = () => db.sql(`
  SELECT (SELECT count(*) FROM event), (SELECT count(*) FROM refusal), (SELECT count(*) FROM item),
    (SELECT md5(string_agg(store_head::text, ';' ORDER BY store_id)) FROM store_head),
    (SELECT md5(string_agg(ledger::text, ';' ORDER BY store_id, item_id)) FROM ledger)`);

before(async () => {
  db = await createDatabase();
  await populate(db);
  file = data('getusppe/all_matches.csv');
  rows = parseCsv(readFileSync(file, 'utf8'));
  const delivered = rows.filter((row) => row.matchstatus === 'delivered');
  const posted = delivered.filter((row) => Number(row.qty) > 0).length;
  fates = { posted, rejected: delivered.length - posted, skipped: rows.length - delivered.length };
});

test('a dry run decides everything and changes nothing', async () => {
  const untouched = await everything();
  const report = await importFile(file, '--dry-run');
  assert.equal(report.read, rows.length);
  assert.equal(report.posted, fates.posted);
  assert.equal(report.rejected, fates.rejected);
  assert.equal(report.skipped, fates.skipped);
  assert.equal(report.slips, 2 * fates.posted);
  assert.equal(report.items_made, Object.keys(FURTHER).length);
  assert.equal(await everything(), untouched);
});

test('every row meets its fate, and the rejected say why', async () => {
  const rejects = writable('rejects.csv');
  const report = await importFile(file, '--rejects', rejects);
  assert.equal(report.read, rows.length);
  assert.equal(report.read, report.posted + report.rejected + report.skipped);
  assert.equal(report.posted, fates.posted);
  assert.equal(report.slips, 2 * fates.posted);
  const rejected = parseCsv(readBack(rejects));
  assert.equal(rejected.length, fates.rejected);
  for (const row of rejected) {
    assert.equal(row.reject_code, 'quantity_not_positive');
    assert.match(row.reject_reason_zh, /数量应大于零/);
    assert.match(row.reject_reason_en, /above zero/);
    const { reject_row: line, ...cells } = row;
    const original = rows[Number(line) - 2]; // the header is row 1
    for (const [name, cell] of Object.entries(original)) assert.equal(cells[name], cell);
  }
});

test('ledgers equal the sum of the file, per ledger and month', async () => {
  const sums = {};
  for (const row of rows.filter((r) => r.matchstatus === 'delivered' && Number(r.qty) > 0)) {
    const key = `${{ ...LEDGERS, ...FURTHER }[row.enumcode]} ${row.closedOrDelivered.slice(0, 7)}`;
    sums[key] = (sums[key] ?? 0) + Number(row.qty);
  }
  const posted = await db.rows(`
    SELECT item.code || ' ' || to_char(business_date, 'YYYY-MM') AS key,
      sum(quantity) FILTER (WHERE quantity > 0) AS came, -sum(quantity) FILTER (WHERE quantity < 0) AS went
    FROM entry JOIN item USING (item_id) GROUP BY 1`);
  assert.deepEqual(Object.fromEntries(posted.map((r) => [r.key, r.came])), sums);
  assert.deepEqual(Object.fromEntries(posted.map((r) => [r.key, r.went])), sums);
  assert.ok(Object.keys(sums).some((key) => key.startsWith('protective-suit 2021-')));
  assert.equal(await db.sql('SELECT sum(balance) FROM ledger'), '0');
});

test('in from the donor, out to the facility, in the order of time', async () => {
  const slips = await db.rows(`
    SELECT slip.kind, slip.reason, slip.counterparty, slip.document, slip.business_date,
      item.code AS item, abs(entry.quantity) AS quantity
    FROM slip JOIN entry USING (store_id, event_seq) JOIN item USING (item_id) ORDER BY event_seq`);
  const expected = rows.filter((r) => r.matchstatus === 'delivered' && Number(r.qty) > 0)
    .map((row, i) => [Date.parse(row.closedOrDelivered.replace(' UTC', 'Z').replace(' ', 'T')), i, row])
    .sort((a, b) => a[0] - b[0] || a[1] - b[1])
    .flatMap(([, , row]) => [['in', 'donation', row.donorkey], ['out', 'issue', row.facilitykey]]
      .map(([kind, reason, counterparty]) => ({
        kind, reason, counterparty, document: row.matchkey, business_date: row.closedOrDelivered.slice(0, 10),
        item: { ...LEDGERS, ...FURTHER }[row.enumcode], quantity: Number(row.qty),
      })));
  assert.deepEqual(slips, expected);
});

test('the same file again posts nothing, whatever it was saved as', async () => {
  const untouched = await everything();
  for (const path of [
    file,
    write('bom.csv', `\ufeff${readFileSync(file, 'utf8').replaceAll('\n', '\r\n')}`),
    write('semicolons.csv', readFileSync(file, 'utf8').replaceAll(',', ';')),
  ]) {
    for (const more of [[], ['--dry-run']]) {
      const report = await importFile(path, ...more);
      assert.equal(report.repeated, fates.posted);
      assert.equal(report.posted, 0);
      assert.equal(report.slips, 0);
      assert.equal(report.rejected, fates.rejected);
      assert.equal(await everything(), untouched);
    }
  }
});

test('of a file with rows appended only these are posted', async () => {
  const [, second] = readFileSync(file, 'utf8').split('\n');
  // One of them is the file's own second row again: another such delivery, not the same.
  const longer = write('longer.csv', `${readFileSync(file, 'utf8').trimEnd()}\n${second}\n${
    second.replace('sanitizer,80', 'kn95,7')}\n`);
  const report = await importFile(longer);
  assert.equal(report.read, rows.length + 2);
  assert.equal(report.repeated, fates.posted);
  assert.equal(report.posted, 2);
  assert.equal(report.slips, 4);
});

test('verify finds everything in order', async () => {
  const { code, stdout, stderr } = await cli(['verify'], { database: db });
  assert.equal(code, 0, stdout + stderr);
});
