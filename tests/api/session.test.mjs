// Signing in and out: what it answers, what it tells nobody, and how failing slows down.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '../lib/client.mjs';
import { run, tempDir, until } from '../lib/process.mjs';
import { startService } from '../lib/service.mjs';
import { addUser, PASSWORD, startWorld } from '../lib/world.mjs';

let world;
let other; // another process on the same database

before(async () => {
  world = await startWorld();
  other = await startService({ database: world.db });
});
after(async () => {
  await other.stop();
  await world.stop();
});

const SESSION = '/api/v1/session';
const clients = [];
after(() => clients.forEach((c) => c.close()));

function visitor(service = world, cookie = undefined) {
  const client = new Client(service.url);
  client.cookie = cookie;
  clients.push(client);
  return client;
}

async function signedIn(username, password = PASSWORD) {
  const client = visitor();
  await client.signIn(username, password);
  return client;
}

const attempt = (username, password) => visitor().post(SESSION, { username, password });
const events = (type) =>
  world.db.rows(`SELECT seq, actor, record::jsonb AS record FROM event WHERE store_id = 0 AND type = '${type}' ORDER BY seq`);
const endsWithinASecond = (client) =>
  until('the session over', async () => (await client.get(SESSION)).status === 401, 2);
const errors = (answer) => answer.body.errors.map((e) => `${e.field} ${e.code}`).sort();

test('a sign-in answers who it is, and sets a cookie that scripts cannot read', async () => {
  const answer = await attempt('coordinator', PASSWORD);
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(answer.body.user, {
    username: 'coordinator', display_name: 'coordinator 用户', roles: [{ role: 'coordinator', place: 'malan' }],
  });
  assert.match(answer.body.expires_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00$/);
  const hours = (Date.parse(answer.body.expires_at) - Date.now()) / 3600_000;
  assert.ok(hours > 11.9 && hours <= 12, `${hours}`);
  const [cookie, ...attributes] = answer.headers['set-cookie'][0].split('; ');
  assert.match(cookie, /^taizhang=tzs_[A-Za-z0-9_-]{43}$/);
  assert.deepEqual(attributes.sort(), ['HttpOnly', 'Max-Age=43200', 'Path=/', 'SameSite=Strict']);

  const again = await visitor(world, cookie).get(SESSION);
  assert.equal(again.status, 200);
  assert.deepEqual(again.body, answer.body);
});

test('the secret is stored only as its hash', async () => {
  const client = await signedIn('keeper');
  const secret = client.cookie.split('=')[1];
  const hash = createHash('sha256').update(secret).digest('hex');
  const dump = await world.db.sql(
    'SELECT s::text FROM session AS s UNION ALL SELECT e::text FROM event AS e UNION ALL SELECT u::text FROM app_user AS u');
  assert.ok(dump.includes(hash));
  assert.ok(!dump.includes(secret));
  assert.ok(!dump.includes(PASSWORD));
});

test('unknown users, wrong passwords and users without one are answered alike', async () => {
  await world.db.sql("INSERT INTO app_user (username, display_name) VALUES ('silent', 'no password')");
  const answers = [];
  for (const [username, password] of [['keeper', 'wrong-password'], ['nobody', 'wrong-password'],
    ['silent', 'wrong-password'], ['system', 'wrong-password']]) {
    const { status, headers, body } = await attempt(username, password);
    assert.equal(headers['set-cookie'], undefined);
    delete body.instance;
    answers.push({ status, body });
  }
  assert.equal(answers[0].status, 401);
  assert.equal(answers[0].body.code, 'sign_in_failed');
  for (const answer of answers) assert.deepEqual(answer, answers[0]);
  assert.deepEqual((await events('sign_in_refused')).map((e) => e.record.body.username),
    ['keeper', 'nobody', 'silent', 'system']);
});

test('nobody is signed in without a cookie, or with another one', async () => {
  for (const cookie of [undefined, 'taizhang=', 'taizhang=tzs_made-up', 'other=x', '__Host-taizhang=x'])
    assert.equal((await visitor(world, cookie).get(SESSION)).status, 401);
});

