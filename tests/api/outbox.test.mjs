// Channels and the outbox: who is told what, and how it gets there.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { newKey } from '../lib/client.mjs';
import { root, until } from '../lib/process.mjs';
import { startReceivers } from '../lib/receivers.mjs';
import { addUser, startWorld } from '../lib/world.mjs';

const V = '/api/v1';
const KINDS = ['email', 'wecom', 'dingtalk', 'feishu', 'webhook'];
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

let receivers;
let world;
let keeper;
let coordinator;

before(async () => {
  receivers = await startReceivers();
  world = await startWorld({ settings: {
    ...receivers.settings, secret_key: randomBytes(32).toString('base64'), public_url: 'https://tz.example',
    outgoing_timeout: 5000, bundle_wait: 200, delivery_retry: 50, delivery_give_up: 3000,
  } });
  [keeper, coordinator] = await Promise.all(['keeper', 'coordinator'].map((name) => world.client(name)));
});
after(async () => {
  await world.stop();
  await receivers.stop();
});

const ok = (status) => (answer) => {
  assert.equal(answer.status, status, answer.text);
  return answer.body;
};
// → the channel, with the receiver's address as real.
async function addChannel(client, kind, place, more = {}) {
  const real = receivers.address(kind);
  const channel = ok(201)(await client.post(`${V}/channels`,
    { kind, name: `${kind} ${place}`, place, address: real, secret: receivers.secret(real), ...more }));
  return { ...channel, real };
}
const subscribe = async (client, channel, place, more = {}) =>
  ok(201)(await client.post(`${V}/subscriptions`, { channel: channel.id, place, ...more }));
const unsubscribed = (client, channel) => client.delete(`${V}/channels/${channel.id}`).then(ok(204));
const listed = async (client, channel) =>
  (await client.get(`${V}/channels`, { limit: 200 })).body.items.find((one) => one.id === channel.id);
const deliveries = async (client, channel, query) => ok(200)(await client.get(`${V}/channels/${channel.id}/deliveries`, query)).items;

const move = async (kind, item, quantity, store = 'XT', client = keeper) => ok(201)(await client.post(`${V}/stores/${store}/slips`,
  { kind, reason: kind === 'in' ? 'purchase' : 'issue', lines: [{ item, quantity }] }, { key: newKey() }));
const thresholds = async (item, minimum, target, store = 'XT') => ok(200)(await coordinator.put(
  `${V}/stores/${store}/ledgers/${item}/thresholds`, { normal: minimum === null ? null : { minimum, target }, emergency: null }));

const taken = (channel, count, seconds) =>
  until(`${count} messages at ${channel.name}`, () => {
    const messages = receivers.at(channel.real);
    return messages.length >= count && messages;
  }, seconds);
const alertsOf = (message) => message.body.data.alerts.map((alert) => [alert.store, alert.item, alert.step]);

test('with nothing to tell, the outbox rests', async () => {
  const next = readFileSync(join(root, 'sql/queries/outbox_next.sql'), 'utf8');
  assert.equal(await world.db.sql(`PREPARE next AS ${next}; SELECT 'asked'; EXECUTE next (1000)`), 'asked\n');
});

test('each kind of channel is told when stock falls below, and when it is back', async () => {
  const channels = [];
  for (const kind of KINDS) {
    const channel = await addChannel(coordinator, kind, 'malan', { language: kind === 'webhook' ? 'en' : 'zh' });
    await subscribe(coordinator, channel, 'xita');
    channels.push(channel);
  }
  await move('in', 'n95', 20);
  await thresholds('n95', 10, 50);
  await move('out', 'n95', 13);
  for (const channel of channels) {
    const [message] = await taken(channel, 1);
    for (const word of ['XT', '50', 'https://tz.example/#/alerts']) assert.ok(message.text.includes(word), `${channel.kind}: ${message.text}`);
  }
  const webhook = channels.at(-1);
  const [{ id, body }] = receivers.at(webhook.real);
  assert.match(id, UUID);
  assert.deepEqual(body.data.counts, { opened: 1, rearmed: 0, escalated: 0, closed: 0 });
  const [alert] = body.data.alerts;
  assert.deepEqual([alert.cause, alert.on_hand, alert.minimum, alert.target, alert.suggested_quantity, alert.value, alert.bound],
    ['low_stock', 7, 10, 50, 43, 7, 10]);

  const [row] = await until('it is recorded', async () => {
    const rows = await deliveries(coordinator, webhook, { status: 'delivered' });
    return rows.length && rows;
  });
  assert.deepEqual([row.id, row.kind, row.attempts, row.notices, row.last_error, row.next_attempt_at],
    [id, 'alert', 1, 1, null, null]);
  const state = await listed(coordinator, webhook);
  assert.deepEqual([state.waiting, state.dead, state.last_delivered_at, state.last_error], [0, 0, row.delivered_at, null]);

  await move('in', 'n95', 100);
  const [, closed] = await taken(webhook, 2);
  assert.deepEqual(alertsOf(closed), [['XT', 'n95', 'closed']]);
  for (const channel of channels) await unsubscribed(coordinator, channel);
});

