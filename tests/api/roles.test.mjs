// Each role against each route: 401 for nobody, 404 where the place is not theirs to know of, 403 where
// the role is missing, and none of these where it is held.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, newKey } from '../lib/client.mjs';
import { root } from '../lib/process.mjs';
import { addUser, startWorld } from '../lib/world.mjs';

const ROLES = { SK: 'storekeeper', CO: 'coordinator', AU: 'auditor', AD: 'admin' };
const ANY = ['SK', 'CO', 'AU', 'AD'];

// The bodies are wrong on purpose, so that a request that is let through changes nothing; with: what
// it is answered then. Every route of routes.c has to be here.
const MATRIX = [
  ['GET', '/api/v1/alert-rules', 'granted', ['SK', 'CO', 'AU'], 200],
  ['GET', '/api/v1/alert-sweep', 'granted', ANY, 200],
  ['GET', '/api/v1/alerts', 'granted', ['SK', 'CO', 'AU'], 200],
  ['POST', '/api/v1/alerts/{id}/acknowledge', 'granted', ['CO'], 422, { id: '999999' }],
  ['POST', '/api/v1/alerts/{id}/snooze', 'granted', ['CO'], 422, { id: '999999' }],
  ['GET', '/api/v1/channels', 'granted', ANY, 200],
  ['POST', '/api/v1/channels', 'granted', ANY, 422],
  ['PATCH', '/api/v1/channels/{id}', 'granted', ANY, 422, { id: '999999' }],
  ['DELETE', '/api/v1/channels/{id}', 'granted', ANY, 404, { id: '999999' }],
  ['GET', '/api/v1/channels/{id}/deliveries', 'granted', ANY, 404, { id: '999999' }],
  ['POST', '/api/v1/channels/{id}/test', 'granted', ANY, 404, { id: '999999' }],
  ['GET', '/api/v1/checkpoint', 'root', ['AU'], 404],
  ['POST', '/api/v1/checkpoint', 'root', ['AU'], [200, 201]],
  ['GET', '/api/v1/consistency', 'root', ['AU'], 422],
  ['GET', '/api/v1/deliveries', 'granted', ANY, 200],
  ['POST', '/api/v1/deliveries/{id}/retry', 'granted', ANY, 404, { id: '999999' }],
  ['GET', '/api/v1/events/{seq}/proof', 'root', ['AU'], 200, { seq: '1' }],
  ['GET', '/api/v1/keys', 'public', [], 200],
  ['GET', '/api/v1/stores/{store}/checkpoint', 'store', ['SK', 'CO', 'AU'], 404],
  ['POST', '/api/v1/stores/{store}/checkpoint', 'store', ['AU'], [200, 201]],
  ['GET', '/api/v1/stores/{store}/compliance', 'store', ['AU'], 200],
  ['GET', '/api/v1/stores/{store}/consistency', 'store', ['SK', 'CO', 'AU'], 422],
  ['GET', '/api/v1/stores/{store}/events/{seq}/proof', 'store', ['SK', 'CO', 'AU'], 200, { seq: '1' }],
  ['GET', '/api/v1/stores/{store}/evidence', 'store', ['AU'], 200],
  ['GET', '/api/v1/subscriptions', 'granted', ANY, 200],
  ['POST', '/api/v1/subscriptions', 'granted', ANY, 422],
  ['DELETE', '/api/v1/subscriptions/{id}', 'granted', ANY, 404, { id: '999999' }],
  ['GET', '/api/v1/events', 'root', ['AU'], 200],
  ['GET', '/api/v1/items', 'granted', ANY, 200],
  ['POST', '/api/v1/items', 'root', ['AD'], 422],
  ['PATCH', '/api/v1/items/{item}', 'root', ['AD'], 422],
  ['GET', '/api/v1/openapi.json', 'public', [], 200],
  ['GET', '/api/v1/places', 'granted', ANY, 200],
  ['POST', '/api/v1/places', 'granted', ['AD'], 422],
  ['PATCH', '/api/v1/places/{place}', 'place', ['AD'], 422],
  ['PUT', '/api/v1/places/{place}/alert-rules/{cause}', 'place', ['CO'], 422, { cause: 'expired' }],
  ['DELETE', '/api/v1/places/{place}/alert-rules/{cause}', 'place', ['CO'], 404, { cause: 'expired' }],
  ['PUT', '/api/v1/places/{place}/readiness', 'place', ['CO'], 422],
  ['POST', '/api/v1/session', 'public', [], 422],
  ['GET', '/api/v1/session', 'self', [], 200],
  ['DELETE', '/api/v1/session', 'self', [], 204],
  ['PUT', '/api/v1/session/password', 'self', [], 422],
  ['GET', '/api/v1/stock', 'granted', ['SK', 'CO', 'AU'], 200],
  ['GET', '/api/v1/stores', 'granted', ANY, 200],
  ['POST', '/api/v1/stores', 'granted', ['AD'], 422],
  ['PATCH', '/api/v1/stores/{store}', 'store', ['AD'], 422],
  ['GET', '/api/v1/stores/{store}/events', 'store', ['AU'], 200],
  ['GET', '/api/v1/stores/{store}/ledgers', 'store', ['SK', 'CO', 'AU'], 200],
  ['GET', '/api/v1/stores/{store}/ledgers/{item}', 'store', ['SK', 'CO', 'AU'], 200],
  ['GET', '/api/v1/stores/{store}/ledgers/{item}/entries', 'store', ['SK', 'CO', 'AU'], 200],
  ['PUT', '/api/v1/stores/{store}/ledgers/{item}/thresholds', 'store', ['CO'], 422],
  ['GET', '/api/v1/stores/{store}/slips', 'store', ['SK', 'CO', 'AU'], 200],
  ['POST', '/api/v1/stores/{store}/slips', 'store', ['SK'], 422],
  ['POST', '/api/v1/stores/{store}/slips/batch', 'store', ['SK'], 422],
  ['GET', '/api/v1/stores/{store}/slips/{number}', 'store', ['SK', 'CO', 'AU'], 200],
  ['POST', '/api/v1/stores/{store}/slips/{number}/reversal', 'store', ['SK'], 422],
  ['GET', '/api/v1/stream', 'granted', ['SK', 'CO', 'AU'], 422, { query: '?colour=red' }], // or it would not end
  ['GET', '/api/v1/tokens', 'self', [], 200],
  ['POST', '/api/v1/tokens', 'self', [], 422],
  ['DELETE', '/api/v1/tokens/{id}', 'self', [], 404, { id: '999999' }],
  ['GET', '/api/v1/users', 'granted', ['AD'], 200],
  ['POST', '/api/v1/users', 'granted', ['AD'], 422],
  ['PATCH', '/api/v1/users/{username}', 'granted', ['AD'], 422],
  ['POST', '/api/v1/users/{username}/grants', 'granted', ['AD'], 422],
  ['DELETE', '/api/v1/users/{username}/grants/{role}/{place}', 'granted', ['AD'], 404],
  ['GET', '/healthz', 'public', [], 200],
  ['GET', '/metrics', 'public', [], 200],
  ['GET', '/readyz', 'public', [], 200],
];

