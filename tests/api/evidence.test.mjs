// The evidence file over HTTP and from the command line: what is in it, its ranges, and that it is made
// and read in constant memory.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { assertFault, changed, exportEvidence, members, save, verifyEvidence } from '../lib/evidence.mjs';
import { newKey } from '../lib/client.mjs';
import { FREED_COUNTS_LITTLE, UNPRESSABLE, fillLog, resident } from '../lib/memory.mjs';
import { program, until } from '../lib/process.mjs';
import { cli } from '../lib/service.mjs';
import { startWorld } from '../lib/world.mjs';

const SLIPS = '/api/v1/stores/XT/slips';
const EVIDENCE = '/api/v1/stores/XT/evidence';
const BATCH = 250;

let world;
let keeper;
let auditor;

before(async () => {
  world = await startWorld({ env: FREED_COUNTS_LITTLE });
  [keeper, auditor] = await Promise.all(['keeper', 'auditor'].map((name) => world.client(name)));
});
after(() => world.stop());

// So many slips: in, and out again over all the lots there are.
async function post(count) {
  for (let done = 0; done < count; done += BATCH) {
    const slips = Array.from({ length: Math.min(BATCH, count - done) }, (_, i) => (i % 2
      ? { kind: 'out', reason: 'issue', receiver: `张三 ${i}`, lines: [{ item: 'n95', quantity: 3 }] }
      : { kind: 'in', reason: 'donation', counterparty: `"某"公司,${i}`, note: '=1\n2', document: '140181198001010012',
        lines: [{ item: 'n95', quantity: 4, lot: `L${i}`, expires: '2099-01-31' }, { item: 'glove', quantity: 1, pack: '盒' }] }))
      .map((slip) => ({ idempotency_key: newKey(), ...slip }));
    const answer = await keeper.post(`${SLIPS}/batch`, { slips });
    assert.ok(answer.body.results.every((result) => result.status === 201), answer.text);
  }
}

// The file as it came, and what it cost; hold: what happens while nothing of it is read.
function download(query = '', { client = auditor, path = EVIDENCE, hold = async () => {} } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.get(`${client.url}${path}${query}`, { headers: { Cookie: client.cookie }, agent: false }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('close', () => {
        const bytes = Buffer.concat(parts);
        resolve({ status: answer.statusCode, headers: answer.headers, whole: answer.complete, bytes, file: save(bytes) });
      });
      answer.on('error', () => {}); // 'close' tells
      answer.pause();
      hold().then(() => answer.resume(), reject);
    });
    request.on('error', reject);
  });
}

async function proved(file, ...args) {
  const { code, stdout, stderr } = await verifyEvidence(file, ...args);
  assert.equal(code, 0, stdout + stderr);
  return stdout;
}

const verifier = async () => (await cli(['key', 'show', 'XT'])).stdout.trim();

