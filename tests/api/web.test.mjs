// The browser app's files: what of each may be kept for how long, and what a page is held to.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import http from 'node:http';
import { startWorld } from '../lib/world.mjs';

let world;
before(async () => { world = await startWorld(); });
after(() => world.stop());

// → {status, headers, bytes}: as they come, whatever their coding.
function fetchRaw(path, headers = {}, method = 'GET') {
  return new Promise((resolve, reject) => {
    http.request(world.url + path, { method, headers, agent: false }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, bytes: Buffer.concat(parts) }));
    }).on('error', reject).end();
  });
}

const GZIP = { 'Accept-Encoding': 'gzip, deflate, br' };

// Every file that the page names, and the page itself.
async function paths() {
  const { bytes } = await fetchRaw('/');
  return ['/', ...[...bytes.toString().matchAll(/(?:href|src)="(\/[^"]+)"/g)].map(([, path]) => path)];
}

test('every file that the page names is there, the same compressed or not', async () => {
  const all = await paths();
  assert.ok(all.some((path) => path.endsWith('.js')) && all.some((path) => path.endsWith('.css')), String(all));
  for (const path of all) {
    const plain = await fetchRaw(path);
    const asked = await fetchRaw(path, GZIP);
    assert.equal(plain.status, 200, path);
    assert.equal(plain.headers['content-encoding'], undefined);
    assert.equal(plain.headers['content-length'], String(plain.bytes.length));
    assert.equal(asked.headers['content-length'], String(asked.bytes.length));
    if (asked.headers['content-encoding'] === 'gzip') {
      assert.ok(asked.bytes.length < plain.bytes.length);
      assert.deepEqual(gunzipSync(asked.bytes), plain.bytes);
      assert.equal(plain.headers.vary, 'Accept-Encoding');
      assert.equal(asked.headers.vary, 'Accept-Encoding');
      assert.notEqual(asked.headers.etag, plain.headers.etag);
    } else {
      assert.deepEqual(asked.bytes, plain.bytes);
    }
  }
  const script = await fetchRaw(all.find((path) => path.endsWith('.js')), GZIP);
  assert.equal(script.headers['content-encoding'], 'gzip');
  assert.match(script.headers['content-type'], /^text\/javascript/);
});

test('what carries its hash in its name is kept for good, the rest is asked for again', async () => {
  for (const path of [...await paths(), '/sw.js', '/index.html'])
    assert.equal((await fetchRaw(path)).headers['cache-control'],
      path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache', path);
});

test('a file that is the same is not sent again', async () => {
  for (const headers of [{}, GZIP]) {
    const { headers: { etag } } = await fetchRaw('/', headers);
    for (const tags of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await fetchRaw('/', { ...headers, 'If-None-Match': tags });
      assert.equal(again.status, 304, tags);
      assert.equal(again.bytes.length, 0);
      assert.equal(again.headers.etag, etag);
      assert.equal(again.headers['cache-control'], 'no-cache');
      assert.ok(again.headers['content-security-policy']);
    }
    const other = await fetchRaw('/', { ...headers, 'If-None-Match': '"other"' });
    assert.equal(other.status, 200);
    assert.ok(other.bytes.length > 0);
  }
});

test('HEAD gives the same headers and no body', async () => {
  const volatile = ({ date, 'x-request-id': id, ...rest }) => rest;
  const get = await fetchRaw('/', GZIP);
  const head = await fetchRaw('/', GZIP, 'HEAD');
  assert.equal(head.status, 200);
  assert.equal(head.bytes.length, 0);
  assert.deepEqual(volatile(head.headers), volatile(get.headers));
});

test('a page may run and load only what comes from here', async () => {
  for (const path of ['/', '/sw.js']) {
    const { headers } = await fetchRaw(path);
    const policy = Object.fromEntries(headers['content-security-policy'].split('; ').map((d) => {
      const [name, ...sources] = d.split(' ');
      return [name, sources.join(' ')];
    }));
    assert.equal(policy['default-src'], "'none'");
    assert.equal(policy['script-src'], "'self' 'wasm-unsafe-eval'");
    assert.equal(policy['frame-ancestors'], "'none'");
    assert.equal(policy['base-uri'], "'none'");
    assert.doesNotMatch(headers['content-security-policy'], /unsafe-inline|'unsafe-eval'|https?:|\*/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
    assert.match(headers['permissions-policy'], /^camera=\(self\)(, [\w-]+=\(\))+$/);
  }
  const { bytes } = await fetchRaw('/');
  assert.doesNotMatch(bytes.toString(), /<script(?![^>]* src=)[^>]*>|<style|style=|\son\w+=|https?:/);
});

test('files are only read', async () => {
  for (const [method, status] of [['POST', 405], ['PUT', 405], ['DELETE', 405], ['OPTIONS', 204]]) {
    const answer = await fetchRaw('/', {}, method);
    assert.equal(answer.status, status, method);
    assert.equal(answer.headers.allow, 'GET, HEAD, OPTIONS');
  }
});

test('nothing else is there', async () => {
  for (const path of ['/.vite/manifest.json', '/assets/', '/assets', '/../package.json', '/%2e%2e/package.json',
    '/src/main.tsx', '//', '/index.html/'])
    assert.equal((await fetchRaw(path)).status, 404, path);
});
