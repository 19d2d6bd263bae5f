// service.mjs - the real program: serving, and its other subcommands.
//
//   const service = await startService({ database: db, settings: { post_batch: 10 } });
//     service.url, service.port, service.pid
//     service.log                        its log lines so far, as objects
//     await service.logged((line) => …)  the first such line, waiting for it
//     await service.stop()               SIGTERM; fails unless it exits 0 without a complaint of a sanitizer
//     await service.kill()               SIGKILL
//     service.signal('SIGHUP')
//     await service.exited               → {code, signal}
//   await startService({ ready: false }) does not wait for /readyz, only for the port
//   await cli(['user', 'add', …], { database: db, input, settings })  → {code, stdout, stderr}
//
// settings are settings.def's names; they are handed over in the environment. What is still running
// when the test process ends is killed.
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import { createInterface } from 'node:readline';
import { background, foreground, program, run, start, tempDir, until } from './process.mjs';

// A key that signs checkpoints, of this process's tests; on schedule it does so only where a test says so.
const signingKey = join(tempDir(), 'signing_key.pem');
writeFileSync(signingKey, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));

// Low scrypt cost: tests sign in often. No sweep of alerts comes in between unless a test asks for it.
const DEFAULTS = {
  listen: '127.0.0.1:0', password_cost: 4, alert_interval: 86400000, signing_key: signingKey, log_name: 'test.invalid', checkpoint_interval: 604800000,
};

const SANITIZERS = {
  ASAN_OPTIONS: 'exitcode=99:detect_stack_use_after_return=1',
  UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1:exitcode=99',
};
const COMPLAINT = /AddressSanitizer|LeakSanitizer|runtime error:/;

function environment(database, settings) {
  const env = { ...SANITIZERS };
  if (database) {
    env.TAIZHANG_DATABASE = database.conninfo;
    env.TAIZHANG_OWNER_DATABASE = database.ownerConninfo;
  }
  for (const [name, value] of Object.entries({ ...DEFAULTS, ...settings }))
    env[`TAIZHANG_${name.toUpperCase()}`] = String(value);
  return env;
}

function assertSane(stderr) {
  assert.ok(!COMPLAINT.test(stderr), stderr);
}

export async function cli(args, { database, input, settings } = {}) {
  const result = await run(program(), args, { input, env: environment(database, settings) });
  assertSane(result.stderr);
  return result;
}

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

// The TCP ports on which a process listens, from /proc: no test depends on how it says so.
function listeningPorts(pid) {
  const inodes = new Set(readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
    } catch {
      return undefined; // closed meanwhile
    }
  }));
  const ports = [];
  for (const line of readFileSync('/proc/net/tcp', 'latin1').trim().split('\n').slice(1)) {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    if (state === '0A' && inodes.has(inode)) ports.push(parseInt(local.split(':')[1], 16));
  }
  return ports;
}

class Service {
  constructor(child, scheme) {
    this.child = child;
    this.pid = child.pid;
    this.scheme = scheme;
    this.log = [];
    this.stderr = '';
    const lines = createInterface({ input: child.stderr });
    lines.on('line', (line) => {
      this.stderr += `${line}\n`;
      try {
        this.log.push(JSON.parse(line));
      } catch { /* a sanitizer's complaint, or a message before the log is set up */ }
    });
    this.drained = once(lines, 'close');
    child.stdout.resume();
    this.end = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
    background(child);
  }

  get exited() {
    if (this.running) foreground(this.child);
    return this.end;
  }

  get running() {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  get url() {
    return `${this.scheme}://127.0.0.1:${this.port}`;
  }

  signal(name) {
    this.child.kill(name);
  }

  logged(match, seconds) {
    return until(`log line ${match}`, () => this.log.find(match), seconds);
  }

  async listening(configured) {
    this.port = await until('the service listening', () => {
      if (!this.running) throw new Error(`taizhang serve ended: ${this.stderr}`);
      const ports = listeningPorts(this.pid);
      return configured ? ports.includes(configured) && configured : ports[0];
    }, 60);
  }

  async stop() {
    if (this.running) this.signal('SIGTERM');
    const ended = await this.exited;
    await this.drained;
    assertSane(this.stderr);
    assert.deepEqual(ended, { code: 0, signal: null }, this.stderr);
  }

  async kill() {
    if (this.running) this.signal('SIGKILL');
    await this.exited;
  }
}

export async function startService({ database, settings = {}, args = [], env = {}, ready = true } = {}) {
  const child = start(program(), ['serve', ...args],
    { env: { ...environment(database, settings), ...env } });
  const service = new Service(child, settings.tls_certificate ? 'https' : 'http');
  const listen = settings.listen ?? DEFAULTS.listen;
  await service.listening(Number(listen.split(':').at(-1)));
  if (ready) {
    await until('the service ready', async () => {
      if (!service.running) throw new Error(`taizhang serve ended: ${service.stderr}`);
      return isReady(service);
    }, 30);
  }
  return service;
}

async function isReady(service) {
  const { get } = await import(`node:${service.scheme}`);
  return new Promise((resolve) => {
    const request = get(`${service.url}/readyz`, { agent: false, rejectUnauthorized: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    request.on('error', () => resolve(false));
  });
}
