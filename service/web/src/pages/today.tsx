// What the storekeeper posted today: to look at, print, or undo.
import { useState } from 'preact/hooks';
import { api, call } from '../api';
import { locale, number, words } from '../i18n';
import { dayAt, offsetOf } from '../outbox/day';
import type { Slip } from '../outbox/database';
import { useKnown } from '../outbox/known';
import { useNames, useStores } from '../outbox/levels';
import { useOutbox } from '../outbox/outbox';
import { Age } from '../parts/age';
import { EntryCard } from '../parts/entry';
import { Loading, Notice } from '../parts/notice';
import { ReversalDialog } from '../parts/reversal';
import { StoreChoice } from '../parts/store-choice';
import { go, href } from '../router';
import { user } from '../session';
import { keeper } from '../words/keeper';
import '../parts/keeper.css';

const t = words(keeper);

// Newest first, until a day before: posted today, whatever day the paper says.
async function ownOf(day: string, store: string): Promise<Slip[]> {
  const slips: Slip[] = [];
  for (let cursor: string | undefined; ;) {
    const query = { posted_by: user.get()!.username, limit: 100, cursor };
    const page = await call(api.GET('/api/v1/stores/{store}/slips', { params: { path: { store }, query } }));
    const today = page.items.filter((s) => dayAt(Date.parse(s.posted_at), offsetOf(s.posted_at)) === day);
    slips.push(...today);
    if (!page.next_cursor || today.length < page.items.length) return slips;
    cursor = page.next_cursor;
  }
}

const timeOfDay = (at: string) => new Intl.DateTimeFormat(locale(), { timeStyle: 'short' }).format(new Date(at));

function Row({ slip, onReverse }: { slip: Slip; onReverse: (slip: Slip) => void }) {
  const names = useNames();
  const address = `/slips/${slip.store}/${slip.number}`;
  return (
    <article class={`entry ${slip.reversed_by ? 'undone' : ''}`}>
      <header>
        <strong>{t(slip.kind)} · {t(`reason.${slip.reason}`)}</strong>
        <bdi>{slip.counterparty}</bdi>
        <small>{timeOfDay(slip.posted_at)}</small>
      </header>
      <ul class="lines">
        {slip.lines.map((l) => (
          <li key={`${l.item}${l.ledger_seq}`}><span>{names(l.item).name}{l.lot && <small> <bdi>{l.lot}</bdi></small>}</span><b>{number(l.quantity)} {names(l.item).unit}</b></li>
        ))}
      </ul>
      {slip.reversed_by && <p class="when"><span class="state refused"><span aria-hidden="true">↺</span> {t('reversed')}</span> <a href={href(`/slips/${slip.store}/${slip.reversed_by}`)}>{slip.reversed_by}</a></p>}
      {slip.reverses && <p class="when"><span class="state"><span aria-hidden="true">↺</span> {t('reason.reversal')}</span> {slip.reverses}</p>}
      <p class="entry-actions">
        <a href={href(address)}>{slip.number}</a>
        <button type="button" class="outline" aria-label={`${t('print')} ${slip.number}`} onClick={() => go(address, { print: 1 })}>{t('print')}</button>
        {!slip.reversed_by && !slip.reverses && (
          <button type="button" class="outline secondary" aria-label={t('reversalOf', { number: slip.number })} onClick={() => onReverse(slip)}>{t('reverse')}</button>
        )}
      </p>
    </article>
  );
}

export default function Page() {
  const stores = useStores();
  const store = stores.at?.code ?? '';
  const mine = useOutbox(store || undefined);
  const open = mine.filter((e) => e.state !== 'posted');
  const answered = mine.filter((e) => e.state === 'posted').length;
  const own = useKnown(store && `own/${store}/${stores.today}`, () => ownOf(stores.today, store), [answered]);
  const [undo, setUndo] = useState<Slip | null>(null);
  const waits = (slip: Slip) => open.some((e) => e.command.does === 'reverse' && e.command.slip.number === slip.number);
  return (
    <>
      <StoreChoice stores={stores} />
      {open.map((e) => <EntryCard key={e.id} entry={e} />)}
      {store && !own.data && (own.problem ? <Notice problem={own.problem} retry={own.reload} /> : <Loading />)}
      {own.data?.length === 0 && open.length === 0 && <p class="nothing">{t('noneToday')}</p>}
      {own.data?.filter((s) => !waits(s)).map((s) => <Row key={s.number} slip={s} onReverse={setUndo} />)}
      {own.data && <Age of={own} />}
      {undo && <ReversalDialog slip={undo} onClose={() => setUndo(null)} />}
    </>
  );
}
