// Lists as files: the same rows, whole, in constant memory, and visibly cut when they are cut.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import http from 'node:http';
import { once } from 'node:events';
import { newKey } from '../lib/client.mjs';
import { startCluster } from '../lib/cluster.mjs';
import { FREED_COUNTS_LITTLE, fillLog, resident } from '../lib/memory.mjs';
import { until } from '../lib/process.mjs';
import { startWorld } from '../lib/world.mjs';

const SLIPS = '/api/v1/stores/XT/slips';
const ENTRIES = '/api/v1/stores/XT/ledgers/n95/entries';
const POSTED = 4100; // several chunks

let world;
let keeper;
let auditor;

before(async () => {
  world = await startWorld({ env: FREED_COUNTS_LITTLE });
  [keeper, auditor] = await Promise.all(['keeper', 'auditor'].map((name) => world.client(name)));
  for (let done = 0; done < POSTED; done += 820) await postMany(820, done);
});
after(() => world.stop());

async function postMany(count, first) {
  const slips = Array.from({ length: count }, (_, i) => ({
    idempotency_key: newKey(), kind: 'in', reason: 'donation', counterparty: `捐赠方 ${(first + i) % 7}`,
    lines: [{ item: 'n95', quantity: first + i + 1 }, ...((first + i) % 5 ? [] : [{ item: 'glove', quantity: 1 }])],
  }));
  const answer = await keeper.post('/api/v1/stores/XT/slips/batch', { slips });
  assert.equal(answer.status, 200, answer.text);
  assert.ok(answer.body.results.every((result) => result.status === 201));
}

// The answer's bytes, headers and how it ended. onStart may keep it from being read for a while.
function download(client, path, { onStart = (answer) => answer.resume() } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.get(client.url + path, { headers: { Cookie: client.cookie }, agent: false }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('close', () => resolve({
        status: answer.statusCode, headers: answer.headers, whole: answer.complete, bytes: Buffer.concat(parts),
      }));
      answer.on('error', () => {}); // 'close' tells
      answer.pause();
      Promise.resolve(onStart(answer)).then(() => answer.resume(), reject);
    });
    request.on('error', reject);
  });
}

async function text(client, path) {
  const { status, whole, bytes } = await download(client, path);
  assert.equal(status, 200);
  assert.ok(whole);
  return bytes.toString();
}

const objects = async (client, path) => (await text(client, path)).trimEnd().split('\n').map((line) => JSON.parse(line));

async function allPages(client, path, query) {
  const rows = [];
  let cursor;
  do {
    const { body } = await client.get(path, { ...query, limit: 200, ...(cursor ? { cursor } : {}) });
    rows.push(...body.items);
    cursor = body.next_cursor;
  } while (cursor);
  return rows;
}

// RFC 4180, strictly.
function parseCsv(csv) {
  const rows = [];
  let row = [];
  let at = 0;
  while (at < csv.length) {
    const quoted = csv[at] === '"';
    const match = (quoted ? /"((?:[^"]|"")*)"/y : /([^",\r\n]*)/y);
    match.lastIndex = at;
    const found = match.exec(csv);
    row.push(quoted ? found[1].replaceAll('""', '"') : found[1]);
    at += found[0].length;
    if (csv[at] === ',') {
      at += 1;
    } else {
      assert.equal(csv.slice(at, at + 2), '\r\n', `at ${at}`);
      rows.push(row);
      row = [];
      at += 2;
    }
  }
  return rows;
}

test('NDJSON holds every row of the pages, an object a line, with the same filters and order', async () => {
  for (const [path, query] of [[ENTRIES, {}], [ENTRIES, { counterparty: '捐赠方 3', order: 'asc' }], [SLIPS, { item: 'glove' }]]) {
    const rows = await allPages(keeper, path, query);
    assert.deepEqual(await objects(keeper, `${path}.ndjson?${new URLSearchParams(query)}`), rows);
  }
  assert.equal((await objects(keeper, `${ENTRIES}.ndjson`)).length, POSTED);
});

