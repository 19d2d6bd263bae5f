// causes.ts - why there are alerts: how bad each cause is, which figures its rule has, and what an
// alert says.
import type { Schemas } from '../api';
import { number, pick, words } from '../i18n';
import { alerts } from '../words/alerts';

export type Alert = Schemas['Alert'];
export type Cause = Schemas['AlertCause'];
export type Figure = 'days' | 'window_days' | 'clear_percent' | 'rearm_percent' | 'escalate_minutes';

const t = words(alerts);

export const CAUSES: Record<Cause, { level: 'low' | 'out'; figures: Figure[] }> = {
  out_of_stock: { level: 'out', figures: ['escalate_minutes'] },
  low_stock: { level: 'low', figures: ['clear_percent', 'rearm_percent', 'escalate_minutes'] },
  days_of_cover: { level: 'low', figures: ['days', 'window_days', 'clear_percent', 'escalate_minutes'] },
  expired: { level: 'out', figures: ['escalate_minutes'] },
  expiring: { level: 'low', figures: ['days', 'escalate_minutes'] },
  overdue_count: { level: 'low', figures: ['days', 'escalate_minutes'] },
};
export const causes = Object.keys(CAUSES) as Cause[];

export const causeName = (cause: Cause) => t(`cause.${cause}`);

const shown = (n: number | null) => (n === null ? '—' : number(n));
export const whatIs = (a: Alert) => t(`is.${a.cause}`, {
  value: number(a.value), bound: shown(a.bound), window: shown(a.window_days), unit: pick(a.unit, a.unit_en) });
