// levels.tsx - what needs attention first, then levels summed up the tree of places; live.
import { useState } from 'preact/hooks';
import { api, call, type Schemas } from '../api';
import { LedgerChart } from '../chart/ledger-chart';
import { nameOf, number, pick, words } from '../i18n';
import { useStoreLedgers, type Ledger } from '../live/stock';
import { useCalm, useStream } from '../live/stream';
import { Dialog } from '../parts/dialog';
import { ItemIcon } from '../parts/item-icon';
import { everything, useLoad } from '../parts/load';
import { Loading, Notice } from '../parts/notice';
import { Status } from '../parts/status';
import { href } from '../router';
import { desk } from '../words/desk';

type Level = Schemas['StockLevel'];
type Store = Schemas['Store'];

const t = words(desk);
const order = { out: 0, low: 1, ok: 2 } as const;

interface Row { store: Store; ledger: Ledger }
const needsAttention = ({ ledger }: Row) => ledger.status !== 'ok' || ledger.expired > 0 || ledger.expiring_30d > 0;
const urgency = ({ ledger }: Row) => order[ledger.status] * 10 + (ledger.expired > 0 ? 0 : ledger.expiring_30d > 0 ? 1 : 2);

function Attention({ rows, onChart }: { rows: Row[]; onChart: (row: Row) => void }) {
  if (rows.length === 0) return <p class="nothing">{t('allWell')}</p>;
  return (
    <ul class="cards">
      {rows.map((row) => {
        const { store, ledger } = row;
        const unit = pick(ledger.unit, ledger.unit_en);
        return (
          <li key={store.code + ledger.item} class={`card ${ledger.status}`}>
            <ItemIcon item={ledger.item} />
            <div>
              <strong>{nameOf(ledger)}</strong> <small>{nameOf(store)}</small><br />
              <Status status={ledger.status} /> {number(ledger.on_hand)} {unit}
              {ledger.minimum !== null && <small> · {t('minimum')} {number(ledger.minimum)}</small>}<br />
              <small>
                {t('daysOfCover')} {ledger.days_of_cover ?? '—'}
                {ledger.expired > 0 && <> · <span class="status out">✕ {t('expired', { n: number(ledger.expired) })}</span></>}
                {ledger.expiring_30d > 0 && <> · <span class="status low">▲ {t('expiring', { n: number(ledger.expiring_30d) })}</span></>}
              </small>
            </div>
            <button type="button" class="plain push" aria-label={`${t('chart')} ${nameOf(ledger)} ${nameOf(store)}`} onClick={() => onChart(row)}>{t('chart')}</button>
          </li>
        );
      })}
    </ul>
  );
}

