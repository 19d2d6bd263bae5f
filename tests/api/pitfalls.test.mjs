// What evhttp does not guard against by itself, each met by one hostile or unlucky client. Where it
// matters, over plain HTTP and over TLS.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeCertificate } from '../lib/certificate.mjs';
import { Client, exchange, newKey } from '../lib/client.mjs';
import { run, until } from '../lib/process.mjs';
import { startService } from '../lib/service.mjs';
import { PASSWORD, startWorld } from '../lib/world.mjs';

const LIMIT = 1024 * 1024;
const slips = '/api/v1/stores/XT/slips';
const slip = { kind: 'in', reason: 'purchase', lines: [{ item: 'n95', quantity: 1 }] };
let world;
let certificate;

before(async () => {
  world = await startWorld({ settings: { body_limit: LIMIT } });
  certificate = await makeCertificate('pitfalls');
});
after(() => world.stop());

// A process of its own, for its settings.
async function serve(settings, scheme = 'http') {
  const service = await startService({
    database: world.db,
    settings: {
      body_limit: LIMIT, ...settings,
      ...(scheme === 'https' ? { tls_certificate: certificate.cert, tls_key: certificate.key } : {}),
    },
  });
  service.connect = () => (scheme === 'https'
    ? tls.connect({ port: service.port, host: '127.0.0.1', ca: certificate.pem })
    : net.connect(service.port, '127.0.0.1'));
  return service;
}

async function open(service) {
  const socket = service.connect();
  socket.on('error', () => {}); // a reset is one way to be closed
  socket.text = '';
  socket.on('data', (part) => { socket.text += part; });
  socket.gone = new Promise((resolve) => socket.on('close', resolve));
  await once(socket, socket.encrypted ? 'secureConnect' : 'connect');
  return socket;
}

async function figure(service, name) {
  const client = new Client(service.url, { ca: certificate.pem });
  const { text } = await client.get('/metrics');
  client.close();
  return Number(new RegExp(`^taizhang_${name} (\\S+)$`, 'm').exec(text)[1]);
}

const healthy = async (service) => {
  const client = new Client(service.url, { ca: certificate.pem });
  const answer = await client.get('/healthz');
  client.close();
  return answer.status === 200;
};

const residentMiB = (pid) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

describe('requests that two readers would read in two ways', () => {
  const head = (lines) => `POST ${slips} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n${lines}\r\n`;
  const smuggled = 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n';
  const refusedAlone = async (text) => {
    const answers = await exchange(world.service.port, text); // ends: the connection is closed
    assert.deepEqual(answers.match(/HTTP\/1\.\d \d+/g), ['HTTP/1.1 400'], answers);
    assert.match(answers, /Connection: close/i);
    return answers;
  };
  const ours = async (text) => assert.match(await refusedAlone(text), /"code":"bad_request"/);

  test('two lengths', async () => {
    await refusedAlone(head('Content-Length: 2\r\nContent-Length: 40\r\n') + `{}${smuggled}`);
    await refusedAlone(head('Content-Length: 2\r\nContent-Length: 2\r\n') + '{}');
  });

  test('a length that is not digits alone', async () => {
    for (const length of ['+2', '0x2', '2, 2', '-1', ''])
      await refusedAlone(head(`Content-Length: ${length}\r\n`) + `{}${smuggled}`);
    await ours(head('Content-Length: +2\r\n') + `{}${smuggled}`);
  });

  test('a length and a coding', async () => {
    await refusedAlone(head('Content-Length: 2\r\nTransfer-Encoding: chunked\r\n') + `0\r\n\r\n${smuggled}`);
    await refusedAlone(head('Transfer-Encoding: gzip, chunked\r\nContent-Length: 2\r\n') + `0\r\n\r\n${smuggled}`);
  });

  test('codings that are not just chunked', async () => {
    for (const coding of ['gzip', 'chunked, gzip', 'gzip, chunked', 'identity', 'xchunked', 'chunked;a=b', ''])
      await refusedAlone(head(`Transfer-Encoding: ${coding}\r\n`) + `0\r\n\r\n${smuggled}`);
    await refusedAlone(head('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n') + `0\r\n\r\n${smuggled}`);
  });

  test('header names that are none', async () => {
    await ours(head(': 2\r\n') + smuggled);
    await ours(head('Content-Length : 2\r\n') + `{}${smuggled}`);
    await ours(head('Content\tLength: 2\r\n') + `{}${smuggled}`);
    await ours(head('Transfer-Encoding\x0b: chunked\r\n') + `0\r\n\r\n${smuggled}`);
    await refusedAlone(head('no colon\r\n') + smuggled);
  });

  test('a body where the method has none', async () => {
    const length = `Content-Length: ${smuggled.length}\r\n\r\n${smuggled}`;
    for (const method of ['HEAD', 'TRACE', 'BREW'])
      await refusedAlone(`${method} /healthz HTTP/1.1\r\nHost: a\r\n${length}`);
  });

  test('no host, or two; other versions', async () => {
    await ours('GET /healthz HTTP/1.1\r\n\r\n');
    await ours('GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n');
    await ours('GET /healthz HTTP/1.2\r\nHost: a\r\n\r\n').catch(async () => assert.match(
      await exchange(world.service.port, 'GET /healthz HTTP/1.2\r\nHost: a\r\n\r\n'), /^HTTP\/1.\d 400/));
    assert.match(await exchange(world.service.port, 'GET /healthz HTTP/2.0\r\nHost: a\r\n\r\n'), / 400 /);
    assert.match(await exchange(world.service.port, 'nonsense and more of it\r\n\r\n'), / 400 /);
  });

  test('heads over the limit', async () => {
    assert.match(await exchange(world.service.port, `GET /healthz HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20000)}\r\n\r\n`), / 400 /);
    assert.match(await exchange(world.service.port, `GET /${'x'.repeat(20000)} HTTP/1.1\r\nHost: a\r\n\r\n`), / 400 /);
  });
});

