// What every request meets before its handler: paths, methods, headers, who may ask from where, bodies.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { Client, exchange, newKey } from '../lib/client.mjs';
import { startService } from '../lib/service.mjs';
import { PASSWORD, startWorld } from '../lib/world.mjs';

const LIMIT = 65536;
let world;
let keeper;
let nobody;
let token;

before(async () => {
  world = await startWorld({ settings: { body_limit: LIMIT, log_level: 'debug' } });
  keeper = await world.client('keeper');
  nobody = new Client(world.url);
  const answer = await keeper.post('/api/v1/tokens', { name: 'script', expires_at: null });
  assert.equal(answer.status, 201, answer.text);
  token = answer.body.secret ?? answer.body.token;
});
after(async () => {
  nobody.close();
  await world.stop();
});

const slips = '/api/v1/stores/XT/slips';
const slip = { kind: 'in', reason: 'purchase', lines: [{ item: 'n95', quantity: 1 }] };

function refused(answer, status, code) {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.headers['content-type'], 'application/problem+json');
  assert.equal(answer.body.status, status);
  assert.equal(answer.body.code, code, answer.text);
  assert.match(answer.body.detail, /[\u4e00-\u9fff]/);
  assert.match(answer.body.detail_en, /[a-z]/);
  return answer.body;
}

