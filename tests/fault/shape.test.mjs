// Posting, reading, exporting and 500 streams at once, each as fast as it is answered: every kind gets on
// while the others take all they can get.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import http from 'node:http';
import { newKey } from '../lib/client.mjs';
import { FILLED, fill } from '../lib/fill.mjs';
import { until } from '../lib/process.mjs';
import { openStream } from '../lib/stream.mjs';
import { startWorld } from '../lib/world.mjs';

const STREAMS = 500;
const ENTRIES = 20_000;
const ledger = `/api/v1/stores/${FILLED}/ledgers/n95/entries`;

let world;
let clients;
let streams;
let watched; // slips of the streams' store that each has been sent
let going = true;

before(async () => {
  world = await startWorld();
  await fill(world.db, 0, ENTRIES);
  const [keeper, stranger] = await Promise.all(['keeper', 'stranger'].map((name) => world.client(name)));
  clients = { keeper, stranger };
  streams = await Promise.all(Array.from({ length: STREAMS }, () => openStream(stranger)));
  watched = streams.map(() => 0);
  streams.forEach((stream, i) => stream.answer.on('data', (part) => {
    watched[i] += part.split('event: slip\n').length - 1;
  }));
});
after(async () => {
  for (const stream of streams) stream.close();
  await world.stop();
});

const counts = { posted: 0, read: 0, exported: 0 };

async function post(client, store) {
  const answer = await client.post(`/api/v1/stores/${store}/slips`,
    { kind: 'in', reason: 'donation', lines: [{ item: 'n95', quantity: 1 }] }, { key: newKey() });
  assert.equal(answer.status, 201, answer.text);
}

async function postMuch(client) {
  await post(client, 'XT');
  counts.posted++;
}

async function read(client) {
  const path = counts.read % 2 ? '/api/v1/stores/XT/ledgers' : `${ledger}?cursor=${(ENTRIES / 2).toString(16).padStart(16, '0')}`;
  const answer = await client.get(path);
  assert.equal(answer.status, 200, answer.text);
  counts.read++;
}

// A file, thrown away as it comes.
const download = (client) => new Promise((resolve, reject) => {
  http.get(`${client.url}${ledger}.ndjson`, { headers: { Cookie: client.cookie }, agent: false }, (answer) => {
    let lines = 0;
    answer.on('data', (part) => { for (const byte of part) lines += byte === 10; });
    answer.on('error', reject);
    answer.on('end', () => {
      try {
        assert.equal(lines, ENTRIES);
        counts.exported++;
        resolve();
      } catch (error) {
        reject(error);
      }
    });
  }).on('error', reject);
});

// So many at once, again and again.
const keepOn = (count, client, work) => Promise.all(Array.from({ length: count }, async () => {
  const own = client.another();
  while (going) await work(own);
  own.close();
}));

test('posting, reading, exporting and 500 streams: none starves another', async () => {
  const { keeper, stranger } = clients;
  const all = Promise.all([
    keepOn(16, keeper, postMuch), keepOn(16, keeper, read), keepOn(3, keeper, download),
    keepOn(1, stranger, (own) => post(own, 'HP')),
  ]);
  const now = () => [counts.posted, counts.read, counts.exported, Math.min(...watched)];
  const grown = (what, from, by) => Promise.race([
    all, until(what, () => now().every((count, i) => count >= from[i] + by[i]), 90),
  ]);
  try {
    await grown('all of them under way', [0, 0, 0, 0], [1, 1, 1, 1]);
    await grown('all of them going on', now(), [100, 100, 3, 5]);
  } finally {
    going = false;
  }
  await all;
});
