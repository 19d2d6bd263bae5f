// hot.mjs - slips a second, one a request: on seven hot ledgers of one store, spread over stores, and how
// long one takes at half of that load.
//
//   pgbench     single.sql: BEGIN, update guarded against going below zero, two inserts, COMMIT
//   pgbench 1×  statement.sql: the same as a single statement, the shortest way to hold the hot row
//   taizhang    POST …/slips over kept-alive connections
import { cli } from '../lib/service.mjs';
import { lines } from './chart.mjs';
import { ROUNDS, SECONDS, WARM_SECONDS, alternate, column, median, pgbench, sqlFile } from './measure.mjs';
import { startSite } from './site.mjs';

const GOAL_CLIENTS = [1, 16, 64];
const MORE_CLIENTS = [4, 256];
const MORE_STORES = [1, 10, 1000];
const CLIENTS = 64;
const TAIL_ROUNDS = 3 * ROUNDS; // a p99 says more of the machine's bad moments than a rate: so many make a median

const rateOf = (results) => median(column(results, 'rate'));

// The clients with which pgbench is quickest, by its results for each of them.
function best(results, name = 'pgbench') {
  const [clients] = GOAL_CLIENTS.map((n) => [n, results[`${name}, ${n}`]])
    .reduce((a, b) => (rateOf(b[1]) > rateOf(a[1]) ? b : a));
  return { clients, results: results[`${name}, ${clients}`] };
}

const rows = (results) => Object.entries(results)
  .map(([name, list]) => [name, ...['rate', 'p50', 'p99'].map((field) => column(list, field))]);
const HEAD = ['contestant, clients', 'slips/s', 'p50 ms', 'p99 ms'];

export default async function hot({ cluster, report }) {
  const [single, statement] = [sqlFile('single.sql'), sqlFile('statement.sql')];
  const plain = await cluster.plain();
  const site = await startSite(cluster, { stores: Math.max(...MORE_STORES) });
  const theirs = (clients, stores, more = {}) =>
    pgbench(plain, { script: single, clients, define: { balances: 7 * stores }, ...more });
  async function ours(clients, stores, more = {}) {
    const load = (seconds) => site.load('slips', { clients, seconds, ...more }, site.stores.slice(0, stores));
    await load(WARM_SECONDS);
    return load(SECONDS);
  }
  const checkpoint = () => cluster.psql('postgres', 'postgres', 'CHECKPOINT');

  // At half of what each can do, over so many stores.
  async function halves(stores, limit, top) {
    const half = await alternate({
      pgbench: () => theirs(top.clients, stores, { rate: rateOf(top.results) / 2 }),
      taizhang: () => ours(CLIENTS, stores, { rate: limit / 2 }),
    }, checkpoint, TAIL_ROUNDS);
    report.goal(`p99 of a slip at half of that load, ${stores} store${stores > 1 ? 's' : ''}, ms`,
      { ours: column(half.taizhang, 'p99'), theirs: column(half.pgbench, 'p99'), most: 1 });
    report.table(HEAD, rows({ [`pgbench at half, ${top.clients}`]: half.pgbench, [`taizhang at half, ${CLIENTS}`]: half.taizhang }));
  }

  async function measured(title, stores, goal, contestants) {
    report.section(title);
    const results = await alternate({
      ...Object.fromEntries(GOAL_CLIENTS.map((n) => [`pgbench, ${n}`, () => theirs(n, stores)])),
      ...contestants,
      [`taizhang, ${CLIENTS}`]: () => ours(CLIENTS, stores),
    }, checkpoint);
    const top = best(results);
    const mine = results[`taizhang, ${CLIENTS}`];
    report.goal(goal.name, { ours: column(mine, 'rate'), theirs: column(top.results, 'rate'), least: goal.least });
    report.table(HEAD, rows(results));
    await halves(stores, rateOf(mine), top);
    return results;
  }

  const seven = await measured('Seven hot ledgers of one store', 1,
    { name: 'slips/s, seven hot ledgers, 64 clients, against the best of pgbench', least: 3 },
    {
      ...Object.fromEntries(GOAL_CLIENTS.map((n) => [`pgbench 1×, ${n}`,
        () => pgbench(plain, { script: statement, clients: n, define: { balances: 7 } })])),
      ...Object.fromEntries([1, 16].map((n) => [`taizhang, ${n}`, () => ours(n, 1)])),
    });
  const spread = await measured('Spread over 100 stores', 100,
    { name: 'slips/s, spread over 100 stores, 64 clients, against the best of pgbench', least: 2 }, {});

  // Charts: the figures above, and one round each of what lies between.
  const more = await alternate(Object.fromEntries(MORE_CLIENTS.flatMap((n) =>
    [[`pgbench, ${n}`, () => theirs(n, 1)], [`taizhang, ${n}`, () => ours(n, 1)]])), checkpoint, 1);
  const byClients = { ...seven, ...more };
  const counts = [...GOAL_CLIENTS, ...MORE_CLIENTS].sort((a, b) => a - b);
  report.section('How it grows');
  report.chart('clients', 'Slips a second by clients', lines({
    title: 'One slip a request, seven hot ledgers', x: 'clients', y: 'slips/s',
    series: ['taizhang', 'pgbench'].map((name) => ({ name, points: counts.map((n) => [n, rateOf(byClients[`${name}, ${n}`])]) })),
  }));
  const byStores = await alternate(Object.fromEntries(MORE_STORES.flatMap((n) =>
    [[`pgbench, ${n}`, () => theirs(16, n)], [`taizhang, ${n}`, () => ours(CLIENTS, n)]])), checkpoint, 1);
  byStores['pgbench, 100'] = spread['pgbench, 16'];
  byStores['taizhang, 100'] = spread[`taizhang, ${CLIENTS}`];
  report.chart('stores', 'Slips a second by stores', lines({
    title: 'One slip a request, seven ledgers a store', x: 'stores', y: 'slips/s',
    series: [['taizhang', 'taizhang, 64 clients'], ['pgbench', 'pgbench, 16 clients']].map(([key, name]) => (
      { name, points: [1, 10, 100, 1000].map((n) => [n, rateOf(byStores[`${key}, ${n}`])]) })),
  }));

  const posted = await site.world.db.sql("SELECT count(*) FROM slip WHERE reason = 'issue'");
  await site.stop();
  const verified = await cli(['verify'], { database: site.world.db });
  if (verified.code !== 0) throw new Error(verified.stdout + verified.stderr);
  report.line(`The ${posted} slips that were posted here are verified: everything agrees.`);
}
