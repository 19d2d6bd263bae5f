// paging.tsx - a long list, a page at a time.
import { useEffect, useRef, useState } from 'preact/hooks';
import { asProblem, type Problem } from '../api';
import { words } from '../i18n';
import { Loading, Notice } from './notice';

const t = words({});

export interface Page<T> { items: T[]; next_cursor: string | null }

// The rows so far, and what stands below them: a button for more, or what went wrong.
export function usePages<T>(load: (cursor?: string) => Promise<Page<T>>, on: unknown[]) {
  const [items, setItems] = useState<T[] | null>(null);
  const [cursor, setCursor] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(true);
  const turn = useRef(0); // an answer that comes late, after something else was asked for, is dropped
  async function next(before: T[], from?: string) {
    const mine = ++turn.current;
    setBusy(true);
    try {
      const page = await load(from);
      if (mine !== turn.current) return;
      setItems([...before, ...page.items]);
      setCursor(page.next_cursor);
      setProblem(null);
    } catch (error) {
      if (mine !== turn.current) return;
      setProblem(asProblem(error));
    }
    setBusy(false);
  }
  useEffect(() => {
    setItems(null);
    void next([]);
    return () => { turn.current++; };
  }, on);
  const below = (
    <>
      {problem && <Notice problem={problem} retry={() => void next(items ?? [], cursor ?? undefined)} />}
      {busy && !items && <Loading />}
      {cursor && items && <button type="button" class="wide secondary no-print" aria-busy={busy} disabled={busy} onClick={() => void next(items, cursor)}>{t('more')}</button>}
    </>
  );
  return { items, below };
}
