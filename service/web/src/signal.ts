// signal.ts - a value that components follow: the whole of the app's shared state is a few of these.
import { useEffect, useState } from 'preact/hooks';

export interface Signal<T> {
  get(): T;
  set(next: T): void;
  follow(listener: () => void): () => void; // → stops following
}

export function signal<T>(value: T): Signal<T> {
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of [...listeners]) listener();
    },
    follow(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

// In a component: the value, drawn anew whenever it changes.
export function useSignal<T>(source: Signal<T>): T {
  const [, redraw] = useState({});
  const value = source.get();
  useEffect(() => {
    if (!Object.is(source.get(), value)) redraw({}); // changed between drawing and following
    return source.follow(() => redraw({}));
  }, [source]);
  return value;
}