test('a readiness switch over a thousand ledgers is a handful of messages', async () => {
  await world.db.sql(`
    INSERT INTO store (code, place_id, name_zh, name_en)
      SELECT 'B' || n, place_id, '库' || n, 'Store ' || n FROM place, generate_series(1, 150) AS n WHERE code = 'beita';
    INSERT INTO store_head (store_id) SELECT store_id FROM store WHERE code ~ '^B[0-9]';
    INSERT INTO ledger (store_id, item_id, emergency_minimum, emergency_target)
      SELECT store_id, item_id, 5, 10 FROM store, item WHERE store.code ~ '^B[0-9]' AND standing`);
  const channel = await addChannel(coordinator, 'webhook', 'beita');
  await subscribe(coordinator, channel, 'beita', { cause: 'out_of_stock' });
  ok(200)(await coordinator.put(`${V}/places/beita/readiness`, { readiness: 'emergency', reason: '演练' }));
  const told = () => receivers.at(channel.real).reduce((sum, { body }) => sum + body.data.counts.opened, 0);
  await until('all are told', () => told() === 1050);
  const messages = receivers.at(channel.real);
  assert.ok(messages.length <= 5, `${messages.length} messages`);
  const [most] = messages.toSorted((a, b) => b.body.data.stores - a.body.data.stores);
  assert.equal(most.body.data.alerts.length, 20);
  assert.equal(most.body.data.more, most.body.data.counts.opened - 20);
  assert.ok(most.body.data.stores > 20, String(most.body.data.stores));
  await unsubscribed(coordinator, channel);
  ok(200)(await coordinator.put(`${V}/places/beita/readiness`, { readiness: 'normal', reason: '演练' }));
});

test('a broken or hanging channel delays neither posting nor another; what is given up is sent by hand', async () => {
  const [good, broken, hanging] = [await addChannel(coordinator, 'webhook', 'xita'),
    await addChannel(coordinator, 'webhook', 'xita'), await addChannel(coordinator, 'webhook', 'xita')];
  for (const channel of [good, broken, hanging]) await subscribe(coordinator, channel, 'xita', { cause: 'low_stock' });
  receivers.behave(broken.real, { status: 500 });
  receivers.behave(hanging.real, 'hang');
  await move('in', 'glove', 20);
  await thresholds('glove', 10, 20);
  const start = Date.now();
  await move('out', 'glove', 12);
  assert.ok(Date.now() - start < 2500, 'posting waits for no channel'); // one alone takes 3 s to be given up, the other 5
  await taken(good, 1);
  await until('both are under way', () => receivers.asked(broken.real) > 1 && receivers.asked(hanging.real) > 0);
  await move('in', 'glove', 20);
  await taken(good, 2);

  const [dead] = await until('it is given up', async () => {
    const rows = await deliveries(coordinator, broken, { status: 'dead' });
    return rows.length && rows;
  });
  assert.ok(dead.attempts > 1 && dead.last_error.includes('500'), JSON.stringify(dead));
  assert.equal((await listed(coordinator, broken)).last_error, dead.last_error);
  assert.ok((await coordinator.get(`${V}/deliveries`, { status: 'dead' })).body.items.some((row) => row.id === dead.id));
  const metrics = (await coordinator.get('/metrics')).text;
  assert.match(metrics, /^taizhang_deliveries_total\{kind="webhook",outcome="dead"\} [1-9]/m);
  for (const name of ['waiting', 'dead', 'oldest_seconds']) assert.match(metrics, new RegExp(`^taizhang_outbox_${name} \\d`, 'm'));

  assert.equal((await keeper.post(`${V}/deliveries/${dead.id}/retry`)).status, 404, 'not theirs');
  receivers.behave(broken.real);
  const again = ok(200)(await coordinator.post(`${V}/deliveries/${dead.id}/retry`));
  assert.deepEqual([again.id, again.status], [dead.id, 'waiting']);
  const messages = await until('it arrives', () => {
    const found = receivers.at(broken.real);
    return found.some(({ id }) => id === dead.id) && found;
  });
  assert.deepEqual(alertsOf(messages.find(({ id }) => id === dead.id)), [['XT', 'glove', 'opened']], 'as it was made');
  await until('and is recorded', async () => (await deliveries(coordinator, broken, { status: 'delivered' })).some(({ id }) => id === dead.id));
  assert.equal(ok(200)(await coordinator.post(`${V}/deliveries/${dead.id}/retry`)).status, 'delivered', 'not twice');
  assert.equal((await coordinator.post(`${V}/deliveries/nothing/retry`)).status, 404);
  for (const channel of [good, broken, hanging]) await unsubscribed(coordinator, channel);
});

