// memory.mjs - what the service keeps resident: idle, at full load, while four exports run, and for
// connections that are only kept open. Each starts with a fresh process.
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { FILLED } from '../lib/fill.mjs';
import { ROWS, memoryKib } from './measure.mjs';
import { deepPaths } from './reads.mjs';
import { entriesPath, ledgersPath, startSite } from './site.mjs';

const IDLE = 2000;
const EXPORTS = 4;

const resident = ({ pid }) => memoryKib(pid, 'VmRSS');

// The most it had resident while work was under way, in KiB.
async function peak(service, work) {
  writeFileSync(`/proc/${service.pid}/clear_refs`, '5'); // forget the peak so far
  await work();
  return memoryKib(service.pid, 'VmHWM');
}

// Each has asked once and had its answer.
async function keepOpen(port, token) {
  const sockets = [];
  for (let i = 0; i < IDLE; i++) {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    socket.write(`GET ${ledgersPath('XT')} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    await new Promise((resolve, reject) => {
      let text = '';
      socket.on('data', (part) => {
        text += part;
        const head = text.indexOf('\r\n\r\n');
        const length = /\r\nContent-Length: (\d+)/i.exec(text);
        if (head >= 0 && length && Buffer.byteLength(text) >= head + 4 + Number(length[1])) resolve();
      });
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('closed')));
    });
  }
  return sockets;
}

export default async function memory({ cluster, report, filled }) {
  report.section('Memory');
  const site = await startSite(cluster, { stores: 2 });
  const many = await filled(ROWS);
  const rows = [];
  const note = (what, value) => rows.push([what, value / 1024]);

  async function fresh(of, work) {
    const service = await of.another();
    const result = await work(service, resident(service));
    await service.stop();
    return result;
  }

  const idle = await fresh(site, async (_, before) => before);
  note('idle', idle);
  const loads = {
    '64 clients, a slip a request': (service) => site.load('slips', { clients: 64, service }),
    'slips/batch of 1,000, 2 connections': (service) => site.load('batch', { clients: 2, service }),
    'pages of 50 entries, 16 clients': (service) => many.load('get', { clients: 16, service }, deepPaths(ROWS)),
  };
  const peaks = [];
  for (const [what, work] of Object.entries(loads)) {
    peaks.push(await fresh(what.startsWith('pages') ? many : site, (service) => peak(service, () => work(service))));
    note(what, peaks.at(-1));
  }
  const grown = await fresh(many, async (service, before) => {
    const most = await peak(service, () => many.load('export', { clients: EXPORTS, seconds: 0, service },
      ['csv', 'ndjson'].map((format) => `${entriesPath(FILLED, 'glove')}.${format}`)));
    note(`${EXPORTS} exports of ${(ROWS / 10).toExponential()} entries`, most);
    return (most - before) / EXPORTS;
  });
  const held = await fresh(site, async (service, before) => {
    const sockets = await keepOpen(service.port, site.token);
    const after = resident(service);
    note(`${IDLE} idle connections`, after);
    for (const socket of sockets) socket.removeAllListeners('close').destroy();
    return (after - before) / IDLE;
  });
  report.goal('resident, idle', { ours: [idle / 1024], most: 20, unit: 'MiB' });
  report.goal('resident, at full load', { ours: [Math.max(...peaks) / 1024], most: 64, unit: 'MiB' });
  report.goal('more resident while 4 exports run, each', { ours: [grown / 1024], most: 4, unit: 'MiB' });
  report.goal('2,000 idle keep-alive connections, each', { ours: [held], most: 16, unit: 'KiB' });
  report.table(['most resident', 'MiB'], rows);
  await site.stop();
}
