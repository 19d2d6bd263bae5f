// use-code.ts - the paper code of a slip as of now. Paper waits for it, but not for ever.
import { useEffect, useState } from 'preact/hooks';
import { api, call, noReception } from '../api';
import { paperCode } from './code';

const LONGEST = 8_000; // ms

// undefined: on its way; null: there is none to be had. seq: undefined asks nothing.
export function usePaperCode(store: string, number: string, seq: number | undefined): string | null | undefined {
  const [code, setCode] = useState<string | null>();
  useEffect(() => {
    if (seq === undefined) return undefined;
    let current = true;
    setCode(undefined);
    const bound = new Promise<never>((_, late) => { setTimeout(() => late(noReception()), LONGEST); });
    const asked = call(api.GET('/api/v1/stores/{store}/events/{seq}/proof', { params: { path: { store, seq } } }));
    Promise.race([asked, bound]).then((p) => paperCode(number, p), () => null).then((c) => current && setCode(c));
    return () => { current = false; };
  }, [store, number, seq]);
  return code;
}
