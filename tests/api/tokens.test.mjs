// API tokens: shown once, stored as a hash, as good as their user, gone when revoked.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Client, newKey } from '../lib/client.mjs';
import { until } from '../lib/process.mjs';
import { startService } from '../lib/service.mjs';
import { startWorld } from '../lib/world.mjs';

let world;
let other; // another process on the same database
let keeper;

before(async () => {
  world = await startWorld();
  other = await startService({ database: world.db });
  keeper = await world.client('keeper');
});

const clients = [];

after(async () => {
  for (const client of clients) client.close();
  await other.stop();
  await world.stop();
});

function bearer(secret, service = world) {
  const client = new Client(service.url);
  client.bearer = secret;
  clients.push(client);
  return client;
}

async function make(client, body = { name: 'nightly' }, options = {}) {
  const answer = await client.post('/api/v1/tokens', body, options);
  assert.equal(answer.status, 201, answer.text);
  return answer.body;
}

const worksNot = (client) =>
  until('the token refused', async () => (await client.get('/api/v1/session')).status === 401, 2);
const errors = (answer) => answer.body.errors.map((e) => `${e.field} ${e.code}`);

test('a token may what its user may, without a session', async () => {
  const token = await make(keeper, { name: '夜间脚本', expires_at: '2199-01-01T00:00:00+08:00' });
  assert.match(token.secret, /^tzt_[A-Za-z0-9_-]{43}$/);
  assert.equal(token.name, '夜间脚本');
  assert.equal(token.expires_at, '2199-01-01T00:00:00+08:00');
  const script = bearer(token.secret);
  const self = await script.get('/api/v1/session');
  assert.equal(self.status, 200);
  assert.deepEqual(self.body.user.roles, [{ role: 'storekeeper', place: 'xita' }]);
  assert.equal(self.body.expires_at, '2199-01-01T00:00:00+08:00');
  const slip = await script.post('/api/v1/stores/XT/slips',
    { kind: 'in', reason: 'purchase', lines: [{ item: 'n95', quantity: 1 }] }, { key: newKey() });
  assert.equal(slip.status, 201, slip.text);
  assert.equal(slip.body.posted_by, 'keeper');
  assert.equal((await script.get('/api/v1/users')).status, 403);
});

test('a token without an end says so', async () => {
  const token = await make(keeper);
  assert.equal(token.expires_at, null);
  assert.equal((await bearer(token.secret).get('/api/v1/session')).body.expires_at, null);
});

test('the secret is nowhere but in the answer', async () => {
  const token = await make(keeper);
  const dump = await world.db.sql('SELECT t::text FROM api_token AS t UNION ALL SELECT e::text FROM event AS e');
  assert.ok(dump.includes(createHash('sha256').update(token.secret).digest('hex')));
  assert.ok(!dump.includes(token.secret));
  assert.ok(!world.service.stderr.includes(token.secret));
  const list = await keeper.get('/api/v1/tokens');
  const listed = list.body.items.find((t) => t.id === token.id);
  assert.equal(listed.name, 'nightly');
  assert.ok(!list.text.includes('tzt_'));
});

test('what is no token is refused', async () => {
  const session = keeper.cookie.split('=')[1];
  for (const secret of ['tzt_made-up', '', session, 'x'.repeat(2000)])
    assert.equal((await bearer(secret).get('/api/v1/session')).status, 401, secret);
  const token = await make(keeper);
  const asCookie = new Client(world.url);
  clients.push(asCookie);
  asCookie.cookie = `taizhang=${token.secret}`;
  assert.equal((await asCookie.get('/api/v1/session')).status, 401);
});

