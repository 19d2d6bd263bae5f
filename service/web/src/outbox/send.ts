// send.ts - sends what waits, one at a time and in order, and goes on until the service has answered
// each: on load, on coming back online or to the front, and after ever longer pauses.
import { api, asProblem, call, type Problem } from '../api';
import { user } from '../session';
import { signal } from '../signal';
import type { Entry, Slip } from './database';
import { changed, entries, forgetOld, reread, settle, takeNext } from './outbox';

const ANSWER_WITHIN = 30_000;
const PAUSES = [2, 4, 8, 15, 30, 60]; // seconds
const HOPELESS_AFTER = 5; // tries that the service itself failed at

export const sending = signal(false);

let failures = 0; // in a row
let timer: ReturnType<typeof setTimeout> | undefined;
let running = false;
let again = false;

// Not an answer about the slip: it may have been posted, so it waits, and the same key will tell.
function unanswered(problem: Problem, entry: Entry) {
  const { status, code } = problem.document;
  if (code === 'internal') return entry.tries < HOPELESS_AFTER;
  return !code || code === 'no_reception' || status === 401 || status === 408 || status === 429 || status >= 500;
}

async function post(entry: Entry): Promise<{ slip?: Slip; problem?: Problem; retryAfter: number }> {
  const { command, store, key } = entry;
  const abort = new AbortController();
  const clock = setTimeout(() => abort.abort(), ANSWER_WITHIN);
  const header = { 'Idempotency-Key': key };
  const asked = command.does === 'post'
    ? api.POST('/api/v1/stores/{store}/slips', { params: { path: { store }, header }, body: command.slip, signal: abort.signal })
    : api.POST('/api/v1/stores/{store}/slips/{number}/reversal', {
      params: { path: { store, number: command.slip.number }, header }, body: { note: command.note }, signal: abort.signal,
    });
  let retryAfter = 0;
  try {
    asked.then(({ response }) => { retryAfter = Number(response.headers.get('Retry-After')) || 0; }, () => {});
    const slip = await call(asked as Promise<{ data?: Slip; error?: unknown; response: Response }>);
    if (slip?.number) return { slip, retryAfter };
    return { problem: asProblem(null), retryAfter }; // somebody else answered, such as a hotel's sign-in page
  } catch (error) {
    return { problem: asProblem(error), retryAfter };
  } finally {
    clearTimeout(clock);
  }
}

// → seconds after which to try again; 0: nothing is left that could be sent now.
async function sendAll(): Promise<number> {
  for (;;) {
    if (navigator.onLine === false) return 0; // 'online' will come
    const entry = await takeNext();
    if (!entry) return 0;
    sending.set(true);
    await changed();
    const { slip, problem, retryAfter } = await post(entry);
    if (slip) {
      await settle(entry, { state: 'posted', slip, problem: undefined });
    } else if (unanswered(problem!, entry)) {
      await settle(entry, { state: 'waiting', problem: problem!.document });
      if (problem!.document.status === 401) return 0; // signing in will start it
      const pause = PAUSES[Math.min(failures++, PAUSES.length - 1)];
      return Math.max(retryAfter, pause * (0.5 + Math.random() / 2));
    } else {
      await settle(entry, { state: 'refused', problem: problem!.document });
    }
    failures = 0;
  }
}

// Tabs take turns. Where there are no locks they may send the same slip at once: its key keeps that
// harmless, and each tab by itself sends in order.
const alone = <T>(work: () => Promise<T>): Promise<T> =>
  (navigator.locks ? navigator.locks.request('outbox', work) as Promise<T> : work());

export async function flush() {
  clearTimeout(timer);
  again = true;
  if (running) return;
  running = true;
  try {
    let pause = 0;
    while (again) {
      again = false;
      pause = await alone(sendAll);
    }
    if (pause) timer = setTimeout(flush, pause * 1000);
  } catch { // the device's own storage fails: later, perhaps
    timer = setTimeout(flush, PAUSES[PAUSES.length - 1] * 1000);
  } finally {
    running = false;
    sending.set(false);
  }
}

export function start() {
  const wake = () => {
    failures = 0;
    void flush();
  };
  addEventListener('online', wake);
  addEventListener('pageshow', wake);
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && wake());
  user.follow(wake);
  void forgetOld().then(reread).then(() => entries.get().length && wake(), () => {});
}
