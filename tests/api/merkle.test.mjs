// What the logs prove: trees, proofs, checkpoints and keys, all of it recomputed here from the exact
// bytes of the events, with nothing of the service's but its answers.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { newKey } from '../lib/client.mjs';
import { tempDir, until } from '../lib/process.mjs';
import { cli } from '../lib/service.mjs';
import { startWorld } from '../lib/world.mjs';

const V = '/api/v1';
const XT = `${V}/stores/XT`;
const HASH = /^[0-9a-f]{64}$/;

// --- RFC 9162, from its definitions ---

const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();
const node = (left, right) => sha256(Buffer.from([1]), left, right);
const leafOf = (record) => sha256(Buffer.from([0]), Buffer.from(record));

function half(n) {
  let k = 1;
  while (2 * k < n) k *= 2;
  return k;
}
function rootOf(leaves) {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return leaves[0];
  const k = half(leaves.length);
  return node(rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)));
}
function pathOf(m, leaves) {
  if (leaves.length === 1) return [];
  const k = half(leaves.length);
  return m < k ? [...pathOf(m, leaves.slice(0, k)), rootOf(leaves.slice(k))]
    : [...pathOf(m - k, leaves.slice(k)), rootOf(leaves.slice(0, k))];
}
function subproof(m, leaves, whole) {
  if (m === leaves.length) return whole ? [] : [rootOf(leaves)];
  const k = half(leaves.length);
  return m <= k ? [...subproof(m, leaves.slice(0, k), whole), rootOf(leaves.slice(k))]
    : [...subproof(m - k, leaves.slice(k), false), rootOf(leaves.slice(0, k))];
}
const hex = (hashes) => hashes.map((hash) => hash.toString('hex'));

// --- C2SP signed-note and tlog-checkpoint ---

const keyId = (name, key) => sha256(Buffer.from(`${name}\n\x01`), key).subarray(0, 4);
const ed25519 = (key) => createPublicKey({ key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key]), format: 'der', type: 'spki' });

// The text of a note, once the key's signature under that name is seen to be right.
function open(note, name, key) {
  const at = note.lastIndexOf('\n\n') + 1;
  const text = note.slice(0, at);
  const line = note.slice(at + 1).split('\n').find((each) => {
    const [, of, coded] = /^— (\S+) (\S+)$/.exec(each) ?? [];
    return of === name && Buffer.from(coded, 'base64').subarray(0, 4).equals(keyId(name, key));
  });
  assert.ok(line, `no signature of ${name} in ${note}`);
  const signature = Buffer.from(line.split(' ')[2], 'base64').subarray(4);
  assert.ok(verify(null, Buffer.from(text), ed25519(key), signature), note);
  return text;
}
function openCheckpoint(note, origin, key) {
  const [first, size, root, ...rest] = open(note, origin, key).split('\n');
  assert.equal(first, origin);
  assert.match(size, /^(0|[1-9][0-9]*)$/);
  assert.deepEqual(rest, ['']);
  return { size: Number(size), root: Buffer.from(root, 'base64') };
}

let world, keeper, auditor, key;

// The leaves of a log, from the records' own bytes.
const leavesOf = async (store) => JSON.parse(await world.db.sql(
  `SELECT coalesce(json_agg(record ORDER BY seq), '[]') FROM event WHERE store_id = ${store}`)).map(leafOf);

const slip = (n) => ({ idempotency_key: newKey(), kind: 'in', reason: 'donation', lines: [{ item: 'n95', quantity: n }] });
async function post(count) {
  const answer = await keeper.post(`${XT}/slips/batch`, { slips: Array.from({ length: count }, (_, n) => slip(n + 1)) });
  assert.equal(answer.status, 200, answer.text);
}

before(async () => {
  world = await startWorld();
  keeper = await world.client('keeper');
  auditor = await world.client('auditor');
});
after(() => world.stop());

test('no checkpoint, no key: said so', async () => {
  assert.equal((await auditor.get(`${XT}/checkpoint`)).status, 404);
  assert.deepEqual((await auditor.get(`${V}/keys`)).body, { log_name: 'test.invalid', items: [] });
});

