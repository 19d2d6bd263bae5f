// history.tsx - slips by number, person, recipient, item, reason, date; to read on or to take away.
import { api, call, type Schemas } from '../api';
import { dateTime, nameOf, number, words } from '../i18n';
import { allStores } from '../live/stock';
import { ExportLinks } from '../parts/export-links';
import { FilterText } from '../parts/filter-text';
import { everything, useLoad } from '../parts/load';
import { Loading, Notice, Nothing } from '../parts/notice';
import { usePages } from '../parts/paging';
import type { PageProps } from '../page-props';
import { ask, href } from '../router';
import { audit } from '../words/audit';
import '../parts/desk.css';

type Slip = Schemas['Slip'];

const t = words(audit);
const reasons = ['purchase', 'donation', 'allocation', 'return', 'opening', 'count_gain', 'transfer', 'issue', 'scrap', 'count_loss', 'reversal'] as const;
const filters = ['kind', 'reason', 'item', 'counterparty', 'posted_by', 'number', 'from', 'to'] as const;
type Filter = (typeof filters)[number];

export default function History({ query }: PageProps) {
  const stores = useLoad(allStores, []);
  const items = useLoad(() => everything((cursor) => call(api.GET('/api/v1/items', { params: { query: { cursor, limit: 200 } } }))), []);
  const store = query.get('store') ?? stores.data?.[0]?.code ?? '';
  const asked = Object.fromEntries(filters.map((f) => [f, query.get(f) || undefined])) as Partial<Record<Filter, string>>;
  const set = (name: string, value: string) => ask({ [name]: value });
  const slips = usePages<Slip>(async (cursor) => (store
    ? call(api.GET('/api/v1/stores/{store}/slips', { params: { path: { store }, query: { ...asked, cursor, limit: 50 } as never } }))
    : { items: [], next_cursor: null }), [store, ...Object.values(asked)]);
  const itemName = (code: string) => { const i = items.data?.find((x) => x.code === code); return i ? nameOf(i) : code; };

  if (!stores.data) return stores.problem ? <Notice problem={stores.problem} retry={stores.reload} /> : <Loading />;
  const text = (name: Filter, label: string) => <FilterText label={label} value={asked[name]} onAsk={(value) => set(name, value)} />;
  return (
    <>
      <div class="cells filters no-print">
        <label>{t('store')}<select value={store} onChange={(e) => set('store', e.currentTarget.value)}>{stores.data.map((s) => <option key={s.code} value={s.code}>{nameOf(s)}</option>)}</select></label>
        {text('number', t('number'))}
        <label>{t('kind')}<select value={asked.kind ?? ''} onChange={(e) => set('kind', e.currentTarget.value)}><option value="">{t('all')}</option><option value="in">{t('in')}</option><option value="out">{t('out')}</option></select></label>
        <label>{t('reason')}<select value={asked.reason ?? ''} onChange={(e) => set('reason', e.currentTarget.value)}><option value="">{t('all')}</option>{reasons.map((r) => <option key={r} value={r}>{t(`reason.${r}`)}</option>)}</select></label>
        <label>{t('item')}<select value={asked.item ?? ''} onChange={(e) => set('item', e.currentTarget.value)}><option value="">{t('all')}</option>{items.data?.map((i) => <option key={i.code} value={i.code}>{nameOf(i)}</option>)}</select></label>
        {text('counterparty', t('counterparty'))}
        {text('posted_by', t('postedBy'))}
        <label>{t('from')}<input type="date" value={asked.from ?? ''} onChange={(e) => set('from', e.currentTarget.value)} /></label>
        <label>{t('to')}<input type="date" value={asked.to ?? ''} onChange={(e) => set('to', e.currentTarget.value)} /></label>
      </div>
      <ExportLinks path={`/stores/${store}/slips`} query={asked} />
      {slips.items?.length === 0 && <Nothing />}
      {slips.items && slips.items.length > 0 && (
        <div class="scroll" tabIndex={0} role="region" aria-label={t('number')}>
          <table>
            <thead><tr><th>{t('number')}</th><th>{t('date')}</th><th>{t('reason')}</th><th>{t('counterparty')}</th><th>{t('lines')}</th><th>{t('receiver')}</th><th>{t('handler')}</th><th>{t('postedBy')}</th><th>{t('postedAt')}</th></tr></thead>
            <tbody>
              {slips.items.map((slip) => (
                <tr key={slip.number}>
                  <th scope="row"><a href={href(`/slips/${store}/${slip.number}`)}>{slip.number}</a></th>
                  <td>{slip.business_date}</td>
                  <td>{t(slip.kind)} · {t(`reason.${slip.reason}`)}
                    {slip.reversed_by && <><br /><small>{t('reversedBy', { slip: slip.reversed_by })}</small></>}
                    {slip.reverses && <><br /><small>{t('reverses', { slip: slip.reverses })}</small></>}
                  </td>
                  <td class="wraps"><bdi>{slip.counterparty}</bdi></td>
                  <td>{slip.lines.map((l) => <div key={l.ledger_seq + l.item}><a href={href(`/ledgers/${store}/${l.item}`)}>{itemName(l.item)}</a> {number(l.quantity)}</div>)}</td>
                  <td><bdi>{slip.receiver}</bdi></td><td><bdi>{slip.handler}</bdi></td><td>{slip.posted_by}</td><td>{dateTime(slip.posted_at)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {slips.below}
    </>
  );
}
