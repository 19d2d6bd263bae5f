// stock.ts - the ledgers of many stores, loaded once and kept fresh by the stream.
import { api, call, type Schemas } from '../api';
import { everything, useLoad } from '../parts/load';
import { useCalm, useStream } from './stream';

export type Ledger = Schemas['Ledger'];
export interface StoreLedgers { store: Schemas['Store']; ledgers: Ledger[] }

const AT_ONCE = 6; // requests under way

// Run work over all, a few at a time, in order.
export async function inTurns<T, R>(all: T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, all.length) }, async () => {
    while (next < all.length) {
      const i = next++;
      results[i] = await work(all[i]);
    }
  }));
  return results;
}

export const allStores = () => everything((cursor) => call(api.GET('/api/v1/stores', { params: { query: { cursor, limit: 200 } } })));
export const allPlaces = () => everything((cursor) => call(api.GET('/api/v1/places', { params: { query: { cursor, limit: 200 } } })));
export const ledgersOf = (store: string) => everything((cursor) =>
  call(api.GET('/api/v1/stores/{store}/ledgers', { params: { path: { store }, query: { cursor, limit: 200 } } })));

// also: called when levels changed, for what else a page shows of them.
export function useStoreLedgers(also?: () => void) {
  const loaded = useLoad<StoreLedgers[]>(async () => {
    const stores = await allStores();
    return inTurns(stores, async (store) => ({ store, ledgers: await ledgersOf(store.code) }));
  }, []);
  const soon = useCalm(() => {
    loaded.reload();
    also?.();
  });
  useStream((event) => { if (event.type === 'level' || event.type === 'reset') soon(); });
  return loaded;
}
