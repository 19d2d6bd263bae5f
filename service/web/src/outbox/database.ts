// database.ts - what the device keeps (IndexedDB): slips that were written here, until long after the
// service has them, and what it last knew of the service.
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { ProblemDocument, Schemas } from '../api';

export type Slip = Schemas['Slip'];
export type NewSlip = Schemas['NewSlip'];
export type Kind = Slip['kind'];

export type Command =
  | { does: 'post'; slip: NewSlip }
  | { does: 'reverse'; slip: Slip; note: string }; // slip: the one to undo

export interface Entry {
  id: number; // the order of writing is the order of sending
  key: string; // the idempotency key: made once, kept before the first try
  user: string; // who wrote it, and alone may send it
  store: string;
  command: Command;
  written_at: string;
  state: 'waiting' | 'posted' | 'refused';
  tries: number; // 0: it never left the device
  answered_at?: string; // by this device's clock
  slip?: Slip; // the answer, once it is posted
  problem?: ProblemDocument; // why it was refused, or why it still waits
}

interface Schema extends DBSchema {
  entries: { key: number; value: Entry; indexes: { state: Entry['state'] } };
  known: { key: string; value: { at: number; data: unknown } };
}

let opened: Promise<IDBPDatabase<Schema>> | undefined;

export function database() {
  const forget = () => { opened = undefined; };
  opened ??= openDB<Schema>('taizhang', 1, {
    upgrade(db) {
      db.createObjectStore('entries', { keyPath: 'id', autoIncrement: true }).createIndex('state', 'state');
      db.createObjectStore('known');
    },
    blocking(_now, _next, event) { // another tab has a newer version of the app
      (event.target as IDBDatabase).close();
      forget();
    },
    terminated: forget,
  }).catch((error) => {
    forget();
    throw error;
  });
  return opened;
}
