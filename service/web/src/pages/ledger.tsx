// ledger.tsx - a ledger as the paper one looks (台账), any range, to read or to print on A4.
import { useEffect, useRef, useState } from 'preact/hooks';
import { api, call, noReception, type Schemas } from '../api';
import { dateTime, nameOf, number, pick, words } from '../i18n';
import { book, type Entry, type Month } from '../ledger-book';
import { allStores, ledgersOf } from '../live/stock';
import { dayAt, offsetOf } from '../outbox/day';
import { ExportLinks } from '../parts/export-links';
import { useLoad } from '../parts/load';
import { Loading, Notice, Nothing } from '../parts/notice';
import type { PageProps } from '../page-props';
import { PaperCodeLine, PaperCodeQr } from '../print/paper-code';
import { usePaperCode } from '../proof/use-code';
import { ask, go, href } from '../router';
import { audit } from '../words/audit';
import '../parts/desk.css';

const t = words(audit);
const ROW = 34; // px, about: the room kept for rows that are not drawn yet

interface Loaded { entries: Entry[]; opening: number; last: { number: string; seq: number } | null } // last: the last entry's slip

async function loadEntries(store: string, item: string, from: string, to: string): Promise<Loaded> {
  const query = { from: from || undefined, to: to || undefined };
  const opening = from ? (await call(api.GET('/api/v1/stores/{store}/ledgers/{item}/entries', {
    params: { path: { store, item }, query: { from, limit: 1 } } }))).opening_balance ?? 0 : 0;
  // The whole range in one answer.
  const url = `/api/v1/stores/${encodeURIComponent(store)}/ledgers/${encodeURIComponent(item)}/entries.ndjson?${
    new URLSearchParams(Object.entries({ ...query, order: 'asc' }).filter((q): q is [string, string] => !!q[1]))}`;
  const answer = await fetch(url).catch(() => { throw noReception(); });
  if (!answer.ok) throw noReception();
  const text = await answer.text();
  const entries = text.split('\n').filter(Boolean).map((line) => JSON.parse(line) as Entry);
  const number = entries.reduce<Entry | null>((last, e) => (last && last.seq > e.seq ? last : e), null)?.slip;
  const slip = number && await call(api.GET('/api/v1/stores/{store}/slips/{number}', { params: { path: { store, number } } }));
  return { opening, entries, last: slip ? { number: slip.number, seq: slip.event_seq } : null };
}

const summary = (e: Entry) => [t(`reason.${e.reason}`), e.counterparty, e.document].filter(Boolean).join(' · ');
const isLate = (e: Entry) => dayAt(Date.parse(e.posted_at), offsetOf(e.posted_at)) > e.business_date;

function MonthRows({ month, store }: { month: Month; store: string }) {
  return (
    <>
      {month.rows.map(({ entry, balance }) => (
        <tr key={entry.seq}>
          <td>{entry.business_date}{isLate(entry) && <> <abbr title={t('lateHint', { at: dateTime(entry.posted_at) })}>{t('late')}</abbr></>}</td>
          <td><a href={href(`/slips/${store}/${entry.slip}`)}>{entry.slip}</a></td>
          <td><bdi>{summary(entry)}</bdi></td>
          <td class="number">{entry.quantity_in ? number(entry.quantity_in) : ''}</td>
          <td class="number">{entry.quantity_out ? number(entry.quantity_out) : ''}</td>
          <td class="number">{number(balance)}</td>
          <td>{entry.lot ?? ''}</td><td><bdi>{entry.handler}</bdi></td><td><bdi>{entry.receiver}</bdi></td>
          <td class="number">{entry.seq}</td>
        </tr>
      ))}
    </>
  );
}

// A month is drawn when it comes near, so that years do not stutter; for paper, all of them are.
function MonthTable({ month, store, first, printing }: { month: Month; store: string; first: boolean; printing: boolean }) {
  const box = useRef<HTMLElement>(null);
  const [near, setNear] = useState(false);
  useEffect(() => {
    const watch = new IntersectionObserver(([e]) => { if (e.isIntersecting) setNear(true); }, { rootMargin: '1500px' });
    watch.observe(box.current!);
    return () => watch.disconnect();
  }, []);
  const total = (label: string, received: number, issued: number, balance?: number) => (
    <tr class="total">
      <td></td><td></td><th scope="row">{label}</th><td class="number">{number(received)}</td><td class="number">{number(issued)}</td>
      <td class="number">{balance === undefined ? '' : number(balance)}</td><td></td><td></td><td></td><td></td>
    </tr>
  );
  return (
    <section ref={box} class="scroll month" tabIndex={0} aria-label={t('month', { month: month.month })}>
      <table class="paper">
        <colgroup><col class="c-date" /><col class="c-slip" /><col /><col class="c-n" /><col class="c-n" /><col class="c-n" /><col class="c-lot" /><col class="c-who" /><col class="c-who" /><col class="c-seq" /></colgroup>
        <thead>
          <tr>
            <th>{t('date')}</th><th>{t('number')}</th><th>{t('summary')}</th><th class="number">{t('in')}</th><th class="number">{t('out')}</th>
            <th class="number">{t('balance')}</th><th>{t('lot')}</th><th>{t('handler')}</th><th>{t('receiver')}</th><th class="number">{t('seq')}</th>
          </tr>
        </thead>
        <tbody>
          <tr class="total"><td>{month.month}</td><td></td><th scope="row">{t(first ? 'opening' : 'broughtForward')}</th><td></td><td></td><td class="number">{number(month.broughtForward)}</td><td></td><td></td><td></td><td></td></tr>
          {near || printing ? <MonthRows month={month} store={store} /> : <tr><td colSpan={10} style={{ height: `${month.rows.length * ROW}px` }}>{t('entries', { n: number(month.rows.length) })}</td></tr>}
          {total(t('monthTotal'), month.in, month.out, month.rows[month.rows.length - 1].balance)}
          {total(t('runningTotal'), month.inSoFar, month.outSoFar)}
        </tbody>
      </table>
    </section>
  );
}

