// taizhang seed: what a first start holds, once and only once, also when it was interrupted.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDatabase } from '../lib/cluster.mjs';
import { Client } from '../lib/client.mjs';
import { tempDir } from '../lib/process.mjs';
import { cli, startService } from '../lib/service.mjs';

const ROLES = ['storekeeper', 'coordinator', 'auditor', 'admin'];
const passwords = Object.fromEntries(ROLES.map((role) => [role, `密码-of-${role}-1`]));

function passwordFile(content, name = 'passwords.json') {
  const path = join(tempDir(), name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const seed = (db, settings) =>
  cli(['seed', '--passwords', passwordFile(passwords)], { database: db, settings });

// Everything that seeding writes, apart from when it was written.
const state = async (db) => ({
  slips: await db.sql(`SELECT slip_number('XT', kind, business_date, serial), reason, counterparty, receiver, document, note
    FROM slip ORDER BY 1`),
  entries: await db.sql('SELECT item_id, seq, quantity, balance_after, lot_seq, line FROM entry ORDER BY 1, 2'),
  ledgers: await db.sql('SELECT item_id, balance, entry_seq, normal_minimum, emergency_target FROM ledger ORDER BY 1'),
  places: await db.sql('SELECT code, kind, name_zh, name_en FROM place ORDER BY 1'),
  users: await db.sql("SELECT username, user_roles(user_id) FROM app_user WHERE username <> 'system' ORDER BY 1"),
  alerts: await db.sql('SELECT item_id, cause, closed_at IS NULL FROM alert ORDER BY alert_id'),
});

async function assertTrue(db) {
  const { code, stdout, stderr } = await cli(['verify'], { database: db });
  assert.equal(code, 0, stdout + stderr);
}

describe('a seeded database', () => {
  let db;
  let service;
  const clients = {};

  before(async () => {
    db = await createDatabase();
    const { code, stdout, stderr } = await seed(db);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /posted \d{3}/);
    service = await startService({ database: db });
    for (const role of ROLES) {
      clients[role] = new Client(service.url);
      await clients[role].signIn(role, passwords[role]);
    }
  });
  after(async () => {
    for (const client of Object.values(clients)) client.close();
    await service.stop();
  });

  test('is true', () => assertTrue(db));

  test('holds the tree of places, from the district to the grids and groups', async () => {
    const tree = await db.rows(`SELECT p.code, p.kind, p.name_zh, a.code AS parent
      FROM place AS p LEFT JOIN place AS a ON a.place_id = p.parent_id ORDER BY p.place_id`);
    assert.deepEqual(tree.slice(0, 3), [
      { code: 'gujiao', kind: 'district', name_zh: '古交市', parent: null },
      { code: 'malan', kind: 'street', name_zh: '马兰镇', parent: 'gujiao' },
      { code: 'xita', kind: 'community', name_zh: '西塔社区', parent: 'malan' },
    ]);
    const below = tree.slice(3);
    assert.ok(below.every((place) => place.parent === 'xita'));
    assert.deepEqual(below.filter((p) => p.kind === 'group').map((p) => p.name_zh),
      ['核酸检测落实', '管控隔离落实', '后勤服务落实']);
    assert.deepEqual(below.filter((p) => p.kind === 'grid').map((p) => p.name_zh),
      Array.from({ length: 47 }, (_, i) => `第${i + 1}微网格`));
  });

  test('lets each role in where it belongs', async () => {
    const places = { storekeeper: 'xita', coordinator: 'malan', auditor: 'gujiao', admin: 'gujiao' };
    for (const role of ROLES) {
      const { body } = await clients[role].get('/api/v1/session');
      assert.deepEqual(body.user.roles, [{ role, place: places[role] }]);
    }
  });

  test('keeps seven ledgers with both levels, some of them low', async () => {
    const { body } = await clients.coordinator.get('/api/v1/stores/XT/ledgers');
    assert.equal(body.items.length, 7);
    const low = body.items.filter((ledger) => ledger.status !== 'ok').map((ledger) => ledger.item);
    assert.ok(low.length > 0 && low.length < 7, String(low));
    assert.ok(body.items.every((ledger) => ledger.on_hand > 0 && ledger.minimum > 0));
    assert.equal(await db.sql(`SELECT count(*) FROM ledger
      WHERE normal_minimum > 0 AND emergency_minimum > normal_minimum`), '7');
    const alerts = await clients.coordinator.get('/api/v1/alerts', { status: 'open' });
    assert.deepEqual(alerts.body.items.map((alert) => alert.item).sort(), low.sort());
  });

  test('has four weeks of slips up to today, to and from plausible people', async () => {
    const [span] = await db.rows(`SELECT count(*) AS slips, count(DISTINCT reason) AS reasons,
      max(business_date) - min(business_date) AS days,
      max(business_date) = (SELECT (opened_at AT TIME ZONE 'Asia/Shanghai')::date FROM store) AS today
      FROM slip`);
    assert.deepEqual([span.days, span.today, span.slips > 150, span.reasons >= 6], [28, true, true, true]);
    assert.equal(await db.sql(`SELECT count(*) FROM slip WHERE reason = 'issue' AND counterparty NOT IN
      (SELECT name_zh FROM place WHERE kind IN ('grid', 'group'))`), '0');
  });

  test('is not seeded twice', async () => {
    const was = await state(db);
    const events = await db.sql('SELECT count(*) FROM event');
    const { code, stdout } = await seed(db);
    assert.equal(code, 0);
    assert.match(stdout, /nothing to do/);
    assert.deepEqual(await state(db), was);
    assert.equal(await db.sql('SELECT count(*) FROM event'), events);
  });
});

test('an interrupted seed goes on where it stopped, to the same end', async () => {
  const whole = await createDatabase();
  assert.equal((await seed(whole)).code, 0);

  const broken = await createDatabase();
  await broken.sql(`
    CREATE FUNCTION interrupt() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'interrupted'; END $$;
    CREATE TRIGGER interrupt BEFORE INSERT ON app_user FOR EACH ROW
    WHEN (NEW.username = 'auditor') EXECUTE FUNCTION interrupt()`);
  assert.equal((await seed(broken)).code, 1);
  assert.equal(await broken.sql('SELECT count(*) FROM slip'), '0');
  await broken.sql(`DROP TRIGGER interrupt ON app_user;
    CREATE TRIGGER interrupt BEFORE INSERT ON slip FOR EACH ROW
    WHEN (NEW.event_seq = 100) EXECUTE FUNCTION interrupt()`);
  const second = await seed(broken, { post_batch: 20 });
  assert.equal(second.code, 1);
  assert.match(second.stdout, /added 2, 已有 there already 56/);
  const posted = Number(await broken.sql('SELECT count(*) FROM slip'));
  assert.ok(posted > 0 && posted < 100, `${posted}`);
  await broken.sql('DROP TRIGGER interrupt ON slip');

  const { code, stdout, stderr } = await seed(broken);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /posted \d+, 已有 there already [1-9]/);
  assert.deepEqual(await state(broken), await state(whole));
  await assertTrue(broken);
});

test('passwords that are missing or of no use are refused before anything is written', async () => {
  const db = await createDatabase();
  const { admin, ...without } = passwords;
  for (const [content, says] of [
    ['{', /cannot read the passwords/],
    [without, /user admin/],
    [{ ...passwords, auditor: 'short' }, /user auditor/],
  ]) {
    const { code, stderr } = await cli(['seed', '--passwords', passwordFile(content, 'wrong.json')], { database: db });
    assert.equal(code, 1);
    assert.match(stderr, says);
  }
  assert.equal((await cli(['seed'], { database: db })).code, 2);
  assert.equal(await db.sql('SELECT count(*) FROM place'), '0');
});
