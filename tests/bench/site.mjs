// site.mjs - a service with stock in its stores, under load.
//
//   const site = await startSite(cluster, { stores: 100 });   XT, and S2 … S100 beside it, each well stocked
//     site.world, site.token, site.stores
//     await site.load('slips', { clients, seconds, rate, service }, targets)   load.c → { rate, p50, p99, … };
//                                        of batches, rate counts slips
//     await site.another()               a fresh process on the same database
//     await site.stop()
//   slipsPath, ledgersPath, entriesPath(store, item)
import { join } from 'node:path';
import { newKey } from '../lib/client.mjs';
import { publicFile, root } from '../lib/process.mjs';
import { startWorld } from '../lib/world.mjs';
import { ITEMS, SECONDS, execute } from './measure.mjs';

const SETTINGS = { log_level: 'warn' };
let program;

const addStores = (db, count) => db.sql(`
  INSERT INTO store (code, place_id, name_zh, name_en)
    SELECT 'S' || n, place_id, 'S' || n, 'S' || n FROM generate_series(2, ${count}) AS n, place WHERE code = 'xita';
  INSERT INTO store_head (store_id) SELECT store_id FROM store WHERE code LIKE 'S%';
  INSERT INTO ledger (store_id, item_id) SELECT store_id, item_id FROM store, item WHERE store.code LIKE 'S%' AND standing`);

class Site {
  constructor(world, stores) {
    this.world = world;
    this.stores = ['XT', ...Array.from({ length: stores - 1 }, (_, i) => `S${i + 2}`)];
  }

  // Enough of everything, and a token to take it with.
  async stock() {
    const keeper = await this.world.client('keeper');
    const slip = { kind: 'in', reason: 'opening', lines: ITEMS.map((item) => ({ item, quantity: 1_000_000_000 })) };
    for (const store of this.stores) {
      const answer = await keeper.post(`/api/v1/stores/${store}/slips`, slip, { key: newKey() });
      if (answer.status !== 201) throw new Error(answer.text);
    }
    this.token = await this.tokenOf('keeper');
  }

  async tokenOf(username) {
    const made = await (await this.world.client(username)).post('/api/v1/tokens', { name: 'bench' });
    if (made.status !== 201) throw new Error(made.text);
    return made.body.secret;
  }

  async load(kind, { clients, seconds = SECONDS, rate = 0, service = this.world.service, token = this.token },
    targets = this.stores) {
    program ??= publicFile(join(root, '.build/bench/load'));
    const out = JSON.parse(await execute(program, [kind, service.port, token, clients, seconds, rate, ...targets]));
    return {
      rate: out.done / out.seconds, p50: out.p50_us / 1000, p99: out.p99_us / 1000, seconds: out.seconds,
      done: out.done, bytes: out.bytes, cpu: out.cpu_us / 1e6,
    };
  }

  another() {
    return this.world.startAnother({ settings: SETTINGS });
  }

  stop() {
    return this.world.stop();
  }
}

export const ledgersPath = (store) => `/api/v1/stores/${store}/ledgers`;
export const entriesPath = (store, item) => `${ledgersPath(store)}/${item}/entries`;

export async function startSite(cluster, { stores = 1 } = {}) {
  const site = new Site(await startWorld({ cluster, settings: SETTINGS }), stores);
  if (stores > 1) await addStores(site.world.db, stores);
  await site.stock();
  return site;
}