function Stores({ rows, onChart }: { rows: Row[]; onChart: (row: Row) => void }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={t('store')}>
      <table>
        <thead>
          <tr>
            <th>{t('store')}</th><th>{t('item')}</th><th>{t('status')}</th><th class="number">{t('onHand')}</th><th class="number">{t('minimum')}</th>
            <th class="number">{t('daysOfCover')}</th><th>{t('earliestExpiry')}</th><th></th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.store.code + row.ledger.item}>
              <td>{nameOf(row.store)}</td>
              <th scope="row"><a href={href(`/ledgers/${row.store.code}/${row.ledger.item}`)}>{nameOf(row.ledger)}</a></th>
              <td><Status status={row.ledger.status} /></td>
              <td class="number">{number(row.ledger.on_hand)} {pick(row.ledger.unit, row.ledger.unit_en)}</td>
              <td class="number">{row.ledger.minimum === null ? '—' : number(row.ledger.minimum)}</td>
              <td class="number">{row.ledger.days_of_cover ?? '—'}</td>
              <td>{row.ledger.earliest_expiry ?? '—'}</td>
              <td><button type="button" class="plain" aria-label={`${t('chart')} ${nameOf(row.ledger)} ${nameOf(row.store)}`} onClick={() => onChart(row)}>{t('chart')}</button></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Tree({ levels }: { levels: Level[] }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={t('tree')}>
      <table>
        <thead>
          <tr>
            <th>{t('place')}</th><th>{t('item')}</th><th>{t('status')}</th><th class="number">{t('onHand')}</th><th class="number">{t('minimum')}</th>
            <th class="number">{t('storeCount')}</th><th class="number">{t('storesLow')}</th><th class="number">{t('storesOut')}</th>
          </tr>
        </thead>
        <tbody>
          {levels.map((l, i) => (
            <tr key={l.place + l.item}>
              <th scope="row">{levels[i - 1]?.place === l.place ? <span class="visually-hidden">{pick(l.place_name_zh, l.place_name_en)}</span> : pick(l.place_name_zh, l.place_name_en)}</th>
              <td>{nameOf(l)}</td><td><Status status={l.status} /></td>
              <td class="number">{number(l.on_hand)} {pick(l.unit, l.unit_en)}</td>
              <td class="number">{l.minimum === null ? '—' : number(l.minimum)}</td>
              <td class="number">{number(l.stores)}</td><td class="number">{number(l.stores_low)}</td><td class="number">{number(l.stores_out)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export default function Levels() {
  const [item, setItem] = useState('');
  const [status, setStatus] = useState<'' | Level['status']>('');
  const [chart, setChart] = useState<Row | null>(null);
  const stock = useLoad(() => everything((cursor) => call(api.GET('/api/v1/stock', {
    params: { query: { cursor, limit: 200, item: item || undefined, status: status || undefined } } }))), [item, status]);
  const stores = useStoreLedgers();
  const soon = useCalm(stock.reload);
  useStream((event) => { if (event.type === 'level' || event.type === 'reset') soon(); });

  const problem = stock.problem ?? stores.problem;
  if (!stock.data || !stores.data) return problem ? <Notice problem={problem} retry={() => { stock.reload(); stores.reload(); }} /> : <Loading />;
  const rows = stores.data.flatMap(({ store, ledgers }) => ledgers.map((ledger) => ({ store, ledger })));
  const shown = rows.filter(({ ledger }) => (!item || ledger.item === item) && (!status || ledger.status === status)).sort((a, b) => urgency(a) - urgency(b));
  const items = [...new Map(rows.map(({ ledger }) => [ledger.item, ledger])).values()];
  return (
    <>
      {problem && <Notice problem={problem} />}
      <h2>{t('attention')} <small class="live"><span aria-hidden="true">●</span> {t('live')}</small></h2>
      <Attention rows={rows.filter(needsAttention).sort((a, b) => urgency(a) - urgency(b))} onChart={setChart} />
      <div class="cells filters">
        <label>{t('item')}
          <select value={item} onChange={(e) => setItem(e.currentTarget.value)}>
            <option value="">{t('everything')}</option>
            {items.map((i) => <option key={i.item} value={i.item}>{nameOf(i)}</option>)}
          </select>
        </label>
        <label>{t('status')}
          <select value={status} onChange={(e) => setStatus(e.currentTarget.value as typeof status)}>
            <option value="">{t('all')}</option>
            <option value="out">{t('outOfStock')}</option><option value="low">{t('low')}</option><option value="ok">{t('ok')}</option>
          </select>
        </label>
      </div>
      <h2>{t('store')}</h2>
      <Stores rows={shown} onChart={setChart} />
      <h2>{t('tree')}</h2>
      <Tree levels={stock.data} />
      {chart && (
        <Dialog title={`${nameOf(chart.ledger)} · ${nameOf(chart.store)}`} onClose={() => setChart(null)}>
          <LedgerChart store={chart.store.code} ledger={chart.ledger} />
          <p><a href={href(`/ledgers/${chart.store.code}/${chart.ledger.item}`)}>{t('openLedger')}</a></p>
        </Dialog>
      )}
    </>
  );
}