test('a log of nothing is proved, too', async () => {
  const { status, file } = await download('', { path: '/api/v1/stores/BT/evidence' });
  assert.equal(status, 200);
  assert.match(await proved(file), /no events in this range \(before #1; 0 events/);
});

test('it holds the log byte for byte, its tables for Excel, and all it takes to check it', async () => {
  await post(20);
  const { status, headers, whole, file } = await download();
  assert.equal(status, 200);
  assert.ok(whole);
  assert.equal(headers['content-type'], 'application/zip');
  assert.equal(headers['content-disposition'], 'attachment; filename="XT-evidence.zip"');
  const files = members(file);
  assert.deepEqual(Object.keys(files), ['README.txt', 'checkpoint.txt', 'keys.txt', 'proof.json',
    'events.ndjson', 'leaves.txt', 'slips.csv', 'entries.csv']);
  const [readme, checkpoint, , , events, , slips, entries] = Object.values(files).map(String);
  assert.match(readme, /台账证据文件 .*\r\n.*XT/);
  assert.match(readme, /taizhang verify --evidence/);
  assert.match(checkpoint, /^test\.invalid\/XT\n\d+\n[A-Za-z0-9+/]{43}=\n\n— test\.invalid\/XT /);
  const records = await world.db.rows('SELECT record FROM event WHERE store_id = 1 ORDER BY seq');
  assert.equal(events, records.map(({ record }) => `${record}\n`).join(''));
  assert.ok(slips.startsWith('\ufeffevent_seq,number,store,kind,reason,business_date,'));
  assert.equal(slips.match(/\r\n/g).length, 21);
  assert.match(slips, /,"""某""公司,0",,,'140181198001010012,"'=1\n2",20\d\d-/);
  assert.match(entries, /^1,XT-RK-\d{8}-0001,0,20\d\d-\d\d-\d\d,in,n95,1,4,0,4,L0,2099-01-31,,\r$/m);
  assert.match(entries, /^1,XT-RK-\d{8}-0001,1,20\d\d-\d\d-\d\d,in,glove,1,50,0,50,,,1,盒\r$/m);

  const stdout = await proved(file);
  assert.match(stdout, /^ {2}ok +20 单据 slips/m);
  assert.match(stdout, new RegExp(`events #1–#${records.length} .* with 20 slips and \\d+ entries in 2`));
  assert.match(stdout, /anybody can make one/);
  assert.ok(stdout.includes(await verifier()), stdout);
  const byHand = members(await exportEvidence(world.db, '--store', 'XT'));
  for (const name of Object.keys(files)) assert.ok(byHand[name].equals(files[name]), name);
});

test('only the key that is trusted will do, or one that hangs together with it', async () => {
  const { file } = await download();
  const trusted = await verifier();
  assert.match(await proved(file, '--key', trusted), /Signed by the key you gave/);
  assert.match(await proved(file, '--key', (await cli(['key', 'show'])).stdout.trim()), /Signed by the key you gave/);
  const other = (await cli(['key', 'new', save('x') + '.pem'], { settings: { log_name: 'test.invalid' } })).stdout.trim();
  assertFault(await verifyEvidence(file, '--key', other), 'is signed by the key', /neither signed by the given key/);
  const elsewhere = (await cli(['key', 'show'], { settings: { log_name: 'elsewhere.invalid' } })).stdout.trim();
  assertFault(await verifyEvidence(file, '--key', elsewhere), 'is signed by the key', /the log's name .*test\.invalid\/XT; .*elsewhere/);
  const nonsense = await verifyEvidence(file, '--key', 'nonsense');
  assert.equal(nonsense.code, 1);
  assert.match(nonsense.stdout, /is not a verifier key/);

  const next = save('x') + '.pem';
  const rotated = await cli(['key', 'rotate', next], { database: world.db });
  assert.equal(rotated.code, 0, rotated.stderr);
  const path = save('');
  const made = await cli(['export', 'evidence', '--store', 'XT', '--output', path], { database: world.db, settings: { signing_key: next } });
  assert.equal(made.code, 0, made.stderr);
  assert.match(await proved(path, '--key', trusted), /Signed by the key you gave, or by one that goes with it/);
  assert.match(await proved(path, '--since', file), /events of the older checkpoint are in it unchanged/);
  const without = changed(path, { 'keys.txt': (text) => text.replace(/-----BEGIN[^]*?END ENDORSEMENT-----\n/, '') });
  assertFault(await verifyEvidence(without, '--key', trusted), 'is signed by the key', /neither signed by the given key/);
  assertFault(await verifyEvidence(without, '--since', file), 'is signed by the key', /older checkpoint's key/);
});

test('a part of the log is proved as a part, and as going on from an older checkpoint', async () => {
  const old = save(members((await download()).file)['checkpoint.txt']);
  const size = Number(readFileSync(old, 'utf8').split('\n')[1]);
  await post(10);
  // The days by which the range is looked for are a column's; the records stay what they are.
  await world.db.sql(`SET session_replication_role = replica;
    UPDATE event SET at = at - interval '3 days' WHERE store_id = 1 AND seq <= 7;
    UPDATE event SET at = at + interval '3 days' WHERE store_id = 1 AND seq > ${size} + 4`, 'postgres');
  const day = (ahead) => new Date(Date.now() + 8 * 3600e3 + ahead * 86400e3).toISOString().slice(0, 10);
  const middle = await download(`?from=${day(-1)}&to=${day(1)}`);
  const stdout = await proved(middle.file);
  assert.match(stdout, new RegExp(`events #8–#${size + 4} `));
  assert.match(stdout, /opening balances and first numbers are taken/);
  assert.match(await proved(middle.file, '--since', old), new RegExp(`The ${size} events of the older checkpoint are in it`));
  for (const name of ['events.ndjson', 'slips.csv', 'entries.csv'])
    assertFault(await verifyEvidence(changed(middle.file, { [name]: (text) => text.replace('"quantity":3', '"quantity":2').replace(',0,3,', ',0,2,').replace('张三', '李四') })),
      name === 'events.ndjson' ? 'leaf hashes' : name, /./);

  const late = await download(`?from=${day(2)}`);
  const untold = await verifyEvidence(late.file, '--since', old);
  assert.equal(untold.code, 1, untold.stdout);
  assert.match(untold.stdout, new RegExp(`Ask for one with since=${size}\\.`));
  const reaching = await download(`?from=${day(2)}&since=${size}`);
  assert.match(await proved(reaching.file, '--since', old), /in it unchanged/);
  const forged = changed(reaching.file, { 'proof.json': (text) => text.replace(/("path":\[")(.)/, (_, a, b) => a + (b === '0' ? '1' : '0')) });
  assertFault(await verifyEvidence(forged, '--since', old), 'the older checkpoint is contained', /not the beginning of today's log/);

  for (const query of [`?to=${day(-9)}`, `?from=${day(9)}`, `?from=${day(9)}&to=${day(-9)}`])
    assert.match(await proved((await download(query)).file), /no events in this range/);
  await world.db.sql(`SET session_replication_role = replica;
    UPDATE event SET at = (record::json->>'at')::timestamptz WHERE store_id = 1`, 'postgres');
});

test('only auditors get it, and only what makes sense', async () => {
  for (const [client, status] of [[keeper, 403], [await world.client('stranger'), 404]])
    assert.equal((await client.get(EVIDENCE)).status, status);
  for (const [query, field] of [['from=x', 'from'], ['to=2022-02-30', 'to'], ['since=x', 'since'], ['since=-1', 'since'],
    ['since=99999999', 'since'], ['limit=5', 'limit']]) {
    const answer = await auditor.get(`${EVIDENCE}?${query}`);
    assert.equal(answer.status, 422, query);
    assert.deepEqual(answer.body.errors.map((e) => e.field), [field]);
  }
  const head = await auditor.request('HEAD', EVIDENCE);
  assert.equal(head.status, 200);
  assert.equal(head.headers['content-type'], 'application/zip');
  const unsigned = await cli(['export', 'evidence', '--store', 'XT', '--output', save('')], { database: world.db, settings: { signing_key: '' } });
  assert.equal(unsigned.code, 1);
  assert.match(unsigned.stderr, /signing_key/);
  for (const [args, says] of [[['--store', 'NOPE', '--output', save('')], /no such store: NOPE/],
    [['--store', 'XT', '--output', '/nonexistent/x.zip'], /nonexistent/],
    [['--store', 'XT', '--output', save(''), '--since', '99999999'], /since/], [['--store', 'XT', '--output', save(''), '--from', 'x'], /not a date/]]) {
    const { code, stderr } = await cli(['export', 'evidence', ...args], { database: world.db });
    assert.equal(code, 1, stderr);
    assert.match(stderr, says);
  }
  assert.equal((await cli(['export', 'evidence', '--store', 'XT'], { database: world.db })).code, 2);
});

test('a slip on paper is looked up in the database, or in the file', async () => {
  const { file } = await download();
  const [, size, root] = members(file)['checkpoint.txt'].toString().split('\n');
  const short = Buffer.from(root, 'base64').toString('hex').slice(0, 16);
  const [{ number, seq }] = await world.db.rows(`SELECT slip_number('XT', kind, business_date, serial) AS number, event_seq AS seq
    FROM slip WHERE store_id = 1 AND kind = 'out' ORDER BY event_seq LIMIT 1`);
  const slip = (code, ...args) => cli(['verify', '--slip', code, ...args], { database: world.db });
  const code = `${number}.${seq}.${size}.${short}`;
  for (const result of [await slip(code), await slip(code.toLowerCase()), await slip(code, '--evidence', file)]) {
    assert.equal(result.code, 0, result.stdout + result.stderr);
    assert.match(result.stdout, new RegExp(`out slip ${number} {2}\\(#${seq}\\)\n[^]*receiver: 张三 1\n[^]* n95 {2}-3 `));
  }
  for (const [wrong, inDatabase, inFile] of [
    [`${number}.${seq}.${size}.${short.replace(/./, (c) => (c === '0' ? '1' : '0'))}`, /the log was rewritten/, /root hash after so many/],
    [`${number.replace(/1$/, '9')}.${seq}.${size}.${short}`, /is slip XT-CK-\d+-0001, .*on paper XT-CK-\d+-0009/, /#\d+: XT-CK-\d+-0001; .*0009/],
    [`${number}.1.${size}.${short}`, /is slip XT-RK/, /#1: XT-RK/],
  ]) {
    const result = await slip(wrong);
    assert.equal(result.code, 3, result.stdout);
    assert.match(result.stdout, inDatabase);
    assertFault(await slip(wrong, '--evidence', file), "the paper's code", inFile);
  }
  assert.match((await slip(`${number}.${seq}.99999.${short}`)).stdout, /of the first 99999 there are/);
  assert.match((await slip(code.replace('XT-', 'ZZ-'))).stdout, /no such store/);
  const beyond = await slip(`${number}.${seq}.99999.${short}`, '--evidence', file);
  assert.equal(beyond.code, 1, beyond.stdout);
  assert.match(beyond.stdout, /The paper cannot be told/);
  assert.equal((await slip('nonsense')).code, 2);
  assert.equal((await cli(['verify', '--slip', code, '--store', 'XT'], { database: world.db })).code, 2);
});

test('what is posted meanwhile is not in it, and it is whole all the same', async () => {
  const { file } = await download('', { hold: () => post(BATCH) });
  await proved(file);
  assert.ok(!members(file)['events.ndjson'].includes('"receiver":"张三 249"'));
  await Promise.all([post(BATCH), ...[1, 2, 3].map(async () => proved((await download()).file))]);
});

// The most that verifying took, in MB: watched all the way.
async function peak(file) {
  const child = spawn(program(), ['verify', '--evidence', file], { env: { ...process.env, ...FREED_COUNTS_LITTLE }, stdio: 'ignore' });
  const ended = new Promise((resolve) => { child.on('exit', resolve); });
  let most = 0;
  for (;;) {
    await new Promise((resolve) => { setImmediate(resolve); });
    if (child.exitCode !== null || child.signalCode !== null) break;
    try {
      const high = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${child.pid}/status`, 'latin1'));
      if (high) most = Math.max(most, Number(high[1]) / 1024);
    } catch { /* it has ended */ }
  }
  assert.equal(await ended, 0);
  return most;
}

test('neither making nor checking it takes more memory as the log grows', async () => {
  const small = (await download()).file;
  await post(4000);
  const large = (await download()).file;
  assert.ok(members(large)['events.ndjson'].length > 4 * members(small)['events.ndjson'].length);
  const [a, b] = [await peak(small), await peak(large)];
  assert.ok(a > 1 && b - a < 6, `${a} MB, then ${b} MB`);

  await fillLog(world.db, 4000, UNPRESSABLE); // far more than the sockets between hold
  const start = resident(world.service);
  let most = 0;
  const { file, whole, bytes } = await download('', {
    path: '/api/v1/stores/BT/evidence',
    hold: () => until('the service waiting for its client', async () => {
      const before_ = most;
      most = Math.max(most, resident(world.service));
      return most === before_;
    }),
  });
  assert.ok(whole);
  most = Math.max(most, resident(world.service));
  assert.ok(bytes.length > 20e6, `${bytes.length} bytes`);
  assert.ok(most - start < 15, `grew by ${most - start} MB`);
  assert.equal((await verifyEvidence(file)).code, 3); // its hashes are made up
});