test('a body is checked field by field', async () => {
  const wrong = await visitor().post(SESSION, { username: 'keeper\n', password: 7, remember: true });
  assert.equal(wrong.status, 422);
  assert.deepEqual(errors(wrong), ['password wrong_type', 'remember unknown_field', 'username bad_characters']);
  assert.deepEqual(errors(await visitor().post(SESSION, {})), ['password required', 'username required']);
  assert.equal((await visitor().post(SESSION, '{"username":')).status, 400);
  const form = await visitor().request('POST', SESSION,
    { body: '{"username":"keeper","password":"x"}', headers: { 'Content-Type': 'text/plain' } });
  assert.equal(form.status, 415);
  const foreign = await visitor().post(SESSION, { username: 'keeper', password: PASSWORD },
    { headers: { Origin: 'https://evil.example' } });
  assert.equal(foreign.status, 403);
  assert.equal(foreign.body.code, 'foreign_origin');
});

test('signing out ends the session at once, in every process', async () => {
  const client = await signedIn('auditor');
  const elsewhere = visitor(other, client.cookie);
  assert.equal((await elsewhere.get(SESSION)).status, 200);
  const kept = await signedIn('auditor');
  const answer = await client.delete(SESSION);
  assert.equal(answer.status, 204, answer.text);
  assert.match(answer.headers['set-cookie'][0], /^taizhang=; .*Max-Age=0/);
  assert.equal((await client.get(SESSION)).status, 401);
  await endsWithinASecond(elsewhere);
  assert.equal((await kept.get(SESSION)).status, 200);
  const [event] = (await events('sign_out')).slice(-1);
  assert.equal(event.actor, 'auditor');
  assert.equal(event.record.source, '127.0.0.1');
});

test('a session ends when its time is up', async () => {
  const client = await signedIn('auditor');
  await world.db.sql(`UPDATE session SET expires_at = now()
    WHERE user_id = (SELECT user_id FROM app_user WHERE username = 'auditor')`);
  await endsWithinASecond(client);
});

test('a new password ends every other session of the user, and only those', async () => {
  await addUser(world.db, 'changer');
  const [client, second, third, bystander] = await Promise.all(
    ['changer', 'changer', 'changer', 'coordinator'].map((u) => signedIn(u)));
  const elsewhere = visitor(other, third.cookie);
  assert.equal((await elsewhere.get(SESSION)).status, 200);
  const put = (current, fresh) => client.put(`${SESSION}/password`, { current, new: fresh });

  assert.deepEqual(errors(await put('wrong-password', '新的密码也要足够长才行')), ['current wrong_password']);
  assert.deepEqual(errors(await put(PASSWORD, 'short')), ['new weak_password']);
  assert.deepEqual(errors(await put(PASSWORD, '九个汉字的密码啊呀')), ['new weak_password']);
  assert.deepEqual(errors(await client.put(`${SESSION}/password`, { current: PASSWORD })), ['new required']);
  assert.equal((await second.get(SESSION)).status, 200);

  const answer = await put(PASSWORD, '新的密码也要足够长才行');
  assert.equal(answer.status, 204, answer.text);
  assert.equal((await client.get(SESSION)).status, 200);
  assert.equal((await second.get(SESSION)).status, 401);
  await endsWithinASecond(elsewhere);
  assert.equal((await bystander.get(SESSION)).status, 200);
  assert.equal((await attempt('changer', PASSWORD)).status, 401);
  assert.equal((await attempt('changer', '新的密码也要足够长才行')).status, 200);
  const changed = await events('password_changed');
  assert.equal(changed.length, 1);
  assert.deepEqual(changed[0].record.body, { username: 'changer' });
});

test('who fails often waits: by user name, the right password included', async () => {
  await addUser(world.db, 'guessed');
  for (let i = 0; i < 5; i++) assert.equal((await attempt('guessed', `wrong-${i}`)).status, 401);
  const refused = await attempt('guessed', PASSWORD);
  assert.equal(refused.status, 429);
  assert.equal(refused.body.code, 'too_many_attempts');
  assert.equal(refused.headers['retry-after'], '1');
  assert.equal((await attempt('keeper', PASSWORD)).status, 200, 'others do not wait');

  // The time is up: one more failure doubles it.
  const wait = () => world.db.sql("UPDATE sign_in_failure SET until = now() - interval '1 second' WHERE subject = 'user:guessed'");
  await wait();
  assert.equal((await attempt('guessed', 'wrong-again')).status, 401);
  assert.equal((await attempt('guessed', PASSWORD)).headers['retry-after'], '2');
  await wait();
  assert.equal((await attempt('guessed', PASSWORD)).status, 200);
  assert.deepEqual(await world.db.rows("SELECT FROM sign_in_failure WHERE subject = 'user:guessed'"), []);
  assert.equal((await attempt('guessed', 'wrong-once')).status, 401, 'forgiven');
  assert.equal((await attempt('guessed', PASSWORD)).status, 200);
});