test('CSV holds them with a header line and a byte order mark', async () => {
  const file = await download(keeper, `${ENTRIES}.csv`);
  assert.equal(file.headers['content-type'], 'text/csv; charset=utf-8');
  assert.equal(file.headers['content-disposition'], 'attachment; filename="XT-n95-entries.csv"');
  const csv = file.bytes.toString();
  assert.equal(csv[0], '\ufeff');
  const [header, ...rows] = parseCsv(csv.slice(1));
  const objects_ = await objects(keeper, `${ENTRIES}.ndjson`);
  assert.deepEqual(header, Object.keys(objects_[0]));
  assert.deepEqual(rows, objects_.map((o) => header.map((name) => String(o[name] ?? ''))));
});

test('a slip in a CSV is a row for each of its lines', async () => {
  const [header, ...rows] = parseCsv((await text(keeper, `${SLIPS}.csv?order=asc`)).slice(1));
  const slips = await objects(keeper, `${SLIPS}.ndjson?order=asc`);
  const expected = slips.flatMap((slip) => slip.lines.map((line) => ({ ...slip, ...line })));
  assert.deepEqual(rows, expected.map((o) => header.map((name) => String(o[name] ?? ''))));
  assert.ok(rows.length > slips.length);
  assert.ok(!header.includes('lines'));
  assert.deepEqual(header.slice(0, 3), ['number', 'store', 'kind']);
});

test('GB18030 has every character', async () => {
  const note = '冲销：㐀 𠀀 🧤 ñ\n第二行';
  const posted = await keeper.post(SLIPS, { kind: 'in', reason: 'donation', business_date: '2020-02-02', note,
    lines: [{ item: 'n95', quantity: 1 }] }, { key: newKey() });
  assert.equal(posted.status, 201);
  const path = `${SLIPS}.csv?to=2020-12-31`;
  const file = await download(keeper, `${path}&encoding=gb18030`);
  assert.equal(file.headers['content-type'], 'text/csv; charset=gb18030');
  const decoded = new TextDecoder('gb18030').decode(file.bytes);
  assert.equal(decoded, (await text(keeper, `${path}&encoding=utf-8`)).slice(1));
  const [header, row] = parseCsv(decoded);
  assert.equal(row[header.indexOf('note')], note);
});

test('what a spreadsheet would run or round is guarded', async () => {
  const odd = { counterparty: '=HYPERLINK("http://x")', receiver: '@张三', handler: '+86-351', document: '140181198001010012' };
  const posted = await keeper.post(SLIPS, { kind: 'in', reason: 'donation', business_date: '2019-01-01', ...odd,
    lines: [{ item: 'n95', quantity: 1 }] }, { key: newKey() });
  assert.equal(posted.status, 201);
  const query = 'from=2019-01-01&to=2019-01-01';
  const [header, row] = parseCsv((await text(keeper, `${SLIPS}.csv?${query}`)).slice(1));
  for (const [name, value] of Object.entries(odd)) assert.equal(row[header.indexOf(name)], `'${value}`);
  const [plain] = await objects(keeper, `${SLIPS}.ndjson?${query}`);
  for (const [name, value] of Object.entries(odd)) assert.equal(plain[name], value);
});

test('nothing to tell is a header, or nothing', async () => {
  assert.equal(await text(keeper, `${ENTRIES}.ndjson?to=1999-01-01`), '');
  const rows = parseCsv((await text(keeper, `${ENTRIES}.csv?to=1999-01-01`)).slice(1));
  assert.equal(rows.length, 1);
  assert.equal(rows[0][0], 'seq');
  assert.match(await text(keeper, `${SLIPS}.csv?to=1999-01-01`), /^\ufeffnumber,store,[a-z_,]*\r\n$/);
});

