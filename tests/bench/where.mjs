// where.mjs - where the time of one slip goes, in microseconds, at 64 clients on seven hot ledgers: what
// the processors did for it, and what each statement took. In a cluster of its own, with
// pg_stat_statements, which costs something itself.
import { readFileSync, readdirSync } from 'node:fs';
import { startCluster } from '../lib/cluster.mjs';
import { SECONDS, processorSeconds } from './measure.mjs';
import { startSite } from './site.mjs';

const SETTINGS = {
  shared_preload_libraries: 'pg_stat_statements', 'pg_stat_statements.track_planning': 'on',
  track_io_timing: 'on', track_wal_io_timing: 'on', shared_buffers: '256MB',
};

// PostgreSQL's processes: the postmaster's children.
const serverSeconds = (postmaster) => readdirSync('/proc').filter((name) => /^\d+$/.test(name)).reduce((sum, pid) => {
  try {
    const parent = Number(readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1].split(' ')[1]);
    return parent === postmaster ? sum + processorSeconds(pid) : sum;
  } catch {
    return sum; // ended meanwhile
  }
}, 0);

export default async function where({ report }) {
  report.section('Where the time of one slip goes');
  const cluster = await startCluster({ fsync: true, settings: SETTINGS });
  const site = await startSite(cluster);
  const { db, service } = site.world;
  await db.sql('CREATE EXTENSION pg_stat_statements', 'postgres');
  await site.load('slips', { clients: 64, seconds: 1 }); // plans are made, tables have grown a little
  await db.sql("SELECT pg_stat_statements_reset(), pg_stat_reset_shared('wal')", 'postgres');

  const before = { service: processorSeconds(service.pid), server: serverSeconds(cluster.child.pid) };
  const load = await site.load('slips', { clients: 64, seconds: Math.max(2, SECONDS) });
  const used = {
    service: processorSeconds(service.pid) - before.service, server: serverSeconds(cluster.child.pid) - before.server,
  };
  const statements = await db.rows(`
    SELECT regexp_replace(trim(query), '\\s+', ' ', 'g') AS query, calls, total_exec_time + total_plan_time AS ms, total_plan_time AS plan_ms
    FROM pg_stat_statements JOIN pg_database ON oid = dbid
    WHERE datname = current_database() AND calls > 10 AND query !~ 'pg_stat' ORDER BY ms DESC`, 'postgres');
  const [wal] = await db.rows('SELECT wal_bytes, wal_fpi, wal_write_time, wal_sync_time, wal_sync FROM pg_stat_wal', 'postgres');
  const transactions = statements.find(({ query }) => /\bFOR UPDATE OF h$/.test(query)).calls; // each transaction locks once;
  const each = (seconds) => seconds * 1e6 / load.done;

  report.table(['a slip', 'µs'], [
    ['from one to the next (1 / rate)', each(load.seconds)],
    ['processor: the service', each(used.service)],
    ['processor: PostgreSQL', each(used.server)],
    ['processor: the client', each(load.cpu)],
    ['its share of the statements below', each(statements.reduce((sum, { ms }) => sum + ms, 0) / 1000)],
    ['writing the log (write)', each(wal.wal_write_time / 1000)],
    ['waiting for the disk (fsync)', each(wal.wal_sync_time / 1000)],
  ]);
  report.line(`${Math.round(load.rate)} slips/s; ${(load.done / transactions).toFixed(1)} slips to a transaction, ${
    Math.round(wal.wal_bytes / load.done)} bytes of log a slip (${wal.wal_fpi} whole pages), ${wal.wal_sync} fsyncs of ${
    Math.round(wal.wal_sync_time * 1000 / wal.wal_sync)} µs.`);
  // The service's statements begin with a comment that says what they do.
  report.table(['statement', 'calls', 'µs a call', 'µs a slip', 'of that planning'], statements.map(({ query, calls, ms, plan_ms }) =>
    [(/^--([^.;:]{1,70})/.exec(query)?.[1] ?? query.slice(0, 60)).trim().replaceAll('|', '/'), calls, ms * 1000 / calls,
      each(ms / 1000), each(plan_ms / 1000)]));
  await site.stop();
  await cluster.stop();
}
