// What was written on this device: what waits, what was refused and why, what has arrived lately.
import { words } from '../i18n';
import { entries, useOutbox } from '../outbox/outbox';
import { flush, sending } from '../outbox/send';
import { user } from '../session';
import { useSignal } from '../signal';
import { EntryCard } from '../parts/entry';
import { keeper } from '../words/keeper';
import '../parts/keeper.css';

const t = words(keeper);

export default function Page() {
  const mine = useOutbox();
  const busy = useSignal(sending);
  const others = useSignal(entries).filter((e) => e.user !== user.get()?.username && e.state === 'waiting');
  const open = mine.filter((e) => e.state !== 'posted');
  const waiting = open.some((e) => e.state === 'waiting');
  return (
    <>
      {others.length > 0 && <p class="notice bad">{t('othersWaiting', { count: others.length, users: [...new Set(others.map((e) => e.user))].join('、') })}</p>}
      {open.length === 0 && <p class="nothing">{t('nothingWaits')}</p>}
      {open.map((e) => <EntryCard key={e.id} entry={e} />)}
      {waiting && <p><small>{t('willSend')}</small></p>}
      {waiting && <button type="button" class="wide" aria-busy={busy} onClick={() => void flush()}>{t('sendNow')}</button>}
      {mine.length > open.length && <h2>{t('posted')}</h2>}
      {mine.filter((e) => e.state === 'posted').reverse().map((e) => <EntryCard key={e.id} entry={e} />)}
    </>
  );
}
