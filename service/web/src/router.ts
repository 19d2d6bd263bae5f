// router.ts - pages by the hash of the address: #/stores/XT/ledgers/n95?from=2026-01-01
import { signal } from './signal';

export interface Route { path: string; parts: string[]; query: URLSearchParams }

function read(): Route {
  const [path, query = ''] = location.hash.replace(/^#/, '').split('?', 2);
  return { path: path || '/', parts: (path || '/').split('/').slice(1).map(decodeURIComponent), query: new URLSearchParams(query) };
}

export const route = signal<Route>(read());
addEventListener('hashchange', () => route.set(read()));

export const href = (path: string, query: Record<string, string | number | undefined> = {}) => {
  const given = Object.entries(query).filter(([, v]) => v !== undefined && v !== '') as [string, string][];
  return `#${path}${given.length ? `?${new URLSearchParams(given)}` : ''}`;
};

// The same page with other values in its query; '' takes one away.
export function ask(values: Record<string, string>) {
  if (Object.values(values).some((v) => /^0\d{3}-\d\d-\d\d$/.test(v))) return; // a date whose year is still being typed
  const now = read(); // as of this moment: the one drawn may be older
  go(now.path, { ...Object.fromEntries(now.query), ...values });
}

export function go(path: string, query: Record<string, string | number | undefined> = {}) {
  location.hash = href(path, query);
}
