// The document is of this program: its routes, parameters, codes and answers are those it describes.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { newKey } from '../lib/client.mjs';
import { root } from '../lib/process.mjs';
import { misfits, resolve } from '../lib/schema.mjs';
import { startWorld } from '../lib/world.mjs';

const source = (name) => readFileSync(join(root, name), 'utf8');
const document_ = JSON.parse(source('service/openapi.json'));

// The rows of routes.c: { method, path, flags, params (of a declared read) }.
const routes = source('service/routes.c').split('\n').flatMap((line) => {
  const row = /^\t(READ|PROGRAMMED)\((?:"([A-Z]+)",\s+)?"([^"]+)",\s*(.*)\)/.exec(line);
  if (!row) return [];
  const [, kind, method, path, rest] = row;
  const params = kind === 'READ' ? /"([^"]*)"$/.exec(rest)[1].split(' ') : undefined;
  return [{
    method: (method ?? 'GET').toLowerCase(), path, params,
    list: /ROUTE_LIST/.test(rest), page: /ROUTE_(LIST|PAGE)/.test(rest), body: /ROUTE_BODY/.test(rest),
  }];
});

const operation = (method, path) => document_.paths[path]?.[method];
const parameters = (op, where) => (op.parameters ?? []).map((p) => resolve(document_, p)).filter((p) => p.in === where);

let world;

before(async () => {
  world = await startWorld({ settings: { smtp_url: 'smtp://127.0.0.1:9', smtp_from: 'tz@example.org' } });
});
after(() => world.stop());

test('the service hands it out, byte for byte', async () => {
  const answer = await (await world.client('guest')).get('/api/v1/openapi.json');
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['content-type'], 'application/json');
  assert.equal(answer.text, source('service/openapi.json'));
});