test('a name that nobody has waits in the same way', async () => {
  for (let i = 0; i < 5; i++) assert.equal((await attempt('ghost', `wrong-${i}`)).status, 401);
  assert.equal((await attempt('ghost', 'wrong')).status, 429);
});

test('who fails often waits: by address, whatever the user name', async () => {
  await world.db.sql("UPDATE sign_in_failure SET failures = 49 WHERE subject = 'address:127.0.0.1'");
  assert.equal((await attempt('somebody', 'wrong-password')).status, 401);
  const refused = await attempt('keeper', PASSWORD);
  assert.equal(refused.status, 429);
  assert.match(refused.headers['retry-after'], /^[1-9]/);
  await world.db.sql("DELETE FROM sign_in_failure WHERE subject = 'address:127.0.0.1'");
  assert.equal((await attempt('keeper', PASSWORD)).status, 200);
});

test('guessing all at once does not get round the limit', async () => {
  await addUser(world.db, 'stormed');
  const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => attempt('stormed', `wrong-${i}`)));
  const refused = answers.filter((a) => a.status === 401).length;
  assert.ok(answers.every((a) => [401, 429].includes(a.status)));
  assert.ok(refused >= 5 && refused <= 8, `${refused} guesses were told that they are wrong`);
  const logged = (await events('sign_in_refused')).filter((e) => e.record.body.username === 'stormed');
  assert.equal(logged.length, refused);
});

test('many may sign in as one user at once', async () => {
  await addUser(world.db, 'shared');
  const answers = await Promise.all(Array.from({ length: 40 }, () => attempt('shared', PASSWORD)));
  assert.deepEqual([...new Set(answers.map((a) => a.status))], [200]);
  assert.equal(new Set(answers.map((a) => a.headers['set-cookie'][0])).size, 40);
});

test('more sign-ins than can be hashed are sent away, not piled up', async () => {
  const slow = await startService({ database: world.db,
    settings: { password_cost: 15, password_workers: 1, password_queue: 1 } });
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) =>
    visitor(slow).post(SESSION, { username: `crowd-${i}`, password: 'wrong-password' })));
  const busy = answers.filter((a) => a.status === 503);
  assert.ok(busy.length > 0);
  assert.ok(busy.every((a) => a.body.code === 'busy' && a.headers['retry-after']));
  assert.ok(answers.some((a) => a.status === 401));
  assert.ok(answers.every((a) => [401, 503].includes(a.status)));
  await slow.stop();
});

test('under TLS the cookie is bound to this host and to TLS', async () => {
  const [key, certificate] = ['key.pem', 'certificate.pem'].map((name) => join(tempDir(), name));
  const made = await run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
    '-days', '2', '-subj', '/CN=localhost', '-keyout', key, '-out', certificate]);
  assert.equal(made.code, 0, made.stderr);
  chmodSync(key, 0o644);
  const safe = await startService({ database: world.db, settings: { tls_certificate: certificate, tls_key: key } });
  const client = new Client(safe.url);
  clients.push(client);
  client.agent.options.rejectUnauthorized = false;
  const answer = await client.signIn('keeper', PASSWORD);
  const [cookie, ...attributes] = answer.headers['set-cookie'][0].split('; ');
  assert.match(cookie, /^__Host-taizhang=tzs_/);
  assert.deepEqual(attributes.sort(), ['HttpOnly', 'Max-Age=43200', 'Path=/', 'SameSite=Strict', 'Secure']);
  assert.equal((await client.get(SESSION)).status, 200);
  // The name without the prefix could have been set over plain HTTP.
  client.cookie = cookie.replace('__Host-', '');
  assert.equal((await client.get(SESSION)).status, 401);
  client.close();
  await safe.stop();
});

test('the log of the process knows no secret', async () => {
  const client = await signedIn('keeper');
  await attempt('keeper', 'a-wrong-but-telling-password');
  await client.get(SESSION);
  await world.service.logged((line) => line.path === SESSION && line.method === 'GET');
  for (const secret of [PASSWORD, 'a-wrong-but-telling-password', client.cookie.split('=')[1]])
    assert.ok(!world.service.stderr.includes(secret));
});