for (const scheme of ['http', 'https']) {
  describe(`over ${scheme}`, () => {
    test('a client that floods during an answer is cut off, and takes no memory', async () => {
      const service = await serve({}, scheme);
      const before = residentMiB(service.pid);
      const socket = await open(service);
      socket.pause();
      // Answers that nobody takes, until one is stuck; then megabytes behind it.
      const ask = 'GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n';
      const junk = Buffer.alloc(65536, 'x');
      let sent = 0;
      let gone = false;
      socket.gone.then(() => { gone = true; });
      for (let i = 0; i < 4000 && !gone; i++) {
        sent += ask.length;
        if (!socket.write(ask)) await Promise.race([once(socket, 'drain').catch(() => {}), socket.gone, sleep(20)]);
      }
      for (let i = 0; i < 1000 && !gone; i++) {
        sent += junk.length;
        if (!socket.write(junk)) await Promise.race([once(socket, 'drain').catch(() => {}), socket.gone, sleep(20)]);
      }
      await socket.gone;
      assert.ok(sent > 65536);
      assert.equal(await figure(service, 'http_floods_total'), 1);
      // The socket's own buffers are the kernel's; ours hold one answer and what may wait.
      assert.ok(residentMiB(service.pid) < before + 40, `${residentMiB(service.pid)} MiB`);
      await service.stop();
    });

    test('a request that comes too slowly is cut off, however steadily it comes', async () => {
      const service = await serve({ request_timeout: 700 }, scheme);
      const cases = {
        'in its head': ['', 'GET /healthz HTTP/1.1\r\nHost: a\r\nX: '],
        'in its body': [`POST ${slips} HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n`, '{"kind":"'],
        'in a chunk': [`POST ${slips} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n`, '{"kind":"'],
        'in the length of a chunk': [`POST ${slips} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`, '0'],
        'after a first answer': ['GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n', 'GET '],
      };
      await Promise.all(Object.entries(cases).map(async ([name, [first, drip]]) => {
        const socket = await open(service);
        let gone = false;
        socket.gone.then(() => { gone = true; });
        socket.write(first + drip);
        // A byte at a time for far longer than the limit: every single read makes progress.
        for (let i = 0; i < 1000 && !gone; i++) {
          socket.write('0');
          await sleep(50);
        }
        assert.ok(gone, `${name}: still open`);
      }));
      assert.equal(await figure(service, 'http_timeouts_total'), Object.keys(cases).length);
      await until('no other connection open', async () => await figure(service, 'http_connections') === 1);
      await service.stop();
    });

    test('a connection that says nothing is closed, before and between requests', async () => {
      const service = await serve({ request_timeout: 500, idle_timeout: 1000 }, scheme);
      const silent = await open(service);
      const idle = await open(service);
      idle.write('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n');
      await Promise.all([silent.gone, idle.gone]);
      assert.equal(silent.text, '');
      assert.match(idle.text, /^HTTP\/1.1 200/);
      assert.equal(await figure(service, 'http_timeouts_total'), 0, 'nothing was under way');
      await service.stop();
    });

    test('an answer that nobody takes is given up', async () => {
      const service = await serve({ idle_timeout: 1000 }, scheme);
      const socket = await open(service);
      socket.pause();
      for (let i = 0; i < 1200; i++) socket.write('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n');
      await until('the connection given up', async () =>
        await figure(service, 'http_timeouts_total') + await figure(service, 'http_floods_total') > 0);
      await until('no other connection open', async () => await figure(service, 'http_connections') === 1);
      socket.destroy();
      await service.stop();
    });

    test('bodies as long as they may be still pass', async () => {
      const service = await serve({}, scheme);
      const client = new Client(service.url, { ca: certificate.pem });
      await client.signIn('keeper', PASSWORD);
      const body = JSON.stringify(slip).padEnd(LIMIT);
      const answer = await client.request('POST', slips, { body, key: newKey() });
      assert.equal(answer.status, 201, answer.text);
      const over = await client.request('POST', slips, { body: `${body} `, key: newKey() });
      assert.equal(over.status, 413);
      assert.equal(over.body.code, 'body_too_large');
      client.close();
      await service.stop();
    });
  });
}

