// The storekeeper's first page: what is in the store, what is low first; a tap begins a slip.
import { number, pick, nameOf, words } from '../i18n';
import { daysUntil } from '../outbox/day';
import { onShelf } from '../outbox/foresee';
import { levelOf, useLevels, useStores, type Ledger } from '../outbox/levels';
import { Age } from '../parts/age';
import { ItemIcon } from '../parts/item-icon';
import { Loading, Notice } from '../parts/notice';
import { Status } from '../parts/status';
import { StoreChoice } from '../parts/store-choice';
import { href } from '../router';
import { keeper } from '../words/keeper';
import '../parts/keeper.css';

const t = words(keeper);
const urgency = { out: 0, low: 1, ok: 2 };
const SOON = 30; // days

function Tile({ ledger: l, onHand, today }: { ledger: Ledger; onHand: number; today: string }) {
  const soon = l.earliest_expiry && daysUntil(l.earliest_expiry, today) <= SOON;
  return (
    <li class={`tile ${levelOf(l, onHand)}`}>
      <a class="main" href={href('/out', { item: l.item })}>
        <span class="name">{nameOf(l)}</span>
        <span class="balance"><b>{number(onHand)}</b> {pick(l.unit, l.unit_en)}</span>
        <Status status={levelOf(l, onHand)} />
        <small>
          {onHand !== l.on_hand && <span>{t('waitingOut', { count: (onHand > l.on_hand ? '+' : '') + number(onHand - l.on_hand) })}</span>}
          {l.expired > 0 ? <span class="warn">✕ {t('expired', { count: number(l.expired) })}</span>
            : l.earliest_expiry && <span class={soon ? 'warn' : ''}>{soon && '▲ '}{t('earliest', { date: l.earliest_expiry })}</span>}
        </small>
        <ItemIcon item={l.item} />
      </a>
      <a class="other" href={href('/in', { item: l.item })} aria-label={t('intoOf', { item: nameOf(l) })}>{t('in')}</a>
    </li>
  );
}

export default function Page() {
  const stores = useStores();
  const levels = useLevels(stores.at?.code, stores.today);
  const list = (levels.data ?? []).map((ledger) => ({ ledger, onHand: onShelf(levels.shelves!, ledger.item) }));
  const count = (status: Ledger['status']) => list.filter((x) => levelOf(x.ledger, x.onHand) === status).length;
  list.sort((a, b) => urgency[levelOf(a.ledger, a.onHand)] - urgency[levelOf(b.ledger, b.onHand)]);
  return (
    <>
      <StoreChoice stores={stores} />
      {stores.at && !levels.data && (levels.problem ? <><p class="nothing">{t('neverKnown')}</p><Notice problem={levels.problem} retry={levels.reload} /></> : <Loading />)}
      {levels.data && (
        <>
          <p class="summary">
            {count('out') > 0 && <span class="status out"><span aria-hidden="true">✕</span> {t('summaryOut', { count: count('out') })}</span>}
            {count('low') > 0 && <span class="status low"><span aria-hidden="true">▲</span> {t('summaryLow', { count: count('low') })}</span>}
            {count('out') + count('low') === 0 && <span class="status ok"><span aria-hidden="true">●</span> {t('summaryOk')}</span>}
          </p>
          <ul class="tiles">{list.map((x) => <Tile key={x.ledger.item} {...x} today={stores.today} />)}</ul>
          <Age of={levels} />
        </>
      )}
    </>
  );
}
