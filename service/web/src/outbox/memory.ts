// memory.ts - small things that the device remembers for its user: they only save taps.
import { user } from '../session';

const nameFor = (name: string) => `${user.get()?.username}/${name}`;

export function recall<T>(name: string, otherwise: T): T {
  try {
    return (JSON.parse(localStorage.getItem(nameFor(name)) ?? 'null') as T | null) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export function remember(name: string, value: unknown) {
  try {
    localStorage.setItem(nameFor(name), JSON.stringify(value));
  } catch { /* only for this visit */ }
}
