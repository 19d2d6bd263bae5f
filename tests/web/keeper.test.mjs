// What the storekeeper's pages reckon with, without a browser: numerals, codes, what will be taken.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, tempDir } from '../lib/process.mjs';

const web = join(root, 'service/web');
const { buildSync } = createRequire(join(web, 'package.json'))('esbuild');

async function load(path) {
  const outfile = join(tempDir(), `${path.replaceAll('/', '-')}.mjs`);
  buildSync({ entryPoints: [join(web, 'src', `${path}.ts`)], outfile, bundle: true, format: 'esm', logLevel: 'error' });
  return import(pathToFileURL(outfile));
}

const { capitals } = await load('print/slip-numerals');
const { readCode } = await load('outbox/codes');
const { foresee, onShelf, shelves, take } = await load('outbox/foresee');
const { cutDown, fromSlip, goodQuantity, quantityOf, toSlip } = await load('outbox/draft');
const { dayAt, offsetOf } = await load('outbox/day');
const { lastReceiver, recent, storesKept } = await load('outbox/people');

test('numbers in capitals', () => {
  const said = {
    0: '零', 5: '伍', 10: '壹拾', 12: '壹拾贰', 20: '贰拾', 100: '壹佰', 101: '壹佰零壹', 110: '壹佰壹拾', 1000: '壹仟',
    1001: '壹仟零壹', 1010: '壹仟零壹拾', 6789: '陆仟柒佰捌拾玖', 10000: '壹万', 10001: '壹万零壹', 10200: '壹万零贰佰',
    100230: '壹拾万零贰佰叁拾', 305000: '叁拾万伍仟', 20000000: '贰仟万', 100000000: '壹亿', 100000001: '壹亿零壹',
    100010000: '壹亿零壹万', 123456789: '壹亿贰仟叁佰肆拾伍万陆仟柒佰捌拾玖', 200000000000: '贰仟亿', 1000000000000: '壹万亿',
    1000000000000000: '壹仟万亿',
  };
  for (const [n, text] of Object.entries(said)) assert.equal(capitals(Number(n)), text);
});

test('no two numbers are written the same', () => {
  const seen = new Set();
  for (let n = 0; n < 30000; n++) seen.add(capitals(n));
  for (let n = 0; n < 1e12; n += 333_333_337) seen.add(capitals(n + 40000));
  assert.equal(seen.size, 30000 + Math.ceil(1e12 / 333_333_337));
});

test('codes', () => {
  const shelf = [{ item: 'n95', lots: [{ lot: 'N2609' }, { lot: 'X1' }] }, { item: 'glove', lots: [{ lot: 'G2209' }, { lot: 'X1' }, { lot: null }] }];
  const gtins = { '06901234567892': 'glove' };
  const means = (text, code) => assert.deepEqual(JSON.parse(JSON.stringify(readCode(text, shelf, gtins))), code, text);
  means('n95', { item: 'n95' });
  means(' N95\r\n', { item: 'n95' });
  means('n95:N 26:09', { item: 'n95', lot: 'N 26:09' });
  means('n95:', { item: 'n95' });
  means('G2209', { item: 'glove', lot: 'G2209' });
  means('X1', null); // of two items
  means('6901234567892', { item: 'glove', gtin: '06901234567892' });
  means('6901234567891', null); // its check digit is wrong
  means('4006381333931', { gtin: '04006381333931' });
  means('(01)06901234567892(10)L2209(17)261231', { item: 'glove', gtin: '06901234567892', lot: 'L2209', expires: '2026-12-31' });
  means(']C10106901234567892172612311020A\x1d21777', { item: 'glove', gtin: '06901234567892', lot: '20A', expires: '2026-12-31' });
  means('0106901234567892172702001' + '0AB', { item: 'glove', gtin: '06901234567892', lot: 'AB', expires: '2027-02-28' });
  means('(01)06901234567892(17)261331', { item: 'glove', gtin: '06901234567892' }); // no such month
  means('(01)06901234567892(17)270230', { item: 'glove', gtin: '06901234567892' });
  for (const text of ['', 'toString', '__proto__', '(', '(01)', '=cmd()', 'n96', '01069']) means(text, null);
});