test('a file has no pages, and only lists are files', async () => {
  for (const [path, field] of [[`${SLIPS}.csv?limit=5`, 'limit'], [`${SLIPS}.ndjson?cursor=x`, 'cursor'],
    [`${SLIPS}.ndjson?encoding=utf-8`, 'encoding'], [`${SLIPS}.csv?encoding=utf-16`, 'encoding']]) {
    const answer = await keeper.get(path);
    assert.equal(answer.status, 422, path);
    assert.deepEqual(answer.body.errors.map((e) => e.field), [field]);
  }
  assert.equal((await keeper.get('/api/v1/items.csv')).status, 404);
  assert.equal((await keeper.get(`${SLIPS}.pdf`)).status, 404);
});

test('HEAD of a file says its type and no more', async () => {
  const answer = await keeper.request('HEAD', `${ENTRIES}.csv`);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['content-type'], 'text/csv; charset=utf-8');
  assert.equal(answer.text, '');
});

test('rows posted meanwhile neither repeat nor hide any', async () => {
  const before_ = (await objects(keeper, `${ENTRIES}.ndjson`)).map((e) => e.seq);
  const file = await download(keeper, `${ENTRIES}.ndjson`, { onStart: () => postMany(50, 9000) });
  const seqs = file.bytes.toString().trimEnd().split('\n').map((line) => JSON.parse(line).seq);
  assert.deepEqual(seqs.filter((seq) => seq <= before_[0]), before_);
  assert.equal(new Set(seqs).size, seqs.length);
});

// A log of some 130 MB as a file: far more than the sockets between hold.
const EVENTS = 6000;

// The service asks for no more of the log, as its client does not read: twice in a row the last question
// is the same one, or none is left to see as another one was asked on its connection since.
async function stalled(db) {
  let last = 'not looked yet';
  await until('the export waiting for its client', async () => {
    const [{ active, latest }] = await db.rows(`
      SELECT count(*) FILTER (WHERE state = 'active') AS active, max(query_start) AS latest FROM pg_stat_activity
      WHERE datname = current_database() AND query LIKE '-- The log of a store%'`, 'postgres');
    const same = active === 0 && latest === last;
    last = latest;
    return same;
  });
}

test('memory does not grow with the rows, nor with a client that does not read', async () => {
  await fillLog(world.db, EVENTS);
  const path = '/api/v1/stores/BT/events.ndjson';
  const small = await download(auditor, `${path}?from=2000-01-01&to=2000-01-01`);
  assert.equal(small.bytes.length, 0);
  const start = resident(world.service);
  let most = 0;
  const file = await download(auditor, path, {
    onStart: async () => {
      await stalled(world.db);
      most = resident(world.service);
    },
  });
  assert.ok(file.whole);
  assert.ok(file.bytes.length > 120e6, `${file.bytes.length} bytes`);
  assert.equal(file.bytes.toString('latin1').split('\n').length - 1, EVENTS);
  most = Math.max(most, resident(world.service));
  assert.ok(most - start < 25, `grew by ${most - start} MB`);
});

test('a client that leaves midway is forgotten', async () => {
  const path = '/api/v1/stores/BT/events.ndjson';
  for (let i = 0; i < 5; i++) {
    const request = http.get(world.url + path, { headers: { Cookie: auditor.cookie }, agent: false });
    const [answer] = await once(request, 'response');
    await once(answer, 'data');
    answer.destroy();
  }
  await until('no request in flight but ours', async () =>
    /^taizhang_http_requests_in_flight 1$/m.test((await auditor.get('/metrics')).text));
  assert.equal((await auditor.get('/api/v1/stores/BT/events', { limit: 1 })).status, 200);
});

test('a file that the database could not finish is cut off, not ended', async () => {
  const cluster = await startCluster();
  const own = await startWorld({ cluster });
  await fillLog(own.db, EVENTS);
  const client = await own.client('auditor');
  const path = '/api/v1/stores/BT/events.ndjson';
  const file = await download(client, path, {
    onStart: async () => {
      await stalled(own.db);
      await cluster.stop();
    },
  });
  assert.equal(file.status, 200);
  assert.equal(file.whole, false);
  assert.ok(file.bytes.length > 0);
  await cluster.start();
  await until('whole files again', async () => {
    const again = await download(client, path);
    return again.status === 200 && again.whole;
  });
  await own.stop();
  await cluster.stop();
});
