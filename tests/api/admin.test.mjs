// Administration: users and their grants, places, stores, items; who may change what, and its trace.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { Client, newKey } from '../lib/client.mjs';
import { createDatabase } from '../lib/cluster.mjs';
import { until } from '../lib/process.mjs';
import { startProxy } from '../lib/proxy.mjs';
import { startService } from '../lib/service.mjs';
import { addUser, PASSWORD, populate, startWorld } from '../lib/world.mjs';

let world;
let other; // another process on the same database
let admin; // of gujiao, a root
let deputy; // administrator of malan

before(async () => {
  world = await startWorld();
  other = await startService({ database: world.db });
  await addUser(world.db, 'deputy', [['admin', 'malan']]);
  [admin, deputy] = await Promise.all([world.client('admin'), world.client('deputy')]);
});

const clients = [];

after(async () => {
  for (const client of clients) client.close();
  await other.stop();
  await world.stop();
});

const API = '/api/v1';
const password = 'a-first-password';

async function signedIn(username, secret = password, service = world) {
  const client = new Client(service.url);
  clients.push(client);
  await client.signIn(username, secret);
  return client;
}

async function ok(promise, status) {
  const answer = await promise;
  assert.equal(answer.status, status, answer.text);
  return answer.body;
}

async function refused(promise, status, code) {
  const answer = await promise;
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.body.code, code);
  return answer;
}

const errors = (answer) => answer.body.errors.map((e) => `${e.field} ${e.code}`).sort();
async function wrong(promise, ...expected) {
  assert.deepEqual(errors(await refused(promise, 422, 'validation_failed')), expected.sort());
}

const lastEvent = async () =>
  (await world.db.rows('SELECT type, actor, record::jsonb AS record FROM event WHERE store_id = 0 ORDER BY seq DESC LIMIT 1'))[0];
const logSize = async () => Number(await world.db.sql('SELECT event_seq FROM store_head WHERE store_id = 0'));

let count = 0;
const fresh = (prefix) => `${prefix}${count++}`;

async function newUser(roles = [], by = admin) {
  const username = fresh('user-');
  await ok(by.post(`${API}/users`, { username, display_name: username, password, roles }), 201);
  return username;
}

// --- Users ---

test('a new user can sign in, and may what was granted', async () => {
  const body = {
    username: '李四', display_name: '李四（库管员）', password,
    roles: [{ role: 'storekeeper', place: 'xita' }, { role: 'auditor', place: 'malan' }],
  };
  const user = await ok(admin.post(`${API}/users`, body), 201);
  assert.deepEqual(user, { username: '李四', display_name: '李四（库管员）', disabled: false, roles: body.roles });
  const client = await signedIn('李四');
  assert.equal((await client.get(`${API}/stores/XT/slips`)).status, 200);
  const event = await world.db.rows("SELECT actor, record::jsonb AS record FROM event WHERE type = 'user_added' ORDER BY seq DESC LIMIT 1");
  assert.deepEqual(event[0].record.body, user);
  assert.equal(event[0].actor, 'admin');
  assert.equal(event[0].record.source, '127.0.0.1');
});

test('every wrong field of a new user is named', async () => {
  const post = (body) => admin.post(`${API}/users`, body);
  await wrong(post({ username: 'a b', display_name: '', password: 'short', age: 7, roles: [
    { role: 'owner', place: 'xita' }, { role: 'admin' }, 'admin', { role: 'admin', place: 'x/y', since: 1 },
  ] }), 'username bad_characters', 'display_name required', 'password weak_password', 'age unknown_field',
  'roles[0].role unknown_value', 'roles[1].place required', 'roles[2] wrong_type', 'roles[3].place bad_code',
  'roles[3].since unknown_field');
  await wrong(post({}), 'username required', 'display_name required', 'password required');
  await wrong(post({ username: 'x'.repeat(65), display_name: 'x', password }), 'username too_long');
  await wrong(post({ username: 'same-as-password', display_name: 'x', password: 'same-as-password' }), 'password weak_password');
  await wrong(post({ username: 'a\u2003b', display_name: 'x', password }), 'username bad_characters');
  await wrong(post({ username: fresh('x'), display_name: 'x', password, roles: [
    { role: 'auditor', place: 'xita' }, { role: 'auditor', place: 'nowhere' }] }), 'roles[1].place unknown_place');
  await refused(post({ username: 'keeper', display_name: 'x', password }), 409, 'conflict');
  await refused(post({ username: 'system', display_name: 'x', password }), 409, 'conflict');
});