test('a revoked token dies within a second, in every process', async () => {
  const token = await make(keeper);
  const [here, there] = [bearer(token.secret), bearer(token.secret, other)];
  for (const client of [here, there]) assert.equal((await client.get('/api/v1/session')).status, 200);
  assert.equal((await keeper.delete(`/api/v1/tokens/${token.id}`)).status, 204);
  assert.equal((await here.get('/api/v1/session')).status, 401);
  await worksNot(there);
  assert.ok((await keeper.get('/api/v1/tokens')).body.items.every((t) => t.id !== token.id));
  assert.equal((await keeper.delete(`/api/v1/tokens/${token.id}`)).status, 204, 'again');
  const events = await world.db.rows(
    `SELECT type, actor FROM event WHERE store_id = 0 AND record::jsonb -> 'body' ->> 'id' = '${token.id}' ORDER BY seq`);
  assert.deepEqual(events, [{ type: 'token_added', actor: 'keeper' }, { type: 'token_revoked', actor: 'keeper' }]);
});

test('an expired token is refused', async () => {
  const token = await make(keeper, { name: 'short', expires_at: '2199-01-01T00:00:00Z' });
  const client = bearer(token.secret);
  assert.equal((await client.get('/api/v1/session')).status, 200);
  await world.db.sql(`UPDATE api_token SET expires_at = now() WHERE token_id = ${token.id}`);
  await worksNot(client);
});

test('a token is refused while its user is shut out', async () => {
  const token = await make(await world.client('auditor'));
  const client = bearer(token.secret, other);
  assert.equal((await client.get('/api/v1/session')).status, 200);
  const admin = await world.client('admin');
  assert.equal((await admin.patch('/api/v1/users/auditor', { disabled: true })).status, 200);
  await worksNot(client);
  assert.equal((await admin.patch('/api/v1/users/auditor', { disabled: false })).status, 200);
  await until('the token good again', async () => (await client.get('/api/v1/session')).status === 200);
});

test('tokens are revoked by their user, or by an administrator of theirs', async () => {
  const token = await make(keeper);
  for (const [who, status] of [['coordinator', 404], ['stranger', 404], ['guest', 404], ['admin', 204]]) {
    const client = await world.client(who);
    assert.equal((await client.delete(`/api/v1/tokens/${token.id}`)).status, status, who);
  }
  for (const id of ['0', '-1', '999999', '99999999999', 'x', '1x'])
    assert.equal((await keeper.delete(`/api/v1/tokens/${id}`)).status, 404, id);
});

test('the fields are checked', async () => {
  const post = (body) => keeper.post('/api/v1/tokens', body);
  assert.deepEqual(errors(await post({})), ['name required']);
  assert.deepEqual(errors(await post({ name: ' ' })), ['name required']);
  assert.deepEqual(errors(await post({ name: 'x'.repeat(101), scope: 'all' })), ['scope unknown_field', 'name too_long']);
  assert.deepEqual(errors(await post({ name: 'x', expires_at: '2099-01-01' })), ['expires_at bad_time']);
  assert.deepEqual(errors(await post({ name: 'x', expires_at: '2099-02-29T00:00:00Z' })), ['expires_at bad_time']);
  assert.deepEqual(errors(await post({ name: 'x', expires_at: '2020-01-01T00:00:00Z' })), ['expires_at past_time']);
});

test('a repeat with the same key makes no second token, and cannot tell the secret again', async () => {
  const key = newKey();
  const first = await make(keeper, { name: 'once' }, { key });
  const again = await keeper.post('/api/v1/tokens', { name: 'once' }, { key });
  assert.equal(again.status, 201);
  assert.equal(again.headers['idempotent-replayed'], 'true');
  assert.deepEqual(again.body, { ...first, secret: null });
  const reused = await keeper.post('/api/v1/tokens', { name: 'twice' }, { key });
  assert.equal(reused.status, 422);
  assert.equal(reused.body.code, 'idempotency_key_reused');
});

test('a token is not a session: it cannot be signed out', async () => {
  const token = await make(keeper);
  const client = bearer(token.secret);
  assert.equal((await client.delete('/api/v1/session')).status, 403);
  assert.equal((await client.get('/api/v1/session')).status, 200);
});
