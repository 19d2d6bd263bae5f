// paging.tsx - a long list, a page at a time.
import { useEffect, useState } from 'preact/hooks';
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
  async function next(current: () => boolean, before: T[], from?: string) {
    setBusy(true);
    try {
      const page = await load(from);
      if (!current()) return;
      setItems([...before, ...page.items]);
      setCursor(page.next_cursor);
      setProblem(null);
    } catch (error) {
      if (current()) setProblem(asProblem(error));
    }
    setBusy(false);
  }
  useEffect(() => {
    let mine = true;
    setItems(null);
    void next(() => mine, []);
    return () => { mine = false; };
  }, on);
  const below = (
    <>
      {problem && <Notice problem={problem} retry={() => void next(() => true, items ?? [], cursor ?? undefined)} />}
      {busy && !items && <Loading />}
      {cursor && items && <button type="button" class="wide secondary no-print" aria-busy={busy} disabled={busy} onClick={() => void next(() => true, items, cursor)}>{t('more')}</button>}
    </>
  );
  return { items, below };
}