test('being shut out ends sessions and sign-ins within a second, in every process', async () => {
  const username = await newUser([{ role: 'storekeeper', place: 'xita' }]);
  const [here, there] = [await signedIn(username), await signedIn(username, password, other)];
  assert.equal((await ok(admin.patch(`${API}/users/${username}`, { disabled: true }), 200)).disabled, true);
  assert.equal((await here.get(`${API}/session`)).status, 401);
  await until('the session over', async () => (await there.get(`${API}/session`)).status === 401, 2);
  await refused(here.post(`${API}/session`, { username, password }), 401, 'sign_in_failed');
  await ok(admin.patch(`${API}/users/${username}`, { disabled: false }), 200);
  assert.equal((await there.get(`${API}/session`)).status, 401, 'ended for good');
  await signedIn(username);
});

test('a password set by an administrator ends the sessions and is in no log', async () => {
  const username = await newUser();
  const client = await signedIn(username);
  const changed = await ok(admin.patch(`${API}/users/${username}`, { password: 'another-secret-password' }), 200);
  assert.equal(changed.password_changed, true);
  assert.equal((await client.get(`${API}/session`)).status, 401);
  await signedIn(username, 'another-secret-password');
  const dump = await world.db.sql('SELECT e::text FROM event AS e UNION ALL SELECT u::text FROM app_user AS u');
  for (const secret of [password, 'another-secret-password']) {
    assert.ok(!dump.includes(secret));
    assert.ok(!world.service.stderr.includes(secret));
  }
});

test('a change that changes nothing is no event', async () => {
  const username = await newUser();
  const before = await logSize();
  for (const body of [{}, { display_name: username }, { disabled: false }]) {
    const user = await ok(admin.patch(`${API}/users/${username}`, body), 200);
    assert.deepEqual(user, { username, display_name: username, disabled: false, roles: [] });
  }
  assert.equal(await logSize(), before);
  await ok(admin.patch(`${API}/users/${username}`, { display_name: '王五' }), 200);
  assert.equal(await logSize(), before + 1);
  assert.equal((await lastEvent()).type, 'user_changed');
  await wrong(admin.patch(`${API}/users/${username}`, { username: 'x', display_name: ' ', disabled: 'no' }),
    'username unknown_field', 'display_name required', 'disabled wrong_type');
});

test('users nobody has, and the system itself, are not there', async () => {
  for (const name of ['nobody', 'system', '没有人']) {
    await refused(admin.patch(`${API}/users/${encodeURIComponent(name)}`, { disabled: true }), 404, 'not_found');
    await refused(admin.post(`${API}/users/${encodeURIComponent(name)}/grants`, { role: 'admin', place: 'xita' }), 404, 'not_found');
    await refused(admin.delete(`${API}/users/${encodeURIComponent(name)}/grants/admin/xita`), 404, 'not_found');
  }
});

// --- Grants ---

test('a grant and its end take effect within a second, in every process', async () => {
  const username = await newUser();
  const [here, there] = [await signedIn(username), await signedIn(username, password, other)];
  const status = async (client) => (await client.get(`${API}/stores/XT/slips`)).status;
  assert.equal(await status(here), 404);
  assert.equal(await status(there), 404);
  const grant = { role: 'storekeeper', place: 'malan' };
  assert.deepEqual(await ok(admin.post(`${API}/users/${username}/grants`, grant), 201), { username, ...grant });
  assert.equal((await lastEvent()).type, 'grant_added');
  assert.equal(await status(here), 200);
  await until('granted there', async () => (await status(there)) === 200, 2);
  const before = await logSize();
  await ok(admin.post(`${API}/users/${username}/grants`, grant), 201);
  assert.equal(await logSize(), before, 'held already');

  const end = () => admin.delete(`${API}/users/${username}/grants/storekeeper/malan`);
  await ok(end(), 204);
  assert.deepEqual((await lastEvent()).record.body, { username, ...grant });
  assert.equal(await status(here), 404);
  await until('ended there', async () => (await status(there)) === 404, 2);
  await refused(end(), 404, 'not_found');
  await refused(admin.delete(`${API}/users/${username}/grants/owner/malan`), 404, 'not_found');
  await wrong(admin.post(`${API}/users/${username}/grants`, { role: 'owner', place: 7, x: 1 }),
    'role unknown_value', 'place wrong_type', 'x unknown_field');
});