// The answer to bytes as they stand, with the connection closed behind it by the client's own wish.
async function raw(text) {
  const [head, ...body] = (await exchange(world.service.port, text)).split('\r\n\r\n');
  const [line, ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(lines.map((l) => {
    const [name, ...value] = l.split(': ');
    return [name.toLowerCase(), value.join(': ')];
  }));
  const content = body.join('\r\n\r\n');
  return {
    status: Number(line.split(' ')[1]), headers, text: content,
    body: headers['content-type']?.includes('json') ? JSON.parse(content) : undefined,
  };
}

describe('paths and methods', () => {
  test('an unknown path is 404, for whoever asks', async () => {
    refused(await nobody.get('/nothing'), 404, 'not_found');
    refused(await keeper.get('/api/v1/nothing'), 404, 'not_found');
    refused(await nobody.get('/api/v1/stores/XT/slips/'), 404, 'not_found');
    refused(await nobody.get('/healthz%00'), 404, 'not_found');
  });

  test('another method is 405 with Allow, before anybody signs in', async () => {
    for (const method of ['PUT', 'PATCH', 'TRACE', 'PROPFIND']) {
      const answer = await nobody.request(method, '/api/v1/session');
      refused(answer, 405, 'method_not_allowed');
      assert.equal(answer.headers.allow, 'POST, GET, HEAD, DELETE, OPTIONS');
    }
    refused(await raw('BREW /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'), 405, 'method_not_allowed');
    const answers = await exchange(world.service.port,
      'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\nGET /healthz HTTP/1.0\r\n\r\n');
    assert.deepEqual(answers.match(/HTTP\/1\.\d \d+|Content-Length/g),
      ['HTTP/1.1 404', 'Content-Length', 'HTTP/1.0 200', 'Content-Length'], answers);
  });

  test('OPTIONS says which methods there are', async () => {
    const answer = await nobody.request('OPTIONS', slips);
    assert.equal(answer.status, 204);
    assert.equal(answer.headers.allow, 'GET, HEAD, POST, OPTIONS');
    assert.equal(answer.text, '');
  });

  test('HEAD is GET without the body', async () => {
    const [head, get] = [await keeper.request('HEAD', '/api/v1/session'), await keeper.get('/api/v1/session')];
    assert.equal(head.status, 200);
    assert.equal(head.text, '');
    assert.equal(head.headers['content-length'], get.headers['content-length']);
    const list = await keeper.request('HEAD', `${slips}.csv`);
    assert.equal(list.status, 200);
    assert.equal(list.text, '');
    assert.equal((await keeper.get('/healthz')).status, 200, 'the connection goes on');
  });

  test('absolute addresses and HTTP/1.0 are understood', async () => {
    assert.equal((await raw('GET http://a/healthz HTTP/1.1\r\nHost: a\r\n\r\n')).status, 200);
    assert.equal((await raw('GET /healthz HTTP/1.0\r\n\r\n')).status, 200);
    const both = await exchange(world.service.port,
      'GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /healthz HTTP/1.0\r\n\r\n');
    assert.equal(both.match(/200 OK/g).length, 2);
  });

  test('several requests sent at once are answered in order', async () => {
    const paths = ['/healthz', '/nothing', '/healthz', '/api/v1/session'];
    const answers = await exchange(world.service.port, paths.map((path, i) =>
      `GET ${path} HTTP/1.1\r\nHost: a\r\n${i === 3 ? 'Connection: close\r\n' : ''}\r\n`).join(''));
    assert.deepEqual(answers.match(/HTTP\/1.1 \d+/g), [200, 404, 200, 401].map((s) => `HTTP/1.1 ${s}`));
  });
});

describe('headers', () => {
  test('every answer carries an id, and says how not to treat it', async () => {
    const ids = new Set();
    for (const answer of [await nobody.get('/healthz'), await nobody.get('/nothing'), await keeper.get('/api/v1/session')]) {
      assert.match(answer.headers['x-request-id'], /^[0-9a-f]{16}$/);
      ids.add(answer.headers['x-request-id']);
      assert.equal(answer.headers['cache-control'], 'no-store');
      assert.equal(answer.headers['x-content-type-options'], 'nosniff');
      assert.equal(answer.headers['strict-transport-security'], undefined, 'not without TLS');
    }
    assert.equal(ids.size, 3);
  });

  test('a problem and the log name the request by that id', async () => {
    const answer = await nobody.get('/nothing?name=%E5%BC%A0%E4%B8%89');
    const id = answer.headers['x-request-id'];
    assert.equal(answer.body.instance, `urn:taizhang:request:${id}`);
    const line = await world.service.logged((l) => l.request === id && l.event === 'request');
    assert.equal(line.method, 'GET');
    assert.equal(line.path, '/nothing', 'the query holds names and stays out');
    assert.equal(line.status, 404);
    assert.equal(line.source, '127.0.0.1');
    assert.equal(line.level, 'info');
    assert.ok(line.duration_us >= 0 && line.bytes > 0);
  });

  test('the log says who asked, and no secret', async () => {
    const answer = await keeper.get('/api/v1/session');
    const line = await world.service.logged((l) => l.request === answer.headers['x-request-id']);
    assert.equal(line.user, 'keeper');
    const secret = keeper.cookie.split('=')[1];
    assert.ok(secret.length > 20 && token.length > 20);
    for (const word of [secret, token, PASSWORD]) assert.ok(!world.service.stderr.includes(word));
  });

  test('what monitoring asks is logged for debugging only', async () => {
    const answer = await nobody.get('/healthz');
    const line = await world.service.logged((l) => l.request === answer.headers['x-request-id']);
    assert.equal(line.level, 'debug');
  });

  test('nobody is believed who calls himself a proxy', async () => {
    const answer = await nobody.request('GET', '/nothing', {
      headers: { 'X-Forwarded-For': '192.0.2.7', 'X-Request-Id': 'mine', 'X-Forwarded-Proto': 'https' },
    });
    assert.match(answer.headers['x-request-id'], /^[0-9a-f]{16}$/);
    assert.equal(answer.headers['strict-transport-security'], undefined);
    const line = await world.service.logged((l) => l.request === answer.headers['x-request-id']);
    assert.equal(line.source, '127.0.0.1');
  });

  test('the proxy of the settings is', async () => {
    const service = await startService({
      database: world.db, settings: { trusted_proxy: '192.0.2.1, 127.0.0.1' },
    });
    const client = new Client(service.url);
    const ask = async (headers) => {
      const answer = await client.request('GET', '/nothing', { headers });
      const line = await service.logged((l) => l.request === answer.headers['x-request-id']);
      return { answer, line };
    };
    const { answer, line } = await ask({
      'X-Forwarded-For': '203.0.113.9, 192.0.2.7', 'X-Request-Id': 'of-the-proxy.1', 'X-Forwarded-Proto': 'https',
    });
    assert.equal(answer.headers['x-request-id'], 'of-the-proxy.1');
    assert.ok(answer.headers['strict-transport-security']);
    assert.equal(line.source, '192.0.2.7', 'the proxy added the last, the others came to it');
    assert.equal((await ask({ 'X-Forwarded-For': '[2001:db8::7]:1234' })).line.source, '2001:db8::7');
    const bad = await ask({ 'X-Forwarded-For': 'nonsense', 'X-Request-Id': 'a b"c' });
    assert.equal(bad.line.source, '127.0.0.1');
    assert.match(bad.answer.headers['x-request-id'], /^[0-9a-f]{16}$/);
    client.close();
    await service.stop();
  });
});

describe('who asks', () => {
  test('nobody is sent to sign in, and told how', async () => {
    const answer = await nobody.get('/api/v1/session');
    refused(answer, 401, 'signed_out');
    assert.match(answer.headers['www-authenticate'], /^Bearer/);
    for (const headers of [{ Cookie: 'taizhang=tzs_wrong' }, { Authorization: 'Bearer tzt_wrong' },
      { Authorization: 'Basic a2VlcGVyOmE=' }, { Cookie: 'taizhang' }, { Cookie: '; ;=;' }])
      refused(await nobody.request('GET', '/api/v1/session', { headers }), 401, 'signed_out');
  });

  test('a token in Authorization is enough, however it is spelt', async () => {
    for (const scheme of ['Bearer', 'bearer', 'BEARER ']) {
      const answer = await nobody.request('GET', '/api/v1/session', { headers: { Authorization: `${scheme} ${token}` } });
      assert.equal(answer.status, 200, answer.text);
    }
  });

  test('the cookie is found among others', async () => {
    const answer = await nobody.request('GET', '/api/v1/session', {
      headers: { Cookie: `a=b; xtaizhang=1; ${keeper.cookie}; taizhangx=2` },
    });
    assert.equal(answer.status, 200);
  });

  test('a role is needed: 403 with others, 404 with none there', async () => {
    const auditor = await world.client('auditor');
    const stranger = await world.client('stranger');
    const guest = await world.client('guest');
    refused(await auditor.post(slips, slip, { key: newKey() }), 403, 'forbidden');
    refused(await stranger.post(slips, slip, { key: newKey() }), 404, 'not_found');
    refused(await guest.post(slips, slip, { key: newKey() }), 404, 'not_found');
    refused(await keeper.post('/api/v1/stores/NONE/slips', slip, { key: newKey() }), 404, 'not_found');
    refused(await guest.get('/api/v1/stores'), 403, 'forbidden');
    refused(await keeper.get('/api/v1/events'), 403, 'forbidden');
    refused(await keeper.request('PUT', '/api/v1/places/gujiao/readiness', { body: {} }), 404, 'not_found');
  });
});

describe('changes from a browser', () => {
  const change = (headers, body = JSON.stringify(slip)) => nobody.request('POST', slips, {
    body, key: newKey(), headers: { ...headers },
  });
  const origin = () => world.url;

  test('are refused unless they are JSON', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', ''])
      refused(await change({ Cookie: keeper.cookie, 'Content-Type': type }), 415, 'unsupported_media_type');
    for (const type of ['application/json; charset=utf-8', 'Application/JSON'])
      assert.equal((await change({ Cookie: keeper.cookie, 'Content-Type': type })).status, 201);
  });

  test('but for DELETE, which no form can send', async () => {
    const other = new Client(world.url);
    await other.signIn('keeper', PASSWORD);
    const foreign = { headers: { Origin: 'http://evil.example' } };
    refused(await other.delete('/api/v1/session', foreign), 403, 'foreign_origin');
    assert.equal((await other.delete('/api/v1/session')).status, 204);
    other.close();
  });

  test('are refused from another origin', async () => {
    for (const foreign of ['http://evil.example', 'null', '', `${origin()}.evil.example`, `${origin()}0`, 'http://'])
      refused(await change({ Cookie: keeper.cookie, Origin: foreign }), 403, 'foreign_origin');
    for (const own of [origin(), origin().toUpperCase()])
      assert.equal((await change({ Cookie: keeper.cookie, Origin: own })).status, 201);
  });

  test('so is signing in', async () => {
    const answer = await nobody.post('/api/v1/session', { username: 'keeper', password: PASSWORD },
      { headers: { Origin: 'http://evil.example' } });
    refused(answer, 403, 'foreign_origin');
    assert.equal(answer.headers['set-cookie'], undefined);
  });

  test('a token is no browser’s', async () => {
    const answer = await change({ Authorization: `Bearer ${token}`, Origin: 'http://evil.example' });
    assert.equal(answer.status, 201, answer.text);
  });

  test('reading is nobody’s change', async () => {
    const answer = await nobody.request('GET', '/api/v1/session', {
      headers: { Cookie: keeper.cookie, Origin: 'http://evil.example' },
    });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['access-control-allow-origin'], undefined);
  });
});