test('a log of nothing has a checkpoint, too, and the key is known from then on', async () => {
  const made = await auditor.post(`${XT}/checkpoint`, {});
  assert.equal(made.status, 201, made.text);
  assert.equal(made.headers['content-type'], 'text/plain; charset=utf-8');
  const { body } = await auditor.get(`${V}/keys`);
  key = Buffer.from(body.items[0].public_key, 'base64');
  assert.equal(body.items[0].verifier, `test.invalid+${keyId('test.invalid', key).toString('hex')}+${
    Buffer.concat([Buffer.from([1]), key]).toString('base64')}`);
  assert.equal(body.items[0].endorsement, null);
  const { size, root } = openCheckpoint(made.text, 'test.invalid/XT', key);
  assert.equal(size, 0);
  assert.deepEqual(root, rootOf([]));
  const [event] = (await auditor.get(`${V}/events?type=log_key_added`)).body.items;
  assert.deepEqual(event.body, { endorsed: false, id: body.items[0].id, public_key: body.items[0].public_key });
});

test('the tree in the database is that of the records, over batches of any size and two levels of tiles', async () => {
  for (const count of [1, 2, 252, 1, 257, 500, 37]) {
    await post(count);
    const leaves = await leavesOf(1);
    const frontier = [];
    for (let from = 0, bit = 1 << 20; bit; bit >>= 1) {
      if (!(leaves.length & bit)) continue;
      frontier.push(rootOf(leaves.slice(from, from + bit)));
      from += bit;
    }
    assert.equal(await world.db.sql("SELECT encode(frontier, 'hex') FROM store_head WHERE store_id = 1"), hex(frontier).join(''));
    const tops = [];
    for (let n = 0; n + 256 <= leaves.length; n += 256) tops.push(rootOf(leaves.slice(n, n + 256)));
    assert.equal(await world.db.sql("SELECT coalesce((SELECT encode(hashes, 'hex') FROM log_tile WHERE store_id = 1), '')"), hex(tops).join(''));
  }
});

test('proofs are those of the RFC, for any event and size', async () => {
  const leaves = await leavesOf(1);
  const n = leaves.length;
  for (const [seq, size] of [[1, 1], [1, n], [n, n], [1, 256], [256, 256], [257, 257], [200, 1000], [513, 1024], [1000, n - 1], [3, 7]]) {
    const { status, body } = await keeper.get(`${XT}/events/${seq}/proof?size=${size}`);
    assert.equal(status, 200);
    const { record, ...proof } = body;
    if (record !== null) assert.equal(createHash('sha256').update('\0').update(record).digest('hex'), proof.leaf_hash);
    assert.deepEqual(proof, { store: 'XT', seq, size, leaf_hash: leaves[seq - 1].toString('hex'),
      root: rootOf(leaves.slice(0, size)).toString('hex'), path: hex(pathOf(seq - 1, leaves.slice(0, size))) });
  }
  const whole = (await keeper.get(`${XT}/events/5/proof`)).body;
  assert.equal(whole.size, n);
  for (const [from, to] of [[1, 1], [1, n], [n, n], [256, 512], [255, 257], [600, 1001], [6, 8], [512, n]]) {
    const { status, body } = await keeper.get(`${XT}/consistency?from=${from}&to=${to}`);
    assert.equal(status, 200);
    assert.deepEqual(body, { store: 'XT', from, to, from_root: rootOf(leaves.slice(0, from)).toString('hex'),
      to_root: rootOf(leaves.slice(0, to)).toString('hex'), path: hex(subproof(from, leaves.slice(0, to), true)) });
  }
  assert.equal((await keeper.get(`${XT}/consistency?from=9`)).body.to, n);
});

