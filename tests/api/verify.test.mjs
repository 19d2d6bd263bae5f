// taizhang verify: silent about a true history, and naming the place of every way to falsify it that
// gets past the guards (as a superuser with the triggers off).
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { createDatabase } from '../lib/cluster.mjs';
import { cli } from '../lib/service.mjs';
import { newKey } from '../lib/client.mjs';
import { startWorld } from '../lib/world.mjs';

const N95 = "(SELECT item_id FROM item WHERE code = 'n95')";
let original; // the name of the database that holds a true history

before(async () => {
  const world = await startWorld();
  const keeper = await world.client('keeper');
  const coordinator = await world.client('coordinator');
  const post = async (store, body) => {
    const answer = await keeper.post(`/api/v1/stores/${store}/slips`, body, { key: newKey() });
    assert.equal(answer.status, 201, answer.text);
    return answer.body;
  };
  const put = async (normal) => {
    const answer = await coordinator.put('/api/v1/stores/XT/ledgers/n95/thresholds',
      { normal, emergency: { minimum: 500, target: 900 } }, { key: newKey() });
    assert.equal(answer.status, 200, answer.text);
  };
  const day = { business_date: '2022-11-20' };
  await post('XT', { kind: 'in', reason: 'purchase', ...day, counterparty: '医药公司 "甲"', lines: [
    { item: 'n95', quantity: 1, pack: '盒', lot: 'A1', expires: '2099-01-31' },
    { item: 'n95', quantity: 60, lot: 'B1', expires: '2099-03-31' },
    { item: 'hand-gel', quantity: 24 }] });
  await put({ minimum: 50, target: 200 });
  await post('XT', { kind: 'out', reason: 'issue', ...day, receiver: '张三', note: '一\n二', lines: [
    { item: 'n95', quantity: 60 }, { item: 'hand-gel', quantity: 4 }] }); // opens an alert
  const slip = await post('XT', { kind: 'out', reason: 'issue', ...day, lines: [{ item: 'n95', quantity: 10 }] });
  const reversal = await keeper.post(`/api/v1/stores/XT/slips/${slip.number}/reversal`, { note: '错' }, { key: newKey() });
  assert.equal(reversal.status, 201, reversal.text);
  await post('XT', { kind: 'in', reason: 'donation', lines: [{ item: 'n95', quantity: 5 }] });
  await post('XT', { kind: 'out', reason: 'issue', ...day, lines: [{ item: 'hand-gel', quantity: 1 }] });
  await world.stop();
  original = world.db.name;
});

// What verify says about a copy of the true history that was falsified.
async function verifyCopy(falsify, ...args) {
  const db = await createDatabase({ template: original });
  try {
    if (falsify) await db.sql(`SET session_replication_role = replica; ${falsify}`, 'postgres');
    return await cli(['verify', ...args], { database: db });
  } finally {
    await db.drop();
  }
}

test('a true history passes, and says how much of it there is', async () => {
  const { code, stdout, stderr } = await verifyCopy();
  assert.equal(code, 0, stdout + stderr);
  assert.doesNotMatch(stdout, /FAULT/);
  assert.match(stdout, /^ {2}ok +10 分录 entries/m);
  assert.match(stdout, /^ {2}ok +6 单据 slips/m);
  assert.match(stdout, /^ {2}ok +1 冲销 reversals/m);
  assert.match(stdout, /^ {2}ok +1 预警 alerts/m);
  assert.match(stdout, /everything agrees/);
});

// The last event's record, changed and hashed anew: only what it says can tell.
const rewrite = (seq, from, to, more = '') => `
  UPDATE event SET record = replace(record, '${from}', '${to}') ${more} WHERE store_id = 1 AND seq = ${seq};
  UPDATE event SET leaf_hash = sha256('\\x00'::bytea || convert_to(record, 'UTF8'))
  WHERE store_id = 1 AND seq = ${seq};`;
const n95Entry = (set, seq) =>
  `UPDATE entry SET ${set} WHERE store_id = 1 AND item_id = ${N95} AND seq = ${seq};`;
const slip = (set, seq) => `UPDATE slip SET ${set} WHERE store_id = 1 AND event_seq = ${seq};`;
const event = (set, seq, store = 1) =>
  `UPDATE event SET ${set} WHERE store_id = ${store} AND seq = ${seq};`;

