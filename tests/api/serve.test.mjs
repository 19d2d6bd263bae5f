// The process: starting, settings, what monitoring asks, several of them on one port, stopping.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { Client, exchange, newKey } from '../lib/client.mjs';
import { createDatabase, startCluster } from '../lib/cluster.mjs';
import { tempDir, until } from '../lib/process.mjs';
import { cli, freePort, startService } from '../lib/service.mjs';
import { PASSWORD, populate, startWorld } from '../lib/world.mjs';

const slips = '/api/v1/stores/XT/slips';
const slip = { kind: 'in', reason: 'purchase', lines: [{ item: 'n95', quantity: 1 }] };
let world;

before(async () => {
  world = await startWorld();
});
after(() => world.stop());

async function get(url, path) {
  const client = new Client(url);
  const answer = await client.get(path);
  client.close();
  return answer;
}

describe('starting', () => {
  const serve = (args, options = {}) => cli(['serve', ...args], { database: world.db, ...options });

  test('--print-config shows what is in effect, and no secret', async () => {
    const { code, stdout } = await serve(['--print-config', '--post-batch=7'], { settings: { idle_timeout: 5000 } });
    assert.equal(code, 0);
    assert.match(stdout, /^post_batch\s*=\s*7\b/m);
    assert.match(stdout, /^idle_timeout\s*=\s*5000\b/m);
    assert.match(stdout, /^database\s*=\s*\*\*\*/m);
    assert.ok(!stdout.includes(world.db.name));
  });

  test('an argument that makes no sense is named', async () => {
    const { code, stderr } = await serve(['nonsense']);
    assert.equal(code, 2);
    assert.match(stderr, /nonsense/);
  });

  test('an address that makes no sense is named', async () => {
    for (const listen of ['nonsense', '127.0.0.1', 'localhost:80', '127.0.0.1:', ':80', '127.0.0.1:99999', '[::1:80', ' ,']) {
      const { code, stderr } = await serve([], { settings: { listen } });
      assert.equal(code, 1, listen);
      assert.ok(stderr.includes(listen.trim().replace(',', '')), stderr);
      assert.match(stderr, /listen/);
    }
  });

  test('a port that is taken is named', async () => {
    const { code, stderr } = await serve([], { settings: { listen: `127.0.0.1:${world.service.port}` } });
    assert.equal(code, 1);
    assert.ok(stderr.includes(`127.0.0.1:${world.service.port}`));
    assert.match(stderr, /in use/);
  });

  test('a database with another schema is refused', async () => {
    const empty = await createDatabase({ empty: true });
    const none = await cli(['serve'], { database: empty });
    assert.equal(none.code, 1);
    assert.match(none.stderr, /migrate/);
    const newer = await createDatabase();
    await newer.sql(`INSERT INTO schema_migration SELECT (jsonb_populate_record(m,
      jsonb_build_object('number', number + 1))).* FROM schema_migration AS m ORDER BY number DESC LIMIT 1`);
    const other = await cli(['serve'], { database: newer });
    assert.equal(other.code, 1);
    assert.match(other.stderr, /\S/);
  });

  test('the log says where it listens: every address, with the ports that the system chose', async () => {
    const service = await startService({ database: world.db, settings: { listen: '127.0.0.1:0, [::1]:0' } });
    const line = await service.logged((l) => l.event === 'listening');
    assert.equal(line.addresses.length, 2);
    assert.match(line.addresses[0], /^http:\/\/127\.0\.0\.1:[1-9]\d+$/);
    assert.match(line.addresses[1], /^http:\/\/\[::1\]:[1-9]\d+$/);
    assert.equal(line.pid, service.pid);
    for (const url of line.addresses) assert.equal((await get(url, '/healthz')).status, 200);
    await service.stop();
  });

  test('standard error holds nothing but JSON lines', async () => {
    const service = await startService({ database: world.db, settings: { log_level: 'debug' } });
    await exchange(service.port, 'nonsense\r\n\r\n');
    await get(service.url, '/nothing');
    await service.stop();
    const lines = service.stderr.trim().split('\n');
    for (const line of lines) assert.ok(JSON.parse(line).at, line);
    assert.ok(lines.length > 5);
  });
});