const ledger = (item, lots, packs = []) => ({ item, lots, packs });
const lot = (name, expires, balance) => ({ lot: name, expires, balance });
const post = (kind, lines, more = {}) => ({ does: 'post', slip: { kind, reason: kind === 'in' ? 'purchase' : 'issue', lines, ...more } });
const waiting = (command) => ({ state: 'waiting', command });
const DAY = '2026-11-25';

test('first expired, first out; expired lots only as scrap; a named lot alone', () => {
  const on = () => shelves([ledger('n95', [lot('A', '2026-11-24', 5), lot('B', DAY, 10), lot('C', '2027-01-01', 10), lot(null, null, 3)])]);
  const taken = (wanted, scrap = false) => take(on(), { item: 'n95', ...wanted }, DAY, scrap);
  assert.deepEqual(taken({ quantity: 12 }), {
    lots: [{ lot: 'B', expires: DAY, quantity: 10 }, { lot: 'C', expires: '2027-01-01', quantity: 2 }], available: 23, expired: 5,
  });
  assert.deepEqual(taken({ quantity: 24 }), { lots: [], available: 23, expired: 5 });
  assert.equal(taken({ quantity: 28 }, true).lots.length, 4);
  assert.deepEqual(taken({ quantity: 3, lot: 'C' }).lots, [{ lot: 'C', expires: '2027-01-01', quantity: 3 }]);
  assert.deepEqual(taken({ quantity: 11, lot: 'C' }), { lots: [], available: 10, expired: 0 });
  assert.deepEqual(taken({ quantity: 1, lot: 'Z' }), { lots: [], available: 0, expired: 0 });
  assert.deepEqual(take(on(), { item: 'glove', quantity: 1 }, DAY, false), { lots: [], available: 0, expired: 0 });
});

test('what waits is reckoned in, in order, whole or not at all', () => {
  const levels = [ledger('n95', [lot('A', '2027-01-01', 10)], [{ name: '盒', quantity: 20 }]), ledger('glove', [lot(null, null, 4)])];
  const after = (...entries) => {
    const at = foresee(levels, 1000, entries, DAY);
    return [onShelf(at, 'n95'), onShelf(at, 'glove')];
  };
  assert.deepEqual(after(), [10, 4]);
  assert.deepEqual(after(waiting(post('out', [{ item: 'n95', quantity: 7 }, { item: 'glove', quantity: 5 }]))), [10, 4]);
  assert.deepEqual(after(waiting(post('out', [{ item: 'n95', quantity: 7 }])), waiting(post('out', [{ item: 'n95', quantity: 4 }]))), [3, 4]);
  assert.deepEqual(after(waiting(post('in', [{ item: 'n95', quantity: 1, pack: '盒' }])), waiting(post('out', [{ item: 'n95', quantity: 30 }]))), [0, 4]);
  assert.deepEqual(after({ ...waiting(post('out', [{ item: 'n95', quantity: 7 }])), state: 'refused' }), [10, 4]);
  const posted = (answered_at) => ({ state: 'posted', answered_at: new Date(answered_at).toISOString(), command: post('out', [{ item: 'n95', quantity: 1 }]) });
  assert.deepEqual(after(posted(500), posted(2000)), [9, 4]); // the levels know of the first
  const undo = (kind, quantity) => waiting({ does: 'reverse', slip: { kind, lines: [{ item: 'n95', quantity, lot: 'A', expires: '2027-01-01' }] } });
  assert.deepEqual(after(undo('out', 5)), [15, 4]);
  assert.deepEqual(after(undo('in', 5)), [5, 4]);
  assert.deepEqual(after(undo('in', 11)), [10, 4]);
});

