// A day begins while a process knows its stores from the day before: libfaketime moves PostgreSQL's clock.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, newKey } from '../lib/client.mjs';
import { startCluster } from '../lib/cluster.mjs';
import { tempDir } from '../lib/process.mjs';
import { startService } from '../lib/service.mjs';
import { PASSWORD, populate } from '../lib/world.mjs';

const library = readdirSync('/usr/lib').map((name) => join('/usr/lib', name, 'faketime/libfaketime.so.1')).find(existsSync);
const clock = join(tempDir(), 'clock');

let cluster;
let db;
let service;
let keeper;

// So many days later than it is.
function setDays(days) {
  writeFileSync(`${clock}.new`, `+${days}d\n`);
  renameSync(`${clock}.new`, clock);
}

before(async () => {
  assert.ok(library, 'libfaketime (Debian: faketime)');
  setDays(0);
  cluster = await startCluster({ env: {
    LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: clock, FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1',
  } });
  db = await cluster.createDatabase();
  await populate(db);
  service = await startService({ database: db });
  keeper = new Client(service.url);
  await keeper.signIn('keeper', PASSWORD);
});
after(async () => {
  keeper?.close();
  await service?.stop();
  await cluster?.stop();
});

// → the slip's serial and day
async function post(kind, client = keeper) {
  const slip = { kind, reason: kind === 'in' ? 'purchase' : 'issue', lines: [{ item: 'n95', quantity: 1 }] };
  const answer = await client.post('/api/v1/stores/XT/slips', slip, { key: newKey() });
  assert.equal(answer.status, 201, answer.text);
  return [answer.body.number.slice(-4), answer.body.business_date];
}

const next = (date, days) => new Date(Date.parse(date) + days * 864e5).toISOString().slice(0, 10);

test('the numbers of slips begin anew with the day, in the same breath', async () => {
  const [[first, today], [second]] = [await post('in'), await post('in')];
  assert.deepEqual([first, second], ['0001', '0002']);
  for (const days of [1, 2, 5]) {
    setDays(days);
    await keeper.signIn('keeper', PASSWORD); // the sign-in was of days ago
    assert.deepEqual([await post('in'), await post('out'), await post('in')],
      [['0001', next(today, days)], ['0001', next(today, days)], ['0002', next(today, days)]]);
  }
});

test('and run on where they were when the clock is set back', async () => {
  setDays(10);
  const [, day] = await post('in'); // by this process, and from here on by another one
  const other = await startService({ database: db });
  const client = new Client(other.url);
  try {
    setDays(11);
    await client.signIn('keeper', PASSWORD);
    assert.deepEqual(await post('in', client), ['0001', next(day, 1)]);
    setDays(10);
    assert.deepEqual(await post('in', client), ['0002', day]);
  } finally {
    client.close();
    await other.stop();
  }
});
