// compliance.tsx - what an auditor checks of a store, month by month, in plain words, with the slips concerned.
import type { ComponentChildren } from 'preact';
import { api, call, type Schemas } from '../api';
import { locale, nameOf, number, pick, words } from '../i18n';
import { allStores } from '../live/stock';
import { dayAt } from '../outbox/day';
import { ExportLinks } from '../parts/export-links';
import { everything, useLoad } from '../parts/load';
import { Loading, Notice, Nothing } from '../parts/notice';
import type { PageProps } from '../page-props';
import { ask, href } from '../router';
import { compliance } from '../words/compliance';
import '../parts/desk.css';

type Row = Schemas['ComplianceRow'];
type Item = Schemas['Item'];

const t = words(compliance);
const PATIENCE = ['0', '1', '2', '3', '5', '7', '14', '30'];
const MONTHS = 60; // to choose from
const CHECKS = ['numbers', 'late_dates', 'no_document', 'no_receiver', 'unacknowledged'] as const;
const ADJUSTMENTS = ['count_gain', 'scrap', 'count_loss'];

const monthOf = (back: number) => {
  const [year, month] = dayAt(Date.now(), 480).split('-').map(Number);
  return new Date(Date.UTC(year, month - 1 - back, 1)).toISOString().slice(0, 7);
};
const firstDay = (month: string) => `${month}-01`;
const lastDay = (month: string) => new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0)).toISOString().slice(0, 10);
const monthName = (month: string) =>
  new Intl.DateTimeFormat(locale(), { year: 'numeric', month: 'long', timeZone: 'UTC' }).format(new Date(firstDay(month)));

const stretch = (n: number | null, measure: Row['measure']) => {
  if (n === null) return '';
  if (measure === 'days') return t('days', { n: number(n) });
  if (n < 60) return t('minutes', { n });
  return n < 48 * 60 ? t('hours', { n: Math.round(n / 60) }) : t('days', { n: number(Math.round(n / 1440)) });
};
const reasonName = (row: Row) => (row.reason ? t(`reason.${row.reason}` as 'reason.issue') : '');
const causeName = (cause: string) => {
  const key = `cause.${cause}`;
  return key in compliance ? t(key as 'cause.expired') : cause;
};

function Mark({ ok }: { ok: boolean | null }) {
  if (ok === null) return <span class="status">{t('counted')}</span>;
  return <span class={`status ${ok ? 'ok' : 'low'}`}><span aria-hidden="true">{ok ? '✓' : '▲'}</span> {t(ok ? 'fine' : 'look')}</span>;
}

function sentence(row: Row): string {
  const values = { count: number(row.count), total: number(row.total ?? 0), reason: reasonName(row), kind: row.kind ? t(row.kind) : '',
    slip: row.slip ?? '', last: row.last_slip ?? '', median: stretch(row.median, row.measure), longest: stretch(row.longest, row.measure) };
  switch (row.check) {
    case 'reversals': return row.count ? t('reversalsAre', values) : t('nothingToCheck');
    case 'alerts': return row.median === null ? t('alertsOnly', values) : t('alertsAre', values);
    case 'late_dates': case 'no_document': case 'no_receiver': case 'numbers': case 'unacknowledged':
      return row.total ? t(`${row.check}.${row.ok ? 'ok' : 'not'}`, values) : t('nothingToCheck');
    default: return '';
  }
}

interface Month { month: string; rows: Row[] }

