// What a superuser of the database can do with the triggers off, and what of it shows: in the database
// itself, in the evidence that it gives, against what an auditor took away before. And evidence files
// that were changed after they were made.
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createDatabase } from '../lib/cluster.mjs';
import { assertFault, changed, exportEvidence, members, save, verifyEvidence } from '../lib/evidence.mjs';
import { cli } from '../lib/service.mjs';
import { newKey } from '../lib/client.mjs';
import { startWorld } from '../lib/world.mjs';
import { zip } from '../lib/zip.mjs';

let original; // the name of a database with a true history
let file; // its evidence, whole
let oldCheckpoint; // what the auditor kept
let code; // printed on paper then

before(async () => {
  const world = await startWorld();
  const keeper = await world.client('keeper');
  const coordinator = await world.client('coordinator');
  const post = async (body) => {
    const answer = await keeper.post('/api/v1/stores/XT/slips', { business_date: '2022-11-20', ...body }, { key: newKey() });
    assert.equal(answer.status, 201, answer.text);
    return answer.body;
  };
  await post({ kind: 'in', reason: 'purchase', counterparty: '医药公司 "甲"', lines: [
    { item: 'n95', quantity: 1, pack: '盒', lot: 'A1', expires: '2099-01-31' },
    { item: 'n95', quantity: 60, lot: 'B1', expires: '2099-03-31' },
    { item: 'hand-gel', quantity: 24 }] }); // #1
  await coordinator.put('/api/v1/stores/XT/ledgers/n95/thresholds',
    { normal: { minimum: 5, target: 20 }, emergency: null }, { key: newKey() }); // #2
  await post({ kind: 'out', reason: 'issue', receiver: '张三', note: '一\n二', lines: [
    { item: 'n95', quantity: 30 }, { item: 'hand-gel', quantity: 4 }] }); // #3
  await post({ kind: 'out', reason: 'issue', handler: '=1+1', lines: [{ item: 'n95', quantity: 10 }] }); // #4
  oldCheckpoint = save(members(await exportEvidence(world.db, '--store', 'XT'))['checkpoint.txt']);
  await keeper.post('/api/v1/stores/XT/slips/XT-CK-20221120-0002/reversal', { note: '错' }, { key: newKey() }); // #5
  await post({ kind: 'in', reason: 'donation', lines: [{ item: 'n95', quantity: 5 }] }); // #6
  await post({ kind: 'out', reason: 'issue', lines: [{ item: 'hand-gel', quantity: 1 }] }); // #7
  await world.stop();
  file = await exportEvidence(world.db, '--store', 'XT');
  const root = Buffer.from(members(file)['checkpoint.txt'].toString().split('\n')[2], 'base64').toString('hex');
  code = `XT-CK-20221120-0001.3.7.${root.slice(0, 16)}`;
  original = world.db.name;
});

async function falsified(falsify, look) {
  const db = await createDatabase({ template: original });
  try {
    if (falsify) await db.sql(`SET session_replication_role = replica; ${falsify}`, 'postgres');
    return await look(db);
  } finally {
    await db.drop();
  }
}

