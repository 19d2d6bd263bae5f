// load.ts - data of a page: loaded, loaded anew when what it hangs on changes, with its problem.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { asProblem, type Problem } from '../api';

export interface Loaded<T> { data: T | null; problem: Problem | null; reload: () => void }

export function useLoad<T>(load: () => Promise<T>, on: unknown[]): Loaded<T> {
  const [state, setState] = useState<{ data: T | null; problem: Problem | null }>({ data: null, problem: null });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let current = true; // an answer that comes late, after something else was asked for, is dropped
    load().then(
      (data) => current && setState({ data, problem: null }),
      (error) => current && setState((before) => ({ data: before.data, problem: asProblem(error) })),
    );
    return () => { current = false; };
  }, [...on, turn]);
  return { ...state, reload: useCallback(() => setTurn((n) => n + 1), []) };
}

// Does it again every so many ms, as long as the page is open.
export function useEvery(wait: number, work: () => void) {
  const latest = useRef(work);
  latest.current = work;
  useEffect(() => {
    const clock = setInterval(() => latest.current(), wait);
    return () => clearInterval(clock);
  }, [wait]);
}

// All pages of a list, for lists that are short by nature (items, places, stores).
export async function everything<T>(page: (cursor?: string) => Promise<{ items: T[]; next_cursor: string | null }>) {
  const items: T[] = [];
  for (let cursor: string | undefined; ;) {
    const answer = await page(cursor);
    items.push(...answer.items);
    if (!answer.next_cursor) return items;
    cursor = answer.next_cursor;
  }
}
