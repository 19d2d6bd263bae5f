// Errors inside a batch's transaction: they spoil neither the neighbours nor what comes after.
import { after, afterEach, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { Client, newKey } from '../lib/client.mjs';
import { until } from '../lib/process.mjs';
import { cli } from '../lib/service.mjs';
import { startWorld } from '../lib/world.mjs';

const SLIPS = '/api/v1/stores/XT/slips';
let world;
let keeper;

before(async () => {
  world = await startWorld({ settings: { post_timeout: 2000, database_timeout: 2000 } });
  keeper = await world.client('keeper');
});
after(() => world.stop());
afterEach(async () => {
  const { code, stdout, stderr } = await cli(['verify'], { database: world.db });
  assert.equal(code, 0, stdout + stderr);
});

const slip = (note = '') => ({ kind: 'in', reason: 'purchase', note, lines: [{ item: 'n95', quantity: 1 }] });
const post = (note, key = newKey()) => keeper.post(SLIPS, slip(note), { key });
const postMany = async (slips) => {
  const answer = await keeper.post(`${SLIPS}/batch`, { slips });
  assert.equal(answer.status, 200, answer.text);
  return answer.body.results;
};

// A superuser's trigger, as a fault nobody foresaw: raises for slips that the condition finds.
const poison = (condition) => world.db.sql(`
  CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN RAISE EXCEPTION 'poisoned'; END $$;
  CREATE SEQUENCE attempt;
  GRANT USAGE ON SEQUENCE attempt TO taizhang_service;
  CREATE TRIGGER poison BEFORE INSERT ON slip FOR EACH ROW WHEN (${condition}) EXECUTE FUNCTION poison()`, 'postgres');
const heal = () => world.db.sql('DROP TRIGGER poison ON slip; DROP FUNCTION poison; DROP SEQUENCE attempt', 'postgres');

test('a slip that PostgreSQL refuses is told so, and its neighbours are posted', async () => {
  await poison("NEW.note = 'bad'");
  const slips = Array.from({ length: 20 }, (_, i) => ({ idempotency_key: newKey(), ...slip(i % 7 === 3 ? 'bad' : '') }));
  const results = await postMany(slips);
  assert.deepEqual(results.map((result) => result.status), slips.map(({ note }) => (note ? 500 : 201)));
  const { problem } = results[3];
  assert.equal(problem.code, 'internal');
  assert.doesNotMatch(JSON.stringify(problem), /poison|slip_pkey|INSERT/i, 'no inner workings');
  assert.equal((await post('')).status, 201, 'the connection is of use');
  await heal();
  const again = await keeper.post(SLIPS, slip('bad'), { key: slips[3].idempotency_key });
  assert.equal(again.status, 201, 'the key is free: nothing was posted under it');
});

test('an error that does not come again is nobody\'s', async () => {
  await poison("NEW.note = 'once' AND nextval('attempt') = 1");
  const results = await postMany(['', 'once', '', ''].map((note) => ({ idempotency_key: newKey(), ...slip(note) })));
  assert.deepEqual(results.map((result) => result.status), [201, 201, 201, 201]);
  await heal();
});

const HOLD_STORE = 'SELECT FROM store_head WHERE store_id = 1 FOR UPDATE';

// Another session that holds something, as a backup tool or a person at psql might.
const hold = (query) => world.db.hold(query, 'postgres');

const waiting = () => world.db.sql(`SELECT pid FROM pg_stat_activity
  WHERE usename = 'taizhang_service' AND wait_event_type = 'Lock' AND datname = current_database()`, 'postgres');

test('a connection that is ended while it waits for the store begins anew', async () => {
  const release = await hold(HOLD_STORE);
  const answer = post('');
  const pid = await until('the batch waiting', waiting);
  await world.db.sql(`SELECT pg_terminate_backend(${pid})`, 'postgres');
  await until('another waiting', async () => ![pid, ''].includes(await waiting()));
  await release();
  assert.equal((await answer).status, 201);
});

test('a read whose connection is ended is told to try again', async () => {
  const { secret } = (await keeper.post('/api/v1/tokens', { name: 'reader' })).body;
  const release = await hold('LOCK TABLE api_token');
  const reader = Object.assign(new Client(world.url), { bearer: secret });
  const answer = reader.get('/api/v1/items');
  await world.db.sql(`SELECT pg_terminate_backend(${await until('the read waiting', waiting)})`, 'postgres');
  await release();
  const { status, body } = await answer;
  assert.deepEqual([status, body.code], [503, 'database_away']);
  assert.equal((await reader.get('/api/v1/items')).status, 200);
  reader.close();
});

test('a store that is held for longer than anybody waits: 503, then the same key posts', async () => {
  const release = await hold(HOLD_STORE);
  const key = newKey();
  const away = await post('', key);
  assert.equal(away.status, 503, away.text);
  // PostgreSQL gives the statement up, or the service the command: whichever is first.
  assert.ok(['busy', 'database_away'].includes(away.body.code), away.text);
  await release();
  const later = await until('posted', async () => {
    const answer = await post('', key);
    return answer.status === 201 && answer;
  });
  assert.equal(await world.db.sql(`SELECT count(*) FROM event WHERE idempotency_key = '${key}'`), '1');
  assert.equal(later.body.lines[0].quantity, 1);
});
