// foresee.ts - what the service will do with slips that it has not seen yet: the same rules as its own
// (first expired, first out; a slip whole or not at all) over the levels last known. Pure.
import type { Schemas } from '../api';
import type { Command, Entry } from './database';

type Ledger = Schemas['Ledger'];
export interface Lot { lot: string | null; expires: string | null; balance: number }
export type Shelves = Map<string, { lots: Lot[]; packs: Schemas['Pack'][] }>; // by item; lots in the order in which they leave

export interface Wanted { item: string; quantity: number; lot?: string | null } // base units
export interface Taken {
  lots: (Omit<Lot, 'balance'> & { quantity: number })[]; // empty when there is not enough
  available: number; // of what may leave
  expired: number; // of what may not
}

export const shelves = (ledgers: Ledger[]): Shelves => new Map(ledgers.map((l) => [l.item, {
  lots: l.lots.map(({ lot, expires, balance }) => ({ lot: lot ?? null, expires: expires ?? null, balance })),
  packs: l.packs,
}]));

export const onShelf = (at: Shelves, item: string) => (at.get(item)?.lots ?? []).reduce((n, l) => n + l.balance, 0);

export const copy = (from: Shelves): Shelves =>
  new Map([...from].map(([item, { lots, packs }]) => [item, { lots: lots.map((l) => ({ ...l })), packs }]));

// Take from the shelves; what there is not enough of is left.
export function take(at: Shelves, wanted: Wanted, date: string, scrap: boolean): Taken {
  const named = (at.get(wanted.item)?.lots ?? []).filter((l) => l.balance > 0 && (!wanted.lot || l.lot === wanted.lot));
  const expired = (l: Lot) => !scrap && l.expires !== null && l.expires < date;
  const sum = (lots: Lot[]) => lots.reduce((n, l) => n + l.balance, 0);
  const fit = named.filter((l) => !expired(l));
  const taken: Taken = { lots: [], available: sum(fit), expired: sum(named.filter(expired)) };
  if (taken.available < wanted.quantity) return taken;
  let need = wanted.quantity;
  for (const lot of fit) {
    const quantity = Math.min(need, lot.balance);
    if (quantity === 0) break;
    lot.balance -= quantity;
    need -= quantity;
    taken.lots.push({ lot: lot.lot, expires: lot.expires, quantity });
  }
  return taken;
}

function put(at: Shelves, item: string, lot: string | null, expires: string | null, quantity: number) {
  const lots = at.get(item)?.lots;
  if (!lots) return;
  const same = lots.filter((l) => l.lot === lot);
  const found = same.find((l) => l.expires === expires) ?? (lot && !expires && same.length === 1 ? same[0] : undefined);
  if (found) {
    found.balance += quantity;
    return;
  }
  const later = lots.findIndex((l) => (l.expires ?? '9') > (expires ?? '9'));
  lots.splice(later < 0 ? lots.length : later, 0, { lot, expires, balance: quantity });
}

// How many base units; NaN for a pack that is not known.
export const baseUnits = (at: Shelves, line: { item: string; quantity: number; pack?: string | null }) =>
  line.quantity * (line.pack ? at.get(line.item)?.packs.find((p) => p.name === line.pack)?.quantity ?? NaN : 1);

// The shelves after the command; as they were when it would be refused.
function after(before: Shelves, command: Command, today: string): Shelves {
  const at = copy(before);
  if (command.does === 'reverse') {
    for (const l of command.slip.lines) {
      if (command.slip.kind === 'out') {
        put(at, l.item, l.lot, l.expires, l.quantity);
        continue;
      }
      const lot = at.get(l.item)?.lots.find((x) => x.lot === l.lot && x.expires === l.expires);
      if (!lot || lot.balance < l.quantity) return before;
      lot.balance -= l.quantity;
    }
    return at;
  }
  const { slip } = command;
  for (const line of slip.lines) {
    const quantity = baseUnits(at, line);
    if (slip.kind === 'in') put(at, line.item, line.lot ?? null, line.expires ?? null, quantity);
    else if (!take(at, { ...line, quantity }, slip.business_date ?? today, slip.reason === 'scrap').lots.length) return before;
  }
  return at;
}

// What will be on the shelves once everything has arrived that those levels do not tell of yet.
export function foresee(ledgers: Ledger[], knownAt: number, entries: Entry[], today: string): Shelves {
  return entries
    .filter((e) => e.state === 'waiting' || (e.state === 'posted' && Date.parse(e.answered_at!) > knownAt))
    .reduce((at, e) => after(at, e.command, today), shelves(ledgers));
}
