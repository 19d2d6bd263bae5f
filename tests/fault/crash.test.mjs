// The service and PostgreSQL killed at random moments under load: whatever was acknowledged is there
// once, nothing is there that nobody asked for, no number is missing, and verify has no complaint.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCluster } from '../lib/cluster.mjs';
import { Client, newKey } from '../lib/client.mjs';
import { until } from '../lib/process.mjs';
import { cli, freePort, startService } from '../lib/service.mjs';
import { PASSWORD, populate } from '../lib/world.mjs';

const CLIENTS = 16;
const ITEMS = ['n95', 'glove', 'hand-gel'];
const KILLS = ['service', 'postmaster', 'service', 'backend', 'service', 'immediate stop', 'both'];
const ROUNDS = 21; // each of KILLS three times

let cluster;
let db;
const services = []; // two processes on one database
let bearer;
const acknowledged = new Map(); // key → the slip as first acknowledged
let loading = true; // clients begin further slips
let over = false; // nobody will answer any more
let failures = 0; // attempts that were not acknowledged

const random = (n) => Math.floor(Math.random() * n);
const pick = (list) => list[random(list.length)];

// In more than out, so that nothing is refused; an out slip takes lots apart.
function slip() {
  const lines = ITEMS.slice(0, 1 + random(3)).map((item) => ({ item, quantity: 1 + random(3) }));
  if (random(3) > 0) {
    return { kind: 'out', reason: 'issue', lines };
  }
  return { kind: 'in', reason: 'purchase',
    lines: lines.map((line) => ({ ...line, quantity: line.quantity + 5, lot: `L${random(3)}` })) };
}

// Posts a slip until it is acknowledged, by whichever process answers, under one key.
async function post(clients, key, body) {
  for (;;) {
    const answer = await pick(clients).post('/api/v1/stores/XT/slips', body, { key }).catch(() => undefined);
    if (answer?.status === 201) return answer.body;
    if (over) throw new Error(`not acknowledged: ${key}`);
    if (answer && answer.status !== 503) {
      const errors = services.flatMap((service) => service.log).filter((line) => line.level === 'error');
      throw new Error(`${answer.status} ${answer.text} ${JSON.stringify(errors)}`);
    }
    failures++;
    await sleep(10 + random(30)); // as a phone would wait
  }
}

async function load() {
  const clients = services.map((service) => new Client(service.url));
  for (const client of clients) client.bearer = bearer;
  while (loading) {
    const key = newKey();
    acknowledged.set(key, await post(clients, key, slip()));
  }
  for (const client of clients) client.close();
}

async function startOn(port) {
  return startService({ database: db, settings: { listen: `127.0.0.1:${port}`, post_timeout: 3000, log_level: 'warn' } });
}

before(async () => {
  cluster = await startCluster({ fsync: true });
  db = await cluster.createDatabase();
  await populate(db);
  for (let i = 0; i < 2; i++) services.push(await startOn(await freePort()));
  const keeper = new Client(services[0].url);
  await keeper.signIn('keeper', PASSWORD);
  bearer = (await keeper.post('/api/v1/tokens', { name: 'load' })).body.secret;
  const stock = { kind: 'in', reason: 'opening', lines: ITEMS.map((item) => ({ item, quantity: 1_000_000 })) };
  const key = newKey();
  acknowledged.set(key, (await keeper.post('/api/v1/stores/XT/slips', stock, { key })).body);
  keeper.close();
});

after(async () => {
  over = true;
  for (const service of services) await service.kill();
  await cluster.stop();
});

async function killService() {
  const i = random(2);
  await services[i].kill();
  services[i] = await startOn(services[i].port);
}

const kill = {
  service: killService,
  async postmaster() {
    await cluster.kill();
    await cluster.start();
  },
  async 'immediate stop'() {
    await cluster.stop({ immediately: true });
    await cluster.start();
  },
  // One of PostgreSQL's processes, as the kernel does when memory is out: all of them start over.
  async backend() {
    const pids = (await db.sql(`SELECT pid FROM pg_stat_activity
      WHERE backend_type = 'client backend' AND usename = 'taizhang_service'`, 'postgres')).split('\n');
    process.kill(Number(pick(pids)), 'SIGKILL');
  },
  async both() {
    await Promise.all([cluster.kill(), services[0].kill()]);
    await cluster.start();
    services[0] = await startOn(services[0].port);
  },
};

test(`${ROUNDS} kills under load lose nothing and double nothing`, async () => {
  const loads = Promise.all(Array.from({ length: CLIENTS }, load));
  loads.catch(() => {}); // looked at in the end
  const progress = async (count) => {
    const target = acknowledged.size + count;
    await until(`${count} more acknowledged`, () => acknowledged.size >= target, 60);
  };
  for (let round = 0; round < ROUNDS; round++) {
    await progress(20 + random(100));
    await sleep(random(100));
    await kill[KILLS[round % KILLS.length]]().catch((error) => {
      throw new Error(`round ${round}, ${KILLS[round % KILLS.length]}`, { cause: error });
    });
  }
  await progress(100);
  loading = false;
  await loads;
  assert.ok(failures > 0, 'some were in flight when something was killed');

  const rows = await db.rows(`SELECT idempotency_key AS key, slip_number('XT', kind, business_date, serial) AS number,
      event_seq, (SELECT count(*) FROM entry WHERE entry.store_id = slip.store_id AND entry.event_seq = slip.event_seq) AS entries
    FROM slip JOIN event ON event.store_id = slip.store_id AND event.seq = slip.event_seq
    WHERE slip.store_id = (SELECT store_id FROM store WHERE code = 'XT')`);
  assert.equal(rows.length, acknowledged.size, 'as many slips as were acknowledged');
  for (const row of rows) {
    const body = acknowledged.get(row.key);
    assert.ok(body, `a slip under a key that nobody used: ${row.key}`);
    assert.deepEqual([body.number, body.event_seq, body.lines.length], [row.number, row.event_seq, row.entries]);
  }
  for (const item of ITEMS) {
    let sum = 0;
    for (const { kind, lines } of acknowledged.values())
      for (const line of lines) if (line.item === item) sum += kind === 'in' ? line.quantity : -line.quantity;
    assert.equal(Number(await db.sql(`SELECT balance FROM ledger JOIN item USING (item_id) JOIN store USING (store_id)
      WHERE item.code = '${item}' AND store.code = 'XT'`)), sum, item);
  }
  const { code, stdout, stderr } = await cli(['verify'], { database: db });
  assert.equal(code, 0, stdout + stderr);
});
