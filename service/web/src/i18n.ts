// i18n.ts - every text of the app, Chinese first, English second. Words live in words/*.ts, one file an
// area; a text may hold {name}, filled from values.
import { signal } from './signal';
import { common } from './words/common';
import type { Words } from './words/words';


export type Language = 'zh' | 'en';

const stored = (): Language => {
  try {
    const kept = localStorage.getItem('language');
    if (kept === 'zh' || kept === 'en') return kept;
  } catch { /* no storage: the browser's language */ }
  return navigator.language.startsWith('zh') ? 'zh' : navigator.language.startsWith('en') ? 'en' : 'zh';
};

export const language = signal<Language>(stored());

export function setLanguage(next: Language) {
  try { localStorage.setItem('language', next); } catch { /* only for this visit */ }
  language.set(next);
}

export const pick = (zh: string, en: string) => (language.get() === 'zh' ? zh : en);

const fill = (text: string, values: Record<string, string | number>) =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));

// const t = words(myWords); t('save'), t('left', { count: 3 })
export function words<W extends Words>(own: W) {
  const all: Words = { ...common, ...own };
  return (key: (keyof W & string) | keyof typeof common, values: Record<string, string | number> = {}) =>
    fill(pick(...all[key]), values);
}

// A thing with both names, as the API gives them.
export const nameOf = (thing: { name_zh: string; name_en: string }) => pick(thing.name_zh, thing.name_en);

export const locale = () => (language.get() === 'zh' ? 'zh-CN' : 'en');
export const number = (n: number) => new Intl.NumberFormat(locale()).format(n);
export const dateTime = (at: string) =>
  new Intl.DateTimeFormat(locale(), { dateStyle: 'short', timeStyle: 'short' }).format(new Date(at));