test('a personal channel gets only what its owner may see, when it is written', async () => {
  await addUser(world.db, 'watcher', [['storekeeper', 'xita'], ['auditor', 'beita'], ['storekeeper', 'beita']]);
  const watcher = await world.client('watcher');
  const own = await addChannel(watcher, 'webhook', null);
  const all = await addChannel(coordinator, 'webhook', 'malan');
  assert.deepEqual([own.owner, own.place], ['watcher', null]);
  await subscribe(watcher, own, 'xita');
  await subscribe(watcher, own, 'beita');
  await subscribe(coordinator, all, 'malan');
  const beyond = await watcher.post(`${V}/subscriptions`, { channel: own.id, place: 'malan' });
  assert.deepEqual([beyond.status, beyond.body.errors[0].code], [422, 'unknown_place']);

  await move('in', 'hand-gel', 5, 'BT', watcher);
  await move('in', 'hand-gel', 5);
  await thresholds('hand-gel', 8, 9, 'BT');
  await taken(own, 1);
  await world.db.sql(`DELETE FROM user_grant USING app_user, place WHERE user_grant.user_id = app_user.user_id
    AND user_grant.place_id = place.place_id AND username = 'watcher' AND code = 'beita'`);
  await thresholds('hand-gel', null, null, 'BT');
  await thresholds('hand-gel', 8, 9);
  await until('the place is told of all', () => receivers.at(all.real).flatMap(alertsOf).length === 3);
  await taken(own, 2);
  assert.deepEqual(receivers.at(own.real).flatMap(alertsOf), [['BT', 'hand-gel', 'opened'], ['XT', 'hand-gel', 'opened']]);

  await world.db.sql(`UPDATE channel SET free_at = '2100-01-01' WHERE channel_id = ${own.id}`);
  ok(200)(await coordinator.patch(`${V}/channels/${all.id}`, { enabled: false }));
  await thresholds('hand-gel', null, null);
  assert.equal(await world.db.sql(`SELECT string_agg(channel_id::text, ',') FROM notice WHERE message_id IS NULL`), String(own.id),
    'a disabled channel is not told');
  await unsubscribed(coordinator, all);
  await unsubscribed(watcher, own);
});

test('an alert that nobody acknowledges is told where it comes up to', async () => {
  const street = await addChannel(coordinator, 'webhook', 'malan');
  await subscribe(coordinator, street, 'malan', { on: 'escalated' });
  const store = await world.db.sql(`SELECT store_id FROM store WHERE code = 'XT'`);
  await world.db.sql(`INSERT INTO alert_rule (place_id, cause, enabled, clear_percent, rearm_percent, escalate_minutes)
    SELECT place_id, 'low_stock', true, 10, 25, 1 FROM place WHERE code = 'xita'`);
  await thresholds('face-shield', 8, 9);
  await world.db.sql(`UPDATE alert SET armed_at = armed_at - interval '2 minutes', opened_at = opened_at - interval '2 minutes'
    WHERE store_id = ${store} AND closed_at IS NULL AND cause = 'low_stock'`);
  const sweeper = await world.startAnother({ settings: { alert_interval: 1000, ...receivers.settings } });
  const [message] = await taken(street, 1);
  await sweeper.stop();
  const [alert] = message.body.data.alerts;
  assert.deepEqual([alert.item, alert.step, alert.escalation, alert.escalated_to], ['face-shield', 'escalated', 1, 'malan']);
  await unsubscribed(coordinator, street);
});