test('an administrator grants only at places of theirs', async () => {
  const username = await newUser([], deputy);
  const grant = (place) => deputy.post(`${API}/users/${username}/grants`, { role: 'auditor', place });
  for (const place of ['gujiao', 'wanbolin', 'hepi', 'nowhere']) await wrong(grant(place), 'place unknown_place');
  for (const place of ['malan', 'xita', 'grid-12']) await ok(grant(place), 201);
  await wrong(deputy.post(`${API}/users`,
    { username: fresh('x'), display_name: 'x', password, roles: [{ role: 'auditor', place: 'gujiao' }] }),
  'roles[0].place unknown_place');
});

test('an administrator touches only users whose grants all lie at places of theirs', async () => {
  const outside = await newUser([{ role: 'storekeeper', place: 'gujiao' }]);
  const partly = await newUser([{ role: 'storekeeper', place: 'xita' }, { role: 'auditor', place: 'gujiao' }]);
  const within = await newUser([{ role: 'storekeeper', place: 'xita' }]);
  const free = await newUser();
  for (const [username, status] of [[outside, 404], [partly, 403], [within, 200], [free, 200], ['admin', 404], ['stranger', 404]])
    assert.equal((await deputy.patch(`${API}/users/${username}`, { display_name: 'x' })).status, status, username);
  for (const [username, status] of [[outside, 404], [partly, 403], [within, 201]])
    assert.equal((await deputy.post(`${API}/users/${username}/grants`, { role: 'auditor', place: 'beita' })).status, status);
  await refused(deputy.delete(`${API}/users/${partly}/grants/storekeeper/xita`), 403, 'forbidden');
  await ok(deputy.delete(`${API}/users/${within}/grants/storekeeper/xita`), 204);
  const listed = (await deputy.get(`${API}/users`, { limit: 200 })).body.items.map((u) => u.username);
  assert.ok(listed.includes(partly) && listed.includes(free) && !listed.includes(outside));
});

test('somebody always stays in charge of a root place', async () => {
  const remove = (who, by = admin) => by.delete(`${API}/users/${who}/grants/admin/gujiao`);
  await refused(remove('admin'), 409, 'last_admin');
  await refused(admin.patch(`${API}/users/admin`, { disabled: true }), 409, 'last_admin');
  const second = await newUser([{ role: 'admin', place: 'gujiao' }]);
  await ok(admin.patch(`${API}/users/${second}`, { disabled: true }), 200);
  await refused(remove('admin'), 409, 'last_admin');
  await ok(admin.patch(`${API}/users/${second}`, { disabled: false }), 200);
  // Both at once: one of them stays.
  const client = await signedIn(second);
  const both = await Promise.all([remove('admin', client), remove(second, admin)]);
  assert.ok(both.some((a) => a.status === 204), both.map((a) => a.text).join());
  const left = await world.db.rows(`SELECT username FROM user_grant JOIN app_user USING (user_id) JOIN place USING (place_id)
    WHERE role = 'admin' AND code = 'gujiao'`);
  assert.equal(left.length, 1);
  if (left[0].username !== 'admin') {
    await ok(client.post(`${API}/users/admin/grants`, { role: 'admin', place: 'gujiao' }), 201);
    await until('admin again', async () => (await admin.get(`${API}/users`)).status === 200);
    await ok(remove(second), 204);
  }
});

// --- Places ---

test('a new place lies below its parent, and is as ready', async () => {
  const code = fresh('grid-x');
  const coordinator = await world.client('coordinator');
  await ok(coordinator.put(`${API}/places/beita/readiness`, { readiness: 'emergency', reason: '演练' }), 200);
  const body = { code, kind: 'grid', name_zh: '第七微网格', name_en: 'Grid 7', parent: 'beita' };
  assert.deepEqual(await ok(deputy.post(`${API}/places`, body), 201), { ...body, readiness: 'emergency' });
  assert.equal((await lastEvent()).type, 'place_added');
  const listed = (await coordinator.get(`${API}/places`, { limit: 200 })).body.items.find((p) => p.code === code);
  assert.equal(listed.parent, 'beita');
  const renamed = await ok(deputy.patch(`${API}/places/${code}`, { name_zh: '第八微网格' }), 200);
  assert.deepEqual(renamed, { ...body, name_zh: '第八微网格', readiness: 'emergency' });
  const before = await logSize();
  await ok(deputy.patch(`${API}/places/${code}`, { name_zh: '第八微网格' }), 200);
  assert.equal(await logSize(), before);
  await ok(coordinator.put(`${API}/places/beita/readiness`, { readiness: 'normal', reason: '结束' }), 200);
});