// A head that begins with # stands over numbers.
function Table({ label, heads, children }: { label: string; heads: string[]; children: ComponentChildren }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead><tr>{heads.map((head) => <th key={head} scope="col" class={head[0] === '#' ? 'number' : undefined}>{head.replace('#', '')}</th>)}</tr></thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

function MonthPart({ month, rows, store, items }: Month & { store: string; items: Item[] }) {
  const of = (check: Row['check']) => rows.filter((r) => r.check === check);
  const range = { store, from: firstDay(month), to: lastDay(month) };
  const slipLink = (slip: string) => <a href={href(`/slips/${store}/${slip}`)}>{slip}</a>;
  const itemName = (code: string | null) => { const i = items.find((x) => x.code === code); return i ? nameOf(i) : code; };
  const bad = rows.filter((r) => r.ok === false).length;

  const concerned = (row: Row) => {
    if (row.check === 'numbers' || !row.count) return null;
    if (row.check === 'late_dates') return <>{t('latestOf')} {slipLink(row.slip!)}</>;
    if (!row.reason) return null;
    return (
      <>
        {row.slip && <>{t('firstOf')} {slipLink(row.slip)} · </>}
        <a href={href('/history', { ...range, kind: row.kind ?? undefined, reason: row.reason })}>{t('allOf')}</a>
      </>
    );
  };
  const line = (row: Row, name: string, more?: ComponentChildren) => (
    <tr key={row.check + (row.kind ?? '') + (row.reason ?? '') + (row.cause ?? '')}>
      <th scope="row">{name}</th><td><Mark ok={row.ok} /></td><td class="wraps">{sentence(row)}{more}</td><td>{concerned(row)}</td>
    </tr>
  );

  return (
    <section class="findings">
      <h3>{monthName(month)} <span class={`status ${bad ? 'low' : 'ok'}`}><span aria-hidden="true">{bad ? '▲' : '✓'}</span> {bad ? t('toLook', { n: bad }) : t('allFine')}</span></h3>
      <Table label={`${monthName(month)} · ${t('check')}`} heads={[t('check'), t('result'), t('finding'), t('slips')]}>
        {CHECKS.flatMap((check) => of(check).map((row) => line(row, t(check))))}
        {of('reversals').map((row) => line(row, t('reversals'), of('reversals_by').map((by) => (
          <div key={by.posted_by}>{t('reversedBy', { who: by.posted_by ?? '', count: number(by.count) })}</div>
        ))))}
        {of('alerts').map((row) => line(row, t('alerts', { cause: causeName(row.cause ?? '') })))}
      </Table>
      {of('slips').length > 0 && (
        <Table label={`${monthName(month)} · ${t('byReason')}`} heads={[t('byReason'), `#${t('slipCount')}`, t('moved')]}>
          {of('slips').map((row) => (
            <tr key={`${row.kind}${row.reason}`}>
              <th scope="row">{row.kind && t(row.kind)} · {reasonName(row)}{ADJUSTMENTS.includes(row.reason ?? '') && <> <small>{t('adjustment')}</small></>}</th>
              <td class="number"><a href={href('/history', { ...range, kind: row.kind ?? undefined, reason: row.reason ?? undefined })}>{number(row.count)}</a></td>
              <td class="wraps">{of('moved').filter((m) => m.kind === row.kind && m.reason === row.reason).map((m) => (
                <div key={m.item}>{itemName(m.item)} {number(m.quantity ?? 0)} {pick(m.unit ?? '', m.unit_en ?? '')}</div>
              ))}</td>
            </tr>
          ))}
        </Table>
      )}
      {of('reversal').length > 0 && (
        <Table label={`${monthName(month)} · ${t('reversalList')}`} heads={[t('reversal'), t('reversed'), t('after'), t('who')]}>
          {of('reversal').map((row) => (
            <tr key={row.slip}>
              <th scope="row">{slipLink(row.slip!)}</th><td>{row.reverses && slipLink(row.reverses)}</td>
              <td>{stretch(row.longest, row.measure)}</td><td>{row.posted_by}</td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}

// In the order of the list, the latest month first.
function monthsOf(rows: Row[]): Month[] {
  const months = new Map<string, Row[]>();
  for (const row of rows) months.set(row.month, [...months.get(row.month) ?? [], row]);
  return [...months].map(([month, own]) => ({ month, rows: own })).reverse();
}

export default function Compliance({ query }: PageProps) {
  const stores = useLoad(allStores, []);
  const items = useLoad(() => everything((cursor) => call(api.GET('/api/v1/items', { params: { query: { cursor, limit: 200 } } }))), []);
  const store = stores.data?.find((s) => s.code === query.get('store')) ?? stores.data?.[0];
  const to = query.get('to') ?? monthOf(0);
  const from = query.get('from') ?? monthOf(2);
  const patience = query.get('late_days') ?? '1';
  const asked = { from: firstDay(from), to: lastDay(to), late_days: patience };
  const key = [store?.code, from, to, patience].join();
  const found = useLoad(async () => ({ key, rows: store
    ? await everything((cursor) => call(api.GET('/api/v1/stores/{store}/compliance', {
      params: { path: { store: store.code }, query: { ...asked, cursor, limit: 200 } as never } })))
    : [] }), [key]);

  if (!stores.data) return stores.problem ? <Notice problem={stores.problem} retry={stores.reload} /> : <Loading />;
  if (!store) return <Nothing />;
  const months = Array.from({ length: MONTHS }, (_, i) => monthOf(i));
  const choice = (name: 'from' | 'to', label: string, value: string) => (
    <label>{label}
      <select value={value} onChange={(e) => ask({ [name]: e.currentTarget.value })}>
        {!months.includes(value) && <option value={value}>{value}</option>}
        {months.map((m) => <option key={m} value={m}>{monthName(m)}</option>)}
      </select>
    </label>
  );
  return (
    <>
      <div class="cells filters no-print">
        <label>{t('store')}<select value={store.code} onChange={(e) => ask({ store: e.currentTarget.value })}>{stores.data.map((s) => <option key={s.code} value={s.code}>{nameOf(s)}</option>)}</select></label>
        {choice('from', t('fromMonth'), from)}
        {choice('to', t('toMonth'), to)}
        <label>{t('lateAfter')}<select value={patience} onChange={(e) => ask({ late_days: e.currentTarget.value })}>{PATIENCE.map((n) => <option key={n} value={n}>{t('days', { n })}</option>)}</select></label>
      </div>
      <h2>{t('title', { store: nameOf(store) })} {from} – {to}</h2>
      <p><small>{t('about', { n: patience })}</small></p>
      <ExportLinks path={`/stores/${store.code}/compliance`} query={asked} />
      {found.problem && <Notice problem={found.problem} retry={found.reload} />}
      {found.data?.key !== key || !items.data ? !found.problem && <Loading />
        : found.data.rows.length === 0 ? <Nothing />
          : monthsOf(found.data.rows).map(({ month, rows }) => <MonthPart key={month} month={month} rows={rows} store={store.code} items={items.data!} />)}
      <button type="button" class="wide no-print" onClick={() => print()}>{t('print')}</button>
    </>
  );
}
