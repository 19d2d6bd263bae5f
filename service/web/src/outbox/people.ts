// people.ts - whom slips name: what was used lately comes first, and whoever received for somebody
// last is taken to receive again. Pure.
import type { Schemas } from '../api';
import type { Kind, NewSlip, Slip } from './database';

type Place = Schemas['Place'];
type Named = Pick<NewSlip, 'kind' | 'reason' | 'counterparty' | 'receiver' | 'handler'>;
type Who = 'counterparty' | 'receiver' | 'handler';

// Each name once, in the order of slips (newest first); reversals repeat what was wrong.
export function recent(slips: (Named | Slip)[], kind: Kind, who: Who, most: number): string[] {
  const names = slips.filter((s) => s.kind === kind && s.reason !== 'reversal').map((s) => s[who] ?? '');
  return [...new Set(names.filter(Boolean))].slice(0, most);
}

export const lastReceiver = (slips: (Named | Slip)[], counterparty: string) =>
  slips.find((s) => s.kind === 'out' && s.counterparty === counterparty && s.receiver)?.receiver ?? '';

// "第2微网格" before "第12微网格".
const inOrder = new Intl.Collator('zh-CN', { numeric: true });

export const placesOf = (places: Place[], kinds: Place['kind'][]) =>
  places.filter((p) => kinds.includes(p.kind)).sort((a, b) => inOrder.compare(a.name_zh, b.name_zh));

// The stores that a storekeeper keeps: at the places granted, and below.
export function storesKept(stores: Schemas['Store'][], places: Place[], roles: Schemas['Role'][]) {
  const parents = new Map(places.map((p) => [p.code, p.parent]));
  const granted = new Set(roles.filter((r) => r.role === 'storekeeper').map((r) => r.place));
  const kept = (place: string | null | undefined): boolean => !!place && (granted.has(place) || kept(parents.get(place)));
  return stores.filter((s) => kept(s.place)).sort((a, b) => inOrder.compare(a.code, b.code));
}