test('a place is refused where it cannot be', async () => {
  const place = (more) => deputy.post(`${API}/places`,
    { code: fresh('p'), kind: 'grid', name_zh: '甲', name_en: 'A', parent: 'xita', ...more });
  await wrong(place({ code: 'a b', kind: 'hamlet', name_en: ' ', x: 1 }),
    'code bad_code', 'kind unknown_value', 'name_en required', 'x unknown_field');
  await wrong(place({ parent: 'gujiao' }), 'parent unknown_place');
  await wrong(place({ parent: 'nowhere' }), 'parent unknown_place');
  await wrong(place({ parent: undefined }), 'parent required');
  await wrong(place({ kind: 'street' }), 'kind place_order');
  await wrong(place({ kind: 'grid', parent: 'grid-12' }), 'kind place_order');
  await refused(place({ code: 'xita' }), 409, 'conflict');
  await wrong(deputy.patch(`${API}/places/xita`, { code: 'new', parent: 'beita', name_zh: '' }),
    'code unknown_field', 'parent unknown_field', 'name_zh required');
  assert.equal((await deputy.patch(`${API}/places/gujiao`, { name_zh: 'x' })).status, 404);
});

test('whoever founds a root place administers it', async () => {
  const code = fresh('district');
  await ok(admin.post(`${API}/places`, { code, kind: 'district', name_zh: '新区', name_en: 'New district' }), 201);
  await ok(admin.post(`${API}/places`,
    { code: fresh('street'), kind: 'street', name_zh: '新街', name_en: 'New street', parent: code }), 201);
});

// --- Stores ---

test('a new store opens with the seven ledgers, and slips can be posted', async () => {
  const code = fresh('NS');
  const keeperName = await newUser([{ role: 'storekeeper', place: 'beita' }]);
  const keeper = await signedIn(keeperName);
  assert.equal((await keeper.get(`${API}/stores/${code}/ledgers`)).status, 404);
  const body = { code, place: 'beita', name_zh: '新库', name_en: 'New store' };
  assert.deepEqual(await ok(deputy.post(`${API}/stores`, body), 201), { ...body, readiness: 'normal' });
  assert.equal((await lastEvent()).type, 'store_added');
  const ledgers = await ok(keeper.get(`${API}/stores/${code}/ledgers`), 200);
  assert.deepEqual(ledgers.items.map((l) => l.item).sort(),
    ['disposable-mask', 'face-shield', 'glove', 'hand-gel', 'isolation-gown', 'n95', 'protective-suit']);
  const slip = await ok(keeper.post(`${API}/stores/${code}/slips`,
    { kind: 'in', reason: 'opening', lines: [{ item: 'glove', quantity: 5 }] }, { key: newKey() }), 201);
  assert.ok(slip.number.startsWith(`${code}-RK-`));
  const renamed = await ok(deputy.patch(`${API}/stores/${code}`, { name_en: 'Newest store' }), 200);
  assert.deepEqual(renamed, { ...body, name_en: 'Newest store', readiness: 'normal' });
});

test('a store is refused where it cannot be', async () => {
  const store = (more) => deputy.post(`${API}/stores`,
    { code: fresh('Q'), place: 'xita', name_zh: '甲', name_en: 'A', ...more });
  await wrong(store({ code: 'low', name_zh: '', x: 1 }), 'code bad_code', 'name_zh required', 'x unknown_field');
  await wrong(store({ place: 'gujiao' }), 'place unknown_place');
  await wrong(store({ place: 'nowhere' }), 'place unknown_place');
  await refused(store({ code: 'XT' }), 409, 'conflict');
  await wrong(deputy.patch(`${API}/stores/XT`, { code: 'YT', place: 'beita' }), 'code unknown_field', 'place unknown_field');
  assert.equal((await deputy.patch(`${API}/stores/HP`, { name_zh: 'x' })).status, 404);
});

// --- Items ---

