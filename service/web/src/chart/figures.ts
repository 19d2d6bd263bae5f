// figures.ts - a ledger's recent past by day: balance at the end of it, and what went in and out.
import { api, call, type Schemas } from '../api';

export interface Day { date: string; in: number; out: number; balance: number }

const DAY = 86_400_000;
const MOST = 5_000; // entries that a chart may take

const iso = (at: number) => new Date(at).toISOString().slice(0, 10);

// The days from the first to the last, those without entries too.
export function byDay(entries: Pick<Schemas['Entry'], 'business_date' | 'quantity_in' | 'quantity_out'>[], from: string, to: string, opening: number): Day[] {
  const sums = new Map<string, { in: number; out: number }>();
  for (const e of entries) {
    const sum = sums.get(e.business_date) ?? { in: 0, out: 0 };
    sums.set(e.business_date, { in: sum.in + e.quantity_in, out: sum.out + e.quantity_out });
  }
  const days: Day[] = [];
  let balance = opening;
  for (let at = Date.parse(from); at <= Date.parse(to); at += DAY) {
    const sum = sums.get(iso(at)) ?? { in: 0, out: 0 };
    balance += sum.in - sum.out;
    days.push({ date: iso(at), ...sum, balance });
  }
  return days;
}

export async function loadDays(store: string, item: string, today: string, span: number): Promise<Day[]> {
  const from = iso(Date.parse(today) - (span - 1) * DAY);
  const entries: Schemas['Entry'][] = [];
  let opening = 0;
  for (let cursor: string | undefined; entries.length < MOST;) {
    const page = await call(api.GET('/api/v1/stores/{store}/ledgers/{item}/entries', {
      params: { path: { store, item }, query: { from, limit: 200, order: 'asc', cursor } } }));
    if (page.opening_balance !== undefined) opening = page.opening_balance;
    entries.push(...page.items);
    if (!page.next_cursor) break;
    cursor = page.next_cursor;
  }
  return byDay(entries, from, today, opening);
}
