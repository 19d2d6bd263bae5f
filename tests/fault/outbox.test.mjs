// The service killed between an alert's commit and its delivery, and between the delivery and its record:
// no step of an alert is untold, and what arrives twice is the same, under the same id.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createDatabase } from '../lib/cluster.mjs';
import { Client, newKey } from '../lib/client.mjs';
import { until } from '../lib/process.mjs';
import { cli, freePort, startService } from '../lib/service.mjs';
import { PASSWORD, populate } from '../lib/world.mjs';

const KILLS = 50;
const CHANNELS = 8; // each has one message under way: while some are leased, others are free

let db;
let service;
let keeper;
let settings;
let receiver;
const arrived = []; // {id, body} in order, before any is answered
let kill; // called when a message has arrived, before it is answered

before(async () => {
  receiver = createServer(async (request, answer) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    arrived.push({ id: request.headers['webhook-id'], body: Buffer.concat(parts).toString() });
    const now = kill;
    kill = undefined;
    await now?.();
    answer.end('{}');
  }).listen(0, '127.0.0.1').unref();
  await once(receiver, 'listening');
  db = await createDatabase();
  await populate(db);
  settings = {
    listen: `127.0.0.1:${await freePort()}`, secret_key: randomBytes(32).toString('base64'), log_level: 'warn',
    database_connections: 1, outgoing_private: 1, outgoing_timeout: 200, bundle_wait: 100, delivery_retry: 20,
  };
  service = await startService({ database: db, settings });
  const coordinator = new Client(service.url);
  await coordinator.signIn('coordinator', PASSWORD);
  for (let n = 0; n < CHANNELS; n++) {
    const { body: channel } = await coordinator.post('/api/v1/channels', {
      kind: 'webhook', name: `hook ${n}`, place: 'xita', secret: `whsec_${randomBytes(24).toString('base64')}`,
      address: `http://127.0.0.1:${receiver.address().port}/${n}`,
    });
    const { status, text } = await coordinator.post('/api/v1/subscriptions', { channel: channel.id, place: 'xita' });
    assert.equal(status, 201, text);
  }
  await coordinator.put('/api/v1/stores/XT/ledgers/n95/thresholds', { normal: { minimum: 10, target: 50 }, emergency: null });
  coordinator.close();
  keeper = new Client(service.url);
  await keeper.signIn('keeper', PASSWORD);
});
after(async () => {
  keeper.close();
  await service.kill();
  receiver.closeAllConnections();
  receiver.close();
});

// Closes the alert, and opens it again, by turns.
function slip(n) {
  const body = n % 2 ? { kind: 'out', reason: 'issue' } : { kind: 'in', reason: 'purchase' };
  const key = newKey();
  return async () => {
    const { status, text } = await keeper.post('/api/v1/stores/XT/slips', { ...body, lines: [{ item: 'n95', quantity: 20 }] }, { key });
    assert.equal(status, 201, text);
  };
}

test(`${KILLS} kills around a delivery: every step is told, duplicates under one id`, async () => {
  for (let n = 0; n < KILLS; n++) {
    const post = slip(n);
    if (Math.floor(n / 2) % 2) { // something was delivered, and nobody has heard so
      let killed = false;
      kill = async () => { await service.kill(); killed = true; };
      const posted = await post().then(() => true, () => false); // what is left from before may come first
      await until('a delivery, and the kill', () => killed);
      service = await startService({ database: db, settings });
      if (!posted) await post();
    } else { // it is committed, and has to be delivered
      await post();
      await service.kill();
      service = await startService({ database: db, settings });
    }
  }
  await until('nothing waits', async () => await db.sql(`SELECT (SELECT count(*) FROM notice WHERE message_id IS NULL)
    + (SELECT count(*) FROM message WHERE status <> 'delivered')`) === '0', 60);

  const [counts] = await db.rows(`SELECT (SELECT count(*) FROM event WHERE type ~ '^alert_' AND store_id > 0) AS steps,
    (SELECT count(*) FROM notice) AS notices, (SELECT sum(notices) FROM message) AS told`);
  assert.ok(counts.steps > KILLS, JSON.stringify(counts));
  assert.deepEqual(counts, { steps: counts.steps, notices: counts.steps * CHANNELS, told: counts.steps * CHANNELS });
  const bodies = new Map();
  for (const { id, body } of arrived) assert.equal(bodies.get(id) ?? body, body, 'a repeat says the same');
  for (const { id, body } of arrived) bodies.set(id, body);
  const messages = await db.rows('SELECT id, content FROM message');
  assert.equal(bodies.size, messages.length);
  for (const { id, content } of messages) assert.deepEqual(JSON.parse(bodies.get(id)).data, content, 'each has arrived');
  assert.ok(arrived.length - bodies.size >= KILLS / 2, `${arrived.length} arrived, ${bodies.size} messages`);
  const { code, stdout, stderr } = await cli(['verify'], { database: db });
  assert.equal(code, 0, stdout + stderr);
});
