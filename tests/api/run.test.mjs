// deploy/local/run, which is make run: started, asked, started twice, stopped, killed, started again.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync,
  rmSync, statSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '../lib/client.mjs';
import { program, root, until } from '../lib/process.mjs';

// A checkout in which nothing is left to build.
let checkout;
before(() => {
  checkout = mkdtempSync(join(tmpdir(), 'run '));
  chmodSync(checkout, 0o755);
  cpSync(join(root, 'deploy'), join(checkout, 'deploy'), { recursive: true });
  writeFileSync(join(checkout, 'Makefile'), 'build:\n');
  mkdirSync(join(checkout, '.build'));
  copyFileSync(program(), join(checkout, '.build/taizhang'));
});

let running;
after(async () => {
  if (running) await stop(running, 'SIGTERM');
  rmSync(checkout, { recursive: true, force: true });
});

const local = (name) => join(checkout, '.local', name);
const facts = () => JSON.parse(readFileSync(local('run.json'), 'utf8'));

// In a process group of its own, as a terminal would.
function launch() {
  const child = spawn(join(checkout, 'deploy/local/run'), [],
    { detached: true, env: { ...process.env, TAIZHANG_PASSWORD_COST: '8' } });
  child.output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => { child.output += part; });
  child.exited = once(child, 'close').then(([code]) => code);
  return child;
}

async function up() {
  const child = launch();
  await until('make run serves', () => {
    if (child.exitCode !== null) throw new Error(child.output);
    return /Ctrl-C/.test(child.output);
  }, 60);
  running = child;
  return child;
}

async function stop(child, signal) {
  process.kill(-child.pid, signal);
  const code = await child.exited;
  running = undefined;
  return code;
}

// Processes whose program or working directory lies in the checkout: the two servers.
function servers() {
  return readdirSync('/proc').filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`).startsWith(local(''));
    } catch {
      return false; // not a process, or gone
    }
  }).map(Number);
}

async function slips() {
  const { url, store, users } = facts();
  const client = new Client(url);
  await client.signIn(users.storekeeper.username, users.storekeeper.password);
  const { status, body } = await client.get(`/api/v1/stores/${store}/slips`);
  client.close();
  assert.equal(status, 200);
  return body.items.map((slip) => slip.number);
}

test('the first start prints an address and four sign-ins that work', async () => {
  const { output } = await up();
  const { url, store, users } = facts();
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.ok(Number(new URL(url).port) >= 8470);
  assert.equal(store, 'XT');
  assert.deepEqual(Object.keys(users), ['storekeeper', 'coordinator', 'auditor', 'admin']);
  assert.ok(output.includes(url));
  for (const [role, { username, password }] of Object.entries(users)) {
    assert.ok(output.includes(password), role);
    const client = new Client(url);
    const { body } = await client.signIn(username, password);
    assert.ok(body.user.roles.some((grant) => grant.role === role), role);
    client.close();
  }
  assert.ok((await slips()).length > 0);
});

test('secrets are readable by the owner alone', () => {
  for (const name of ['run.json', 'passwords.json', 'secret_key']) assert.equal(statSync(local(name)).mode & 0o777, 0o600);
});

test('no server runs as root', () => {
  assert.ok(servers().length >= 2);
  for (const pid of servers()) assert.notEqual(statSync(`/proc/${pid}`).uid, 0);
});

test('a second start says that one is running, and where', async () => {
  const second = launch();
  assert.equal(await second.exited, 1);
  assert.match(second.output, /is running already/);
  assert.ok(second.output.includes(facts().url));
});

test('Ctrl-C stops everything, and data and sign-ins outlive it', async () => {
  const before = { slips: await slips(), users: facts().users };
  assert.equal(await stop(running, 'SIGINT'), 130);
  assert.deepEqual(servers(), []);
  assert.ok(!existsSync(local('pg/postmaster.pid')));

  await up();
  assert.deepEqual({ slips: await slips(), users: facts().users }, before);
});

test('it starts again after everything was killed at once', async () => {
  const before = await slips();
  const pidFile = readFileSync(local('pg/postmaster.pid'));
  for (const pid of [running.pid, ...servers()]) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch { /* its parent's end was its own */ }
  }
  await running.exited;
  await until('all gone', () => servers().length === 0);
  // A pid that is now another process's: ours.
  writeFileSync(local('pg/postmaster.pid'), String(pidFile).replace(/^\d+/, String(process.pid)));

  await up();
  assert.deepEqual(await slips(), before);
  assert.equal(await stop(running, 'SIGTERM'), 143);
  assert.deepEqual(servers(), []);
});