test('what the log does not have is refused in words', async () => {
  const size = (await leavesOf(1)).length;
  const refused = async (path, status, field, code, value) => {
    const { status: got, body, text } = await keeper.get(`${XT}/${path}`);
    assert.equal(got, status, text);
    if (!field) return;
    const [error] = body.errors;
    assert.deepEqual([error.field, error.code], [field, code], text);
    if (value) assert.match(error.detail_en, value);
  };
  for (const seq of ['0', '-1', 'x', '1x', String(size + 1), '99999999999999999999'])
    await refused(`events/${encodeURIComponent(seq)}/proof`, 404);
  await refused(`events/7/proof?size=6`, 422, 'size', 'out_of_range', new RegExp(`7\\.\\.${size}`));
  await refused(`events/7/proof?size=${size + 1}`, 422, 'size', 'out_of_range');
  await refused('events/7/proof?size=many', 422, 'size', 'wrong_type');
  await refused('events/7/proof?from=1', 422, 'from', 'unknown_field');
  await refused('consistency', 422, 'from', 'required');
  await refused('consistency?from=0', 422, 'from', 'out_of_range');
  await refused('consistency?from=7&to=6', 422, 'from', 'out_of_range', /1\.\.6/);
  await refused(`consistency?from=1&to=${size + 1}`, 422, 'to', 'out_of_range');
  await refused('consistency?from=1&since=3', 422, 'since', 'unknown_field');
});

test('a checkpoint is signed once at a size, read by whoever sees the store, asked for by auditors', async () => {
  const leaves = await leavesOf(1);
  const made = await auditor.post(`${XT}/checkpoint`, {});
  assert.equal(made.status, 201, made.text);
  const { size, root } = openCheckpoint(made.text, 'test.invalid/XT', key);
  assert.equal(size, leaves.length);
  assert.deepEqual(root, rootOf(leaves));
  const again = await auditor.post(`${XT}/checkpoint`, {});
  assert.deepEqual([again.status, again.text], [200, made.text]);
  const at = await world.db.sql(`SELECT extract(epoch FROM date_trunc('second', at))::bigint FROM checkpoint WHERE store_id = 1 AND size = ${size}`);
  for (const name of ['keeper', 'coordinator', 'auditor']) {
    const read = await (await world.client(name)).get(`${XT}/checkpoint`);
    assert.deepEqual([read.status, read.text], [200, made.text]);
    assert.equal(Date.parse(read.headers['last-modified']) / 1000, Number(at));
  }
  assert.equal((await keeper.post(`${XT}/checkpoint`, {})).status, 403);
  const stranger = await world.client('stranger');
  assert.equal((await stranger.get(`${XT}/checkpoint`)).status, 404);
  assert.equal((await stranger.get(`${XT}/events/1/proof`)).status, 404);
  const admin = await world.client('admin');
  assert.equal((await admin.get(`${XT}/checkpoint`)).status, 403);
});

test("the system's log has all of it, too", async () => {
  const made = await auditor.post(`${V}/checkpoint`, {});
  assert.equal(made.status, 201, made.text);
  const { size, root } = openCheckpoint(made.text, 'test.invalid/system', key);
  const leaves = (await leavesOf(0)).slice(0, size);
  assert.deepEqual(root, rootOf(leaves));
  assert.equal((await auditor.get(`${V}/checkpoint`)).text, made.text);
  const { body } = await auditor.get(`${V}/events/3/proof?size=${size}`);
  assert.deepEqual([body.store, body.root, body.path], ['', root.toString('hex'), hex(pathOf(2, leaves))]);
  const grown = (await auditor.get(`${V}/consistency?from=2&to=${size}`)).body;
  assert.deepEqual(grown.path, hex(subproof(2, leaves, true)));
  assert.equal((await keeper.get(`${V}/checkpoint`)).status, 403);
});

test('on schedule several processes sign every log that grew, each once', async () => {
  await post(3);
  const settings = { checkpoint_interval: 1000 };
  const two = await Promise.all([world.startAnother({ settings }), world.startAnother({ settings })]);
  const grown = () => world.db.sql(`SELECT count(*) FROM store_head AS h WHERE event_seq > 0
    AND NOT EXISTS (SELECT FROM checkpoint WHERE store_id = h.store_id AND size = event_seq)`);
  await until('every log signed', async () => await grown() === '0');
  await post(1);
  await until('signed again', async () => await grown() === '0');
  const { text } = await auditor.get(`${XT}/checkpoint`);
  const { size, root } = openCheckpoint(text, 'test.invalid/XT', key);
  assert.deepEqual(root, rootOf((await leavesOf(1)).slice(0, size)));
  const figure = /^taizhang_checkpoint_last_run_timestamp_seconds (\d+)$/m
    .exec(await (await fetch(`${two[0].url}/metrics`)).text());
  assert.ok(Date.now() / 1000 - Number(figure[1]) < 60, figure[0]);
  await Promise.all(two.map((each) => each.stop()));
  assert.equal(await world.db.sql('SELECT count(*) FROM (SELECT FROM checkpoint GROUP BY store_id, size HAVING count(*) > 1) AS s'), '0');
  assert.equal(await world.db.sql("SELECT count(*) FROM event WHERE type = 'log_key_added'"), '1');
});