describe('bodies', () => {
  const post = (body, headers) => keeper.request('POST', slips, { body, key: newKey(), headers });

  test('that are not JSON are refused with the place where they stop being it', async () => {
    assert.match(refused(await post('{"kind":\n  oops}'), 400, 'not_json').detail_en, /line 2, column/);
    refused(await post(''), 400, 'not_json');
    refused(await post('{} {}'), 400, 'not_json');
    refused(await post('{"kind":"in","kind":"out"}'), 400, 'not_json');
    refused(await post('{"note":"a\\u0000b"}'), 400, 'not_json');
    refused(await post(Buffer.from('{"note":"\xff"}', 'latin1')), 400, 'not_json');
    refused(await post('{"n":99999999999999999999}'), 400, 'not_json');
    refused(await post('['.repeat(30000)), 400, 'not_json');
    refused(await post('[]'), 400, 'not_json');
    refused(await post('null'), 400, 'not_json');
  });

  test('over the limit are refused in our own words', async () => {
    const padded = (size) => {
      const body = JSON.stringify({ ...slip, pad: '' });
      return body.replace('"pad":""', `"pad":"${'x'.repeat(size - body.length)}"`);
    };
    refused(await post(padded(LIMIT)), 422, 'validation_failed');
    const answer = await post(padded(LIMIT + 1));
    refused(answer, 413, 'body_too_large');
    assert.ok(answer.body.detail_en.includes(String(LIMIT)));
    assert.equal((await keeper.get('/healthz')).status, 200, 'the connection goes on');
  });

  test('far over the limit are refused by the parser, after they have been drained', async () => {
    const body = 'x'.repeat(4 * LIMIT);
    const answer = await raw(`POST ${slips} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    assert.equal(answer.status, 413);
    assert.equal(answer.headers.connection, 'close');
  });

  test('of somebody who has not signed in are small', async () => {
    const answer = await nobody.post('/api/v1/session', { username: 'a', password: 'x'.repeat(20000) });
    refused(answer, 413, 'body_too_large');
  });

  test('in chunks are the same', async () => {
    const text = JSON.stringify(slip);
    const chunks = [text.slice(0, 5), text.slice(5)].map((t) => `${t.length.toString(16)}\r\n${t}\r\n`).join('');
    const answer = await raw(`POST ${slips} HTTP/1.1\r\nHost: a\r\nCookie: ${keeper.cookie}\r\n` +
      `Content-Type: application/json\r\nIdempotency-Key: ${newKey()}\r\nTransfer-Encoding: chunked\r\n` +
      `Connection: close\r\n\r\n${chunks}0\r\n\r\n`);
    assert.equal(answer.status, 201, answer.text);
  });

  test('are asked for with 100-continue', async () => {
    const text = JSON.stringify(slip);
    const answers = await exchange(world.service.port, `POST ${slips} HTTP/1.1\r\nHost: a\r\nCookie: ${keeper.cookie}\r\n` +
      `Content-Type: application/json\r\nIdempotency-Key: ${newKey()}\r\nContent-Length: ${text.length}\r\n` +
      `Expect: 100-continue\r\nConnection: close\r\n\r\n${text}`);
    assert.match(answers, /HTTP\/1.1 201/);
  });
});

describe('queries', () => {
  test('that cannot be read are refused', async () => {
    for (const query of ['a=%zz', 'a=%00', 'a=%ff', 'a=1&a=2', Array.from({ length: 30 }, (_, i) => `q${i}=1`).join('&')])
      refused(await keeper.get(`${slips}?${query}`), 400, 'bad_request');
  });

  test('are decoded: plus and percent', async () => {
    const text = '第12 微+网格&=';
    const answer = await keeper.post(slips, { ...slip, counterparty: text }, { key: newKey() });
    assert.equal(answer.status, 201);
    const found = await keeper.get(slips, { counterparty: text });
    assert.deepEqual(found.body.items.map((s) => s.number), [answer.body.number]);
  });
});
