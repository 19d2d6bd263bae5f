// PostgreSQL dies while a file is imported: the import waits for it, and every row is there once.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { startCluster } from '../lib/cluster.mjs';
import { data, mapping, parseCsv } from '../lib/files.mjs';
import { program, start } from '../lib/process.mjs';
import { cli } from '../lib/service.mjs';
import { populate } from '../lib/world.mjs';

const rows = parseCsv(readFileSync(data('getusppe/all_matches.csv'), 'utf8'))
  .filter((row) => row.matchstatus === 'delivered' && Number(row.qty) > 0);

const args = (...more) => ['import', 'slips', '--store', 'XT', '--mapping', mapping('getusppe'),
  '--create-items', ...more, data('getusppe/all_matches.csv')];

test('an import outlives crashes of PostgreSQL, and posts everything once', async () => {
  const cluster = await startCluster({ fsync: true });
  const db = await cluster.createDatabase();
  await populate(db);
  const child = start(program(), args('--json', '--post-batch', '50'),
    { env: { TAIZHANG_DATABASE: db.conninfo } });
  const exit = once(child, 'close');
  let told = '';
  let report = '';
  child.stdout.on('data', (part) => { report += part; });
  let crashes = 0;
  for (const tenth of ['50%', '70%', '90%']) {
    while (!told.includes(tenth) && child.exitCode === null) {
      const [part] = await Promise.race([once(child.stderr, 'data'), exit.then(() => [''])]);
      told += part;
    }
    if (child.exitCode !== null) break;
    await cluster.kill();
    await cluster.start();
    crashes++;
  }
  assert.ok(crashes > 0, told);
  child.stderr.resume();
  assert.deepEqual(await exit, [0, null]);

  const counts = JSON.parse(report);
  assert.equal(counts.posted + counts.repeated, rows.length);
  assert.equal(await db.sql('SELECT count(*) FROM slip'), String(2 * rows.length));
  assert.equal(await db.sql('SELECT sum(quantity) FROM entry WHERE quantity > 0'),
    String(rows.reduce((sum, row) => sum + Number(row.qty), 0)));
  assert.equal((await cli(['verify'], { database: db })).code, 0);
});

test('an import that was killed is finished by importing the file again', async () => {
  const cluster = await startCluster({ fsync: true });
  const db = await cluster.createDatabase();
  await populate(db);
  const child = start(program(), args('--post-batch', '50'), { env: { TAIZHANG_DATABASE: db.conninfo } });
  let told = '';
  while (!told.includes('60%')) told += (await once(child.stderr, 'data'))[0];
  child.kill('SIGKILL');
  await once(child, 'close');
  const before = Number(await db.sql('SELECT count(*) FROM slip'));
  const { code, stdout } = await cli(args('--json'), { database: db });
  assert.equal(code, 0, stdout);
  const report = JSON.parse(stdout);
  assert.equal(report.posted + report.repeated, rows.length);
  assert.equal(Number(await db.sql('SELECT count(*) FROM slip')), before + report.slips);
  assert.equal(await db.sql('SELECT count(*) FROM slip'), String(2 * (report.posted + report.repeated)));
  assert.ok(report.posted > 0 && before > 0);
});
