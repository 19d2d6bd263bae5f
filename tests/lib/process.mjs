// process.mjs - what every test process needs of the system: a directory that vanishes, and programs
// run as an unprivileged user even when root runs the tests (PostgreSQL insists, and so do we).
//
//   tempDir()                      this process's own directory, the unprivileged user's; short path
//   publicFile(path)               a copy of a file where that user can read it
//   program                        the taizhang under test (TEST_PROGRAM, or .build/taizhang)
//   run(file, args, {input, env})  → {code, signal, stdout, stderr}; never rejects for an exit code
//   start(file, args, {env, last}) → a ChildProcess that gets the signal last (KILL) when this one ends
//   background(child), foreground(child)   whether this process waits for it before it can end
//   until(what, probe, seconds)    polls until probe() gives something true; fails naming what
import { spawn } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

// {uid, gid} to become when we are root, else null.
export const servant = process.getuid() === 0 ? accountOf('postgres') ?? accountOf('nobody') : null;

function accountOf(name) {
  const line = readFileSync('/etc/passwd', 'utf8').split('\n').find((l) => l.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return line ? { uid: Number(uid), gid: Number(gid) } : null;
}

const started = new Set(); // children that still run
let dir;

export function tempDir() {
  if (dir) return dir;
  // A socket's path holds at most 107 bytes.
  const base = tmpdir().length < 40 ? tmpdir() : '/tmp';
  dir = mkdtempSync(join(base, 'taizhang-'));
  give(dir);
  process.on('exit', () => {
    for (const child of started) child.kill(child.last);
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));
  return dir;
}

function give(path) {
  if (servant) chownSync(path, servant.uid, servant.gid);
}

let copies = 0;

export function publicFile(path) {
  if (!servant) return path;
  const copy = join(tempDir(), `${copies++}-${basename(path)}`);
  copyFileSync(path, copy);
  chmodSync(copy, 0o755);
  return copy;
}

let copiedProgram;

// Copied, because the checkout may lie where the unprivileged user cannot look.
export function program() {
  const built = process.env.TEST_PROGRAM ?? join(root, '.build/taizhang');
  if (!existsSync(built)) throw new Error(`${built} does not exist: run make first`);
  return (copiedProgram ??= publicFile(built));
}

// The settings of whoever runs the tests are none of theirs.
const cleanEnv = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(TAIZHANG_|PG)/.test(name)));

export function start(file, args = [], { env = {}, last = 'KILL', stdio = ['ignore', 'pipe', 'pipe'] } = {}) {
  const become = servant
    ? [`--reuid=${servant.uid}`, `--regid=${servant.gid}`, '--clear-groups'] : [];
  const child = spawn('setpriv', [`--pdeathsig=${last}`, ...become, '--', file, ...args], {
    cwd: tempDir(), env: { ...cleanEnv, HOME: tempDir(), ...env }, stdio,
  });
  child.last = `SIG${last}`;
  started.add(child);
  child.on('exit', () => started.delete(child));
  return child;
}

// A failed test leaves servers behind, for which the test process must not wait for ever.
export function background(child) {
  for (const handle of [child, child.stdout, child.stderr]) handle.unref();
}

export function foreground(child) {
  for (const handle of [child, child.stdout, child.stderr]) handle.ref();
}

export function run(file, args = [], { input, env } = {}) {
  return new Promise((resolve, reject) => {
    const child = start(file, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    const out = { stdout: [], stderr: [] };
    for (const name of ['stdout', 'stderr']) child[name].on('data', (part) => out[name].push(part));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({
      code, signal,
      stdout: Buffer.concat(out.stdout).toString(), stderr: Buffer.concat(out.stderr).toString(),
    }));
    child.stdin.on('error', () => {}); // it may end before it has read everything
    child.stdin.end(input ?? '');
  });
}

export async function until(what, probe, seconds = 20) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited ${seconds} s in vain: ${what}`);
    await sleep(20);
  }
}