test('goods come into the lot that the service will choose', () => {
  const at = foresee([ledger('n95', [lot('A', '2027-01-01', 1), lot(null, null, 1)])], 0, [
    waiting(post('in', [{ item: 'n95', quantity: 1, lot: 'A' }, { item: 'n95', quantity: 1 }, { item: 'n95', quantity: 1, lot: 'B', expires: '2026-12-01' }])),
  ], DAY);
  assert.deepEqual(at.get('n95').lots, [lot('B', '2026-12-01', 1), lot('A', '2027-01-01', 2), lot(null, null, 2)]);
});

test('quantities as they are typed', () => {
  assert.equal(quantityOf('１２'), 12);
  assert.equal(quantityOf(' 1,200 '), 1200);
  for (const typed of ['', '-1', '1.5', '1e3', '十']) assert.ok(Number.isNaN(quantityOf(typed)), typed);
  const good = (quantity, pack = 1) => goodQuantity({ quantity }, pack);
  assert.deepEqual([good('0'), good('1'), good('1000000000'), good('1000000001'), good('500001', 2000), good('')], [false, true, true, false, false, false]);
});

test('a slip goes into the form and comes out the same', () => {
  const slip = {
    kind: 'in', reason: 'donation', business_date: '2026-11-20', counterparty: '某公司', receiver: '', handler: '李四', document: 'D1', note: 'n',
    lines: [{ item: 'n95', quantity: 2, pack: '盒', lot: 'A', expires: '2027-01-01' }, { item: 'glove', quantity: 3 }],
  };
  assert.deepEqual(toSlip('in', fromSlip(slip), DAY), slip);
  assert.equal(toSlip('in', { ...fromSlip(slip), business_date: '' }, DAY).business_date, DAY);
  assert.deepEqual(cutDown(slip, 0, 30).lines[0], { ...slip.lines[0], quantity: 30, pack: undefined });
  assert.deepEqual(cutDown(slip, 0, 0).lines, [slip.lines[1]]);
});

test('days are the service’s', () => {
  const late = Date.parse('2026-11-24T20:00:00Z');
  assert.equal(dayAt(late, offsetOf('2026-01-01T00:00:00+08:00')), '2026-11-25');
  assert.equal(dayAt(late, offsetOf('2026-01-01T00:00:00.123456-05:30')), '2026-11-24');
});

test('people and places', () => {
  const slips = [
    { kind: 'out', reason: 'reversal', counterparty: '错', receiver: '错' },
    { kind: 'out', reason: 'issue', counterparty: '甲', receiver: '' },
    { kind: 'out', reason: 'issue', counterparty: '乙', receiver: '王' },
    { kind: 'out', reason: 'issue', counterparty: '甲', receiver: '张' },
    { kind: 'in', reason: 'purchase', counterparty: '公司', receiver: null },
  ];
  assert.deepEqual(recent(slips, 'out', 'counterparty', 9), ['甲', '乙']);
  assert.deepEqual(recent(slips, 'in', 'counterparty', 9), ['公司']);
  assert.equal(lastReceiver(slips, '甲'), '张');
  assert.equal(lastReceiver(slips, '丙'), '');
  const places = [{ code: 'top', parent: null }, { code: 'a', parent: 'top' }, { code: 'b', parent: 'top' }, { code: 'a1', parent: 'a' }];
  const stores = [{ code: 'S2', place: 'a1' }, { code: 'S1', place: 'b' }, { code: 'S0', place: 'a' }];
  const kept = (...roles) => storesKept(stores, places, roles.map(([role, place]) => ({ role, place }))).map((s) => s.code);
  assert.deepEqual(kept(['storekeeper', 'a'], ['coordinator', 'top']), ['S0', 'S2']);
  assert.deepEqual(kept(['coordinator', 'top']), []);
});
