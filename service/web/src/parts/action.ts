// action.ts - what a button does: one at a time, with its problem.
import { useState } from 'preact/hooks';
import { asProblem, type Problem } from '../api';

export function useAction() {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  async function run(work: () => Promise<unknown>): Promise<boolean> {
    setBusy(true);
    setProblem(null);
    try {
      await work();
      return true;
    } catch (error) {
      setProblem(asProblem(error));
      return false;
    } finally {
      setBusy(false);
    }
  }
  return { busy, problem, run };
}

// The fields of a submitted form as text.
export function fields(event: SubmitEvent): Record<string, string> {
  event.preventDefault();
  return Object.fromEntries([...new FormData(event.currentTarget as HTMLFormElement)].map(([k, v]) => [k, String(v)]));
}
