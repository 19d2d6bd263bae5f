// taizhang user and taizhang token: the operator's way to the same changes.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { writeFileSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '../lib/client.mjs';
import { tempDir, until } from '../lib/process.mjs';
import { cli, startService } from '../lib/service.mjs';
import { populate } from '../lib/world.mjs';
import { createDatabase } from '../lib/cluster.mjs';

let db;
let service;
const clients = [];

before(async () => {
  db = await createDatabase();
  await populate(db);
  service = await startService({ database: db });
});
after(async () => {
  for (const client of clients) client.close();
  await service.stop();
});

const PASSWORD = '命令行给出的第一个密码';
const user = (...args) => cli(['user', ...args], { database: db });
const withPassword = (input, ...args) => cli(['user', ...args], { database: db, input: `${input}\n` });

async function succeeds(result) {
  const { code, stdout, stderr } = await result;
  assert.equal(code, 0, stderr);
  assert.equal(stderr, '');
  return stdout;
}

async function fails(result, status, pattern) {
  const { code, stdout, stderr } = await result;
  assert.equal(code, status, stderr);
  assert.equal(stdout, '');
  assert.match(stderr, pattern);
}

function visitor(options = {}) {
  const client = Object.assign(new Client(service.url), options);
  clients.push(client);
  return client;
}

async function signedIn(username, password = PASSWORD) {
  const client = visitor();
  await client.signIn(username, password);
  return client;
}

const lines = async (...args) => (await succeeds(cli(args, { database: db }))).trimEnd().split('\n').map((l) => l.split('\t'));
const lineOf = async (name) => (await lines('user', 'list')).find(([first]) => first === name);
const lastEvent = async () => (await db.rows(
  'SELECT type, actor, record::jsonb AS record FROM event WHERE store_id = 0 ORDER BY seq DESC LIMIT 1'))[0];

test('user add makes a user who can sign in, with the roles given', async () => {
  assert.equal(await succeeds(withPassword(PASSWORD, 'add', '赵六', '--display-name', '赵 六',
    '--role', 'storekeeper@xita', '--role', 'auditor@malan')), '');
  assert.deepEqual(await lineOf('赵六'), ['赵六', '赵 六', '', 'storekeeper@xita auditor@malan']);
  const client = await signedIn('赵六');
  assert.equal((await client.get('/api/v1/stores/XT/slips')).status, 200);
  const { type, actor, record } = await lastEvent().then(async () => (await db.rows(
    "SELECT type, actor, record::jsonb AS record FROM event WHERE type = 'user_added'"))[0]);
  assert.equal(type, 'user_added');
  assert.equal(actor, 'system');
  assert.equal(record.source, 'cli');
  assert.equal(record.body.username, '赵六');
});

test('the password may come from a file; only its first line counts', async () => {
  const file = join(tempDir(), 'password');
  writeFileSync(file, `${PASSWORD}\r\nmore\n`);
  chmodSync(file, 0o644);
  await succeeds(user('add', 'from-file', '--password-file', file));
  assert.deepEqual((await lineOf('from-file')).slice(0, 3), ['from-file', 'from-file', '']);
  await signedIn('from-file');
  await fails(user('add', 'x', '--password-file', '/nowhere/at/all'), 1, /cannot open the password file \/nowhere\/at\/all/);
});

test('no password is no user', async () => {
  await fails(cli(['user', 'add', 'nobody'], { database: db, input: '' }), 1, /no password was given/);
  await fails(withPassword('short', 'add', 'nobody'), 1, /password: .*\n.*at least 10 characters/);
  assert.equal(await lineOf('nobody'), undefined);
});

test('what is wrong is named in both languages, and nothing is done', async () => {
  await fails(withPassword(PASSWORD, 'add', 'keeper'), 1, /keeper 已存在[^]*keeper exists already/);
  await fails(withPassword(PASSWORD, 'add', 'new', '--role', 'owner@xita'), 1, /roles\[0\]\.role/);
  await fails(withPassword(PASSWORD, 'add', 'new', '--role', 'auditor@nowhere'), 1, /roles\[0\]\.place: [^]*There is no place nowhere/);
  await fails(user('grant', 'keeper', 'owner', 'xita'), 1, /role: /);
  await fails(user('grant', 'nobody', 'auditor', 'xita'), 1, /未找到|没有/);
  await fails(user('revoke', 'keeper', 'auditor', 'xita'), 1, /没有/);
  await fails(user('disable', 'admin'), 1, /last administrator of gujiao/);
  await fails(user('disable', 'system'), 1, /没有/);
  assert.equal(await lineOf('new'), undefined);
  assert.deepEqual((await lineOf('keeper'))[3], 'storekeeper@xita');
});

