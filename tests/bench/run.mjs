// run.mjs - what make bench measures, a topic a line; BENCH=reads,exports takes some of them. Writes
// .build/bench.md and .build/bench/*.svg. Both sides live in one cluster, with fsync on.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startCluster } from '../lib/cluster.mjs';
import { root } from '../lib/process.mjs';
import batch from './batch.mjs';
import exports from './exports.mjs';
import { FILLED, fill } from '../lib/fill.mjs';
import growth from './growth.mjs';
import hot from './hot.mjs';
import { timed } from './measure.mjs';
import memory from './memory.mjs';
import reads from './reads.mjs';
import { Report } from './report.mjs';
import shape from './shape.mjs';
import { startSite } from './site.mjs';
import streams from './streams.mjs';
import where from './where.mjs';

const TOPICS = { hot, batch, growth, reads, exports, memory, shape, where, streams };

const chosen = process.env.BENCH ? process.env.BENCH.split(',') : Object.keys(TOPICS);
for (const name of chosen) if (!(name in TOPICS)) throw new Error(`${name}: no topic; there are ${Object.keys(TOPICS)}`);

const SETTINGS = { shared_buffers: '256MB', max_wal_size: '4GB', min_wal_size: '2GB', max_connections: 300 };
const cluster = await startCluster({ fsync: true, settings: SETTINGS });
// A cluster that has run for a while writes into old files of its WAL. A new one fills each with zeros
// first, which holds up every COMMIT for 20 ms, once in 16 MB.
await cluster.psql('postgres', 'postgres', `
  SELECT pg_logical_emit_message(false, 'bench', ''), pg_switch_wal() FROM generate_series(1, 128);
  CHECKPOINT`);
const report = new Report();

async function databaseAfter(script, options) {
  const db = await cluster.createDatabase(options);
  await db.sql(readFileSync(join(root, 'tests/bench', script), 'utf8'));
  return db;
}
cluster.plain = () => databaseAfter('schema.sql', { empty: true }); // the bare tables of pgbench
cluster.unguarded = () => databaseAfter('unguarded.sql'); // our tables, where nothing is checked

// The site with many entries, filled as far as anybody has asked.
let big;
async function filled(rows) {
  big ??= { site: await startSite(cluster), rows: 0 };
  if (big.rows < rows) {
    const seconds = await timed(() => fill(big.site.world.db, big.rows, rows));
    process.stderr.write(`  store ${FILLED} filled to ${rows} entries in ${Math.round(seconds)} s\n`);
    big.rows = rows;
    await cluster.psql('postgres', 'postgres', 'CHECKPOINT');
  }
  return big.site;
}

for (const name of chosen) await TOPICS[name]({ cluster, report, filled });
if (big) await big.site.stop();
await cluster.stop();
process.stdout.write(`\n${report.text()}`);
mkdirSync(join(root, '.build'), { recursive: true });
writeFileSync(join(root, '.build/bench.md'), report.text());
process.exit(); // whatever a topic left open