test('every route is described, and nothing else', () => {
  assert.ok(routes.length > 30, `${routes.length} routes were read`);
  const there = routes.flatMap(({ method, path, list }) =>
    ['', ...(list ? ['.csv', '.ndjson', '.xlsx'] : [])].map((end) => `${method} ${path}${end}`));
  const described = Object.entries(document_.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`));
  assert.deepEqual(described.sort(), there.sort());
});

test('every parameter is described, and nothing else', () => {
  for (const { method, path, params, list, page, body } of routes) {
    for (const end of ['', ...(list ? ['.csv', '.ndjson', '.xlsx'] : [])]) {
      const op = operation(method, path + end);
      const where = `${method} ${path}${end}`;
      assert.deepEqual(parameters(op, 'path').map((p) => p.name), [...path.matchAll(/\{(\w+)\}/g)].map((m) => m[1]), where);
      assert.equal(Boolean(op.requestBody), body, `${where} has a body`);
      if (!params) continue;
      const names = params.filter((p) => /^[a-z]/.test(p) && (page || !/^(limit|cursor)/.test(p))).map((p) => p.split(':')[0])
        .filter((name) => !end || !['limit', 'cursor'].includes(name));
      if (page) names.push('order');
      if (end === '.csv') names.push('encoding');
      const described = parameters(op, 'query');
      assert.deepEqual(described.map((p) => p.name).sort(), names.sort(), where);
      for (const param of params.filter((p) => p.includes('|'))) {
        const [name, words] = param.split(':');
        const { schema } = described.find((p) => p.name === name);
        assert.deepEqual(resolve(document_, schema).enum, words.split('|'), `${where} ${name}`);
      }
    }
  }
});

test('every code of a problem is described, and nothing else', () => {
  const codes = [...source('include/problems.def').matchAll(/^PROBLEM\((\w+),/gm)].map((m) => m[1]);
  assert.deepEqual(document_.components.schemas.ProblemCode.enum, codes.filter((code) => code !== 'none'));
});

test('what it refers to is there, and what is there is referred to', () => {
  const referred = new Set();
  JSON.stringify(document_, (key, value) => {
    if (key === '$ref') referred.add(value);
    return value;
  });
  for (const ref of referred) assert.ok(resolve(document_, { $ref: ref }), ref);
  for (const kind of ['schemas', 'parameters', 'responses'])
    for (const name of Object.keys(document_.components[kind]))
      assert.ok(referred.has(`#/components/${kind}/${name}`), `${kind}/${name} is of no use`);
  const ids = Object.values(document_.paths).flatMap((methods) => Object.values(methods).map((op) => op.operationId));
  assert.equal(new Set(ids).size, ids.length);
});

function assertFits(answer, method, path) {
  const op = operation(method, path);
  const where = `${method} ${path} ${answer.status}`;
  assert.ok(op.responses[answer.status], `${where} is not described: ${answer.text}`);
  const { content } = resolve(document_, op.responses[answer.status]);
  if (!content) {
    assert.equal(answer.text, '', where);
    return;
  }
  const type = answer.headers['content-type'].split(';')[0];
  assert.ok(content[type], `${where} as ${type} is not described`);
  if (answer.body !== undefined) assert.deepEqual(misfits(document_, content[type].schema, answer.body), [], where);
}

const DAY = 86400000;
const soon = new Date(Date.now() + 10 * DAY).toISOString().slice(0, 10);

test('answers are as described', async () => {
  const as = {};
  for (const name of ['keeper', 'coordinator', 'auditor', 'admin', 'guest']) as[name] = await world.client(name);
  const seen = new Set();
  const call = async (name, method, path, { args = {}, body, key, query, status } = {}) => {
    const url = path.replace(/\{(\w+)\}/g, (_, arg) => encodeURIComponent(args[arg]));
    const search = query ? `?${new URLSearchParams(query)}` : '';
    const answer = await as[name].request(method.toUpperCase(), url + search, { body, key });
    if (status) assert.equal(answer.status, status, answer.text);
    assertFits(answer, method, path);
    if (answer.status < 300) seen.add(`${method} ${path}`);
    return answer.body;
  };
  const V = '/api/v1';
  const XT = { store: 'XT' };
  const N95 = { ...XT, item: 'n95' };

  // Slips, levels, alerts.
  const SLIPS = `${V}/stores/{store}/slips`;
  const lines = [{ item: 'n95', quantity: 3, pack: '盒', lot: 'L1', expires: soon }, { item: 'glove', quantity: 5 }];
  const slip = await call('keeper', 'post', SLIPS, { args: XT, key: newKey(), status: 201,
    body: { kind: 'in', reason: 'purchase', counterparty: '供应商', document: null, lines } });
  await call('keeper', 'post', SLIPS, { args: XT, key: newKey(), status: 409,
    body: { kind: 'out', reason: 'issue', lines: [{ item: 'n95', quantity: 9999 }] } });
  await call('keeper', 'post', SLIPS, { args: XT, key: newKey(), status: 422, body: { kind: 'out', lines: [{ quantity: 0 }] } });
  await call('keeper', 'post', SLIPS, { args: XT, body: {}, status: 422 });
  await call('keeper', 'post', SLIPS, { args: XT, body: '{', key: newKey(), status: 400 });
  await call('auditor', 'post', SLIPS, { args: XT, body: {}, key: newKey(), status: 403 });
  await call('keeper', 'post', `${SLIPS}/batch`, { args: XT, status: 200, body: { slips: [
    { idempotency_key: newKey(), kind: 'out', reason: 'issue', lines: [{ item: 'glove', quantity: 1 }] },
    { idempotency_key: newKey(), kind: 'out', reason: 'issue', lines: [{ item: 'glove', quantity: 1000 }] },
    { idempotency_key: newKey() }] } });
  await call('coordinator', 'put', `${V}/stores/{store}/ledgers/{item}/thresholds`, { args: N95, status: 200,
    body: { normal: { minimum: 100, target: 500 }, emergency: null } });
  await call('keeper', 'post', `${SLIPS}/{number}/reversal`, { args: { ...XT, number: slip.number }, key: newKey(), status: 409, body: { note: 'x' } });
  const second = await call('keeper', 'post', SLIPS, { args: XT, key: newKey(), status: 201,
    body: { kind: 'out', reason: 'issue', business_date: null, lines: [{ item: 'n95', quantity: 2 }] } });
  await call('keeper', 'post', `${SLIPS}/{number}/reversal`, { args: { ...XT, number: second.number }, key: newKey(), status: 201, body: {} });
  await call('keeper', 'get', `${SLIPS}/{number}`, { args: { ...XT, number: second.number }, status: 200 });
  await call('keeper', 'get', `${SLIPS}/{number}`, { args: { ...XT, number: 'XT-RK-19990101-0001' }, status: 404 });
  const alerts = await call('coordinator', 'get', `${V}/alerts`, { query: { place: 'xita', status: 'open' }, status: 200 });
  await call('coordinator', 'post', `${V}/alerts/{id}/acknowledge`, { args: { id: alerts.items[0].id }, body: { note: '已采购' }, status: 200 });
  await call('coordinator', 'post', `${V}/alerts/{id}/snooze`, { args: { id: alerts.items[0].id }, body: { until: soon, reason: '已采购' }, status: 200 });
  await call('coordinator', 'get', `${V}/alerts`, { query: { cause: 'low_stock' }, status: 200 });
  const RULE = `${V}/places/{place}/alert-rules/{cause}`;
  const rule = { place: 'xita', cause: 'low_stock' };
  await call('coordinator', 'put', RULE, { args: rule, status: 200,
    body: { enabled: true, days: null, clear_percent: 0, rearm_percent: 50, escalate_minutes: null } });
  await call('coordinator', 'get', `${V}/alert-rules`, { query: { place: 'xita' }, status: 200 });
  await call('coordinator', 'delete', RULE, { args: rule, status: 200 });
  await call('coordinator', 'put', `${V}/places/{place}/readiness`, { args: { place: 'xita' }, status: 200,
    body: { readiness: 'emergency', reason: '演练' } });
  await call('keeper', 'get', SLIPS, { args: XT, query: { colour: 'red' }, status: 422 });

  // Ways out to people. Nobody listens at this address, and there is no key to seal another with.
  const own = await call('keeper', 'post', `${V}/channels`, { status: 201,
    body: { kind: 'email', name: '本人邮箱', address: 'keeper@example.org', place: null, language: 'zh' } });
  await call('keeper', 'post', `${V}/channels`, { body: { kind: 'pigeon' }, status: 422 });
  await call('keeper', 'post', `${V}/channels`, { status: 409,
    body: { kind: 'webhook', name: 'x', address: 'https://example.org/', secret: `whsec_${Buffer.alloc(24).toString('base64')}` } });
  await call('keeper', 'patch', `${V}/channels/{id}`, { args: own, body: { name: '邮箱', enabled: true }, status: 200 });
  await call('keeper', 'post', `${V}/channels/{id}/test`, { args: own, status: 200, body: {} });
  await call('keeper', 'post', `${V}/channels/{id}/test`, { args: own, status: 429, body: {} });
  await call('coordinator', 'post', `${V}/channels/{id}/test`, { args: own, status: 404, body: {} });
  const subscription = await call('keeper', 'post', `${V}/subscriptions`, { body: { channel: own.id, place: 'xita', cause: null }, status: 201 });
  await call('keeper', 'get', `${V}/subscriptions`, { query: { channel: own.id, place: 'xita' }, status: 200 });
  await world.db.sql(`INSERT INTO message (channel_id, kind, content, notices, status, next_attempt_at, give_up_at)
    VALUES (${own.id}, 'alert', '{}', 1, 'dead', NULL, now()), (${own.id}, 'checkpoint', '{}', 1, 'dead', NULL, now())`);
  const given = await call('keeper', 'get', `${V}/channels/{id}/deliveries`, { args: own, query: { status: 'dead' }, status: 200 });
  await call('keeper', 'get', `${V}/deliveries`, { status: 200 });
  await call('keeper', 'get', `${V}/channels`, { status: 200 });
  await call('keeper', 'post', `${V}/deliveries/{id}/retry`, { args: given.items[0], body: {}, status: 200 });
  await call('keeper', 'delete', `${V}/subscriptions/{id}`, { args: subscription, status: 204 });
  await call('keeper', 'delete', `${V}/channels/{id}`, { args: own, status: 204 });
  await call('keeper', 'delete', `${V}/channels/{id}`, { args: own, status: 404 });

  // Master data, users, one's own.
  await call('admin', 'post', `${V}/items`, { status: 201,
    body: { code: 'swab', category: 'testing', name_zh: '棉签', name_en: 'Swab', unit: '支', unit_en: 'piece', packs: [{ name: '包', quantity: 100 }] } });
  await call('admin', 'patch', `${V}/items/{item}`, { args: { item: 'swab' }, body: { name_zh: '采样拭子' }, status: 200 });
  await call('admin', 'post', `${V}/places`, { status: 201,
    body: { code: 'nanta', kind: 'community', name_zh: '南塔', name_en: 'Nanta', parent: 'malan' } });
  await call('admin', 'patch', `${V}/places/{place}`, { args: { place: 'nanta' }, body: { name_en: 'South Pagoda' }, status: 200 });
  await call('admin', 'post', `${V}/stores`, { body: { code: 'NT', place: 'nanta', name_zh: '南塔库', name_en: 'Nanta store' }, status: 201 });
  await call('admin', 'patch', `${V}/stores/{store}`, { args: { store: 'NT' }, body: { name_zh: '南塔社区库' }, status: 200 });
  await call('admin', 'post', `${V}/stores`, { body: { code: 'NT', place: 'nanta', name_zh: 'x', name_en: 'x' }, status: 409 });
  await call('admin', 'post', `${V}/users`, { status: 201,
    body: { username: 'zhao', display_name: '赵', password: 'a-long-password', roles: [{ role: 'storekeeper', place: 'nanta' }] } });
  await call('admin', 'patch', `${V}/users/{username}`, { args: { username: 'zhao' }, body: { display_name: '赵六' }, status: 200 });
  await call('admin', 'post', `${V}/users/{username}/grants`, { args: { username: 'zhao' }, body: { role: 'auditor', place: 'nanta' }, status: 201 });
  await call('admin', 'delete', `${V}/users/{username}/grants/{role}/{place}`,
    { args: { username: 'zhao', role: 'auditor', place: 'nanta' }, status: 204 });
  const token = await call('keeper', 'post', `${V}/tokens`, { body: { name: 'script', expires_at: null }, status: 201 });
  await call('keeper', 'get', `${V}/tokens`, { status: 200 });
  await call('keeper', 'delete', `${V}/tokens/{id}`, { args: token, status: 204 });
  await call('guest', 'get', `${V}/session`, { status: 200 });
  await call('guest', 'get', `${V}/items`, { status: 403 });
  await call('guest', 'post', `${V}/session`, { body: { username: 'guest', password: 'wrong' }, status: 401 });
  await call('guest', 'post', `${V}/session`, { body: { username: 'guest', password: '台账-correct-horse' }, status: 200 });
  await call('guest', 'put', `${V}/session/password`, { body: { current: '台账-correct-horse', new: 'another-long-one' }, status: 204 });
  await call('guest', 'delete', `${V}/session`, { status: 204 });
  await call('guest', 'get', `${V}/session`, { status: 401 });

  await call('auditor', 'get', `${V}/stream`, { query: { colour: 'red' }, status: 422 });
  seen.add(`get ${V}/stream`); // does not end: stream.test.mjs

  // What the logs prove.
  for (const [prefix, args] of [[V, {}], [`${V}/stores/{store}`, XT]]) {
    await call('auditor', 'post', `${prefix}/checkpoint`, { args, status: 201, body: {} });
    await call('auditor', 'get', `${prefix}/checkpoint`, { args, status: 200 });
    await call('auditor', 'get', `${prefix}/events/{seq}/proof`, { args: { ...args, seq: 2 }, status: 200 });
    await call('auditor', 'get', `${prefix}/events/{seq}/proof`, { args: { ...args, seq: 2 }, query: { size: 1 }, status: 422 });
    await call('auditor', 'get', `${prefix}/consistency`, { args, query: { from: 1 }, status: 200 });
  }
  await call('guest', 'get', `${V}/keys`, { status: 200 });

  // Every other read: an auditor may, or an administrator.
  const readers = { [`${V}/users`]: 'admin' };
  for (const { method, path, list } of routes.filter((route) => route.method === 'get')) {
    for (const end of ['', ...(list ? ['.csv', '.ndjson', '.xlsx'] : [])]) {
      if (seen.has(`${method} ${path}${end}`)) continue;
      await call(readers[path] ?? 'auditor', method, path + end, { args: N95, status: 200 });
    }
  }
  const left = routes.map(({ method, path }) => `${method} ${path}`).filter((name) => !seen.has(name));
  assert.deepEqual(left, [], 'every route was asked');
});
