// ledger-book.ts - a ledger as the paper one has it: months, each with what was brought forward, its
// entries, its total and the total so far. Pure.
import type { Schemas } from './api';

export type Entry = Schemas['Entry'];
export interface Row { entry: Entry; balance: number }
export interface Month { month: string; broughtForward: number; rows: Row[]; in: number; out: number; inSoFar: number; outSoFar: number }

// Entries in any order → months in order of business date, within a day in order of posting.
export function book(entries: Entry[], opening: number): Month[] {
  const months: Month[] = [];
  let balance = opening;
  let inSoFar = 0;
  let outSoFar = 0;
  const sorted = [...entries].sort((a, b) => (a.business_date < b.business_date ? -1 : a.business_date > b.business_date ? 1 : a.seq - b.seq));
  for (const entry of sorted) {
    const name = entry.business_date.slice(0, 7);
    let month = months[months.length - 1];
    if (month?.month !== name) {
      month = { month: name, broughtForward: balance, rows: [], in: 0, out: 0, inSoFar, outSoFar };
      months.push(month);
    }
    balance += entry.quantity_in - entry.quantity_out;
    inSoFar += entry.quantity_in;
    outSoFar += entry.quantity_out;
    month.rows.push({ entry, balance });
    month.in += entry.quantity_in;
    month.out += entry.quantity_out;
    month.inSoFar = inSoFar;
    month.outSoFar = outSoFar;
  }
  return months;
}
