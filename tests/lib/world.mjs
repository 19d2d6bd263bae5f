// world.mjs - a small world to test in, made by SQL in a moment:
//
//   gujiao (district) ─ malan (street) ┬ xita (community): store XT ─ grid-12, testing-group
//                                      └ beita (community): store BT
//   wanbolin (district) ─ heping (street) ─ hepi (community): store HP
//
//   user         role         at            user          role         at
//   keeper       storekeeper  xita          admin         admin        gujiao
//   coordinator  coordinator  malan         stranger      all four     wanbolin
//   auditor      auditor      gujiao        guest         none
//
//   const world = await startWorld({ settings });    database, service, and the above
//     world.db, world.service, world.url
//     await world.client('keeper')                   a signed-in Client (one sign-in a user, kept)
//     await world.startAnother()                     another process on the same database
//     await world.stop()                             closes the clients, stops the service
//   await startWorld({ seeded: true })               that of taizhang seed instead: users named for their roles
//   const db = await createDatabase(); await populate(db);   the same without a service
//   await addPlace(db, { code, parent, kind }); await addStore(db, code, place);
//   await addUser(db, username, [[role, place], …]);
//
// Everybody's password is PASSWORD.
import { randomBytes, scryptSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from './client.mjs';
import { createDatabase } from './cluster.mjs';
import { tempDir } from './process.mjs';
import { cli, startService } from './service.mjs';

export const PASSWORD = '台账-correct-horse';

const quote = (text) => `'${text.replaceAll("'", "''")}'`;

// As password.h says, at the lowest cost.
function passwordHash(password) {
  const salt = randomBytes(16);
  const hash = scryptSync(password, salt, 32, { N: 2 ** 4, r: 8, p: 1 });
  return `scrypt:4:8:1:${salt.toString('base64')}:${hash.toString('base64')}`;
}

const passwordHashed = passwordHash(PASSWORD);

const placeId = (code) => `(SELECT place_id FROM place WHERE code = ${quote(code)})`;

function placeSql({ code, parent, kind }) {
  return `INSERT INTO place (code, parent_id, kind, name_zh, name_en)
    VALUES (${quote(code)}, ${parent ? placeId(parent) : 'NULL'}, '${kind}', ${quote(code)}, ${quote(code)});`;
}

function storeSql(code, place) {
  return `
    INSERT INTO store (code, place_id, name_zh, name_en)
      VALUES (${quote(code)}, ${placeId(place)}, ${quote(`${code}库`)}, ${quote(`Store ${code}`)});
    INSERT INTO store_head (store_id) SELECT store_id FROM store WHERE code = ${quote(code)};
    INSERT INTO ledger (store_id, item_id)
      SELECT store_id, item_id FROM store, item WHERE store.code = ${quote(code)} AND standing;`;
}

function userSql(username, grants) {
  return `
    INSERT INTO app_user (username, display_name, password_hash)
      VALUES (${quote(username)}, ${quote(`${username} 用户`)}, ${quote(passwordHashed)});
    ${grants.map(([role, place]) => `
    INSERT INTO user_grant (user_id, role, place_id)
      SELECT user_id, '${role}', ${placeId(place)} FROM app_user WHERE username = ${quote(username)};`).join('')}`;
}

export const addPlace = (db, place) => db.sql(placeSql(place));
export const addStore = (db, code, place) => db.sql(storeSql(code, place));
export const addUser = (db, username, grants = []) => db.sql(userSql(username, grants));

const PLACES = [
  { code: 'gujiao', kind: 'district' },
  { code: 'malan', parent: 'gujiao', kind: 'street' },
  { code: 'xita', parent: 'malan', kind: 'community' },
  { code: 'beita', parent: 'malan', kind: 'community' },
  { code: 'grid-12', parent: 'xita', kind: 'grid' },
  { code: 'testing-group', parent: 'xita', kind: 'group' },
  { code: 'wanbolin', kind: 'district' },
  { code: 'heping', parent: 'wanbolin', kind: 'street' },
  { code: 'hepi', parent: 'heping', kind: 'community' },
];
const STORES = { XT: 'xita', BT: 'beita', HP: 'hepi' };
const USERS = {
  keeper: [['storekeeper', 'xita']],
  coordinator: [['coordinator', 'malan']],
  auditor: [['auditor', 'gujiao']],
  admin: [['admin', 'gujiao']],
  stranger: ['storekeeper', 'coordinator', 'auditor', 'admin'].map((role) => [role, 'wanbolin']),
  guest: [],
};

export function populate(db) {
  return db.sql([
    'BEGIN;',
    ...PLACES.map(placeSql),
    ...Object.entries(STORES).map(([code, place]) => storeSql(code, place)),
    ...Object.entries(USERS).map(([name, grants]) => userSql(name, grants)),
    'COMMIT;',
  ].join('\n'));
}

class World {
  #clients = new Map();

  constructor(db, service) {
    this.db = db;
    this.service = service;
  }

  get url() {
    return this.service.url;
  }

  client(username) {
    if (!this.#clients.has(username)) {
      const client = new Client(this.url);
      this.#clients.set(username, client.signIn(username, PASSWORD).then(() => client));
    }
    return this.#clients.get(username);
  }

  // Another process of the service on the same database.
  startAnother(options) {
    return startService({ ...options, database: this.db });
  }

  async stop() {
    for (const client of await Promise.allSettled(this.#clients.values())) client.value?.close();
    await this.service.stop();
  }
}

const SEEDED = ['storekeeper', 'coordinator', 'auditor', 'admin'];

async function seed(db) {
  const passwords = join(tempDir(), 'seed.json');
  writeFileSync(passwords, JSON.stringify(Object.fromEntries(SEEDED.map((name) => [name, PASSWORD]))));
  const { code, stderr } = await cli(['seed', '--passwords', passwords], { database: db });
  if (code !== 0) throw new Error(`taizhang seed: ${stderr}`);
}

export async function startWorld({ cluster, seeded, ...options } = {}) {
  const db = await (cluster ? cluster.createDatabase() : createDatabase());
  await (seeded ? seed(db) : populate(db));
  return new World(db, await startService({ ...options, database: db }));
}
