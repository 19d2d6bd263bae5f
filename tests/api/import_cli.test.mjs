// taizhang import as a command: its help, its exit statuses, what it says to whom, and the way from a
// rejects file back into the ledger.
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { createDatabase } from '../lib/cluster.mjs';
import { mapping, parseCsv, readBack, writable, write } from '../lib/files.mjs';
import { program, run } from '../lib/process.mjs';
import { cli } from '../lib/service.mjs';
import { populate } from '../lib/world.mjs';

const HEADER = '日期,物资名称,单位,入库数量,出库数量,结存,领用人,备注\n';

let db;
before(async () => {
  db = await createDatabase();
  await populate(db);
});

const importFile = (path, ...more) => cli(['import', 'slips', '--store', 'XT', '--mapping',
  mapping('taizhang-paper'), ...more, path], { database: db });
const balance = (item) => db.sql(`SELECT balance FROM ledger JOIN item USING (item_id) JOIN store USING (store_id)
  WHERE item.code = '${item}' AND store.code = 'XT'`);

test('help tells the flags and the exit statuses', async () => {
  const { code, stdout } = await cli(['import', '--help']);
  assert.equal(code, 0);
  for (const word of ['--dry-run', '--rejects', '--create-items', '--strict', 'GB18030', 'mapping'])
    assert.ok(stdout.includes(word), word);
});

test('a wrong command line is told, and exits with 2', async () => {
  const file = write('a.csv', HEADER);
  for (const args of [[], ['slips'], ['slips', '--store', 'XT', file], ['rows', '--store', 'XT', '--mapping', 'm', file],
    ['slips', '--store', 'XT', '--mapping', 'm', file, file], ['slips', '--no-such'],
    ['slips', '--store', 'XT', '--mapping', mapping('taizhang-paper'), '--rejects', file, file]]) {
    const { code, stderr } = await cli(['import', ...args], { database: db });
    assert.equal(code, 2, args.join(' '));
    assert.match(stderr, /taizhang/);
  }
});

test('what stops an import is named, and exits with 1', async () => {
  const file = write('a.csv', `${HEADER}2022-11-20,N95口罩,只,5,,,,\n`);
  const wrong = [
    [['--store', 'NO', '--mapping', mapping('taizhang-paper'), file], /no such store: NO/],
    [['--store', 'XT', '--user', 'nobody', '--mapping', mapping('taizhang-paper'), file], /no such user: nobody/],
    [['--store', 'XT', '--mapping', '/nonexistent.json', file], /nonexistent\.json/],
    [['--store', 'XT', '--mapping', write('m.json', '{"nmae": 1}'), file], /no such field: nmae/],
    [['--store', 'XT', '--mapping', mapping('taizhang-paper'), '/nonexistent.csv'], /nonexistent\.csv/],
    [['--store', 'XT', '--mapping', mapping('taizhang-paper'), write('b.csv', '日期,名称\n')], /物资名称, 入库数量/],
    [['--store', 'XT', '--mapping', mapping('taizhang-paper'), write('c.csv', '"日期\n')], /never closed/],
    [['--store', 'XT', '--mapping', mapping('taizhang-paper'), '--rejects', '/nonexistent/r.csv', write('d.csv', HEADER)],
      /nonexistent\/r\.csv/],
  ];
  for (const [args, says] of wrong) {
    const { code, stderr } = await cli(['import', 'slips', ...args], { database: db });
    assert.equal(code, 1, stderr);
    assert.match(stderr, says);
  }
  assert.equal(await db.sql('SELECT count(*) FROM slip'), '0');
});