test('without a key, or with one that nobody endorsed, nothing is signed; a rotation hands over', async () => {
  const file = (name) => join(tempDir(), name);
  const made = await cli(['key', 'new', file('stray.pem')], { settings: { log_name: 'test.invalid' } });
  assert.equal(made.code, 0, made.stderr);
  assert.match(made.stdout, /^test\.invalid\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}\n$/);
  assert.equal(statSync(file('stray.pem')).mode & 0o777, 0o600);
  const over = await cli(['key', 'new', file('stray.pem')]);
  assert.equal(over.code, 1);
  assert.match(over.stderr, /无法新建文件 cannot make the file/);

  const ask = async (settings) => {
    const service = await world.startAnother({ settings });
    const answer = await fetch(`${service.url}${XT}/checkpoint`, { method: 'POST', body: '{}',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' } });
    const text = await answer.text();
    await service.stop();
    return { status: answer.status, text, code: answer.status >= 400 && JSON.parse(text).code };
  };
  const token = (await auditor.post(`${V}/tokens`, { name: 'test' })).body.secret;
  assert.equal((await ask({ signing_key: '' })).code, 'no_signing_key');
  assert.equal((await ask({ signing_key: file('stray.pem') })).code, 'unknown_signing_key');

  const rotated = await cli(['key', 'rotate', file('second.pem')], { database: world.db });
  assert.equal(rotated.code, 0, rotated.stderr);
  const { body } = await auditor.get(`${V}/keys`);
  assert.deepEqual(body.items.map((each) => each.id), [body.items[0].id, body.items[1].id]);
  const second = Buffer.from(body.items[1].public_key, 'base64');
  assert.equal(rotated.stdout.trim(), body.items[1].verifier);
  const rotation = `taizhang key rotation\n${body.items[0].verifier}\n${body.items[1].verifier}\n`;
  for (const each of [key, second]) assert.equal(open(body.items[1].endorsement, 'test.invalid', each), rotation);
  await post(1);
  const signed = await ask({ signing_key: file('second.pem') });
  assert.equal(signed.status, 201, signed.text);
  openCheckpoint(signed.text, 'test.invalid/XT', second);

  const lost = await cli(['key', 'rotate', file('third.pem'), '--lost'], { database: world.db, settings: { signing_key: '' } });
  assert.equal(lost.code, 0, lost.stderr);
  assert.equal((await ask({ signing_key: file('third.pem') })).status, 201);
  const shown = await cli(['key', 'show', 'XT'], { settings: { signing_key: file('third.pem') } });
  assert.match(shown.stdout, /^test\.invalid\/XT\+/);
  const list = await cli(['key', 'list'], { database: world.db });
  assert.match(list.stdout, /^\d+\t\S+\t[^\t]+\t–\n\d+\t\S+\t[^\t]+\t有旧私钥作证 endorsed\n\d+\t\S+\t[^\t]+\t–\n$/);
});

test('a key that cannot be read, or a name that cannot be one, stops the start with a message', async () => {
  for (const [settings, message] of [
    [{ signing_key: join(tempDir(), 'nowhere.pem') }, /无法打开签名私钥 cannot open the signing key .*nowhere\.pem/],
    [{ log_name: 'two words' }, /设置 log_name 不可用.*\n.*the setting log_name cannot be used/],
  ]) {
    const { code, stderr } = await cli(['serve'], { database: world.db, settings });
    assert.equal(code, 1, stderr);
    assert.match(stderr, message);
  }
});