// Who holds what: at xita (where XT is), at a root, or only somewhere else.
const USERS = {
  ...Object.fromEntries(ANY.flatMap((r) => [
    [`${ROLES[r]} here`, { roles: [r], place: 'xita' }],
    [`${ROLES[r]} above`, { roles: [r], place: 'gujiao', root: true }],
  ])),
  'all elsewhere': { roles: ANY, place: 'wanbolin', root: true, elsewhere: true },
  'all beside': { roles: ANY, place: 'beita', elsewhere: true },
  'nothing anywhere': { roles: [], elsewhere: true },
};
const named = (user) => user.replaceAll(' ', '-');

let world;
let number; // of a slip in XT

before(async () => {
  world = await startWorld();
  for (const [user, { roles, place }] of Object.entries(USERS))
    await addUser(world.db, named(user), roles.map((r) => [ROLES[r], place]));
  const keeper = await world.client('keeper');
  const slip = await keeper.post('/api/v1/stores/XT/slips',
    { kind: 'in', reason: 'purchase', lines: [{ item: 'n95', quantity: 1 }] }, { key: newKey() });
  assert.equal(slip.status, 201, slip.text);
  number = slip.body.number;
});
after(() => world.stop());

const fill = (path, { query = '', ...values } = {}) => path.replace(/\{(\w+)\}/g, (_, name) => ({
  store: 'XT', place: 'xita', item: 'n95', number, username: 'nobody', role: 'auditor', ...values,
})[name]) + query;

const ask = (client, method, path) => client.request(method, path,
  { body: ['GET', 'DELETE'].includes(method) ? undefined : { nonsense: true }, key: newKey() });

