// run.mjs - slips a second of this service, one slip a request, beside what PostgreSQL does when every
// slip is a transaction of its own (pgbench, seven hot balances). Both in one cluster with fsync on, in
// turns, several short rounds; medians. Prints a table and writes it to .build/bench.md.
//
//   pgbench     BEGIN, update guarded against going below zero, insert slip, insert entry, COMMIT
//   pgbench 1×  the same as a single statement: one round trip, the shortest way to hold the hot row
//   taizhang    POST /api/v1/stores/XT/slips, kept-alive connections, durable before it is answered
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cpus } from 'node:os';
import { newKey } from '../lib/client.mjs';
import { startCluster } from '../lib/cluster.mjs';
import { publicFile, root, run, tempDir } from '../lib/process.mjs';
import { cli } from '../lib/service.mjs';
import { startWorld } from '../lib/world.mjs';

const SECONDS = Number(process.env.BENCH_SECONDS ?? 5);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const CLIENTS = [1, 16, 64];
const ITEMS = ['disposable-mask', 'n95', 'glove', 'face-shield', 'isolation-gown', 'protective-suit', 'hand-gel'];

const here = (name) => publicFile(join(root, 'tests/bench', name));

const cluster = await startCluster({ fsync: true });
const world = await startWorld({ cluster, settings: { log_level: 'warn' } });
const plain = await cluster.createDatabase({ empty: true });
await plain.sql(readFileSync(join(root, 'tests/bench/schema.sql'), 'utf8'));
const load = publicFile(join(root, '.build/bench/load'));
const token = await stock();

// Enough of everything, and a token to take it with.
async function stock() {
  const keeper = await world.client('keeper');
  const slip = { kind: 'in', reason: 'opening', lines: ITEMS.map((item) => ({ item, quantity: 1_000_000_000 })) };
  const stocked = await keeper.post('/api/v1/stores/XT/slips', slip, { key: newKey() });
  if (stocked.status !== 201) throw new Error(stocked.text);
  const made = await keeper.post('/api/v1/tokens', { name: 'bench' });
  if (made.status !== 201) throw new Error(made.text);
  return made.body.secret;
}

async function execute(file, args) {
  const { code, stdout, stderr } = await run(file, args);
  if (code !== 0) throw new Error(`${file}: ${stderr}`);
  return stdout;
}

// → {rate, p50, p99}: slips a second, milliseconds
async function pgbench(script, clients) {
  const logs = join(tempDir(), 'pgbench');
  await execute('mkdir', [logs]);
  const out = await execute('pgbench', ['-n', '-M', 'prepared',
    '-f', script, '-c', clients, '-j', Math.min(clients, cpus().length), '-T', SECONDS,
    '-l', '--log-prefix', join(logs, 'log'), plain.ownerConninfo].map(String));
  const latencies = readdirSync(logs)
    .flatMap((name) => readFileSync(join(logs, name), 'latin1').trim().split('\n'))
    .map((line) => Number(line.split(' ')[2])).sort((a, b) => a - b);
  rmSync(logs, { recursive: true });
  const at = (share) => latencies[Math.floor((latencies.length - 1) * share)] / 1000;
  return { rate: Number(/^tps = ([\d.]+)/m.exec(out)[1]), p50: at(0.5), p99: at(0.99) };
}

async function taizhang(clients) {
  const out = JSON.parse(await execute(load, [world.service.port, 'XT', token, clients, SECONDS].map(String)));
  return { rate: out.slips / out.seconds, p50: out.p50_us / 1000, p99: out.p99_us / 1000 };
}

const statements = here('statements.sql');
const statement = here('statement.sql');
const CONTESTANTS = {
  'pgbench': (clients) => pgbench(statements, clients),
  'pgbench 1×': (clients) => pgbench(statement, clients),
  'taizhang': taizhang,
};

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
const results = []; // {name, clients, rate, p50, p99}

for (const clients of CLIENTS) {
  const rounds = Object.fromEntries(Object.keys(CONTESTANTS).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, measure] of Object.entries(CONTESTANTS)) {
      await plain.sql('CHECKPOINT', 'postgres');
      rounds[name].push(await measure(clients));
      process.stderr.write(`${name}, ${clients} clients: ${Math.round(rounds[name].at(-1).rate)} slips/s\n`);
    }
  }
  for (const [name, list] of Object.entries(rounds)) {
    results.push({ name, clients, ...Object.fromEntries(['rate', 'p50', 'p99'].map((field) =>
      [field, median(list.map((result) => result[field]))])) });
  }
}

const posted = await world.db.sql("SELECT count(*) FROM slip WHERE reason = 'issue'");
await world.stop();
const verified = await cli(['verify'], { database: world.db });
await cluster.stop();
if (verified.code !== 0) throw new Error(verified.stdout + verified.stderr);

const best = (name) => Math.max(...results.filter((r) => r.name === name).map((r) => r.rate));
const baseline = best('pgbench');
const ours = results.find((r) => r.name === 'taizhang' && r.clients === 64).rate;
const report = `# Slips a second

${ROUNDS} rounds of ${SECONDS} s each, in turns; medians. ${cpus().length} processors, shared by PostgreSQL, the service and the clients; fsync on.

| | clients | slips/s | p50 ms | p99 ms | × best pgbench |
| --- | ---: | ---: | ---: | ---: | ---: |
${results.map((r) => `| ${r.name} | ${r.clients} | ${Math.round(r.rate)} | ${r.p50.toFixed(2)} | ${r.p99.toFixed(2)} | ${(r.rate / baseline).toFixed(2)} |`).join('\n')}

taizhang at 64 clients: ${(ours / baseline).toFixed(2)} × the best of pgbench, ${(ours / best('pgbench 1×')).toFixed(2)} × the best of its single statement.
The ${posted} slips that were posted here are verified: everything agrees.
`;
process.stdout.write(`\n${report}`);
mkdirSync(join(root, '.build'), { recursive: true });
writeFileSync(join(root, '.build/bench.md'), report);