test('a command line that makes no sense shows how it is used', async () => {
  for (const args of [[], ['remove', 'x'], ['add'], ['add', 'a', 'b'], ['list', 'all'], ['grant', 'keeper', 'auditor'],
    ['add', 'x', '--role', 'auditor'], ['add', 'x', '--password', 'secret']])
    await fails(user(...args), 2, /Usage: taizhang user/);
  for (const args of [[], ['make'], ['add', 'keeper'], ['revoke']])
    await fails(cli(['token', ...args], { database: db }), 2, /Usage: taizhang token/);
});

test('user password sets a new one, and ends the sessions', async () => {
  await succeeds(withPassword(PASSWORD, 'add', 'forgetful'));
  const client = await signedIn('forgetful');
  await succeeds(withPassword('a-second-password', 'password', 'forgetful'));
  await until('the session over', async () => (await client.get('/api/v1/session')).status === 401, 2);
  await signedIn('forgetful', 'a-second-password');
  await fails(withPassword('a-second-password', 'password', 'nobody'), 1, /没有/);
  const dump = await db.sql('SELECT e::text FROM event AS e UNION ALL SELECT u::text FROM app_user AS u');
  assert.ok(!dump.includes('a-second-password') && !dump.includes(PASSWORD));
});

test('grant, revoke, disable and enable take effect in the running service', async () => {
  await succeeds(withPassword(PASSWORD, 'add', 'worker'));
  const client = await signedIn('worker');
  const status = (expected) => until(`status ${expected}`,
    async () => (await client.get('/api/v1/stores/XT/slips')).status === expected, 2);
  await status(404);
  await succeeds(user('grant', 'worker', 'storekeeper', 'xita'));
  await status(200);
  await succeeds(user('revoke', 'worker', 'storekeeper', 'xita'));
  await status(404);
  await succeeds(user('disable', 'worker'));
  await status(401);
  assert.equal((await lineOf('worker'))[2], 'disabled');
  assert.equal((await visitor().post('/api/v1/session', { username: 'worker', password: PASSWORD })).status, 401);
  await succeeds(user('enable', 'worker'));
  await signedIn('worker');
});

test('token add prints the secret alone; list shows it no more; revoke ends it', async () => {
  const token = (...args) => cli(['token', ...args], { database: db });
  const secret = (await succeeds(token('add', 'keeper', 'export script', '--expires', '2199-01-01T00:00:00+08:00'))).trimEnd();
  assert.match(secret, /^tzt_[A-Za-z0-9_-]{43}$/);
  const client = visitor({ bearer: secret });
  assert.equal((await client.get('/api/v1/stores/XT/slips')).status, 200);
  const [id, ...rest] = (await lines('token', 'list'))[0];
  assert.deepEqual([rest[0], rest[1], rest[3], rest[4]], ['keeper', 'export script', '2199-01-01T00:00:00+08:00', 'valid']);
  await succeeds(token('revoke', id));
  await until('the token refused', async () => (await client.get('/api/v1/session')).status === 401, 2);
  assert.equal((await lines('token', 'list'))[0][5], 'revoked');
  await fails(token('revoke', '999'), 1, /没有/);
  await fails(token('revoke', 'x'), 1, /whole number/);
  await fails(token('add', 'nobody', 'x'), 1, /没有/);
  await fails(token('add', 'keeper', 'x', '--expires', 'tomorrow'), 1, /2022-11-20T08:30:00\+08:00/);
  await fails(token('add', 'keeper', 'x', '--expires', '2020-01-01T00:00:00Z'), 1, /expires_at/);
});

test('without a database it says so, plainly', async () => {
  await fails(cli(['user', 'list'], { database: { conninfo: 'host=/nowhere', ownerConninfo: '' } }), 1,
    /taizhang: .*could not connect/);
});
