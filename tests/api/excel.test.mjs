// Lists as Excel files: the same rows, dates as dates, text as text, made beside the loop.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import http from 'node:http';
import { once } from 'node:events';
import { chmodSync, closeSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { newKey } from '../lib/client.mjs';
import { FREED_COUNTS_LITTLE, fillLog, resident } from '../lib/memory.mjs';
import { program, run, start, tempDir, until } from '../lib/process.mjs';
import { readXlsx } from '../lib/xlsx.mjs';
import { startWorld } from '../lib/world.mjs';

const SLIPS = '/api/v1/stores/XT/slips';
const ENTRIES = '/api/v1/stores/XT/ledgers/n95/entries';
const LOG = '/api/v1/stores/BT/events';
const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

let world;
let keeper;
let auditor;

before(async () => {
  world = await startWorld({ env: FREED_COUNTS_LITTLE });
  [keeper, auditor] = await Promise.all(['keeper', 'auditor'].map((name) => world.client(name)));
  await postMany(1000);
  await postMany(1000);
});
after(() => world.stop());

async function postMany(count) {
  const slips = Array.from({ length: count }, (_, i) => ({
    idempotency_key: newKey(), kind: 'in', reason: 'donation', counterparty: `捐赠方 ${i % 7}`,
    lines: [{ item: 'n95', quantity: i + 1, lot: `L${i % 3}`, expires: `2031-0${i % 9 + 1}-15` },
      ...(i % 5 ? [] : [{ item: 'glove', quantity: 1, pack: '盒' }])],
  }));
  const answer = await keeper.post(`${SLIPS}/batch`, { slips });
  assert.ok(answer.body.results.every((result) => result.status === 201), answer.text.slice(0, 300));
}

async function post(fields) {
  const answer = await keeper.post(SLIPS,
    { kind: 'in', reason: 'donation', lines: [{ item: 'n95', quantity: 1 }], ...fields }, { key: newKey() });
  assert.equal(answer.status, 201, answer.text);
}

// The answer as it comes: { status, headers, done: → { whole, bytes } }.
function begin(client, path) {
  return new Promise((resolve, reject) => {
    const request = http.get(client.url + path, { headers: { Cookie: client.cookie }, agent: false }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('error', () => {}); // 'close' tells
      const done = new Promise((ended) => {
        answer.on('close', () => ended({ whole: answer.complete, bytes: Buffer.concat(parts) }));
      });
      resolve({ status: answer.statusCode, headers: answer.headers, done, leave: () => request.destroy() });
    });
    request.on('error', reject);
  });
}

async function book(client, path) {
  const { status, done } = await begin(client, path);
  const { whole, bytes } = await done;
  assert.equal(status, 200, bytes.toString().slice(0, 300));
  assert.ok(whole);
  return readXlsx(bytes);
}

const objects = async (client, path) => (await client.get(path)).text.trimEnd().split('\n').filter(Boolean).map((line) => JSON.parse(line));

const DATES = ['business_date', 'expires'];
// What a cell should hold of a value.
function shown(name, value) {
  if (value === null || value === '') return null;
  if (DATES.includes(name)) return { date: value };
  if (/_at$|^at$/.test(name)) return { date: value.slice(0, 19).replace('T', ' ') };
  return typeof value === 'object' ? JSON.stringify(value) : value;
}

// Header cells are "业务日期 business date".
const named = (names) => (header) => {
  assert.equal(header.length, names.length);
  header.forEach((cell, i) => assert.ok(/^\p{Script=Han}/u.test(cell) && cell.endsWith(` ${names[i].replaceAll('_', ' ')}`), cell));
};
const padded = (row, length) => [...row, ...Array(length - row.length).fill(null)];