test('a true history is proved, alone and against what was kept', async () => {
  const alone = await verifyEvidence(file);
  assert.equal(alone.code, 0, alone.stdout + alone.stderr);
  assert.doesNotMatch(alone.stdout, /FAULT/);
  assert.match(alone.stdout, /Proved: events #1–#7 .*with 6 slips and 10 entries in 2/);
  assert.match(alone.stdout, /the key is taken from the file itself/);
  const since = await verifyEvidence(file, '--since', oldCheckpoint);
  assert.equal(since.code, 0, since.stdout);
  assert.match(since.stdout, /The 4 events of the older checkpoint are in it unchanged/);
  assert.match(since.stdout, /Signed by the key that signed the older checkpoint/);
  const paper = await verifyEvidence(file, '--slip', code);
  assert.equal(paper.code, 0, paper.stdout);
  assert.match(paper.stdout, /out slip XT-CK-20221120-0001 {2}\(#3\)\n[^]*receiver: 张三\n[^]*n95 {2}-20 {2}结存 balance 60/);
});

const entry = (set, seq) => `UPDATE entry SET ${set} WHERE store_id = 1 AND event_seq = ${seq}
  AND item_id = (SELECT item_id FROM item WHERE code = 'n95');`;
const rehash = (seq, from, to) => `
  UPDATE event SET record = replace(record, '${from}', '${to}') WHERE store_id = 1 AND seq = ${seq};
  UPDATE event SET leaf_hash = sha256('\\x00'::bytea || convert_to(record, 'UTF8')) WHERE store_id = 1 AND seq = ${seq};`;
const SWAP = (a, b) => `
  UPDATE event SET (type, actor, at, record, leaf_hash) = (SELECT other.type, other.actor, other.at, other.record, other.leaf_hash
    FROM event AS other WHERE other.store_id = 1 AND other.seq = ${a} + ${b} - event.seq)
  WHERE store_id = 1 AND seq IN (${a}, ${b});`;

// [what, how, the check of the database that fails and its place, that of the evidence it gives]
const FALSIFICATIONS = [
  ['a quantity changed', entry('quantity = -11', 4),
    ['each balance follows', /XT n95 #5: 40; .* 39/],
    ['entries.csv', /entries\.csv 第 8 行 row XT-CK-20221120-0002 lines\[0\] quantity_out: 11; .* 10/]],
  ['a slip deleted', 'DELETE FROM slip WHERE store_id = 1 AND event_seq = 4; DELETE FROM entry WHERE store_id = 1 AND event_seq = 4',
    ['events of slips have their slip', /XT #4 slip_posted: –/],
    ['slips.csv', /slips\.csv XT-CK-20221120-0002 #4: .*the row is missing/]],
  ['a slip inserted', `INSERT INTO slip SELECT store_id, 2, kind, reason, business_date, 4, posted_at, posted_by FROM slip
    WHERE store_id = 1 AND event_seq = 4`,
    ['slips have their event', /XT XT-CK-20221120-0004 #2: thresholds_set; .* slip_posted/],
    ['slips.csv', /slips\.csv 第 3 行 row XT-CK-20221120-0004: #2; .*no event says it/]],
  ['two events swapped', SWAP(3, 4),
    ['records say what their rows say', /XT #3 seq: 4; .* 3/],
    ['sequences without gaps', /events\.ndjson 第 3 行 line: #4; .* #3/]],
  ['an event rewritten', rehash(2, '"minimum":5', '"minimum":4'),
    undefined,
    ["the tree is the checkpoint's", /root hash of the file's events and proof: [0-9a-f]{64}; .* [0-9a-f]{64}/]],
  ['a record rewritten but not its hash', "UPDATE event SET record = replace(record, '\"minimum\":5', '\"minimum\":4') WHERE store_id = 1 AND seq = 2",
    ['leaf hashes', /XT #2 thresholds_set: [0-9a-f]{64}/],
    ['leaf hashes', /events\.ndjson 第 2 行 line \(#2\): [0-9a-f]{64}; .* [0-9a-f]{64}/]],
];

for (const [what, how, inDatabase, inEvidence] of FALSIFICATIONS) {
  test(`${what}: told by the database and by its evidence`, () => falsified(how, async (db) => {
    if (inDatabase) assertFault(await cli(['verify'], { database: db }), ...inDatabase);
    assertFault(await verifyEvidence(await exportEvidence(db, '--store', 'XT')), ...inEvidence);
  }));
}

// Everything that follows from event 3 made anew, as whoever holds the signing key can do, too.
const REWRITE = `
  UPDATE slip SET receiver = '李四' WHERE store_id = 1 AND event_seq = 3;
  ${rehash(3, '张三', '李四')}
  DELETE FROM log_tile WHERE store_id = 1;
  DELETE FROM checkpoint WHERE store_id = 1;
  SELECT log_tree_build(ARRAY[1]);`;

test('the whole log rewritten from a point on, all hashes with it: what was kept tells', () => falsified(REWRITE, async (db) => {
  const clean = await cli(['verify'], { database: db });
  assert.equal(clean.code, 0, clean.stdout); // nothing in it can tell …
  const rewritten = await exportEvidence(db, '--store', 'XT');
  assert.equal((await verifyEvidence(rewritten)).code, 0); // … nor does it in its evidence
  assertFault(await verifyEvidence(rewritten, '--since', oldCheckpoint), 'the older checkpoint is contained',
    /the older checkpoint's root hash: [0-9a-f]{64}; .* [0-9a-f]{64}/);
  assertFault(await verifyEvidence(rewritten, '--since', file), 'the older checkpoint is contained',
    /#3 .*is not what the older file had: [0-9a-f]{64}; .* [0-9a-f]{64}/);
  assertFault(await verifyEvidence(rewritten, '--slip', code), "the paper's code", /root hash after so many events/);
  const paper = await cli(['verify', '--slip', code], { database: db });
  assert.equal(paper.code, 3, paper.stdout);
  assert.match(paper.stdout, /root hash of the first 7 events is [0-9a-f]{16}…, on paper it is [0-9a-f]{16}…/);
}));

test('the end of a log cut off, all hashes with it: what was kept tells', () => falsified(`
  DELETE FROM event WHERE store_id = 1 AND seq > 3;
  DELETE FROM slip WHERE store_id = 1 AND event_seq > 3;
  DELETE FROM entry WHERE store_id = 1 AND event_seq > 3;
  DELETE FROM checkpoint WHERE store_id = 1;
  SELECT log_tree_build(ARRAY[1]);`, async (db) => {
  const short = await exportEvidence(db, '--store', 'XT');
  assert.equal((await verifyEvidence(short)).code, 0);
  assertFault(await verifyEvidence(short, '--since', oldCheckpoint), 'the older checkpoint is contained',
    /the log is shorter than the older checkpoint: 3; .*≥ 4/);
  const paper = await cli(['verify', '--slip', code], { database: db });
  assert.match(paper.stdout, /of the first 7 there are 3/);
}));

const line = (n, change) => (text) => text.split('\n').map((l, i) => (i === n - 1 ? change(l) : l)).join('\n');
const leaf = (record) => createHash('sha256').update('\0').update(record).digest('hex');

// [what, members changed, the check that fails, its place]
const CHANGED_FILES = [
  ["a byte of a slip's event", { 'events.ndjson': line(3, (l) => l.replace('"quantity":20', '"quantity":21')) },
    'leaf hashes', /events\.ndjson 第 3 行 line \(#3\)/],
  ['the same, seen by the books', { 'events.ndjson': line(3, (l) => l.replace('"quantity":20', '"quantity":21')) },
    'each balance follows', /XT-CK-20221120-0001 lines\[0\] n95: 60; .* 59/],
  ['the same, with its leaf', {
    'events.ndjson': line(2, (l) => l.replace('"minimum":5', '"minimum":4')),
    'leaves.txt': undefined, // in the test
  }, "the tree is the checkpoint's", /root hash of the file's events and proof/],
  ['spaces in a record', { 'events.ndjson': line(1, (l) => l.replace('"seq":1', '"seq": 1')) },
    'records are canonical', /events\.ndjson 第 1 行 line \(#1\), 第 \d+ 字节 byte/],
  ['an event left out', { 'events.ndjson': (text) => text.replace(/^.*"seq":4,.*\n/m, '') },
    'sequences without gaps', /events\.ndjson 第 4 行 line: #5; .* #4/],
  ['an event of another store', { 'events.ndjson': line(2, (l) => l.replace('"store":"XT","type"', '"store":"BT","type"')) },
    'of this store', /#2: "BT"; .* XT/],
  ['a time set back', { 'events.ndjson': line(7, (l) => l.replaceAll(/"20\d\d-(\d\d-\d\dT)/g, '"2021-$1')) },
    'times are in order', /#7: 2021-/],
  ['a slip out of its series', { 'events.ndjson': line(4, (l) => l.replace('XT-CK-20221120-0002', 'XT-CK-20221120-0003')) },
    'slip numbers without gaps', /#4: XT-CK-20221120-0003; .*-0002/],
  ['a lot overdrawn', { 'events.ndjson': line(3, (l) => l.replace('"lot":"B1"', '"lot":"A1"').replace('2099-03-31', '2099-01-31')) },
    'no lot was ever below zero', /XT-CK-20221120-0001 lines\[1\] n95: -10; .*≤ 0/],
  ["a slip's row changed", { 'slips.csv': (text) => text.replace('张三', '李四') },
    'slips.csv', /slips\.csv 第 3 行 row XT-CK-20221120-0001 receiver: 李四; .* 张三/],
  ["a slip's row armed", { 'slips.csv': (text) => text.replace("'=1+1", '=1+1') },
    'slips.csv', /row XT-CK-20221120-0002 handler: =1\+1; .* '=1\+1/],
  ["a slip's row twice", { 'slips.csv': (text) => text.replace(/^(3,.*(?:\n.*)?\r\n)/m, '$1$1') },
    'slips.csv', /slips\.csv 第 4 行 row XT-CK-20221120-0001: #3; .*no event says it/],
  ["an entry's row left out", { 'entries.csv': (text) => text.replace(/^4,.*\r\n/m, '') },
    'entries.csv', /entries\.csv XT-CK-20221120-0002 lines\[0\] #4: .*the row is missing/],
  ['no CSV', { 'entries.csv': (text) => text.replace('\r\n4,', '\n4,') },
    'entries.csv', /entries\.csv 第 \d 行 row: .*not a row of CSV/],
  ['other columns', { 'slips.csv': (text) => text.replace('number,', 'no,') }, 'slips.csv', /not its columns/],
  ['a member missing', { 'entries.csv': null }, 'members are all there', /entries\.csv: .*missing/],
  ['a member too many', { 'notes.txt': () => 'x' }, 'members are all there', /notes\.txt: .*does not belong here/],
  ['another checkpoint', { 'checkpoint.txt': () => readFileSync(oldCheckpoint, 'utf8') },
    "the tree is the checkpoint's", /checkpoint\.txt .*number of events: 4; .* 7/],
  ['a checkpoint signed by nobody', { 'checkpoint.txt': line(2, () => '8') }, 'is signed by the key', /signed by no key of keys\.txt/],
  ['no checkpoint', { 'checkpoint.txt': () => 'hello\n' }, 'is signed by the key', /checkpoint\.txt: .*not a checkpoint/],
  ['no keys', { 'keys.txt': () => 'hello\n' }, 'is signed by the key', /keys\.txt: .*not a list of keys/],
  ['a proof that cannot be', { 'proof.json': (text) => text.replace('"first":1', '"first":2') },
    "the tree is the checkpoint's", /proof\.json: .*not a proof/],
  ['leaves too many', { 'leaves.txt': (text) => `${text}${'0'.repeat(64)}\n` }, 'leaf hashes', /leaves\.txt 第 8 行 line: .*lines of no event/],
];

test('a file that was changed tells where', async () => {
  const events = members(file)['events.ndjson'].toString().split('\n');
  CHANGED_FILES[2][1]['leaves.txt'] = line(2, () => leaf(events[1].replace('"minimum":5', '"minimum":4')));
  const results = await Promise.all(CHANGED_FILES.map(([, changes]) => verifyEvidence(changed(file, changes))));
  for (const [i, [what, , check, place]] of CHANGED_FILES.entries()) {
    try {
      assertFault(results[i], check, place);
    } catch (error) {
      error.message = `${what}: ${error.message}`;
      throw error;
    }
  }
});

test('what is no evidence file is told apart, and is no proof', async () => {
  const bytes = readFileSync(file);
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const many = Buffer.from(bytes);
  many.writeUInt16LE(9999, end + 10);
  const broken = Buffer.from(bytes);
  const events = broken.indexOf('events.ndjson') + 60;
  broken.writeUInt8(broken[events] ^ 0xff, events);
  const cases = [
    [save(''), 1, /cannot open|not a whole zip/], [save('hello'), 1, /not a whole zip file/],
    [save(bytes.subarray(0, bytes.length / 2)), 1, /not a whole zip file/],
    [save(many), 1, /not an evidence file: 9999 members/],
    [save(broken), 3, /events\.ndjson: .*damaged/],
    [save(zip([...Object.entries(members(file)), ['slips.csv', Buffer.from('x')]])), 3, /slips\.csv: .*there twice/],
    ['/nonexistent', 1, /cannot open/],
  ];
  const results = await Promise.all(cases.map(([path]) => verifyEvidence(path)));
  for (const [i, [, expected, says]] of cases.entries()) {
    assert.equal(results[i].code, expected, results[i].stdout + results[i].stderr);
    assert.match(results[i].stdout, says);
  }
});

test('what is huge costs little: lines without end, members that inflate without end', async () => {
  const zeros = Buffer.alloc(20 << 20, '0');
  const lines = Buffer.alloc(8 << 20, '0\n');
  for (const [changes, check] of [
    [{ 'events.ndjson': () => zeros }, 'records are canonical'], [{ 'events.ndjson': () => lines }, 'records are canonical'],
    [{ 'slips.csv': () => zeros }, 'slips.csv'], [{ 'leaves.txt': () => zeros }, 'leaf hashes'],
    [{ 'checkpoint.txt': () => zeros }, 'members are all there'], [{ 'proof.json': () => zeros }, 'members are all there'],
  ]) assertFault(await verifyEvidence(changed(file, changes)), check, /./);
});