describe('TLS', () => {
  test('a handshake that never ends is cut off', async () => {
    const service = await serve({ request_timeout: 700 }, 'https');
    const sockets = await Promise.all(['', '\x16\x03\x01'].map(async (first) => {
      const socket = net.connect(service.port, '127.0.0.1');
      socket.on('error', () => {});
      await once(socket, 'connect');
      socket.write(Buffer.from(first, 'latin1'));
      return socket;
    }));
    await Promise.all(sockets.map(async (socket) => {
      let gone = false;
      socket.on('close', () => { gone = true; });
      for (let i = 0; i < 600 && !gone; i++) {
        socket.write(Buffer.from([i === 0 ? 2 : 0])); // a record of 512 bytes, one byte each time
        await sleep(50);
      }
      assert.ok(gone);
    }));
    assert.ok(await healthy(service));
    await service.stop();
  });

  test('what is no TLS is closed', async () => {
    const service = await serve({}, 'https');
    assert.ok(!(await exchange(service.port, 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n')).includes('200 OK'));
    assert.ok(await healthy(service));
    await service.stop();
  });

  test('answers end by their length, not by a closed connection', async () => {
    const service = await serve({}, 'https');
    const socket = await open(service);
    socket.write('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await socket.gone;
    assert.equal(socket.text.match(/Content-Length: 15/g).length, 2);
    assert.ok(socket.text.endsWith('{"status":"ok"}'));
    await service.stop();
  });
});

describe('too many', () => {
  test('connections: the rest wait until one is free', async () => {
    const service = await serve({ max_connections: 5 });
    const sockets = await Promise.all(Array.from({ length: 5 }, () => open(service)));
    await Promise.all(sockets.map(async (socket) => {
      socket.write('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n');
      await once(socket, 'data');
    }));
    const late = await open(service); // the kernel's queue takes it
    late.write('GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await once(sockets[0], 'data', { signal: AbortSignal.timeout(300) }).catch(() => {});
    assert.equal(late.text, '');
    sockets[0].destroy();
    await late.gone;
    assert.match(late.text, /^taizhang_http_connections 5$/m);
    assert.match(late.text, /^taizhang_http_connections_full_total [2-9]$/m);
    for (const socket of sockets) socket.destroy();
    await service.stop();
  });

  test('for the file descriptors: it pauses, says so, and goes on', async () => {
    const service = await serve({});
    const files = () => readdirSync(`/proc/${service.pid}/fd`).length;
    const limit = files() + 8;
    const lowered = await run('prlimit', [`--pid=${service.pid}`, `--nofile=${limit}:${limit}`]);
    assert.equal(lowered.code, 0, lowered.stderr);
    const cpu = () => readFileSync(`/proc/${service.pid}/stat`, 'latin1').split(') ')[1].split(' ')
      .slice(11, 13).reduce((sum, ticks) => sum + Number(ticks), 0); // hundredths of a second
    const sockets = await Promise.all(Array.from({ length: 30 }, () => open(service)));
    await service.logged((line) => line.event === 'accept_failed');
    const spent = cpu();
    const failures = () => service.log.filter((line) => line.event === 'accept_failed').length;
    await until('a pause, and another', () => failures() >= 3);
    assert.ok(cpu() - spent < 100, 'two pauses of a second are not spent spinning');
    for (const socket of sockets) socket.destroy();
    assert.ok(await healthy(service), 'in the end it accepts again');
    assert.ok(await figure(service, 'process_open_fds') <= limit);
    assert.equal(await figure(service, 'process_max_fds'), limit);
    assert.ok(failures() < 20);
    await service.stop();
  });

  test('bytes of unfinished requests, over all connections', async () => {
    const service = await serve({ receive_limit: LIMIT * 2 });
    const sockets = await Promise.all(Array.from({ length: 4 }, () => open(service)));
    for (const socket of sockets) {
      socket.write(`POST ${slips} HTTP/1.1\r\nHost: a\r\nContent-Length: ${LIMIT}\r\n\r\n`);
      socket.write(Buffer.alloc(LIMIT - 1, 'x'));
    }
    await until('one cut off', async () => await figure(service, 'http_floods_total') > 0);
    assert.ok(await figure(service, 'http_received_bytes') <= LIMIT * 2);
    for (const socket of sockets) socket.destroy();
    await until('all forgotten', async () => await figure(service, 'http_received_bytes') === 0);
    await service.stop();
  });

  test('bytes in one line of a chunk’s length', async () => {
    const service = await serve({});
    const socket = await open(service);
    socket.write(`POST ${slips} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`);
    let gone = false;
    socket.gone.then(() => { gone = true; });
    const zeros = Buffer.alloc(65536, '0');
    for (let i = 0; i < 200 && !gone; i++)
      if (!socket.write(zeros)) await Promise.race([once(socket, 'drain').catch(() => {}), socket.gone]);
    await socket.gone;
    assert.equal(await figure(service, 'http_floods_total'), 1);
    await service.stop();
  });
});

describe('clients that leave', () => {
  const waiting = (event) => world.db.sql(`SELECT count(*) FROM pg_stat_activity
    WHERE wait_event = '${event}' AND datname = current_database()`, 'postgres').then(Number);

  // Somebody else holds the store's row meanwhile, so that a posting waits.
  async function holdingStore(work) {
    const held = world.db.sql(`BEGIN; SELECT FROM store_head JOIN store USING (store_id) WHERE code = 'XT' FOR UPDATE;
      SELECT pg_sleep(3600)`, 'postgres').catch(() => {}); // ended below
    await until('the store held', async () => await waiting('PgSleep') === 1);
    await work();
    await world.db.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE wait_event = 'PgSleep' AND datname = current_database()`, 'postgres');
    await held;
  }

  test('while their slip is being posted: it is posted all the same', async () => {
    const keeper = await world.client('keeper');
    const key = newKey();
    const body = JSON.stringify(slip);
    await holdingStore(async () => {
      const socket = await open(await plain());
      socket.write(`POST ${slips} HTTP/1.1\r\nHost: a\r\nCookie: ${keeper.cookie}\r\nIdempotency-Key: ${key}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      await until('the posting waiting', async () => await waiting('transactionid') + await waiting('tuple') > 0);
      socket.resetAndDestroy();
    });
    const line = await world.service.logged((l) => l.event === 'request' && l.method === 'POST' && l.path === slips && l.cut);
    assert.equal(line.status, 201);
    const again = await keeper.post(slips, slip, { key });
    assert.equal(again.status, 201, again.text);
    assert.equal(again.headers['idempotent-replayed'], 'true');
  });

  const plain = async () => ({ connect: () => net.connect(world.service.port, '127.0.0.1') });

  test('in the middle of a stream, fast or slow, again and again', async () => {
    const keeper = await world.client('keeper');
    const many = Array.from({ length: 500 }, () => ({ ...slip, idempotency_key: newKey(), note: 'x'.repeat(900) }));
    assert.equal((await keeper.post(`${slips}/batch`, { slips: many })).status, 200);
    const ask = `GET ${slips}.csv HTTP/1.1\r\nHost: a\r\nCookie: ${keeper.cookie}\r\n\r\n`;
    for (let i = 0; i < 30; i++) {
      const socket = await open(await plain());
      socket.write(ask);
      if (i % 3) await once(socket, 'data'); // some leave before the first byte
      if (i % 2) socket.resetAndDestroy();
      else socket.destroy();
    }
    // Two connections stay: the keeper's, and the one that asks.
    await until('all noticed', async () => await figure(world.service, 'http_connections') <= 2);
    await until('nothing under way', async () => await figure(world.service, 'http_requests_in_flight') === 1 &&
      await figure(world.service, 'read_queue_depth') === 0);
    const whole = await keeper.get(`${slips}.csv`);
    assert.equal(whole.status, 200);
    assert.ok(whole.text.split('\r\n').length > 500);
  });

  test('and come back: a connection outlives a stream', async () => {
    const keeper = await world.client('keeper');
    const both = await exchange(world.service.port,
      `GET ${slips}.ndjson HTTP/1.1\r\nHost: a\r\nCookie: ${keeper.cookie}\r\n\r\n` +
      'GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    assert.deepEqual(both.match(/HTTP\/1.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 200']);
    assert.match(both, /Transfer-Encoding: chunked/);
    const old = await exchange(world.service.port,
      `GET ${slips}.ndjson HTTP/1.0\r\nConnection: keep-alive\r\nCookie: ${keeper.cookie}\r\n\r\n`);
    assert.doesNotMatch(old, /chunked/);
    assert.match(old, /Connection: close/i, 'without chunks only the end of the connection ends it');
  });
});
