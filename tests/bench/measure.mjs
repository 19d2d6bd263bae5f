// measure.mjs - what every topic of make bench uses.
//
//   SECONDS, ROUNDS, ROWS                    BENCH_SECONDS, BENCH_ROUNDS, BENCH_ROWS
//   await alternate({ ours, theirs }, before)   each in turn, ROUNDS times → { ours: [result], theirs: [result] }
//   column(results, 'rate')                  that figure of each round
//   median(values), quantile(values, 0.99)   NaN of nothing
//   await pgbench(db, { script, clients, seconds, rate, define, settings })   → { rate, p50, p99 }, of its last
//                                            seconds: after WARM_SECONDS in which its connections learn the
//                                            catalogue and plan, and pages are first written after a checkpoint
//   sqlFile('single.sql')                    that script of this directory, where pgbench may read it
//   await timed(() => …)                     seconds
//   await execute(file, args, { env })       standard output; throws unless it exits with 0
//   processorSeconds(pid)                    used so far, by the process itself
//   memoryKib(pid, 'VmRSS')                  a figure of /proc/PID/status
//   rate, p50, p99: requests (or transactions) a second, milliseconds
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { publicFile, root, run, tempDir } from '../lib/process.mjs';

export const SECONDS = Number(process.env.BENCH_SECONDS ?? 3);
export const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
export const ROWS = Number(process.env.BENCH_ROWS ?? 10_000_000);
export const ITEMS = ['disposable-mask', 'n95', 'glove', 'face-shield', 'isolation-gown', 'protective-suit', 'hand-gel'];

export const WARM_SECONDS = 2; // before what is measured, at the same rate
const PER_SECOND_TICKS = 100; // of /proc, on Linux

export const quantile = (values, share) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length ? sorted[Math.floor((sorted.length - 1) * share)] : NaN;
};
export const median = (values) => quantile(values, 0.5);
export const column = (results, name) => results.map((result) => result[name]);

export async function alternate(contestants, before = () => {}, count = ROUNDS) {
  const results = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]));
  for (let round = 0; round < count; round++) {
    for (const [name, measure] of Object.entries(contestants)) {
      await before();
      const result = await measure();
      results[name].push(result);
      process.stderr.write(`  ${name}: ${Object.entries(result)
        .map(([what, value]) => `${what} ${Number(value.toPrecision(4))}`).join(', ')}\n`);
    }
  }
  return results;
}

export async function execute(file, args, options) {
  const { code, stdout, stderr } = await run(file, args.map(String), options);
  if (code !== 0) throw new Error(`${file}: ${stderr}`);
  return stdout;
}

export async function timed(work) {
  const begin = performance.now();
  await work();
  return (performance.now() - begin) / 1000;
}

export const sqlFile = (name) => publicFile(join(root, 'tests/bench', name));

let logs = 0;

export async function pgbench(db, { script, clients, seconds = SECONDS, rate, define = {}, settings = {} }) {
  const dir = join(tempDir(), `pgbench${logs++}`);
  await execute('mkdir', [dir]);
  await execute('pgbench', ['-n', '-M', 'prepared', '-f', script,
    '-c', clients, '-j', Math.min(clients, cpus().length), '-T', WARM_SECONDS + seconds, ...(rate ? ['-R', rate] : []),
    ...Object.entries(define).flatMap(([name, value]) => ['-D', `${name}=${value}`]),
    '-l', '--log-prefix', join(dir, 'log'), db.ownerConninfo],
  { env: { PGOPTIONS: Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`).join(' ') } });
  // A line a transaction: client, number, microseconds, script, and when it ended in seconds and microseconds.
  const ended = readdirSync(dir).flatMap((name) => readFileSync(join(dir, name), 'latin1').trim().split('\n'))
    .map((line) => line.split(' ').map(Number))
    .map(([, , took, , second, micro]) => ({ took: took / 1000, at: second + micro / 1e6 }));
  rmSync(dir, { recursive: true });
  const since = ended.reduce((last, { at }) => Math.max(last, at), 0) - seconds;
  const latencies = ended.filter(({ at }) => at > since).map(({ took }) => took);
  return { rate: latencies.length / seconds, p50: median(latencies), p99: quantile(latencies, 0.99) };
}

export function processorSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / PER_SECOND_TICKS;
}

export const memoryKib = (pid, what) =>
  Number(new RegExp(`^${what}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'latin1'))[1]);