test('what is not covered goes to the rejects, and from there into the ledger once it is', async () => {
  const rejects = writable('rejects.csv');
  const out = write('out.csv', `${HEADER}2022-11-20,一次性手套,双,,30,,张三,a\n2022-11-21,一次性手套,双,,30,,李四,b\n`);
  const first = await importFile(out, '--rejects', rejects, '--strict');
  assert.equal(first.code, 3, first.stderr);
  assert.match(first.stdout, /库存不足：一次性手套 \(glove\) 0 < 30/);
  assert.match(first.stdout, /Not enough in stock/);
  assert.equal(await balance('glove'), '0');

  assert.equal((await importFile(write('in.csv', `${HEADER}2022-11-19,一次性手套,双,50,,50,,\n`), '--strict')).code, 0);
  // The file as such stays refused: importing it again never does anything new.
  assert.equal((await importFile(out, '--strict')).code, 3);
  assert.equal(await balance('glove'), '50');
  // Its rejects are another matter: now one of them is covered.
  const again = writable('again.csv');
  const second = await importFile(rejects, '--rejects', again, '--json');
  assert.deepEqual([JSON.parse(second.stdout).posted, JSON.parse(second.stdout).rejected], [1, 1]);
  assert.equal(await balance('glove'), '20');
  assert.deepEqual(parseCsv(readBack(again)).map((row) => [row['领用人'], row.reject_row, row.reject_attempts]),
    [['李四', '3', '0 2 0']]);
  const third = await importFile(rejects, '--json');
  assert.deepEqual([JSON.parse(third.stdout).posted, JSON.parse(third.stdout).repeated], [0, 1]);
  assert.equal(await balance('glove'), '20');
  assert.deepEqual(await db.rows(`SELECT receiver FROM slip WHERE kind = 'out'`), [{ receiver: '张三' }]);
});

test('of a row that came in and went out, only what was refused is tried again', async () => {
  const rejects = writable('rejects.csv');
  const { stdout } = await importFile(write('both.csv', `${HEADER}2022-11-22,面屏,只,10,25,,张三,\n`), '--rejects', rejects);
  assert.match(stdout, /other slip was posted/);
  assert.equal(await balance('face-shield'), '10');
  await importFile(write('more.csv', `${HEADER}2022-11-22,面屏,只,20,,,,\n`));
  const again = JSON.parse((await importFile(rejects, '--json')).stdout);
  assert.deepEqual([again.posted, again.slips], [1, 1]);
  assert.equal(await balance('face-shield'), '5');
});

test('the same rows under a changed mapping are refused, not posted again', async () => {
  const file = write('a.csv', `${HEADER}2022-11-20,免洗消毒凝胶,瓶,5,,,,\n`);
  assert.equal((await importFile(file)).code, 0);
  const changed = write('changed.json', readBack(mapping('taizhang-paper')).replace('"value": "purchase"', '"value": "donation"'));
  for (const more of [[], ['--dry-run']]) {
    const { stdout } = await cli(['import', 'slips', '--store', 'XT', '--mapping', changed, '--json', ...more, file],
      { database: db });
    assert.deepEqual(JSON.parse(stdout).reasons.map((reason) => reason.code), ['idempotency_key_reused']);
  }
  assert.equal(await balance('hand-gel'), '5');
});

test('slips carry who imported them, and that it was an import', async () => {
  await importFile(write('a.csv', `${HEADER}2022-11-20,一次性防护服,件,5,,,,\n`), '--user', 'keeper');
  assert.deepEqual(await db.rows(`SELECT actor, record::json ->> 'source' AS source, username
    FROM event JOIN slip ON (slip.store_id, slip.event_seq) = (event.store_id, event.seq)
    JOIN app_user ON user_id = posted_by WHERE actor <> 'system'`),
  [{ actor: 'keeper', source: 'import', username: 'keeper' }]);
});

test('a queue shorter than a row of slips only makes it slower', async () => {
  const file = write('both.csv', HEADER + '2022-11-20,一次性隔离衣,件,3,2,,,\n'.repeat(6));
  const { stdout } = await importFile(file, '--json', '--post-queue', '1');
  assert.equal(JSON.parse(stdout).posted, 6);
  assert.equal(await balance('isolation-gown'), '6');
});

test('progress is drawn on a terminal, and told in plain lines elsewhere', async () => {
  const file = write('long.csv', HEADER + '2022-11-20,一次性口罩,只,1,,,,\n'.repeat(500));
  const plain = await importFile(file, '--dry-run');
  assert.doesNotMatch(plain.stderr + plain.stdout, /[\r\x1b]/);
  assert.match(plain.stderr, /^100% 500\/500 行 rows$/m);
  assert.equal(plain.stderr.trim().split('\n').length <= 10, true, plain.stderr);

  const words = [program(), 'import', 'slips', '--store', 'XT', '--mapping', mapping('taizhang-paper'), file];
  const { code, stdout } = await run('script', ['-qec', words.join(' '), '/dev/null'],
    { env: { TAIZHANG_DATABASE: db.conninfo, SHELL: '/bin/sh' } });
  assert.equal(code, 0, stdout);
  assert.match(stdout, /\r\[#{40}\] 100% 500\/500\r?\n/);
});
