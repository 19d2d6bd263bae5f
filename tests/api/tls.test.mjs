// TLS: what is spoken, what a signed-in browser gets, and renewing the certificate.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chownSync, copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tls from 'node:tls';
import { makeCertificate } from '../lib/certificate.mjs';
import { Client, newKey } from '../lib/client.mjs';
import { servant, tempDir } from '../lib/process.mjs';
import { cli, startService } from '../lib/service.mjs';
import { PASSWORD, startWorld } from '../lib/world.mjs';

const [cert, key] = ['crt', 'key'].map((end) => join(tempDir(), `server.${end}`));
const slips = '/api/v1/stores/XT/slips';
let world;
let first;
let second;

function install(made) {
  copyFileSync(made.cert, cert);
  copyFileSync(made.key, key);
  if (servant) for (const file of [cert, key]) chownSync(file, servant.uid, servant.gid);
}

before(async () => {
  [first, second] = [await makeCertificate('first'), await makeCertificate('second')];
  install(first);
  world = await startWorld({ settings: { tls_certificate: cert, tls_key: key } });
});
after(() => world.stop());

async function shake(options = {}) {
  const socket = tls.connect({
    port: world.service.port, host: '127.0.0.1', rejectUnauthorized: false, ...options,
  });
  await once(socket, 'secureConnect');
  return socket;
}

async function subject() {
  const socket = await shake();
  const { CN } = socket.getPeerCertificate().subject;
  socket.destroy();
  return CN;
}

describe('a handshake', () => {
  test('takes TLS 1.2 and 1.3, with forward secrecy and authenticated ciphers', async () => {
    for (const version of ['TLSv1.2', 'TLSv1.3']) {
      const socket = await shake({ minVersion: version, maxVersion: version });
      assert.equal(socket.getProtocol(), version);
      socket.destroy();
    }
    for (const ciphers of ['AES128-GCM-SHA256', 'ECDHE-ECDSA-AES128-SHA'])
      await assert.rejects(shake({ maxVersion: 'TLSv1.2', ciphers }), /handshake failure/);
  });

  test('refuses what is older', async () => {
    for (const version of ['TLSv1', 'TLSv1.1'])
      await assert.rejects(shake({ minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' }));
  });

  test('agrees on HTTP/1.1 where the client asks', async () => {
    const socket = await shake({ ALPNProtocols: ['h2', 'http/1.1'] });
    assert.equal(socket.alpnProtocol, 'http/1.1');
    socket.destroy();
    await assert.rejects(shake({ ALPNProtocols: ['h2'] }));
  });

  test('may not be repeated within the connection', async () => {
    const socket = await shake({ maxVersion: 'TLSv1.2' });
    socket.on('error', () => {});
    const outcome = await new Promise((resolve) => {
      socket.renegotiate({}, (error) => resolve(error ? 'refused' : 'done'));
      socket.on('close', () => resolve('refused'));
    });
    assert.equal(outcome, 'refused');
  });
});

describe('over TLS', () => {
  test('the cookie is the host’s own and never sent without it', async () => {
    const client = new Client(world.url, { ca: first.pem });
    const answer = await client.signIn('keeper', PASSWORD);
    assert.match(answer.headers['set-cookie'][0], /^__Host-taizhang=tzs_\S+; .*Path=\/;.*Secure/);
    assert.match(answer.headers['strict-transport-security'], /^max-age=\d{8}/);
    assert.equal((await client.get('/api/v1/session')).status, 200);
    const slip = { kind: 'in', reason: 'purchase', lines: [{ item: 'n95', quantity: 1 }] };
    const post = (origin) => client.post(slips, slip, { key: newKey(), headers: { Origin: origin } });
    assert.equal((await post(world.url)).status, 201);
    assert.equal((await post(world.url.replace('https', 'http'))).status, 403, 'an unencrypted page may be anybody’s');
    const plainName = await client.request('GET', '/api/v1/session', {
      headers: { Cookie: client.cookie.replace('__Host-', '') },
    });
    assert.equal(plainName.status, 401);
    client.close();
  });

  test('long answers come whole, in many connections at once', async () => {
    const auditor = new Client(world.url, { ca: first.pem, maxSockets: 8 });
    await auditor.signIn('keeper', PASSWORD);
    const many = Array.from({ length: 400 }, () => ({
      kind: 'in', reason: 'purchase', lines: [{ item: 'glove', quantity: 1 }], note: '备'.repeat(900), idempotency_key: newKey(),
    }));
    assert.equal((await auditor.post(`${slips}/batch`, { slips: many })).status, 200);
    const answers = await Promise.all(Array.from({ length: 8 }, () => auditor.get(`${slips}.ndjson`)));
    for (const answer of answers) {
      const lines = answer.text.trim().split('\n').map((line) => JSON.parse(line));
      assert.equal(lines.filter((line) => line.note?.length === 900).length, 400);
    }
    auditor.close();
  });
});

describe('SIGHUP', () => {
  test('takes in a renewed certificate; open connections go on', async () => {
    assert.equal(await subject(), 'first');
    const client = new Client(world.url, { ca: first.pem });
    assert.equal((await client.get('/healthz')).status, 200);
    install(second);
    world.service.signal('SIGHUP');
    await world.service.logged((line) => line.event === 'reloaded');
    assert.equal(await subject(), 'second');
    assert.equal((await client.get('/healthz')).status, 200, 'on the connection made with the first');
    client.close();
  });

  test('keeps the old one when the new is of no use, and says why', async () => {
    copyFileSync(first.key, key); // not the second's
    world.service.signal('SIGHUP');
    const line = await world.service.logged((l) => l.event === 'reload_failed');
    assert.match(line.reason, /server\.key.*mismatch/s);
    writeFileSync(cert, 'no certificate');
    world.service.signal('SIGHUP');
    await world.service.logged((l) => l.event === 'reload_failed' && /server\.crt/.test(l.reason));
    assert.equal(await subject(), 'second');
    install(second);
  });
});

describe('starting', () => {
  const serve = (settings) => cli(['serve'], { database: world.db, settings: { listen: '127.0.0.1:0', ...settings } });

  test('with files that do not fit fails and names them', async () => {
    const mixed = await serve({ tls_certificate: first.cert, tls_key: second.key });
    assert.equal(mixed.code, 1);
    assert.match(mixed.stderr, /second\.key.*mismatch/s);
    const none = await serve({ tls_certificate: '/nowhere.crt', tls_key: second.key });
    assert.equal(none.code, 1);
    assert.match(none.stderr, /\/nowhere\.crt/);
  });

  test('with plain HTTP for the world is refused, unless asked for', async () => {
    for (const listen of ['0.0.0.0:0', '[::]:0', '127.0.0.1:0,0.0.0.0:0']) {
      const refused = await serve({ listen });
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, /plain_http = 1/);
      assert.match(refused.stderr, /tls_certificate/);
    }
    const asked = await startService({ database: world.db, settings: { listen: '0.0.0.0:0', plain_http: 1 } });
    await asked.stop();
    const secure = await startService({
      database: world.db, settings: { listen: '0.0.0.0:0', tls_certificate: second.cert, tls_key: second.key },
    });
    await secure.stop();
  });
});
