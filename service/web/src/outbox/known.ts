// known.ts - data of a page that is also there without reception: what was kept first, then what the
// service says.
import { useCallback, useEffect, useState } from 'preact/hooks';
import { asProblem, type Problem } from '../api';
import { user } from '../session';
import { useSignal } from '../signal';
import { database } from './database';

export interface Known<T> {
  data: T | null;
  at: number; // when it was asked for; 0: nothing is known
  problem: Problem | null; // of the last attempt to know better
  reload: () => void;
}

async function keep(name: string, at: number, data: unknown) {
  try {
    await (await database()).put('known', { at, data }, name);
  } catch { /* only for this visit */ }
}

async function kept<T>(name: string) {
  try {
    return await (await database()).get('known', name) as { at: number; data: T } | undefined;
  } catch {
    return undefined;
  }
}

const nothing = { data: null, at: 0, problem: null };

// name: unique for what is asked; '' asks nothing. on: what else makes it be asked anew. freshFor: ms
// within which what was kept is good enough.
export function useKnown<T>(name: string, load: () => Promise<T>, on: unknown[] = [], freshFor = 0): Known<T> {
  const me = useSignal(user)?.username;
  const full = name && `${me}/${name}`;
  const [state, setState] = useState<{ name: string; data: T | null; at: number; problem: Problem | null }>({ name: full, ...nothing });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (!name) return undefined;
    let current = true;
    const show = (next: Partial<Known<T>>) =>
      current && setState((before) => ({ ...(before.name === full ? before : { name: full, ...nothing }), ...next }));
    void (async () => {
      const before = await kept<T>(full);
      if (before) show(before);
      if (before && Date.now() - before.at < freshFor && turn === 0) return;
      const at = Date.now();
      try {
        const data = await load();
        show({ data, at, problem: null });
        await keep(full, at, data);
      } catch (error) {
        show({ problem: asProblem(error) });
      }
    })();
    return () => { current = false; };
  }, [full, turn, ...on]);
  const reload = useCallback(() => setTurn((n) => n + 1), []);
  return { ...(state.name === full ? state : nothing), reload };
}