// [what is done, how, the check that must fail, what it must say]
const FALSIFICATIONS = [
  ['an entry removed', `DELETE FROM entry WHERE store_id = 1 AND item_id = ${N95} AND seq = 5`,
    'sequences without gaps', /XT n95: #4 → #6; .*#5/],
  ['a balance changed', n95Entry('balance_after = 21', 4), 'each balance follows', /XT n95 #4: 21; .* 20 \(共 2/],
  ['a quantity changed', n95Entry('quantity = -19', 3), 'each balance follows', /XT n95 #3: 60; .* 61/],
  ['a ledger given stock', 'UPDATE ledger SET balance = 1000 WHERE store_id = 1 AND item_id = 2',
    "balances are the entries' sums", /XT n95: 1000 \(#7\); .* 25 \(#7\)/],
  ["a ledger's sequence moved", 'UPDATE ledger SET entry_seq = 8 WHERE store_id = 1 AND item_id = 2',
    "balances are the entries' sums", /XT n95: 25 \(#8\); .* 25 \(#7\)/],
  ['a ledger removed', `DELETE FROM ledger WHERE store_id = 1 AND item_id = ${N95}`,
    "balances are the entries' sums", /XT n95: – \(#–\); .* 25 \(#7\)/],
  ['a lot given stock', "UPDATE lot SET balance = 21 WHERE store_id = 1 AND lot = 'B1'",
    "lots are the entries' sums", /XT n95 批次 lot B1: 21; .* 20/],
  ['a lot removed', "DELETE FROM lot WHERE store_id = 1 AND lot = 'B1'",
    "lots are the entries' sums", /XT n95 批次 lot #2: –; .* 20/],
  ['goods taken from a lot that had none', n95Entry('lot_seq = 1', 4), 'no lot was ever below zero', /XT n95 #4: -40/],
  ['lots that are not the balance', "UPDATE lot SET balance = 21 WHERE store_id = 1 AND lot = 'B1'",
    "balances are the lots' sums", /XT n95: 26 \/ 3; .* 25 \/ ≤ 3/],
  ['lots forgotten', `UPDATE ledger SET lot_count = 1 WHERE store_id = 1 AND item_id = ${N95}`,
    "balances are the lots' sums", /XT n95: 25 \/ 3; .* 25 \/ ≤ 1/],
  ["a day's sum changed", `UPDATE ledger_day SET quantity_out = 0
    WHERE store_id = 1 AND item_id = ${N95} AND business_date = '2022-11-20'`,
    "days are the entries' sums", /XT n95 2022-11-20: \+80 −0; .* \+80 −70/],
  ["a day's sum removed", `DELETE FROM ledger_day WHERE item_id = ${N95} AND business_date = '2022-11-20'`,
    "days are the entries' sums", /XT n95 2022-11-20: \+0 −0; .* \+80 −70/],
  ['a slip removed', 'DELETE FROM slip WHERE store_id = 1 AND event_seq = 5',
    'slip numbers without gaps', /XT XT-CK-20221120-0002: 1 → 3; .* 2/],
  ['a series set back', "UPDATE slip_series SET last_serial = 2 WHERE kind = 'out'",
    'series end at their last number', /XT CK 2022-11-20: 2; .* 3/],
  ['a reversal of nothing', slip('reverses = 2', 6), 'reversals name a slip, once', /XT XT-RK-\d{8}-0001: .*no such slip: event 2/],
  ['a slip reversed twice', `DROP INDEX slip_reversed_once; ${slip("reason = 'reversal', reverses = 5", 7)}`,
    'reversals name a slip, once', /XT XT-RK-\d{8}-0002: .*reversed before/],
  ['a reversal of its own kind', slip('reverses = 1', 6), 'reversals name a slip, once', /same kind/],
  ['a reversal of less', n95Entry('quantity = 9', 6), 'reversals undo their slip', /XT XT-RK-\d{8}-0001 n95: 9; .* 10/],
  ['an alert opened twice', `DROP INDEX alert_open_once;
    INSERT INTO alert (store_id, item_id, cause, opened_at, opened_seq, on_hand, minimum, target,
      value, bound, armed_at, armed_seq, armed_on_hand)
    SELECT store_id, item_id, cause, opened_at, opened_seq + 1, on_hand, minimum, target,
      value, bound, armed_at, armed_seq, armed_on_hand FROM alert`,
    'one open alert a cause', /XT n95 low_stock: 2/],
  ['an alert hushed up', 'UPDATE alert SET closed_at = now(), closed_seq = 8',
    'alerts agree with balances', /XT n95 low_stock: .*closed; .*open \(25 \/ 50\)/],
  ['a threshold lowered', `UPDATE ledger SET normal_minimum = 10 WHERE store_id = 1 AND item_id = ${N95}`,
    'alerts agree with balances', /XT n95 low_stock: .*open; .*closed \(25 \/ 10\)/],
  ['a readiness changed', "UPDATE store_head SET readiness = 'emergency' WHERE store_id = 1; DELETE FROM alert",
    'alerts agree with balances', /XT n95 low_stock: .*closed; .*open \(25 \/ 500\)/],
  ['an alert left open', `UPDATE ledger SET normal_minimum = 22, normal_target = 90 WHERE store_id = 1 AND item_id = ${N95}`,
    'alerts agree with balances', /XT n95 low_stock: .*open; .*closed \(25 \/ 22\)/],
  ['an alert taken away', 'DELETE FROM alert', "the log's alerts are kept", /XT alert_opened: 0; .* 1/],
  ['an escalation that was none', `UPDATE alert SET escalation = 1, escalated_at = now(), escalated_seq = 4,
    escalated_to = (SELECT place_id FROM place WHERE code = 'malan')`, 'alerts are in the log',
    /XT n95 low_stock: alert_opened #4; .* alert_escalated/],
  ['an alert without its event', 'UPDATE alert SET opened_seq = 3', 'alerts are in the log', /XT n95 low_stock: slip_posted #3; .* alert_opened/],
  ['an event removed', 'DELETE FROM event WHERE store_id = 1 AND seq = 4', 'event sequences without gaps', /XT #4: #3 → #5/],
  ['the end of a log cut off', 'DELETE FROM event WHERE store_id = 1 AND seq = 8', 'logs end at their head', /XT .*: #8; .* #7/],
  ['a head moved', "UPDATE store_head SET event_seq = 9, frontier = frontier || sha256('') WHERE store_id = 1", 'logs end at their head', /XT .*: #9; .* #8/],
  ['a record rewritten', event("record = replace(record, '张三', '李四')", 3), 'leaf hashes', /XT #3 slip_posted: [0-9a-f]{64}; .* [0-9a-f]{64}/],
  ["a record of the system's rewritten", event("record = replace(record, 'keeper', 'nobody')", 1, 0), 'leaf hashes', /system #1 sign_in/],
  ["an event's actor changed", event("actor = 'auditor'", 2), 'records say what their rows say', /XT #2 actor: "coordinator"; .* "auditor"/],
  ["an event's time changed", event("at = at + interval '1 us'", 2), 'records say what their rows say', /XT #2 at: /],
  ["an event's type changed", event("type = 'readiness_set'", 2), 'records say what their rows say', /XT #2 type: "thresholds_set"; .* "readiness_set"/],
  ['a record of another place', rewrite(2, '"seq":2', '"seq":3'), 'records say what their rows say', /XT #2 seq: 3; .* 2/],
  ["a record of another store's", rewrite(2, '"store":"XT"', '"store":"HP"'), 'records say what their rows say', /XT #2 store: "HP"; .* "XT"/],
  ['a record that is none', event("record = 'x', leaf_hash = sha256('\\x0078')", 2), 'records say what their rows say', /XT #2 actor: –/],
  ['a slip removed', 'DELETE FROM slip WHERE store_id = 1 AND event_seq = 5', 'events of slips have their slip', /XT #5 slip_posted: –/],
  ["a slip's event disguised", rewrite(5, '"type":"slip_posted"', '"type":"thresholds_set"', ", type = 'thresholds_set'"),
    'slips have their event', /XT XT-CK-20221120-0002 #5: thresholds_set; .* slip_posted/],
  ['a slip without an event', 'DELETE FROM event WHERE store_id = 1 AND seq = 8', 'slips have their event', /XT XT-CK-20221120-0003 #8: –; .* slip_posted/],
  ['a receiver changed', slip("receiver = '李四'", 3), 'bodies are slip and entries', /XT XT-CK-20221120-0001 receiver: "张三"; .* "李四"/],
  ['a note changed', slip("note = '一'", 3), 'bodies are slip and entries', /note: "一\\n二"; .* "一"/],
  ['a poster changed', slip("posted_by = (SELECT user_id FROM app_user WHERE username = 'admin')", 1),
    'bodies are slip and entries', /posted_by: "keeper"; .* "admin"/],
  ['a time changed', slip("posted_at = posted_at - interval '1 day'", 1), 'bodies are slip and entries', /posted_at: /],
  ['a reason changed', slip("reason = 'scrap'", 8), 'bodies are slip and entries', /reason: "issue"; .* "scrap"/],
  ['a pack changed', n95Entry('pack_quantity = 3', 1), 'bodies are slip and entries', /lines\[0\]\.pack_quantity: 1; .* 3/],
  ['an expiry changed', "UPDATE lot SET expires = '2100-01-31' WHERE lot = 'A1'",
    'bodies are slip and entries', /XT-RK-20221120-0001 lines\[0\]\.expires: "2099-01-31"; .* "2100-01-31"/],
  ['a body rewritten', rewrite(3, '"quantity":40', '"quantity":41'), 'bodies are slip and entries', /lines\[1\]\.quantity: 41; .* 40/],
  ['a line of no entry', 'DELETE FROM entry WHERE store_id = 1 AND event_seq = 3 AND line = 1',
    'bodies are slip and entries', /XT-CK-20221120-0001 lines\[2\]: .*a line of no entry/],
  ['an entry of no line', `INSERT INTO entry SELECT store_id, item_id, 8, event_seq, 5, 30, lot_seq, 1, business_date, NULL, NULL
    FROM entry WHERE store_id = 1 AND item_id = ${N95} AND seq = 7`, 'bodies are slip and entries', /lines\[1\]\.balance_after: –; .* 30/],
  ['an entry of no slip', n95Entry('event_seq = 4', 5), 'entries go with their slip', /XT n95 #5: –/],
  ['an entry on another day', n95Entry("business_date = '2022-11-21'", 5), 'entries go with their slip', /XT n95 #5 business_date: "2022-11-21"; .* "2022-11-20"/],
  ['an entry the other way', n95Entry('quantity = 10', 5), 'entries go with their slip', /XT n95 #5 kind: "in"; .* "out"/],
  ['a slip without entries', 'DELETE FROM entry WHERE store_id = 1 AND event_seq = 8', 'slips have entries', /XT XT-CK-20221120-0003: –/],
  ['entries of no store', `INSERT INTO entry SELECT 99, item_id, 1, 1, 5, 5, 1, 0, business_date, NULL, NULL
    FROM entry WHERE store_id = 1 AND item_id = ${N95} AND seq = 1`, "balances are the entries' sums", /#99 n95: – \(#–\); .* 5 \(#1\)/],
];

for (const [what, falsify, check, says] of FALSIFICATIONS) {
  test(`${what}: ${check}`, async () => {
    const { code, stdout, stderr } = await verifyCopy(falsify);
    assert.equal(code, 3, stdout + stderr);
    const lines = stdout.split('\n');
    const failed = lines.findIndex((line) => line.startsWith('FAULT') && line.includes(check));
    assert.ok(failed >= 0, stdout);
    assert.match(lines[failed + 1], says);
    assert.match(stdout, /kind\(s\) of fault found/);
  });
}

test('--store looks at that store alone, and knows its name', async () => {
  const falsify = event("record = record || ' '", 2);
  assert.equal((await verifyCopy(falsify, '--store', 'XT')).code, 3);
  const other = await verifyCopy(falsify, '--store', 'BT', '--store', 'HP');
  assert.equal(other.code, 0, other.stdout);
  assert.match(other.stdout, /^ {2}ok +2 日志 logs/m);
  for (const name of ['NOPE', "X'"]) {
    const { code, stderr } = await verifyCopy('', '--store', name);
    assert.equal(code, 1);
    assert.ok(stderr.includes(`no such store: ${name}`), stderr);
  }
});

test('what it cannot look at is no clean history', async () => {
  const away = { conninfo: 'host=/nonexistent dbname=none', ownerConninfo: '' };
  const { code, stderr } = await cli(['verify'], { database: away });
  assert.equal(code, 1);
  assert.match(stderr, /verify/);
  assert.equal((await cli(['verify', '--nonsense'], { database: away })).code, 2);
});