test('a list as a workbook: numbers, dates and times as such', async () => {
  const { status, headers, done } = await begin(keeper, `${ENTRIES}.xlsx`);
  assert.equal(status, 200);
  assert.equal(headers['content-type'], TYPE);
  assert.equal(headers['content-disposition'], 'attachment; filename="XT-n95-entries.xlsx"');
  const { whole, bytes } = await done;
  assert.ok(whole);
  const { sheets } = readXlsx(bytes);
  assert.equal(sheets.length, 1);
  const rows = await objects(keeper, `${ENTRIES}.ndjson`);
  const names = Object.keys(rows[0]);
  named(names)(sheets[0].rows[0]);
  assert.equal(rows.length, 2000);
  assert.deepEqual(sheets[0].rows.slice(1).map((row) => padded(row, names.length)),
    rows.map((row) => names.map((name) => shown(name, row[name]))));
  // The header stays in sight, and filters.
  assert.match(sheets[0].xml, /<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"\/>/);
  assert.ok(sheets[0].xml.includes('<autoFilter ref="A1:Q2001"/>'));
});

test('a slip is a row for each of its lines', async () => {
  const { sheets: [{ rows: [header, ...rows] }] } = await book(keeper, `${SLIPS}.xlsx?order=asc`);
  const slips = await objects(keeper, `${SLIPS}.ndjson?order=asc`);
  const names = Object.keys(slips[0]).flatMap((name) => (name === 'lines' ? Object.keys(slips[0].lines[0]) : [name]));
  named(names)(header);
  const expected = slips.flatMap((slip) => slip.lines.map((line) => names.map((name) => shown(name, { ...slip, ...line }[name]))));
  assert.ok(expected.length > slips.length);
  assert.deepEqual(rows.map((row) => padded(row, names.length)), expected);
});

test('every list, with the same filters', async () => {
  const coordinator = await world.client('coordinator');
  await coordinator.put('/api/v1/stores/XT/ledgers/hand-gel/thresholds', { normal: { minimum: 1, target: 2 }, emergency: null });
  for (const path of ['/api/v1/alerts', '/api/v1/events', '/api/v1/stock', '/api/v1/stores/XT/events', SLIPS, ENTRIES]) {
    const rows = await objects(auditor, `${path}.ndjson`);
    const { sheets: [sheet] } = await book(auditor, `${path}.xlsx`);
    assert.ok(rows.length > 0, path);
    for (const cell of sheet.rows[0]) assert.match(cell, /^\p{Script=Han}+ [a-z0-9 ]+$/u, path);
    if (path !== SLIPS) assert.equal(sheet.rows.length, rows.length + 1, path);
  }
  const query = 'counterparty=%E6%8D%90%E8%B5%A0%E6%96%B9+3&order=asc';
  const filtered = await objects(keeper, `${ENTRIES}.ndjson?${query}`);
  assert.ok(filtered.length > 100 && filtered.length < 2000);
  const { sheets: [sheet] } = await book(keeper, `${ENTRIES}.xlsx?${query}`);
  assert.deepEqual(sheet.rows.slice(1).map((row) => row[0]), filtered.map((row) => row.seq));
});

test('what people wrote is text, and nothing that runs', async () => {
  const odd = {
    counterparty: '=HYPERLINK("http://x","y")', receiver: '@SUM(A1:A9)', handler: '+86-351', document: '140181198001010012',
    note: ' <b>&amp;"\'_x0041_ \u202Eהפוך 🧤𠀀\n第二行 ',
  };
  await post({ ...odd, business_date: '2019-01-01' });
  const query = 'from=2019-01-01&to=2019-01-01';
  const { sheets: [{ rows: [header, row], xml }] } = await book(keeper, `${SLIPS}.xlsx?${query}`);
  const [slip] = await objects(keeper, `${SLIPS}.ndjson?${query}`);
  for (const name of Object.keys(odd)) assert.equal(row[header.findIndex((cell) => cell.endsWith(` ${name}`))], slip[name]);
  assert.equal(slip.counterparty, odd.counterparty);
  assert.ok(!/<f[ >]/.test(xml));
  assert.ok(xml.includes('_x005F_x0041_'));
});

test('nothing to tell is a header', async () => {
  const { sheets: [sheet] } = await book(keeper, `${SLIPS}.xlsx?to=1999-01-01`);
  assert.equal(sheet.rows.length, 1);
  assert.ok(sheet.rows[0].length > 20);
});

test('a workbook has no pages and one encoding, and only lists are workbooks', async () => {
  for (const field of ['limit', 'cursor', 'encoding', 'colour']) {
    const answer = await keeper.get(`${SLIPS}.xlsx`, { [field]: '5' });
    assert.equal(answer.status, 422);
    assert.deepEqual(answer.body.errors.map((e) => e.field), [field]);
  }
  assert.equal((await keeper.get('/api/v1/items.xlsx')).status, 404);
  assert.equal((await keeper.get('/api/v1/stores/XT/ledgers/none/entries.xlsx')).status, 404);
  const head = await keeper.request('HEAD', `${ENTRIES}.xlsx`);
  assert.equal(head.status, 200);
  assert.equal(head.headers['content-type'], TYPE);
  assert.equal(head.text, '');
});

// --- Large ones ---

const EVENTS = 3000; // 10 KB each: two files of them are more than memory may grow by

const childrenOf = ({ pid }) => readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ').filter(Boolean).map(Number);
const noChild = (service) => until('no child process', () => childrenOf(service).length === 0);

// An export whose child is held up, while it writes rows.
async function beginHeldUp(client, service) {
  const answer = await begin(client, `${LOG}.xlsx`);
  const [child] = childrenOf(service);
  await until('its first sheet', () => {
    try {
      return readlinkSync(`/proc/${child}/fd/4`).endsWith('(deleted)');
    } catch (error) {
      if (error.code === 'ENOENT') return false; // not open yet, or something else was for a moment
      throw error;
    }
  });
  process.kill(child, 'SIGSTOP');
  return { answer, child };
}

// The database has nothing more to do, and memory does not grow.
async function stalled({ db, service }) {
  let last;
  await until('the export waiting', async () => {
    const active = await db.sql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND usename = 'taizhang_service'", 'postgres');
    const now = `${active} ${resident(service)}`;
    const same = now === last && active === '0';
    last = now;
    return same;
  });
}

test('rows are fetched as fast as the file is made, and only so many files at once', async () => {
  await fillLog(world.db, EVENTS);
  await book(auditor, `${LOG}.xlsx?from=2000-01-01&to=2000-01-01`);
  const small = resident(world.service);
  const begun = [];
  for (let i = 0; i < 2; i++) {
    const answer = await begin(auditor, `${LOG}.xlsx`);
    assert.equal(answer.status, 200);
    begun.push(answer);
    for (const child of childrenOf(world.service)) process.kill(child, 'SIGSTOP');
  }
  const refused = await auditor.get(`${LOG}.xlsx`);
  assert.equal(refused.status, 503);
  assert.equal(refused.body.code, 'busy');
  assert.equal(refused.headers['content-disposition'], undefined);
  await stalled(world);
  assert.ok(resident(world.service) - small < 40, `grew by ${resident(world.service) - small} MB`);
  assert.equal((await auditor.get(LOG, { limit: 1 })).status, 200, 'nobody else waits');
  for (const child of childrenOf(world.service)) process.kill(child, 'SIGCONT');
  for (const { done } of begun) {
    const { whole, bytes } = await done;
    assert.ok(whole);
    const { sheets: [{ rows }] } = readXlsx(bytes);
    assert.equal(rows.length, EVENTS + 1);
    assert.deepEqual(rows.slice(1).map((row) => row[0]), Array.from({ length: EVENTS }, (_, i) => EVENTS - i));
  }
  assert.ok(resident(world.service) - small < 40, `grew by ${resident(world.service) - small} MB`);
  await noChild(world.service);
});

test('a client that leaves takes the work along', async () => {
  const { answer } = await beginHeldUp(auditor, world.service);
  answer.leave();
  await noChild(world.service);
  await book(keeper, `${SLIPS}.xlsx?to=1999-01-01`);
});

test('a file that could not be made is cut off, not ended', async () => {
  const { answer, child } = await beginHeldUp(auditor, world.service);
  process.kill(child, 'SIGKILL');
  assert.equal((await answer.done).whole, false);
  await noChild(world.service);
  assert.ok(await world.service.logged((line) => line.event === 'xlsx_failed'));
});

test('making one takes no longer than it may; files are left nowhere', async () => {
  const before_ = readdirSync(tempDir());
  const own = await world.startAnother({ settings: { xlsx_timeout: 4000, spool_directory: tempDir() } });
  const client = auditor.another(own.url);
  const { answer } = await beginHeldUp(client, own);
  assert.equal((await answer.done).whole, false);
  await noChild(own);
  const { sheets } = await book(client, `${ENTRIES}.xlsx`);
  assert.ok(sheets[0].rows.length > 2000);
  assert.deepEqual(readdirSync(tempDir()), before_);

  // Stopping does not leave a child behind.
  const last = await beginHeldUp(client, own);
  own.signal('SIGTERM');
  own.signal('SIGTERM');
  await own.exited;
  await until('the child gone with it', () => {
    try {
      return / Z /.test(readFileSync(`/proc/${last.child}/stat`, 'latin1')); // nobody's to bury
    } catch {
      return true;
    }
  });
  assert.equal((await last.answer.done).whole, false);
  client.close();
});

test('without a directory to make them in there is a problem, not a file', async () => {
  const own = await world.startAnother({ settings: { spool_directory: '/nonexistent' } });
  const client = keeper.another(own.url);
  const answer = await client.get(`${ENTRIES}.xlsx`);
  assert.equal(answer.status, 500);
  assert.equal(answer.body.code, 'internal');
  await own.logged((line) => line.event === 'xlsx_failed');
  client.close();
  await own.stop();
});

// --- The program that makes them ---

async function make(lines, { ended = true } = {}) {
  const path = join(tempDir(), `made-${newKey()}.xlsx`);
  const file = openSync(path, 'w+');
  chmodSync(path, 0o666); // it opens the file anew, as another user
  const child = start(program(), ['xlsx', tempDir()], { stdio: ['pipe', 'pipe', 'pipe', file] });
  child.stdin.on('error', () => {});
  for (const line of lines)
    if (!child.stdin.write(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`)) await once(child.stdin, 'drain');
  child.stdin.end(ended ? '\n' : '');
  const [code] = await once(child, 'close');
  closeSync(file);
  return { code, bytes: readFileSync(path) };
}

test('more rows than a sheet holds go on in the next', async () => {
  const HOLDS = 1048576 - 1;
  const rows = (function* generate() {
    yield ['seq', 'other'];
    for (let seq = 1; seq <= HOLDS + 3; seq++) yield `{"seq":${seq}}`;
  }());
  const { code, bytes } = await make(rows);
  assert.equal(code, 0);
  const { sheets } = readXlsx(bytes);
  assert.deepEqual(sheets.map((sheet) => sheet.rows.length), [HOLDS + 1, 1 + 3]);
  assert.deepEqual(sheets[1].rows, [['序号 seq', 'other'], [HOLDS + 1], [HOLDS + 2], [HOLDS + 3]]);
  assert.deepEqual(sheets[0].rows.at(-1), [HOLDS]);
  for (const { xml } of sheets) assert.match(xml, /state="frozen"/);
});

test('what a cell cannot hold', async () => {
  const long = '长'.repeat(32767);
  const { code, bytes } = await make([
    ['note', 'number', 'business_date', 'at', 'stores'],
    { note: long, number: 'BIG', business_date: '1899-12-31', at: 'yesterday', stores: true },
    { note: `${long}🧤`, number: -12, business_date: '2199-12-31', at: '2024-02-29T23:59:59.999999+08:00', stores: 1.5 },
    { note: '🧤'.repeat(20000), number: 9007199254740992, business_date: '2024-02-30', at: null, stores: ['a', { b: 1 }] },
    { note: '\uffff\ufffe\u0001\u000b_x0001_', number: null, business_date: '', at: '2024-02-29' },
  ].map((row) => JSON.stringify(row).replace('"BIG"', '9007199254740993'))); // more than JavaScript knows
  assert.equal(code, 0);
  const { sheets: [{ rows: [, first, second, third, fourth], xml }] } = readXlsx(bytes);
  assert.deepEqual(first, [long, '9007199254740993', '1899-12-31', 'yesterday', true]);
  assert.ok(second[0].startsWith('长长') && second[0].endsWith('cut: too long for a cell）'), 'says that it was cut');
  assert.ok(second[0].length <= 32767);
  assert.deepEqual(second.slice(1), [-12, { date: '2199-12-31' }, { date: '2024-03-01 00:00:00' }, 1.5]);
  assert.ok(third[0].length <= 32767 && third[0].startsWith('🧤🧤') && !/[\ud800-\udbff](?![\udc00-\udfff])/.test(third[0]));
  assert.deepEqual(third.slice(1), [9007199254740992, '2024-02-30', null, '["a",{"b":1}]']);
  assert.deepEqual(fourth, ['\ufffd\ufffd\u0001\u000b_x0001_', null, null, '2024-02-29']);
  assert.ok(!/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(xml), 'no character that XML has not');
});

test('rows that end early make no file', async () => {
  assert.equal((await make([['seq'], { seq: 1 }], { ended: false })).code, 1);
  assert.equal((await make([['seq'], '{"seq":'])).code, 1);
});

test('it is not for people', async () => {
  assert.ok(!/xlsx DIRECTORY/.test((await run(program(), ['--help'])).stdout));
  assert.equal((await run(program(), ['xlsx'])).code, 2);
});
