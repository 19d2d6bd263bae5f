// taizhang migrate, and serve on a schema that is not its own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDatabase } from '../lib/cluster.mjs';
import { cli, startService } from '../lib/service.mjs';

const applied = (db) => db.sql('SELECT count(*) FROM schema_migration');

test('an empty database is brought to the schema, and then there is nothing to do', async () => {
  const database = await createDatabase({ empty: true });
  const before = await cli(['migrate', '--check'], { database });
  assert.equal(before.code, 1);
  assert.match(before.stderr, /run taizhang migrate/);

  const first = await cli(['migrate'], { database });
  assert.equal(first.code, 0, first.stderr);
  const lines = first.stdout.trim().split('\n');
  assert.match(lines[0], /migration 0001 places_items_stores$/);
  assert.equal(await applied(database), String(lines.length));

  const second = await cli(['migrate'], { database });
  assert.equal(second.code, 0, second.stderr);
  assert.match(second.stdout, /up to date/);
  assert.equal((await cli(['migrate', '--check'], { database })).code, 0);
});

test('several at once apply each migration once', async () => {
  const database = await createDatabase({ empty: true });
  const runs = await Promise.all(Array.from({ length: 4 }, () => cli(['migrate'], { database })));
  assert.deepEqual(runs.map(({ code }) => code), [0, 0, 0, 0]);
  const told = runs.flatMap(({ stdout }) => stdout.match(/migration \d+/g) ?? []);
  assert.equal(new Set(told).size, told.length);
  assert.equal(await applied(database), String(told.length));
});

// what: done to schema_migration → how the refusal begins to make sense
const strange = {
  'one that was changed after it was applied': [
    `UPDATE schema_migration SET checksum = repeat('0', 64) WHERE number = 2`,
    /migration 2 ledgers_slips_log was changed after it was applied/],
  'one of a newer program': [
    `INSERT INTO schema_migration (number, name, checksum)
     SELECT max(number) + 1, 'from_tomorrow', 'x' FROM schema_migration`,
    /newer than this program \(migration \d+ from_tomorrow\): use a newer taizhang/],
  'one that is missing in between': [
    'DELETE FROM schema_migration WHERE number = 2',
    /lacks migration 2/],
};

for (const [what, [change, message]] of Object.entries(strange)) {
  test(`migrate and serve refuse ${what}`, async () => {
    const database = await createDatabase();
    await database.sql(change);
    const rows = await applied(database);

    const migrate = await cli(['migrate'], { database });
    assert.equal(migrate.code, 1);
    assert.match(migrate.stderr, message);
    assert.equal(await applied(database), rows);

    const serve = await cli(['serve'], { database });
    assert.equal(serve.code, 1);
    assert.match(serve.stderr, message);
  });
}

test('serve refuses an older schema and says what to do', async () => {
  const database = await createDatabase();
  await database.sql('DELETE FROM schema_migration WHERE number = (SELECT max(number) FROM schema_migration)');
  const { code, stderr } = await cli(['serve'], { database });
  assert.equal(code, 1);
  assert.match(stderr, /older than this program .*run taizhang migrate/s);
});

test('a migration that fails leaves nothing behind', async () => {
  const database = await createDatabase({ empty: true });
  await database.sql('CREATE TABLE event (mine integer)');
  const failed = await cli(['migrate'], { database });
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /migration 2 ledgers_slips_log failed and changed nothing\nPostgreSQL: .*"event" already exists/s);
  assert.equal(await applied(database), '1');
  assert.equal(await database.sql(`SELECT to_regclass('slip') IS NULL`), 't');

  await database.sql('DROP TABLE event');
  assert.equal((await cli(['migrate'], { database })).code, 0);
});

test('without the right to create, migrate says so', async () => {
  const database = await createDatabase({ empty: true });
  const { code, stderr } = await cli(['migrate', '--owner-database', database.conninfo], { database });
  assert.equal(code, 1);
  assert.match(stderr, /connect as the database's owner/);
});

test('an unreachable database is named as such', async () => {
  const { code, stderr } = await cli(['migrate'], { settings: { owner_database: 'host=/nowhere' } });
  assert.equal(code, 1);
  assert.match(stderr, /could not connect to the database\nPostgreSQL: .*\/nowhere/s);
});

test('serve runs on a migrated database', async () => {
  const service = await startService({ database: await createDatabase() });
  await service.stop();
});
