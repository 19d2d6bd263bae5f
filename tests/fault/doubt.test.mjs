// Connections that break at the worst moment of a batch: what became of it is found out through the
// keys, and every slip is acknowledged once.
import { after, before, beforeEach, test } from 'node:test';
import assert from 'node:assert/strict';
import { createDatabase } from '../lib/cluster.mjs';
import { Client, newKey } from '../lib/client.mjs';
import { until } from '../lib/process.mjs';
import { startProxy } from '../lib/proxy.mjs';
import { cli, startService } from '../lib/service.mjs';
import { PASSWORD, populate } from '../lib/world.mjs';

const SLIPS = '/api/v1/stores/XT/slips';
let db;
let proxy;
let service;
let clients;

before(async () => {
  db = await createDatabase();
  await populate(db);
  proxy = await startProxy(db);
  service = await startService({ database: proxy.database, settings: { post_timeout: 2000, database_timeout: 2000 } });
  const keeper = new Client(service.url);
  await keeper.signIn('keeper', PASSWORD);
  const { secret } = (await keeper.post('/api/v1/tokens', { name: 'many' })).body;
  keeper.close();
  clients = Array.from({ length: 64 }, () => Object.assign(new Client(service.url), { bearer: secret }));
});

after(async () => {
  for (const client of clients) client.close();
  await service.stop();
  proxy.stop();
});

const ready = () => until('the service ready', async () => (await clients[0].get('/readyz')).status === 200);
beforeEach(ready);

const slip = (quantity = 1) => ({ kind: 'in', reason: 'purchase', lines: [{ item: 'n95', quantity }] });
const post = (client, key, body = slip()) => client.post(SLIPS, body, { key });

// The slips under these keys, in order of the keys.
async function numbersOf(keys) {
  const rows = await db.rows(`SELECT idempotency_key AS key, slip_number('XT', kind, business_date, serial) AS number
    FROM slip JOIN event ON event.store_id = slip.store_id AND event.seq = slip.event_seq
    WHERE idempotency_key IN (${keys.map((key) => `'${key}'`)})`);
  return keys.map((key) => rows.filter((row) => row.key === key).map((row) => row.number));
}

async function assertTrue() {
  const { code, stdout, stderr } = await cli(['verify'], { database: db });
  assert.equal(code, 0, stdout + stderr);
}

// What a batch sends, in order: reads, then writes and the commit in one go.
const CUTS = [
  ['while it reads', 'post_lock', {}],
  ['before PostgreSQL saw its writes', 'post_set_heads', {}],
  ['after it was committed, before anybody was told', 'post_set_heads', { after: 'COMMIT' }],
];

for (const [when, statement, options] of CUTS) {
  test(`a connection lost ${when}: 64 slips are posted once each`, async () => {
    const keys = clients.map(newKey);
    proxy.cut(statement, options);
    const answers = await Promise.all(clients.map((client, i) => post(client, keys[i])));
    await proxy.done;
    for (const answer of answers) {
      assert.equal(answer.status, 201, answer.text);
      assert.equal(answer.headers['idempotent-replayed'], undefined, 'it is the first answer');
    }
    assert.deepEqual(await numbersOf(keys), answers.map((answer) => [answer.body.number]));
    const again = await post(clients[0], keys[0]);
    assert.equal(again.headers['idempotent-replayed'], 'true');
    assert.equal(again.text, answers[0].text);
    await assertTrue();
  });
}

test('a batch in doubt keeps its order before what came later', async () => {
  const [first, second] = [newKey(), newKey()];
  proxy.cut('post_set_heads');
  const one = post(clients[0], first);
  await proxy.done;
  const two = post(clients[1], second);
  const [a, b] = [await one, await two];
  assert.deepEqual([a.status, b.status], [201, 201]);
  assert.ok(a.body.event_seq < b.body.event_seq);
});

test('in doubt for longer than anybody waits: 503, and the key tells later', async () => {
  const key = newKey();
  proxy.cut('post_set_heads', { after: 'COMMIT' });
  const answer = post(clients[0], key);
  await proxy.done;
  proxy.stop();
  const away = await answer;
  assert.equal(away.status, 503, away.text);
  assert.equal(away.body.code, 'database_away');
  assert.match(away.headers['retry-after'], /^\d+$/);
  assert.equal((await numbersOf([key]))[0].length, 1, 'it was posted');
  await proxy.start();
  await ready();
  const again = await post(clients[0], key);
  assert.equal(again.status, 201, again.text);
  assert.equal(again.headers['idempotent-replayed'], 'true');
  assert.deepEqual(await numbersOf([key]), [[again.body.number]]);
  await assertTrue();
});

test('PostgreSQL away: 503 in bounded time, for reads too, and by itself back again', async () => {
  const key = newKey();
  proxy.stop();
  await until('not ready', async () => (await clients[0].get('/readyz')).status === 503);
  const answers = await Promise.all(clients.map((client) => post(client, key)));
  for (const answer of answers) {
    assert.equal(answer.status, 503, answer.text);
    assert.match(answer.headers['retry-after'], /^\d+$/);
  }
  const read = await clients[0].get('/api/v1/stores/XT/ledgers');
  assert.equal(read.status, 503, read.text);
  assert.equal((await clients[0].get('/healthz')).status, 200, 'the process itself is well');
  await proxy.start();
  await ready();
  const later = await Promise.all(clients.map((client) => post(client, key)));
  assert.ok(later.every((answer) => answer.status === 201));
  assert.equal(new Set(later.map((answer) => answer.text)).size, 1);
  assert.equal(later.filter((answer) => answer.headers['idempotent-replayed'] !== 'true').length, 1);
  assert.equal((await numbersOf([key]))[0].length, 1);
});