test('a new item can be kept, in its packs', async () => {
  const body = {
    code: fresh('swab-'), category: 'testing', name_zh: '采样拭子', name_en: 'Swab', unit: '支', unit_en: 'piece',
    packs: [{ name: '盒', quantity: 100 }, { name: '箱', quantity: 2000 }],
  };
  assert.deepEqual(await ok(admin.post(`${API}/items`, body), 201), { ...body, standing: false });
  assert.equal((await lastEvent()).type, 'item_added');
  const keeper = await world.client('keeper');
  const receive = async (pack) => (await ok(keeper.post(`${API}/stores/XT/slips`,
    { kind: 'in', reason: 'purchase', lines: [{ item: body.code, quantity: 2, pack }] }, { key: newKey() }), 201)).lines[0];
  assert.equal((await receive('盒')).balance_after, 200);

  // Packs change; what was posted does not.
  const packs = [{ name: '盒', quantity: 50 }, { name: '袋', quantity: 10 }];
  const changed = await ok(admin.patch(`${API}/items/${body.code}`, { name_en: 'Nasal swab', packs }), 200);
  assert.equal(changed.name_en, 'Nasal swab');
  assert.deepEqual(changed.packs, [{ name: '袋', quantity: 10 }, { name: '盒', quantity: 50 }, { name: '箱', quantity: 2000 }]);
  const listed = (await keeper.get(`${API}/items`, { limit: 200 })).body.items.find((i) => i.code === body.code);
  assert.deepEqual(listed.packs, changed.packs);
  assert.equal((await receive('盒')).balance_after, 300);
  assert.equal((await receive('袋')).balance_after, 320);
  const before = await logSize();
  await ok(admin.patch(`${API}/items/${body.code}`, { packs }), 200);
  assert.equal(await logSize(), before, 'nothing changed');
});

test('an item is refused with every wrong field named', async () => {
  const item = (more) => admin.post(`${API}/items`,
    { code: fresh('i-'), category: 'testing', name_zh: '甲', name_en: 'A', unit: '只', unit_en: 'piece', ...more });
  await wrong(item({ code: 'UP', category: 'food', unit: '一二三四五六七八九十一二三四五六七', packs: [
    { name: '盒', quantity: 0 }, { name: '盒', quantity: 5 }, 7, { quantity: 1.5, size: 1 },
  ] }), 'code bad_code', 'category unknown_value', 'unit too_long', 'packs[0].quantity out_of_range',
  'packs[1].name conflict', 'packs[2] wrong_type', 'packs[3].name required', 'packs[3].quantity wrong_type',
  'packs[3].size unknown_field');
  await refused(item({ code: 'n95' }), 409, 'conflict');
  await refused(admin.patch(`${API}/items/none`, { name_zh: '乙' }), 404, 'not_found');
  await wrong(admin.patch(`${API}/items/n95`, { unit: '盒', name_zh: '' }), 'unit unknown_field', 'name_zh required');
  await refused(deputy.post(`${API}/items`, {}), 403, 'forbidden');
});

// --- Keys, the log, and a database that goes away ---

test('a repeat with the same key changes nothing and answers the same', async () => {
  const key = newKey();
  const body = { code: fresh('K'), place: 'xita', name_zh: '甲', name_en: 'A' };
  const first = await admin.post(`${API}/stores`, body, { key });
  assert.equal(first.status, 201);
  assert.equal(first.headers['idempotent-replayed'], undefined);
  const before = await logSize();
  const again = await admin.post(`${API}/stores`, { name_en: 'A', name_zh: '甲', place: 'xita', code: body.code }, { key });
  assert.equal(again.status, 201);
  assert.equal(again.headers['idempotent-replayed'], 'true');
  assert.equal(again.text, first.text);
  assert.equal(await logSize(), before);
  await refused(admin.post(`${API}/stores`, { ...body, name_en: 'B' }, { key }), 422, 'idempotency_key_reused');
  await refused(deputy.post(`${API}/stores`, body, { key }), 422, 'idempotency_key_reused');
  await refused(admin.post(`${API}/items`, { code: 'n95' }, { key: 'not a key' }), 422, 'validation_failed');
  await refused(admin.post(`${API}/stores`, { ...body, code: fresh('K') }, { key: 'not a key' }), 400, 'idempotency_key_missing');
});

test('a key may be used for a refusal and then again', async () => {
  const key = newKey();
  const body = { code: 'XT', place: 'xita', name_zh: '甲', name_en: 'A' };
  await refused(admin.post(`${API}/stores`, body, { key }), 409, 'conflict');
  await ok(admin.post(`${API}/stores`, { ...body, code: fresh('R') }, { key }), 201);
});