function expected({ roles, root: atRoot, elsewhere }, scope, needed, allowed) {
  const holds = needed.some((role) => roles.includes(role));
  switch (scope) {
    case 'public': case 'self': return allowed;
    case 'granted': return holds ? allowed : 403;
    case 'root': return holds && atRoot ? allowed : 403;
    default: // a store or place
      if (elsewhere) return 404;
      return holds ? allowed : 403;
  }
}

test('the matrix holds every route of the table', () => {
  const source = readFileSync(join(root, 'service/routes.c'), 'utf8');
  const table = source.slice(source.indexOf('route_table[] = {'), source.indexOf('const int route_count'));
  const routes = [...table.matchAll(/(?:PROGRAMMED\("(\w+)",\s*|READ\()"([^"]+)"/g)]
    .map(([, method = 'GET', path]) => `${method} ${path}`);
  assert.ok(routes.length > 30);
  assert.deepEqual(MATRIX.map(([method, path]) => `${method} ${path}`).sort(), routes.sort());
});

for (const [method, path, scope, needed, allowed, values] of MATRIX) {
  test(`${method} ${path}: ${scope}${needed.length ? `, ${needed.map((r) => ROLES[r]).join(', ')}` : ''}`, async () => {
    const nobody = new Client(world.url);
    const answer = await ask(nobody, method, fill(path, values));
    assert.equal(answer.status, scope === 'public' ? allowed : 401, answer.text);
    nobody.close();
    if (path === '/api/v1/session' && method === 'DELETE') return; // would end the sessions used here
    for (const [user, held] of Object.entries(USERS)) {
      const { status, text } = await ask(await world.client(named(user)), method, fill(path, values));
      const right = [expected(held, scope, needed, allowed)].flat(); // a checkpoint may be there already
      assert.ok(right.includes(status), `${user}: ${status}, not ${right}: ${text}`);
    }
  });
}

test('what is not theirs and what is not there are answered alike', async () => {
  const keeper = await world.client('keeper');
  const plain = ({ body: { instance, ...body }, status }) => ({ status, body });
  for (const [one, two] of [
    ['/api/v1/stores/HP/slips', '/api/v1/stores/ZZ/slips'],
    ['/api/v1/stores/BT/ledgers', '/api/v1/stores/no-code/ledgers'],
  ]) {
    const [theirs, nowhere] = [await keeper.get(one), await keeper.get(two)];
    assert.equal(theirs.status, 404);
    assert.deepEqual(plain(theirs), plain(nowhere));
  }
  const change = (place) => keeper.put(`/api/v1/places/${place}/readiness`, { readiness: 'normal', reason: 'x' });
  assert.deepEqual(plain(await change('hepi')), plain(await change('nowhere')));
});

test('a grant holds for what lies below, not beside or above', async () => {
  const coordinator = await world.client('coordinator'); // of malan
  for (const [store, status] of [['XT', 200], ['BT', 200], ['HP', 404]])
    assert.equal((await coordinator.get(`/api/v1/stores/${store}/ledgers`)).status, status, store);
  for (const [place, status] of [['gujiao', 404], ['malan', 422], ['xita', 422], ['grid-12', 422], ['heping', 404]])
    assert.equal((await coordinator.put(`/api/v1/places/${place}/readiness`, {})).status, status, place);
});

test('lists hold what lies at the places granted, and nothing else', async () => {
  for (const [user, stores] of [['keeper', ['XT']], ['coordinator', ['BT', 'XT']], ['auditor', ['BT', 'XT']],
    ['stranger', ['HP']]]) {
    const client = await world.client(user);
    const answer = await client.get('/api/v1/stores');
    assert.deepEqual(answer.body.items.map((s) => s.code).sort(), stores, user);
  }
});

test('roles at several places are each good for their own', async () => {
  await addUser(world.db, 'two-hats', [['storekeeper', 'xita'], ['auditor', 'beita']]);
  const client = await world.client('two-hats');
  const post = (store) => client.post(`/api/v1/stores/${store}/slips`, {}, { key: newKey() });
  assert.equal((await post('XT')).status, 422);
  assert.equal((await post('BT')).status, 403);
  assert.equal((await post('HP')).status, 404);
  assert.equal((await client.get('/api/v1/stores/BT/events')).status, 200);
  assert.equal((await client.get('/api/v1/stores/XT/events')).status, 403);
});