describe('what monitoring asks', () => {
  test('/healthz is of the process, /readyz of what it needs', async () => {
    const cluster = await startCluster();
    const db = await cluster.createDatabase();
    await populate(db);
    const service = await startService({ database: db });
    const client = new Client(service.url);
    await client.signIn('keeper', PASSWORD);
    assert.deepEqual((await client.get('/readyz')).body, { status: 'ok', alert_sweep: { last_run: null, late: false } });
    await cluster.stop();
    await until('not ready', async () => (await client.get('/readyz')).status === 503);
    assert.equal((await client.get('/readyz')).body.reason, 'database away');
    assert.equal((await client.get('/healthz')).status, 200);
    assert.match((await client.get('/metrics')).text, /^taizhang_post_database_up 0$/m);
    const refused = await client.post(slips, slip, { key: newKey() });
    assert.equal(refused.status, 503);
    assert.equal(refused.body.code, 'database_away');
    assert.ok(Number(refused.headers['retry-after']) > 0);
    await cluster.start();
    await until('ready again', async () => (await client.get('/readyz')).status === 200);
    assert.equal((await client.post(slips, slip, { key: newKey() })).status, 201);
    client.close();
    await service.stop();
    await cluster.stop();
  });

  test('/metrics counts, with bounded labels', async () => {
    const keeper = await world.client('keeper');
    const key = newKey();
    await keeper.post(slips, slip, { key });
    await keeper.post(slips, slip, { key });
    await keeper.post(slips, { ...slip, kind: 'out', reason: 'issue', lines: [{ item: 'face-shield', quantity: 5 }] }, { key: newKey() });
    await keeper.get('/api/v1/made/up/path');
    const answer = await get(world.url, '/metrics');
    assert.match(answer.headers['content-type'], /^text\/plain; version=0\.0\.4/);
    const value = (name) => Number(new RegExp(`^${name.replace(/[{}/]/g, '\\$&')} (\\S+)$`, 'm').exec(answer.text)?.[1]);
    assert.equal(value('taizhang_slips_posted_total{kind="in"}'), 1);
    assert.equal(value('taizhang_slips_posted_total{kind="out"}'), 0);
    assert.equal(value('taizhang_slips_replayed_total'), 1);
    assert.equal(value('taizhang_slips_refused_total'), 1);
    assert.ok(value('taizhang_post_batches_total') >= 1);
    assert.equal(value('taizhang_post_queue_depth'), 0);
    assert.equal(value('taizhang_http_requests_in_flight'), 1);
    assert.ok(value('taizhang_process_resident_memory_bytes') > 1e6);
    const route = 'method="POST",route="/api/v1/stores/{store}/slips",code="201"';
    assert.equal(value(`taizhang_http_request_duration_seconds_count{${route}}`), 2);
    assert.equal(value(`taizhang_http_request_duration_seconds_bucket{${route},le="\\+Inf"}`), 2);
    assert.match(answer.text, /^taizhang_build_info\{version="\d+\.\d+\.\d+"\} 1$/m);
    assert.ok(!answer.text.includes('made/up'));
    // What Prometheus takes: a TYPE before each family, no sample twice.
    const samples = answer.text.split('\n').filter((line) => line && !line.startsWith('#')).map((line) => line.split(' ')[0]);
    assert.equal(new Set(samples).size, samples.length);
    for (const sample of samples) {
      const family = sample.replace(/\{.*/, '').replace(/_(bucket|sum|count)$/, '');
      assert.match(answer.text, new RegExp(`^# TYPE ${family} `, 'm'));
    }
  });

  test('metrics_listen gives /metrics an address of its own, and nothing else', async () => {
    const [main, port] = [await freePort(), await freePort()];
    const service = await startService({
      database: world.db, settings: { listen: `127.0.0.1:${main}`, metrics_listen: `127.0.0.1:${port}` },
    });
    const { addresses, metrics } = await service.logged((l) => l.event === 'listening');
    assert.deepEqual(metrics, [`http://127.0.0.1:${port}`]);
    assert.equal((await get(addresses[0], '/metrics')).status, 404);
    assert.equal((await get(metrics[0], '/metrics')).status, 200);
    for (const path of ['/healthz', '/api/v1/session', '/api/v1/openapi.json'])
      assert.equal((await get(metrics[0], path)).status, 404);
    await service.stop();
  });

  test('the API describes itself', async () => {
    const answer = await get(world.url, '/api/v1/openapi.json');
    assert.equal(answer.status, 200);
    assert.match(answer.body.openapi, /^3\.1/);
  });
});

describe('several processes', () => {
  test('serve on one port when told to', async () => {
    const port = await freePort();
    const settings = { listen: `127.0.0.1:${port}`, reuse_port: 1 };
    const pair = await Promise.all([1, 2].map(() => startService({ database: world.db, settings })));
    const served = () => Promise.all(pair.map(({ log }) => log.filter((l) => l.event === 'request' && l.path === '/nothing').length));
    await until('both were asked', async () => {
      await get(`http://127.0.0.1:${port}`, '/nothing');
      return (await served()).every((n) => n > 0);
    });
    const before = (await served()).reduce((a, b) => a + b);
    await pair[0].stop();
    for (let i = 0; i < 20; i++) assert.equal((await get(`http://127.0.0.1:${port}`, '/nothing')).status, 404);
    await until('all logged', async () => (await served()).reduce((a, b) => a + b) >= before + 20);
    await pair[1].stop();
  });
});

describe('SIGHUP', () => {
  test('takes in what can change, and names what cannot', async () => {
    const file = join(tempDir(), 'reload.conf');
    const write = (text) => {
      writeFileSync(file, text);
      chmodSync(file, 0o644);
    };
    write('log_level = warn\ntrusted_proxy =\npost_queue = 100\n');
    const service = await startService({ database: world.db, args: ['--config', file] });
    await get(service.url, '/nothing');
    write('log_level = info\ntrusted_proxy = 127.0.0.1\npost_queue = 200\n');
    service.signal('SIGHUP');
    await service.logged((l) => l.event === 'reloaded');
    assert.ok(!service.log.some((l) => l.event === 'request'), 'nothing of info before');
    assert.ok(service.log.some((l) => JSON.stringify(l).includes('post_queue')), 'needs a restart');
    const client = new Client(service.url);
    await client.request('GET', '/nothing', { headers: { 'X-Forwarded-For': '192.0.2.7' } });
    assert.equal((await service.logged((l) => l.event === 'request')).source, '192.0.2.7');
    client.close();

    write('log_level = loud\n');
    service.signal('SIGHUP');
    assert.match((await service.logged((l) => l.event === 'reload_failed')).reason, /log_level/);
    assert.equal((await get(service.url, '/healthz')).status, 200);
    await service.stop();
  });
});

describe('SIGTERM', () => {
  const sleeping = (db) => db.sql(`SELECT count(*) FROM pg_stat_activity
    WHERE wait_event = 'PgSleep' AND datname = current_database()`, 'postgres').then(Number);
  const waiting = (db) => db.sql(`SELECT count(*) FROM pg_stat_activity
    WHERE wait_event IN ('transactionid', 'tuple') AND datname = current_database()`, 'postgres').then(Number);

  // A service with a slip under way that waits until release() is called.
  async function busyService(settings = {}) {
    const service = await startService({ database: world.db, settings });
    const client = new Client(service.url);
    await client.signIn('keeper', PASSWORD);
    const held = world.db.sql(`BEGIN; SELECT FROM store_head JOIN store USING (store_id) WHERE code = 'XT' FOR UPDATE;
      SELECT pg_sleep(3600)`, 'postgres').catch(() => {}); // ended by release()
    await until('the store held', async () => await sleeping(world.db) === 1);
    const answer = client.post(slips, slip, { key: newKey() });
    answer.catch(() => {}); // looked at later
    await until('the slip waiting', async () => await waiting(world.db) === 1);
    const release = async () => {
      await world.db.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE wait_event = 'PgSleep' AND datname = current_database()`, 'postgres');
      await held;
    };
    return { service, client, answer, release };
  }

  test('finishes what is in flight, takes nothing new, exits 0', async () => {
    const { service, client, answer, release } = await busyService();
    const idle = net.connect(service.port, '127.0.0.1').resume();
    const late = net.connect(service.port, '127.0.0.1');
    const lateText = [];
    late.on('data', (part) => lateText.push(part));
    const [idleGone, lateGone] = [once(idle, 'close'), once(late, 'close')];
    await Promise.all([once(idle, 'connect'), once(late, 'connect')]);
    const body = JSON.stringify(slip);
    late.write(`POST ${slips} HTTP/1.1\r\nHost: a\r\nCookie: ${client.cookie}\r\nIdempotency-Key: ${newKey()}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n{`);
    await until('it came in', async () => / [1-9]\d*$/m.test(
      (await get(service.url, '/metrics')).text.match(/^taizhang_http_received_bytes .*$/m)[0]));
    service.signal('SIGTERM');
    await service.logged((l) => l.event === 'stopping');
    await idleGone; // idle connections are closed at once
    await assert.rejects(get(service.url, '/healthz'), /ECONNREFUSED/);
    late.write(body.slice(1));
    await lateGone;
    assert.match(Buffer.concat(lateText).toString(), /^HTTP\/1.1 503 .*Connection: close.*shutting_down/s);
    assert.ok(service.running, 'the slip still waits');
    await release();
    const posted = await answer;
    assert.equal(posted.status, 201, posted.text);
    assert.equal(posted.headers.connection, 'close');
    await service.stop();
    assert.equal(service.log.at(-1).event, 'stopped');
    assert.equal(service.log.at(-1).connections_cut, 0);
    client.close();
  });

  test('waits no longer than stop_timeout', async () => {
    const { service, client, answer, release } = await busyService({ stop_timeout: 200, post_timeout: 60000 });
    await service.stop();
    await assert.rejects(answer);
    assert.equal(service.log.at(-1).connections_cut, 1);
    client.close();
    await release();
  });

  test('a second time, at once', async () => {
    const { service, client, answer, release } = await busyService({ stop_timeout: 600000, post_timeout: 60000 });
    service.signal('SIGTERM');
    await service.logged((l) => l.event === 'stopping');
    await service.stop();
    await assert.rejects(answer);
    client.close();
    await release();
  });

  test('so does SIGINT, idle', async () => {
    const service = await startService({ database: world.db });
    service.signal('SIGINT');
    assert.deepEqual(await service.exited, { code: 0, signal: null });
  });
});
