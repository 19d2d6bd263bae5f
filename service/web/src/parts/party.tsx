// party.tsx - where goods come from or go to: chosen from those used lately and the places around, or
// typed.
import { useState } from 'preact/hooks';
import { language, words } from '../i18n';
import type { Schemas } from '../api';
import { placesOf } from '../outbox/people';
import { keeper } from '../words/keeper';
import { Dialog } from './dialog';

const t = words(keeper);
type Place = Schemas['Place'];

// Slips are in Chinese, whoever reads the page.
interface Choice { value: string; shown: string }
const fromPlace = (p: Place): Choice =>
  ({ value: p.name_zh, shown: language.get() === 'zh' || p.name_en === p.name_zh ? p.name_zh : `${p.name_en} ${p.name_zh}` });

export function PartyDialog({ title, recent, places, onChoose, onClose }: {
  title: string; recent: string[]; places: Place[]; onChoose: (name: string) => void; onClose: () => void;
}) {
  const [sought, setSought] = useState('');
  const want = sought.trim().normalize('NFKC').toLowerCase();
  const fits = (c: Choice) => c.shown.normalize('NFKC').toLowerCase().includes(want);
  const groups: [string, Choice[]][] = [
    [t('recently'), recent.map((name) => ({ value: name, shown: name }))],
    [t('grids'), placesOf(places, ['grid']).map(fromPlace)],
    [t('groups'), placesOf(places, ['group']).map(fromPlace)],
    [t('above'), placesOf(places, ['community', 'street', 'district']).map(fromPlace)],
  ];
  const found = groups.map(([name, choices]) => [name, choices.filter(fits)] as const).filter(([, choices]) => choices.length);
  const exact = found.some(([, choices]) => choices.some((c) => c.value === sought.trim()));
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={(e) => {
        e.preventDefault();
        if (want) onChoose(sought.trim());
      }}>
        <input type="search" aria-label={t('searchOrType')} placeholder={t('searchOrType')} maxLength={200} autocomplete="off" autofocus={matchMedia('(pointer: fine)').matches}
          value={sought} onInput={(e) => setSought(e.currentTarget.value)} />
      </form>
      {want && !exact && <button type="button" class="outline wide" onClick={() => onChoose(sought.trim())}>{t('useName', { name: sought.trim() })}</button>}
      <div class="choices">
        {found.map(([name, choices]) => (
          <section key={name} aria-label={name}>
            <h3>{name}</h3>
            <ul>{choices.map((c) => <li key={c.value}><button type="button" class="choice" onClick={() => onChoose(c.value)}>{c.shown}</button></li>)}</ul>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

export function Chips({ label, names, onChoose }: { label: string; names: string[]; onChoose: (name: string) => void }) {
  if (!names.length) return null;
  return (
    <ul class="chips" aria-label={label}>
      {names.map((name) => <li key={name}><button type="button" class="choice" onClick={() => onChoose(name)}><bdi>{name}</bdi></button></li>)}
    </ul>
  );
}

export function PartyCell({ label, value, onOpen, onClear }: { label: string; value: string; onOpen: () => void; onClear: () => void }) {
  return (
    <div class="party">
      <span id="party-label">{label}</span>
      <button type="button" class="value" id="party" aria-labelledby="party-label party" aria-haspopup="dialog" onClick={onOpen}>
        {value ? <bdi>{value}</bdi> : <span class="unset">{t('choose')}</span>} <span aria-hidden="true">›</span>
      </button>
      {value && <button type="button" class="plain" aria-label={`${t('clear')} ${label}`} onClick={onClear}>✕</button>}
    </div>
  );
}
