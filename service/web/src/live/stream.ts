// stream.ts - what happens elsewhere, as it happens: one connection for the page that is open.
//
//   useStream((event) => …)   event: { type: 'slip' | 'level' | 'alert' | 'reset', data }
//   reset: something was missed that cannot be told, so load anew what is shown.
// The browser itself comes back after a break and says what it had last (Last-Event-ID).
import { useEffect, useRef } from 'preact/hooks';
import type { Schemas } from '../api';

export type StreamEvent =
  | { type: 'slip'; data: Schemas['Slip'] }
  | { type: 'level'; data: Schemas['StreamLevel'] }
  | { type: 'alert'; data: Schemas['StreamAlert'] }
  | { type: 'reset'; data: null };

const KINDS = ['slip', 'level', 'alert', 'reset'] as const;
const AGAIN = 5_000; // after the service refused a stream: the browser gives up then

export function useStream(on: (event: StreamEvent) => void) {
  const listener = useRef(on);
  listener.current = on;
  useEffect(() => {
    let source: EventSource;
    let again: ReturnType<typeof setTimeout> | undefined;
    function open() {
      source = new EventSource('/api/v1/stream');
      for (const type of KINDS) {
        source.addEventListener(type, (event) => {
          const { data } = event as MessageEvent<string>;
          listener.current({ type, data: data ? JSON.parse(data) : null } as StreamEvent);
        });
      }
      source.onerror = () => {
        if (source.readyState !== EventSource.CLOSED) return;
        again = setTimeout(() => {
          open();
          listener.current({ type: 'reset', data: null });
        }, AGAIN);
      };
    }
    open();
    return () => {
      clearTimeout(again);
      source.close();
    };
  }, []);
}

// Call work when something came, but at most once in a while: a burst is one reload.
export function useCalm(work: () => void, wait = 400) {
  const timer = useRef<ReturnType<typeof setTimeout>>();
  const latest = useRef(work);
  latest.current = work;
  useEffect(() => () => clearTimeout(timer.current), []);
  return () => {
    if (timer.current) return;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      latest.current();
    }, wait);
  };
}