test('checkpoints are sent to whoever wants them, the newest of a log', async () => {
  const auditor = await world.client('auditor');
  const own = await addChannel(auditor, 'webhook', null);
  const kept = await addChannel(keeper, 'webhook', null);
  await subscribe(auditor, own, 'gujiao', { cause: 'checkpoint' });
  await subscribe(keeper, kept, 'xita', { cause: 'checkpoint' });
  const note = (log, size) => `tz/${log}\n${size}\nroot${size}=\n\n— tz/${log} signature\n`;
  await world.db.sql(`BEGIN;
    SELECT notice_checkpoint(store_id, 7, '${note('XT', 7)}') FROM store WHERE code = 'XT';
    SELECT notice_checkpoint(store_id, 9, '${note('XT', 9)}') FROM store WHERE code = 'XT';
    SELECT notice_checkpoint(0, 3, '${note('system', 3)}');
    SELECT notice_checkpoint(store_id, 5, '${note('HP', 5)}') FROM store WHERE code = 'HP';
    COMMIT`);
  const of = ({ body: { data } }) => [data.store, data.origin, data.size, data.root, data.note];
  const messages = await taken(own, 2);
  assert.deepEqual(messages.map(of).sort(), [[null, 'tz/system', 3, 'root3=', note('system', 3)], ['XT', 'tz/XT', 9, 'root9=', note('XT', 9)]].sort());
  assert.deepEqual((await taken(kept, 1)).map(of), [['XT', 'tz/XT', 9, 'root9=', note('XT', 9)]]);

  const { status, text } = await auditor.post(`${V}/stores/XT/checkpoint`);
  assert.equal(status, 201, text);
  assert.equal((await taken(own, 3)).at(-1).body.data.note, text, 'one that was signed');
  await unsubscribed(auditor, own);
  await unsubscribed(keeper, kept);
});

