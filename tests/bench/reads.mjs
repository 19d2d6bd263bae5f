// reads.mjs - the ledgers of a store, and pages of 50 entries in the middle of a long ledger, beside the
// very same statements under pgbench -M prepared.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, tempDir } from '../lib/process.mjs';
import { FILLED, fill } from '../lib/fill.mjs';
import { ROWS, alternate, column, pgbench } from './measure.mjs';
import { entriesPath, ledgersPath, startSite } from './site.mjs';

const CLIENTS = 16;
const PAGE = 50;
const FEW = 10_000;
const PAGES = 1000; // that are asked for, one by one

// As the service sets its sessions for statements that are planned once (db.c).
const SETTINGS = {
  jit: 'off', plan_cache_mode: 'force_generic_plan', enable_seqscan: 'off', enable_hashjoin: 'off', enable_mergejoin: 'off',
};

// A statement of the service with values in place of its parameters, literals or pgbench's variables, of
// the types that the statement gives them. What has no value is NULL.
export function statementOf(name, values) {
  const text = readFileSync(join(root, `sql/queries/${name}.sql`), 'utf8').trimEnd();
  const types = Object.fromEntries([...text.matchAll(/\$(\d+)::(\w+)/g)].map(([, n, type]) => [n, type]));
  return text.replace(/\$(\d+)(::\w+)?/g, (_, n) => `${values[n - 1] ?? 'NULL'}::${types[n]}`);
}

function script(name, lines) {
  const path = join(tempDir(), `${name}.pgbench`);
  writeFileSync(path, `${lines.join('\n')};\n`, { mode: 0o644 });
  return path;
}

const pagesOf = (rows) => Math.min(PAGES, Math.floor(rows / PAGE / 2));

// Where the pages in the middle of so many entries begin.
const cursorsOf = (rows) => Array.from({ length: pagesOf(rows) }, (_, i) => rows / 2 + PAGE * (i + 1));

export const deepPaths = (rows) => cursorsOf(rows).map((seq) =>
  `${entriesPath(FILLED, 'n95')}?limit=${PAGE}&cursor=${seq.toString(16).padStart(16, '0')}`);

export default async function reads({ cluster, report, filled }) {
  report.section('Reads');
  const few = await startSite(cluster);
  await fill(few.world.db, 0, FEW);
  const many = await filled(ROWS);
  const { db } = many.world;
  const [xt, big] = await Promise.all(['XT', FILLED].map((code) => db.sql(`SELECT store_id FROM store WHERE code = '${code}'`)));

  // The service asks for a row more than it shows, to know whether there is a next page.
  const ledgers = script('ledgers', ['\\set store ' + xt, statementOf('ledger_page', [':store', '51'])]);
  const entries = script('entries', [`\\set store ${big}`, `\\set cursor ${ROWS / 2} + ${PAGE} * random(1, ${pagesOf(ROWS)})`,
    statementOf('entry_page', [':store', ':item', String(PAGE + 1), ':cursor'])]);
  const theirs = (file, define) => pgbench(db, { script: file, clients: CLIENTS, define, settings: SETTINGS });
  const ours = (site, paths) => site.load('get', { clients: CLIENTS }, paths);

  const results = await alternate({
    'ledgers: statement': () => theirs(ledgers),
    'ledgers: GET': () => ours(many, [ledgersPath('XT')]),
    'deep page: statement': () => theirs(entries, { item: 'n95' }),
    'deep page: GET': () => ours(many, deepPaths(ROWS)),
    'deep page of 10 thousand: GET': () => ours(few, deepPaths(FEW)),
  });
  const rates = (name) => column(results[name], 'rate');
  report.goal('GET …/ledgers: requests/s against the statement, 16 clients',
    { ours: rates('ledgers: GET'), theirs: rates('ledgers: statement'), least: 0.5 });
  report.goal('GET …/entries?limit=50, deep: requests/s against the statement, 16 clients',
    { ours: rates('deep page: GET'), theirs: rates('deep page: statement'), least: 0.5 });
  report.goal(`p50 of that page in ms, ${ROWS.toExponential()} entries against 10 thousand`, {
    ours: column(results['deep page: GET'], 'p50'), theirs: column(results['deep page of 10 thousand: GET'], 'p50'), most: 1.3,
  });
  report.table(['', 'requests/s', 'p50 ms', 'p99 ms'],
    Object.entries(results).map(([name, list]) => [name, ...['rate', 'p50', 'p99'].map((field) => column(list, field))]));
  await few.stop();
}