test('the system log is whole, and an auditor of a root reads it', async () => {
  const auditor = await world.client('auditor');
  const page = await ok(auditor.get(`${API}/events`, { type: 'store_added', limit: 200 }), 200);
  assert.ok(page.items.length > 0);
  const gaps = await world.db.rows(`SELECT seq FROM (SELECT seq, row_number() OVER (ORDER BY seq) AS n FROM event WHERE store_id = 0) AS e
    WHERE seq <> n UNION ALL SELECT event_seq FROM store_head WHERE store_id = 0
    AND event_seq <> (SELECT count(*) FROM event WHERE store_id = 0)`);
  assert.deepEqual(gaps, []);
  const bad = await world.db.rows(`SELECT seq FROM event WHERE store_id = 0
    AND leaf_hash <> sha256('\\x00'::bytea || convert_to(record, 'UTF8'))`);
  assert.deepEqual(bad, []);
});

test('connections that are cut at any moment lose and double nothing', async () => {
  let cutting = true;
  const cutter = (async () => {
    let cuts = 0;
    while (cutting)
      cuts += Number(await world.db.sql(`SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE datname = current_database() AND usename = 'taizhang_service'`, 'postgres'));
    return cuts;
  })();
  const codes = Array.from({ length: 60 }, () => fresh('cut-'));
  await Promise.all(codes.map(async (code, i) => {
    const client = new Client(world.url);
    client.cookie = admin.cookie;
    clients.push(client);
    await until(`item ${i}`, async () => {
      const { status, text } = await client.post(`${API}/items`,
        { code, category: 'testing', name_zh: code, name_en: code, unit: '只', unit_en: 'piece' }, { key: `key-${code}` });
      assert.ok([201, 503].includes(status), text);
      return status === 201;
    }, 60);
  }));
  cutting = false;
  assert.ok((await cutter) > 0);
  const made = await world.db.rows(`SELECT code, (SELECT count(*) FROM event
      WHERE type = 'item_added' AND record::jsonb -> 'body' ->> 'code' = item.code) AS events
    FROM item WHERE code LIKE 'cut-%'`);
  assert.deepEqual(made.map((i) => i.code).sort(), codes.sort());
  assert.ok(made.every((i) => i.events === 1));
});

test('a connection lost around the commit: done once, whether the commit had come through or not', async () => {
  const db = await createDatabase();
  await populate(db);
  const proxy = await startProxy(db);
  const service = await startService({ database: proxy.database });
  const client = await signedIn('admin', PASSWORD, service);
  for (const [code, options] of [['committed', { after: 'COMMIT' }], ['never-sent', {}]]) {
    proxy.cut('change_event', options);
    const answer = await client.post(`${API}/items`,
      { code, category: 'testing', name_zh: '甲', name_en: 'A', unit: '只', unit_en: 'piece' });
    await proxy.done;
    assert.equal(answer.status, 201, answer.text);
    assert.equal(answer.body.code, code);
    assert.equal(answer.headers['idempotent-replayed'], undefined);
    assert.deepEqual(await db.rows(`SELECT record::jsonb #>> '{body,code}' AS code FROM event
      WHERE type = 'item_added' AND record::jsonb #>> '{body,code}' = '${code}'`), [{ code }]);
  }
  // The answer of a sign-in is not its event's: it, too, comes out of the doubt whole.
  proxy.cut('change_event', { after: 'COMMIT' });
  const visitor = new Client(service.url);
  clients.push(visitor);
  const answer = await visitor.signIn('keeper', PASSWORD);
  await proxy.done;
  assert.deepEqual(answer.body.user.roles, [{ role: 'storekeeper', place: 'xita' }]);
  assert.equal((await visitor.get(`${API}/session`)).status, 200);
  assert.equal(await db.sql("SELECT count(*) FROM event WHERE actor = 'keeper'"), '1');
  await service.stop();
  proxy.stop();
});

test('without a database changes are refused in time, and done when it is back', async () => {
  const db = await createDatabase();
  await populate(db);
  const proxy = await startProxy(db);
  const service = await startService({ database: proxy.database, settings: { post_timeout: 1000, database_timeout: 1000 } });
  const client = await signedIn('admin', PASSWORD, service);
  const item = (code) => client.post(`${API}/items`,
    { code, category: 'testing', name_zh: '甲', name_en: 'A', unit: '只', unit_en: 'piece' }, { key: code });
  proxy.stop();
  const answer = await item('later');
  assert.equal(answer.status, 503, answer.text);
  assert.equal(answer.body.code, 'database_away');
  assert.ok(answer.headers['retry-after']);
  await proxy.start();
  await until('the change done', async () => (await item('later')).status === 201, 30);
  assert.equal(await db.sql("SELECT count(*) FROM event WHERE type = 'item_added'"), '1');
  await service.stop();
  proxy.stop();
});
