// cluster.mjs - throw-away PostgreSQL clusters, reached through a Unix socket only.
//
//   const db = await createDatabase();   a migrated database of one's own, in the run's shared cluster
//     db.conninfo, db.ownerConninfo      as the service's role, as the owner
//     await db.sql('DELETE …')           run as the owner; gives psql's unaligned output
//     await db.rows('SELECT …')          the rows, as objects
//     const release = await db.hold('SELECT …');   another session's transaction that keeps what the query
//                                        locks, until await release()
//     await db.drop()
//   await createDatabase({ empty: true })             not even migrated
//   await createDatabase({ template: db.name })       a copy of another that nobody is connected to
//   const cluster = await startCluster({ fsync: true, settings, env });   a cluster of one's own, for faults
//     await cluster.createDatabase()     as above
//     await cluster.kill()               SIGKILL of the postmaster, as in a crash
//     await cluster.stop()  cluster.start()    stop({ immediately: true }) leaves a recovery to do
//
// tests/run starts the shared cluster and names it in TEST_PG; a test file that is run alone
// starts its own. Everything ends with this process.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { background, foreground, program, run, start, tempDir, until } from './process.mjs';

const bin = newestBin();
const TEMPLATE = 'taizhang_template';

function newestBin() {
  const versions = readdirSync('/usr/lib/postgresql').map(Number).filter((v) => v >= 15);
  return `/usr/lib/postgresql/${Math.max(...versions)}/bin`;
}

let count = 0;

class Cluster {
  constructor(socketDir) {
    this.socketDir = socketDir;
  }

  conninfo(user, dbname) {
    return `host=${this.socketDir} user=${user} dbname=${dbname}`;
  }

  // As user in a database; throws with psql's message when a statement fails.
  async psql(user, dbname, sql, ...options) {
    const { code, stdout, stderr } = await run(`${bin}/psql`,
      ['-XAtq', '-v', 'ON_ERROR_STOP=1', ...options, '-d', this.conninfo(user, dbname)], { input: sql });
    if (code !== 0) throw new Error(`psql: ${stderr}`);
    return stdout;
  }

  // The owner is no superuser, as in production.
  async prepareTemplate() {
    await this.psql('postgres', 'postgres', `
      CREATE ROLE taizhang_owner LOGIN;
      CREATE ROLE taizhang_service LOGIN;
      CREATE DATABASE ${TEMPLATE} OWNER taizhang_owner`);
    const { code, stderr } = await run(program(), ['migrate'],
      { env: { TAIZHANG_OWNER_DATABASE: this.conninfo('taizhang_owner', TEMPLATE) } });
    if (code !== 0) throw new Error(`taizhang migrate: ${stderr}`);
  }

  async createDatabase({ empty = false, template = empty ? 'template0' : TEMPLATE } = {}) {
    const name = `t_${process.pid}_${count++}`;
    await this.psql('postgres', 'postgres',
      `CREATE DATABASE ${name} OWNER taizhang_owner TEMPLATE ${template} STRATEGY file_copy`);
    return new Database(this, name);
  }
}

class Database {
  constructor(cluster, name) {
    this.cluster = cluster;
    this.name = name;
    this.conninfo = cluster.conninfo('taizhang_service', name);
    this.ownerConninfo = cluster.conninfo('taizhang_owner', name);
  }

  async sql(text, user = 'taizhang_owner') {
    return (await this.cluster.psql(user, this.name, text)).replace(/\n$/, '');
  }

  async rows(query, user) {
    return JSON.parse(await this.sql(`SELECT coalesce(json_agg(t), '[]') FROM (${query}) AS t`, user));
  }

  async hold(query, user = 'taizhang_owner') {
    const session = start(`${bin}/psql`, ['-XAtq', '-d', this.cluster.conninfo(user, this.name)],
      { stdio: ['pipe', 'pipe', 'inherit'] });
    session.stdin.write(`BEGIN; ${query};\n\\echo held\n`);
    await once(session.stdout, 'data');
    const exit = once(session, 'exit');
    return () => {
      session.stdin.end('COMMIT;\n'); // again does no harm
      return exit;
    };
  }

  drop() {
    return this.cluster.psql('postgres', 'postgres', `DROP DATABASE ${this.name} WITH (FORCE)`);
  }
}

class OwnCluster extends Cluster {
  constructor(fsync, settings, env) {
    const dir = join(tempDir(), `pg${count++}`);
    super(dir);
    this.dir = dir;
    this.env = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    this.settings = {
      listen_addresses: '', unix_socket_directories: dir, max_connections: 200,
      shared_buffers: '64MB', log_min_messages: 'fatal', fsync: fsync ? 'on' : 'off',
      ...(fsync ? {} : { full_page_writes: 'off', wal_level: 'minimal', max_wal_senders: 0, autovacuum: 'off', jit: 'off' }),
      ...settings,
    };
  }

  async init() {
    const { code, stderr } = await run(`${bin}/initdb`, ['-D', join(this.dir, 'data'), '-U', 'postgres',
      '--auth=trust', '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync', '--no-instructions']);
    if (code !== 0) throw new Error(`initdb: ${stderr}`);
    await this.start();
    await this.prepareTemplate();
  }

  async start() {
    const args = Object.entries(this.settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    let child;
    await until('PostgreSQL up', async () => {
      if (!child || ended(child)) {
        // The backends of a killed postmaster take a moment to notice; until then it refuses.
        if (child?.log && !/shared memory block/.test(child.log)) throw new Error(`PostgreSQL ended: ${child.log}`);
        // QUIT: the immediate way that leaves no shared memory behind.
        // env: for PostgreSQL alone, not for what makes us its user.
        child = start('/usr/bin/env', [...this.env, `${bin}/postgres`, '-D', join(this.dir, 'data'), ...args], { last: 'QUIT' });
        this.child = child;
        this.#collectLog(child);
        background(child);
      }
      return (await run(`${bin}/pg_isready`, ['-q', '-h', this.dir])).code === 0;
    }, 60);
  }

  #collectLog(child) {
    child.log = '';
    child.stderr.on('data', (part) => { child.log += part; });
  }

  async #end(signal) {
    if (ended(this.child)) return;
    foreground(this.child);
    const exit = once(this.child, 'exit');
    this.child.kill(signal);
    await exit;
  }

  stop({ immediately = false } = {}) {
    return this.#end(immediately ? 'SIGQUIT' : 'SIGINT');
  }

  kill() {
    return this.#end('SIGKILL');
  }
}

const ended = (child) => child.exitCode !== null || child.signalCode !== null;

export async function startCluster({ fsync = false, settings = {}, env = {} } = {}) {
  const cluster = new OwnCluster(fsync, settings, env);
  await cluster.init();
  return cluster;
}

let shared;

// The run's cluster.
export function sharedCluster() {
  const dir = process.env.TEST_PG;
  return (shared ??= dir ? Promise.resolve(new Cluster(dir)) : startCluster());
}

export async function createDatabase(options) {
  return (await sharedCluster()).createDatabase(options);
}
