// levels.ts - the stores that somebody keeps and what is in them, also without reception.
import { api, call, type Schemas } from '../api';
import { nameOf, pick } from '../i18n';
import { everything } from '../parts/load';
import { user } from '../session';
import { signal, useSignal } from '../signal';
import { dayAt, offsetOf } from './day';
import { foresee } from './foresee';
import { useKnown } from './known';
import { recall, remember } from './memory';
import { useOutbox } from './outbox';
import { storesKept } from './people';

const SELDOM = 600_000; // how long master data are good enough

const page = (cursor?: string) => ({ params: { query: { limit: 200, cursor } } });

export const usePlaces = () =>
  useKnown('places', () => everything((c) => call(api.GET('/api/v1/places', page(c)))), [], SELDOM);

export const useItems = () =>
  useKnown('items', () => everything((c) => call(api.GET('/api/v1/items', page(c)))), [], SELDOM);

// What to call an item, and its unit; its code, while the items are not known.
export function namesOf(items: Schemas['Item'][] | null) {
  const by = new Map((items ?? []).map((i) => [i.code, i]));
  return (code: string) => {
    const item = by.get(code);
    return item ? { name: nameOf(item), unit: pick(item.unit, item.unit_en), name_zh: item.name_zh, unit_zh: item.unit }
      : { name: code, unit: '', name_zh: code, unit_zh: '' };
  };
}

export const useNames = () => namesOf(useItems().data);

const chosen = signal(''); // '': as remembered

export function chooseStore(code: string) {
  remember('store', code);
  chosen.set(code);
}

// The stores kept, and the one at hand; null: not known (yet, or ever without reception).
export function useStores() {
  const stores = useKnown('stores', () => everything((c) => call(api.GET('/api/v1/stores', page(c)))), [], SELDOM);
  const places = usePlaces();
  useItems(); // so that they have names when reception is gone
  const want = useSignal(chosen) || recall('store', '');
  const me = useSignal(user);
  const list = stores.data && places.data && me ? storesKept(stores.data, places.data, me.roles) : null;
  const at = list?.find((s) => s.code === want) ?? list?.[0] ?? null;
  return {
    list, at,
    all: stores.data, // also those that somebody else keeps
    problem: stores.problem ?? places.problem,
    today: dayAt(Date.now(), offsetOf(at?.opened_at)),
    reload() {
      stores.reload();
      places.reload();
    },
  };
}

export type Ledger = Schemas['Ledger'];

export function levelOf(ledger: Ledger, onHand: number): Ledger['status'] {
  return onHand <= 0 ? 'out' : onHand < (ledger.minimum ?? 0) ? 'low' : 'ok';
}

// The store's ledgers as last known, with what will be on the shelves once everything has arrived;
// except: an entry that is being written anew.
export function useLevels(store: string | undefined, today: string, except?: number) {
  const mine = useOutbox(store);
  const answered = mine.reduce((latest, e) => (e.answered_at && e.answered_at > latest ? e.answered_at : latest), '');
  const known = useKnown(store ? `levels/${store}` : '', async () =>
    (await call(api.GET('/api/v1/stores/{store}/ledgers', { params: { path: { store: store! }, query: { limit: 200 } } }))).items,
  [answered]);
  return { ...known, shelves: known.data ? foresee(known.data, known.at, mine.filter((e) => e.id !== except), today) : null };
}
