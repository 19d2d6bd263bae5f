// shape.mjs - posting, reading, exporting and 500 streams at once, and each of them alone: what becomes
// of its rate, and of its p99. Posting, reading and exporting take all they can get; what the streams are
// sent is a few slips a second of the store they watch. Then the worst of it: posting and reading while as
// many watch that very store.
import { once } from 'node:events';
import { connect } from 'node:net';
import { openStream, STREAM } from '../lib/stream.mjs';
import { FILLED } from '../lib/fill.mjs';
import { ROWS, SECONDS, quantile } from './measure.mjs';
import { deepPaths } from './reads.mjs';
import { entriesPath, ledgersPath } from './site.mjs';

const STREAMS = 500;
const EVENTS = 10; // a second

const seconds = Math.max(3, SECONDS);

export default async function shape({ report, filled }) {
  report.section('Everything at once');
  const site = await filled(ROWS);
  const watcher = await site.world.client('stranger'); // who sees another district, and posts there
  const token = await site.tokenOf('stranger');
  await watcher.post('/api/v1/stores/HP/slips', { kind: 'in', reason: 'opening', lines: ['disposable-mask', 'n95', 'glove', 'face-shield',
    'isolation-gown', 'protective-suit', 'hand-gel'].map((item) => ({ item, quantity: 1_000_000 })) }, { key: 'shape' });
  const streams = await Promise.all(Array.from({ length: STREAMS }, () => openStream(watcher)));
  for (const stream of streams) await stream.has((s) => s.id);

  // → events a second over all streams, and how long after it was posted each came
  async function watch() {
    const delays = [];
    const listeners = streams.map((stream) => (part) => {
      for (const [, at] of part.matchAll(/"posted_at":"([^"]+)"/g)) delays.push(Date.now() - Date.parse(at));
    });
    streams.forEach((stream, i) => stream.answer.on('data', listeners[i]));
    await site.load('slips', { clients: 4, seconds, rate: EVENTS, token }, ['HP']);
    await new Promise((resolve) => { setTimeout(resolve, 500); }); // the last are on their way
    streams.forEach((stream, i) => stream.answer.off('data', listeners[i]));
    return { rate: delays.length / seconds, p99: quantile(delays, 0.99) };
  }

  const kinds = {
    'slips, 16 clients': () => site.load('slips', { clients: 16, seconds }),
    'reads, 16 clients': () => site.load('get', { clients: 16, seconds }, [ledgersPath('XT'), ...deepPaths(ROWS)]),
    'exports, 2 clients': async () => {
      const found = await site.load('export', { clients: 2, seconds }, [`${entriesPath(FILLED, 'glove')}.csv`]);
      return { rate: found.bytes / found.seconds / 2 ** 20, p99: found.p99 };
    },
    [`events to ${STREAMS} streams`]: watch,
  };
  const alone = {};
  for (const [name, work] of Object.entries(kinds)) alone[name] = await work();
  const together = Object.fromEntries(await Promise.all(Object.entries(kinds).map(async ([name, work]) => [name, await work()])));
  report.table(['', 'alone, a second', 'p99 ms', 'together, a second', 'p99 ms', 'of its rate alone'], Object.keys(kinds).map((name) =>
    [name, alone[name].rate, alone[name].p99, together[name].rate, together[name].p99,
      `${Math.round(100 * together[name].rate / alone[name].rate)} %`]));
  report.line('Exports in MiB a second, their p99 that of a whole file.');
  for (const stream of streams) stream.close();

  const busy = Object.keys(kinds).slice(0, 2);
  const sockets = Array.from({ length: STREAMS }, () => connect(site.world.service.port, '127.0.0.1').resume());
  for (const socket of sockets) socket.write(`GET ${STREAM} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${site.token}\r\n\r\n`);
  await Promise.all(sockets.map((socket) => once(socket, 'data')));
  const crowded = await Promise.all(busy.map((name) => kinds[name]()));
  const received = sockets.reduce((sum, socket) => sum + socket.bytesRead, 0);
  for (const socket of sockets) socket.destroy();
  report.table([`${STREAMS} streams of the store posted to`, 'a second', 'p99 ms'],
    busy.map((name, i) => [name, crowded[i].rate, crowded[i].p99]));
  report.line(`The streams were sent ${Math.round(received / 2 ** 20 / seconds)} MiB a second.`);
}
