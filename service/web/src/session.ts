// session.ts - who is signed in. Kept on the device too, so that a storekeeper without reception can go
// on working under their name; the service decides again with every request.
import { api, asJson, call, signedOut, type Schemas } from './api';
import { signal } from './signal';

export type User = Schemas['Session']['user'];
export type Role = 'storekeeper' | 'coordinator' | 'auditor' | 'admin';

const KEY = 'user';
const kept = (): User | null => {
  try { return JSON.parse(localStorage.getItem(KEY) ?? 'null') as User | null; } catch { return null; }
};

export const user = signal<User | null>(kept());

// Who it is as of now: another tab may have signed in somebody else a moment ago.
export function current(): User | null {
  try { localStorage.getItem(KEY); } catch { return user.get(); }
  return kept();
}
window.addEventListener('storage', (event) => event.key === KEY && user.set(kept()));

function setUser(next: User | null) {
  try {
    if (next) localStorage.setItem(KEY, JSON.stringify(next));
    else localStorage.removeItem(KEY);
  } catch { /* only for this visit */ }
  user.set(next);
}

signedOut.addEventListener('signed_out', () => setUser(null));

export const has = (role: Role) => user.get()?.roles.some((r) => r.role === role) ?? false;

export async function signIn(username: string, password: string) {
  setUser((await call(api.POST('/api/v1/session', { body: { username, password } }))).user);
}

// Signing out needs the service: or else the cookie would stay good.
export async function signOut() {
  await call(api.DELETE('/api/v1/session', { headers: asJson }));
  setUser(null);
}

// Ask the service again who this is; without reception the kept answer stands.
export async function refresh() {
  try {
    setUser((await call(api.GET('/api/v1/session'))).user);
  } catch { /* signed_out has been dealt with, the rest is reception */ }
}