function Book({ store, ledger, from, to }: { store: Schemas['Store']; ledger: Schemas['Ledger']; from: string; to: string }) {
  const loaded = useLoad(() => loadEntries(store.code, ledger.item, from, to), [store.code, ledger.item, from, to]);
  const [printing, setPrinting] = useState(false);
  useEffect(() => {
    const before = () => setPrinting(true);
    const after = () => setPrinting(false);
    addEventListener('beforeprint', before);
    addEventListener('afterprint', after);
    return () => {
      removeEventListener('beforeprint', before);
      removeEventListener('afterprint', after);
    };
  }, []);
  const last = loaded.data?.last;
  const code = usePaperCode(store.code, last?.number ?? '', last?.seq);
  if (!loaded.data) return loaded.problem ? <Notice problem={loaded.problem} retry={loaded.reload} /> : <Loading />;
  const waiting = !!last && code === undefined;
  const months = book(loaded.data.entries, loaded.data.opening);
  return (
    <div class="book">
      <header>
        <h2>{t('ledgerTitle', { store: nameOf(store), item: nameOf(ledger) })}</h2>
        <p>{t('unitIs', { unit: pick(ledger.unit, ledger.unit_en) })} · {from || to ? `${from || '…'} – ${to || '…'}` : t('allDates')} · <small>{t('order')}</small></p>
      </header>
      <ExportLinks path={`/stores/${store.code}/ledgers/${ledger.item}/entries`} query={{ from, to, order: 'asc' }} />
      {months.length === 0 ? <Nothing /> : months.map((month, i) => (
        <MonthTable key={month.month} month={month} store={store.code} first={i === 0} printing={printing} />
      ))}
      {last && <footer class="print-only"><PaperCodeQr code={code ?? null} number={last.number} /><PaperCodeLine code={code ?? null} /></footer>}
      <button type="button" class="wide no-print" disabled={waiting} aria-busy={waiting} onClick={() => print()}>{t('print')}</button>
    </div>
  );
}

export default function LedgerPage({ args: [storeCode, itemCode], query }: PageProps) {
  const stores = useLoad(allStores, []);
  const store = stores.data?.find((s) => s.code === storeCode) ?? (storeCode ? undefined : stores.data?.[0]);
  const ledgers = useLoad(async () => (store ? ledgersOf(store.code) : null), [store?.code]);
  const ledger = ledgers.data?.find((l) => l.item === itemCode);
  const from = query.get('from') ?? '';
  const to = query.get('to') ?? '';
  const open = (s: string | undefined, i: string) => { if (s && i) go(`/ledgers/${s}/${i}`, Object.fromEntries(query)); };

  if (!stores.data) return stores.problem ? <Notice problem={stores.problem} retry={stores.reload} /> : <Loading />;
  return (
    <>
      <div class="cells filters no-print">
        <label>{t('store')}
          <select value={store?.code} onChange={(e) => open(e.currentTarget.value, itemCode ?? ledgers.data?.[0]?.item ?? '')}>
            {stores.data.map((s) => <option key={s.code} value={s.code}>{nameOf(s)}</option>)}
          </select>
        </label>
        <label>{t('item')}
          <select value={itemCode ?? ''} onChange={(e) => open(store?.code, e.currentTarget.value)}>
            {!itemCode && <option value="">—</option>}
            {ledgers.data?.map((l) => <option key={l.item} value={l.item}>{nameOf(l)}</option>)}
          </select>
        </label>
        <label>{t('from')}<input type="date" value={from} onChange={(e) => ask({ from: e.currentTarget.value })} /></label>
        <label>{t('to')}<input type="date" value={to} onChange={(e) => ask({ to: e.currentTarget.value })} /></label>
      </div>
      {ledgers.problem && <Notice problem={ledgers.problem} retry={ledgers.reload} />}
      {store && ledger ? <Book key={[store.code, ledger.item, from, to].join()} store={store} ledger={ledger} from={from} to={to} />
        : !ledgers.problem && (itemCode && !ledgers.data ? <Loading /> : <p class="nothing">{t('chooseLedger')}</p>)}
    </>
  );
}
