// outbox.ts - the slips written on this device. Each lies in the database, with its key, before
// anything is sent; what becomes of it is written there before anybody is told.
import { Problem } from '../api';
import { current, user } from '../session';
import { signal, useSignal } from '../signal';
import { database, type Command, type Entry } from './database';

const KEEP_DAYS = 3; // how long what was posted stays to be seen

// Everything on the device, in order; of all users.
export const entries = signal<Entry[]>([]);
const otherTabs = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('outbox');

export async function reread() {
  entries.set(await (await database()).getAll('entries'));
}

// Something changed: tell this tab's pages, and the other tabs.
export async function changed() {
  await reread();
  otherTabs?.postMessage('changed');
}

otherTabs?.addEventListener('message', () => void reread());

// Own entries of a store, or of all.
export function useOutbox(store?: string): Entry[] {
  const all = useSignal(entries);
  const me = useSignal(user)?.username;
  return all.filter((e) => e.user === me && (!store || e.store === store));
}

// crypto.randomUUID() is missing where the page came over plain HTTP.
const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');

const cannotKeep = () => new Problem({
  status: 0, code: 'cannot_keep',
  detail: '本机无法保存，单据没有提交。请检查浏览器的存储空间和隐私设置后重试。',
  detail_en: 'This device cannot store the slip, so it was not submitted. Check the browser\'s storage and privacy settings, then try again.',
});

// Wherever what is kept changes, it must be on the disk, not only on its way there.
async function write<T>(work: (store: {
  get(id: number): Promise<Entry | undefined>; put(entry: Entry): Promise<number>; delete(id: number): Promise<void>;
  add(entry: Omit<Entry, 'id'>): Promise<number>; waiting(): Promise<Entry[]>; all(): Promise<Entry[]>;
}) => Promise<T>): Promise<T> {
  const tx = (await database()).transaction('entries', 'readwrite', { durability: 'strict' });
  const result = await work({
    get: (id) => tx.store.get(id), put: (e) => tx.store.put(e), delete: (id) => tx.store.delete(id),
    add: (e) => tx.store.add(e as Entry), waiting: () => tx.store.index('state').getAll('waiting'), all: () => tx.store.getAll(),
  });
  await tx.done;
  return result;
}

// → its id. The caller may tell the user that it is safe.
export async function add(store: string, command: Command): Promise<number> {
  let id;
  try {
    id = await write((db) => db.add({
      key: newKey(), user: user.get()!.username, store, command, written_at: new Date().toISOString(), state: 'waiting', tries: 0,
    }));
  } catch {
    throw cannotKeep();
  }
  void navigator.storage?.persist?.();
  await changed();
  return id;
}

// What the service has not seen, or has refused, is still the writer's to change.
export const mayChange = (entry: Entry) => entry.state === 'refused' || (entry.state === 'waiting' && entry.tries === 0);

// Write it anew, in its old place; false: it was sent meanwhile.
export async function correct(id: number, command: Command): Promise<boolean> {
  const done = await write(async (db) => {
    const entry = await db.get(id);
    if (!entry || !mayChange(entry)) return false;
    await db.put({ ...entry, key: newKey(), command, state: 'waiting', tries: 0, problem: undefined, answered_at: undefined });
    return true;
  });
  await changed();
  return done;
}

export async function drop(id: number): Promise<boolean> {
  const done = await write(async (db) => {
    const entry = await db.get(id);
    if (!entry || !mayChange(entry)) return false;
    await db.delete(id);
    return true;
  });
  await changed();
  return done;
}

// --- For send.ts ---

// The next one of this user to be sent, marked as tried; null: there is none.
export function takeNext(): Promise<Entry | null> {
  return write(async (db) => {
    const me = current()?.username; // as of now, whichever tab somebody signed in at
    const next = (await db.waiting()).find((e) => e.user === me);
    if (!next) return null;
    next.tries++;
    await db.put(next);
    return next;
  });
}

// What came of it.
export async function settle(sent: Entry, outcome: Pick<Entry, 'state' | 'slip' | 'problem'>) {
  await write(async (db) => {
    const entry = await db.get(sent.id);
    if (entry?.key === sent.key && entry.state === 'waiting')
      await db.put({ ...entry, ...outcome, answered_at: outcome.state === 'waiting' ? undefined : new Date().toISOString() });
  });
  await changed();
}

export function forgetOld() {
  const before = new Date(Date.now() - KEEP_DAYS * 86_400_000).toISOString();
  return write(async (db) => {
    for (const e of await db.all()) if (e.state === 'posted' && e.answered_at! < before) await db.delete(e.id);
  });
}