test('channels are kept by whom they belong to, and their secrets never shown', async () => {
  const admin = await world.client('admin');
  const stranger = await world.client('stranger');
  const channel = await addChannel(coordinator, 'dingtalk', 'xita');
  assert.equal(channel.address, 'https://127.0.0.1/…');
  assert.equal(channel.has_secret, true);
  const own = await addChannel(keeper, 'email', null);
  assert.equal(own.address, own.real);
  const subscription = await subscribe(coordinator, channel, 'grid-12', { cause: 'expired' });
  assert.equal(ok(201)(await coordinator.post(`${V}/subscriptions`,
    { channel: channel.id, place: 'grid-12', cause: 'expired' })).id, subscription.id, 'the same again');

  const mine = async (client) => (await client.get(`${V}/channels`)).body.items.map(({ id }) => id);
  assert.deepEqual(await mine(coordinator), [channel.id]);
  assert.deepEqual(await mine(admin), [channel.id]);
  assert.deepEqual(await mine(keeper), [own.id]);
  assert.deepEqual(await mine(stranger), []);
  assert.equal((await (await world.client('guest')).get(`${V}/channels`)).status, 403);
  for (const client of [keeper, stranger]) {
    const path = `${V}/channels/${channel.id}`;
    assert.equal((await client.patch(path, { name: 'x' })).status, 404);
    assert.equal((await client.delete(path)).status, 404);
    assert.equal((await client.post(`${path}/test`)).status, 404);
    assert.equal((await client.get(`${path}/deliveries`)).status, 404);
    assert.equal((await client.delete(`${V}/subscriptions/${subscription.id}`)).status, 404);
    assert.equal((await client.post(`${V}/subscriptions`, { channel: channel.id, place: 'xita' })).body.errors[0].code, 'unknown_channel');
    assert.deepEqual((await client.get(`${V}/subscriptions`)).body.items, []);
  }
  assert.equal((await coordinator.get(`${V}/channels/${own.id}/deliveries`)).status, 404);
  const errors = async (body) => (await keeper.post(`${V}/channels`, body)).body.errors.map(({ field, code }) => `${field} ${code}`).sort();
  assert.deepEqual(await errors({ kind: 'pigeon', name: ' ', colour: 1 }),
    ['address required', 'colour unknown_field', 'kind unknown_value', 'name required']);
  assert.deepEqual(await errors({ kind: 'email', name: 'x', place: 'xita', address: 'a@b.test' }), ['place unknown_place']);
  assert.deepEqual((await coordinator.post(`${V}/subscriptions`, { channel: channel.id, place: 'beita' })).body.errors[0].code, 'unknown_place');
  assert.deepEqual((await coordinator.post(`${V}/subscriptions`, { channel: channel.id, place: 'xita', cause: 'checkpoint', on: 'escalated' })).status, 422);

  await world.db.sql(`INSERT INTO channel (kind, name, owner_id, address, language)
    SELECT 'email', 'another', user_id, 'k@receiver.test', 'zh' FROM app_user, generate_series(1, 19) WHERE username = 'keeper'`);
  const full = await keeper.post(`${V}/channels`, { kind: 'email', name: 'x', address: own.real });
  assert.deepEqual([full.status, full.body.code], [409, 'too_many']);
  await world.db.sql(`UPDATE channel SET removed_at = now() WHERE name = 'another'`);

  // A change: the wrong secret shows at once in a test, the right one as well.
  const tried = async () => {
    await world.db.sql(`UPDATE channel SET tested_at = '-infinity'`);
    return ok(200)(await coordinator.post(`${V}/channels/${channel.id}/test`));
  };
  const changed = ok(200)(await coordinator.patch(`${V}/channels/${channel.id}`, { secret: 'SECwrong', language: 'en' }));
  assert.deepEqual(changed.changed, ['language', 'secret']);
  const failed = await tried();
  assert.deepEqual([failed.status, /310000/.test(failed.error)], ['failed', true]);
  ok(200)(await coordinator.patch(`${V}/channels/${channel.id}`, { secret: receivers.secret(channel.real) }));
  const good = await tried();
  assert.deepEqual([good.status, good.error], ['delivered', null]);
  assert.ok(receivers.at(channel.real).at(-1).text.includes('coordinator'), 'who asked for it');
  assert.ok(good.message.includes('coordinator') && good.ms >= 0);
  const soon = await coordinator.post(`${V}/channels/${channel.id}/test`);
  assert.deepEqual([soon.status, soon.body.code, Number(soon.headers['retry-after']) <= 3], [429, 'too_soon', true]);

  ok(204)(await coordinator.delete(`${V}/subscriptions/${subscription.id}`));
  await unsubscribed(coordinator, channel);
  await unsubscribed(keeper, own);
  assert.equal((await coordinator.patch(`${V}/channels/${channel.id}`, { name: 'x' })).status, 404);

  // Nothing that was told in confidence lies around.
  const events = await world.db.rows(`SELECT type, record FROM event WHERE store_id = 0 AND type ~ 'channel|subscription'
    AND (record::jsonb -> 'body' ->> 'id' = '${channel.id}' AND type ~ 'channel' OR record::jsonb -> 'body' ->> 'channel' = '${channel.id}') ORDER BY seq`);
  assert.deepEqual(events.map(({ type }) => type),
    ['channel_added', 'subscription_added', 'channel_changed', 'channel_changed', 'subscription_removed', 'channel_removed']);
  const dump = await world.db.sql(['channel', 'event', 'message', 'notice'].map((name) => `SELECT t::text FROM ${name} AS t`).join(' UNION ALL '));
  for (const secret of [receivers.secret(channel.real), new URL(channel.real).search, 'SECwrong']) {
    assert.ok(!dump.includes(secret), secret);
    assert.ok(!dump.includes(Buffer.from(secret).toString('hex')), secret);
    assert.ok(!world.service.stderr.includes(secret), secret);
  }
});

test('without a key to seal with, what is secret is not taken; with another one, it says so', async () => {
  const other = await world.startAnother({ settings: { ...receivers.settings, alert_interval: 3600000 } });
  const there = coordinator.another(other.url);
  const channel = await addChannel(coordinator, 'webhook', 'xita');
  const refused = await there.post(`${V}/channels`, 
    { kind: 'webhook', name: 'x', place: 'xita', address: channel.real, secret: receivers.secret(channel.real) });
  assert.deepEqual([refused.status, refused.body.code], [409, 'secrets_not_set_up']);
  const unread = await there.post(`${V}/channels/${channel.id}/test`);
  assert.deepEqual([unread.status, unread.body.code], [409, 'secrets_changed']);
  there.close();
  await other.stop();
  await unsubscribed(coordinator, channel);
});
