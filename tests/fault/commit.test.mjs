// What the next batch reads is asked for while the last one is committed: a COMMIT that fails, or is never
// heard of, with that question behind it.
import { after, afterEach, before, beforeEach, test } from 'node:test';
import assert from 'node:assert/strict';
import { Client, newKey } from '../lib/client.mjs';
import { until } from '../lib/process.mjs';
import { cli } from '../lib/service.mjs';
import { PASSWORD, startWorld } from '../lib/world.mjs';

const SLIPS = '/api/v1/stores/XT/slips';
const [ROWS, COMMIT] = [6, 7]; // advisory locks that the rows of a slip of note 'first' wait for, and its COMMIT
let world;
let clients; // a connection each

before(async () => {
  world = await startWorld();
  clients = [0, 1].map(() => new Client(world.url));
  for (const client of clients) await client.signIn('keeper', PASSWORD);
});
after(() => {
  for (const client of clients) client.close();
  return world.stop();
});
beforeEach(() => world.db.sql(`
  CREATE FUNCTION wait_for() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN PERFORM pg_advisory_xact_lock(TG_ARGV[0]::bigint); RETURN NEW; END $$;
  CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'poisoned'; END $$;
  CREATE TRIGGER rows BEFORE INSERT ON slip FOR EACH ROW WHEN (NEW.note = 'first')
    EXECUTE FUNCTION wait_for(${ROWS});
  CREATE CONSTRAINT TRIGGER commit_1 AFTER INSERT ON slip DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.note = 'first') EXECUTE FUNCTION wait_for(${COMMIT});
  CREATE CONSTRAINT TRIGGER commit_2 AFTER INSERT ON slip DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.note = 'bad') EXECUTE FUNCTION refuse()`, 'postgres'));
afterEach(async () => {
  await world.db.sql('DROP TRIGGER rows ON slip; DROP TRIGGER commit_1 ON slip; DROP TRIGGER commit_2 ON slip; '
    + 'DROP FUNCTION wait_for, refuse', 'postgres');
  const { code, stdout, stderr } = await cli(['verify'], { database: world.db });
  assert.equal(code, 0, stdout + stderr);
});

const hold = (lock) => world.db.hold(`SELECT pg_advisory_xact_lock(${lock})`, 'postgres');
const waitingFor = (lock) => until(`a batch waiting for ${lock}`, () => world.db.sql(`SELECT pid FROM pg_locks
  WHERE locktype = 'advisory' AND objid = ${lock} AND NOT granted AND database =
    (SELECT oid FROM pg_database WHERE datname = current_database())`, 'postgres'));
const queued = (n) => until(`${n} commands`, async () =>
  (await (await fetch(`${world.url}/metrics`)).text()).includes(`taizhang_post_queue_depth ${n}\n`));
const postMany = async (keeper, notes) => {
  const slips = notes.map((note) =>
    ({ idempotency_key: newKey(), kind: 'in', reason: 'purchase', note, lines: [{ item: 'n95', quantity: 1 }] }));
  const { status, body, text } = await keeper.post(`${SLIPS}/batch`, { slips });
  assert.equal(status, 200, text);
  return body.results;
};

// Two batches: the first one's COMMIT is under way, the second one's question behind it. → their answers
async function twoBatches(notes, meanwhile) {
  const [rows, commit] = [await hold(ROWS), await hold(COMMIT)];
  try {
    const first = postMany(clients[0], notes);
    await waitingFor(ROWS);
    const second = postMany(clients[1], ['', '', '']);
    await queued(notes.length + 3);
    await rows();
    await meanwhile(await waitingFor(COMMIT));
    await commit();
    return [await first, await second];
  } finally {
    await Promise.all([rows(), commit()]);
  }
}

const statuses = (results) => results.map((result) => result.status);
const seqs = (results) => results.filter((result) => result.slip).map((result) => result.slip.event_seq);

test('a COMMIT that fails spoils neither the batch behind it nor its own good slips', async () => {
  const [first, second] = await twoBatches(['first', 'bad', ''], () => {});
  assert.deepEqual(statuses(first), [201, 500, 201]);
  assert.deepEqual(statuses(second), [201, 201, 201]);
});

test('a connection lost in COMMIT: both batches are posted once, in order', async () => {
  const [first, second] = await twoBatches(['first', '', ''], (pid) =>
    world.db.sql(`SELECT pg_terminate_backend(${pid})`, 'postgres'));
  assert.deepEqual(statuses([...first, ...second]), Array(6).fill(201));
  const inOrder = seqs([...first, ...second]);
  assert.equal(inOrder.length, 6);
  assert.deepEqual(inOrder, [...inOrder].sort((a, b) => a - b));
});
