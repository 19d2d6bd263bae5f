// streams.mjs - what idle event streams cost, and how long it takes from posting to a screen:
// PROCESSES processes (2) with STREAMS streams each (2,000); slips are posted through the first, one at a
// time, and timed at a stream of the last.
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { newKey } from '../lib/client.mjs';
import { until } from '../lib/process.mjs';
import { openStream, STREAM } from '../lib/stream.mjs';
import { startWorld } from '../lib/world.mjs';
import { memoryKib, processorSeconds, quantile } from './measure.mjs';

const PROCESSES = Number(process.env.BENCH_PROCESSES ?? 2);
const STREAMS = Number(process.env.BENCH_STREAMS ?? 2000);
const SLIPS = 200;

export default async function streams({ cluster, report }) {
  report.section('Event streams');
  const world = await startWorld({ cluster, settings: { log_level: 'warn' } });
  const services = [world.service];
  while (services.length < PROCESSES) services.push(await world.startAnother({ settings: { log_level: 'warn' } }));
  const keeper = await world.client('keeper');

  const resident = ({ pid }) => memoryKib(pid, 'VmRSS');
  const cpu = ({ pid }) => processorSeconds(pid);

  // Streams that are only kept open.
  const sockets = [];
  async function hold(client) {
    for (const service of services) {
      for (let i = 0; i < STREAMS; i++) {
        const socket = connect(service.port, '127.0.0.1');
        socket.write(`GET ${STREAM} HTTP/1.1\r\nHost: x\r\nCookie: ${client.cookie}\r\n\r\n`);
        socket.resume();
        sockets.push(socket);
      }
      await until('all open', async () => await figure(service, 'streams_open') === STREAMS, 60);
    }
    await sleep(2000);
  }

  async function letGo() {
    for (const socket of sockets.splice(0)) socket.destroy();
    for (const service of services) await until('all closed', async () => await figure(service, 'streams_open') === 0);
  }

  const figure = async (service, name) => Number(new RegExp(`^taizhang_${name} (\\S+)$`, 'm')
    .exec((await keeper.another(service.url).get('/metrics')).text)[1]);

  async function post() {
    const answer = await keeper.post('/api/v1/stores/XT/slips',
      { kind: 'in', reason: 'donation', lines: [{ item: 'n95', quantity: 1 }] }, { key: newKey() });
    if (answer.status !== 201) throw new Error(answer.text);
    return answer.body.event_seq;
  }

  async function delays(what) {
    const stream = await openStream(keeper.another(services.at(-1).url));
    await stream.has((s) => s.id);
    const times = [];
    const answers = [];
    for (let i = 0; i < SLIPS; i++) {
      const arrived = new Promise((resolve) => { stream.answer.once('data', () => resolve(performance.now())); });
      const begin = performance.now();
      await post();
      answers.push(performance.now() - begin);
      times.push(await arrived - begin);
      await sleep(5);
    }
    stream.close();
    const show = (values) => `p50 ${quantile(values, 0.5).toFixed(1)} ms, p99 ${quantile(values, 0.99).toFixed(1)} ms`;
    report.line(`* ${what}: request sent to event at another process ${show(times)}; to its own answer ${show(answers)}`);
  }

  await delays('no idle streams');
  const before = services.map(resident);
  await hold(await world.client('stranger'));
  services.forEach((service, i) => {
    const grown = resident(service) - before[i];
    report.line(`* process ${i + 1}: ${STREAMS} streams, ${grown} KiB more resident, ${Math.round(grown * 1024 / STREAMS)} bytes a stream`);
  });
  const busy = services.map(cpu);
  await sleep(15000);
  report.line(`* idle for 15 s: ${services.map((s, i) => (cpu(s) - busy[i]).toFixed(2)).join(', ')} s of processor`);
  await delays(`${PROCESSES} × ${STREAMS} streams of others`);
  await letGo();
  await hold(keeper);
  const fanned = services.map(cpu);
  const sent = await Promise.all(services.map((s) => figure(s, 'stream_events_total')));
  await delays(`${PROCESSES} × ${STREAMS} streams that get every event`);
  for (const [i, service] of services.entries()) {
    const events = await figure(service, 'stream_events_total') - sent[i];
    report.line(`* process ${i + 1}: ${events} events sent, ${((cpu(service) - fanned[i]) * 1e6 / events).toFixed(1)} µs of processor each`);
  }
  await letGo();
  report.line(`* after: ${services.map(resident).join(', ')} KiB resident (before: ${before.join(', ')})`);
  for (const service of services.slice(1)) await service.stop();
  await world.stop();
}
