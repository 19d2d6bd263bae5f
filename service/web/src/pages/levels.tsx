// levels.tsx - what needs attention first, then levels summed up the tree of places; live.
import { useState } from 'preact/hooks';
import { SweepWarning } from '../alerts/sweep-warning';
import { api, call, type Schemas } from '../api';
import { LedgerChart } from '../chart/ledger-chart';
import { nameOf, number, pick, words } from '../i18n';
import { allPlaces, useStoreLedgers, type Ledger, type StoreLedgers } from '../live/stock';
import { Dialog } from '../parts/dialog';
import { ItemIcon } from '../parts/item-icon';
import { everything, useLoad } from '../parts/load';
import { Loading, Nothing, Notice } from '../parts/notice';
import { Status } from '../parts/status';
import { inTree } from '../parts/tree';
import { href } from '../router';
import { desk } from '../words/desk';
import '../parts/desk.css';

type Level = Schemas['StockLevel'];
type Store = Schemas['Store'];
type Place = Schemas['Place'];

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

function Stores({ stores, onChart }: { stores: StoreLedgers[]; onChart: (row: Row) => void }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={t('byStore')}>
      <table>
        <thead>
          <tr>
            <th>{t('item')}</th><th>{t('status')}</th><th class="number">{t('onHand')}</th><th class="number">{t('minimum')}</th>
            <th class="number">{t('daysOfCover')}</th><th>{t('earliestExpiry')}</th><th></th>
          </tr>
        </thead>
        {stores.map(({ store, ledgers }) => (
          <tbody key={store.code}>
            <tr>
              <th scope="rowgroup" colSpan={7}>
                {nameOf(store)} <small>{store.code}</small>
                {store.readiness === 'emergency' && <> <span class="status out"><span aria-hidden="true">◆</span> {t('emergency')}</span></>}
              </th>
            </tr>
            {ledgers.map((ledger) => (
              <tr key={ledger.item}>
                <th scope="row" class="inner"><a href={href(`/ledgers/${store.code}/${ledger.item}`)}>{nameOf(ledger)}</a></th>
                <td><Status status={ledger.status} /></td>
                <td class="number">{number(ledger.on_hand)} {pick(ledger.unit, ledger.unit_en)}</td>
                <td class="number">{ledger.minimum === null ? '—' : number(ledger.minimum)}</td>
                <td class="number">{ledger.days_of_cover ?? '—'}</td>
                <td>{ledger.earliest_expiry ?? '—'}</td>
                <td><button type="button" class="plain" aria-label={`${t('chart')} ${nameOf(ledger)} ${nameOf(store)}`} onClick={() => onChart({ store, ledger })}>{t('chart')}</button></td>
              </tr>
            ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}

// Stores that are low or out, of one or more: a sum may be well all the same.
const Few = ({ n, status }: { n: number; status: 'low' | 'out' }) =>
  (n > 0 ? <span class={`status ${status}`}>{number(n)}</span> : <>0</>);

function Tree({ places, levels }: { places: Place[]; levels: Level[] }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={t('tree')}>
      <table>
        <thead>
          <tr>
            <th>{t('item')}</th><th>{t('status')}</th><th class="number">{t('onHand')}</th><th class="number">{t('minimum')}</th>
            <th class="number">{t('storeCount')}</th><th class="number">{t('storesLow')}</th><th class="number">{t('storesOut')}</th>
          </tr>
        </thead>
        {inTree(places).map(({ place, depth }) => {
          const here = levels.filter((l) => l.place === place.code);
          return here.length > 0 && (
            <tbody key={place.code}>
              <tr><th scope="rowgroup" colSpan={7}><span class={`depth-${Math.min(depth, 4)}`}>{nameOf(place)}</span></th></tr>
              {here.map((l) => (
                <tr key={l.item}>
                  <th scope="row" class="inner"><span class={`depth-${Math.min(depth, 4)}`}>{nameOf(l)}</span></th>
                  <td><Status status={l.status} /></td>
                  <td class="number">{number(l.on_hand)} {pick(l.unit, l.unit_en)}</td>
                  <td class="number">{l.minimum === null ? '—' : number(l.minimum)}</td>
                  <td class="number">{number(l.stores)}</td><td class="number"><Few n={l.stores_low} status="low" /></td><td class="number"><Few n={l.stores_out} status="out" /></td>
                </tr>
              ))}
            </tbody>
          );
        })}
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
  const places = useLoad(allPlaces, []);
  const stores = useStoreLedgers(stock.reload);

  const problem = stock.problem ?? places.problem ?? stores.problem;
  const again = () => { stock.reload(); places.reload(); stores.reload(); };
  if (!stock.data || !places.data || !stores.data) return problem ? <Notice problem={problem} retry={again} /> : <Loading />;
  const rows = stores.data.flatMap(({ store, ledgers }) => ledgers.map((ledger) => ({ store, ledger })));
  const shown = stores.data.map(({ store, ledgers }) => ({
    store, ledgers: ledgers.filter((l) => (!item || l.item === item) && (!status || l.status === status)),
  })).filter(({ ledgers }) => ledgers.length > 0);
  const items = [...new Map(rows.map(({ ledger }) => [ledger.item, ledger])).values()];
  return (
    <>
      <SweepWarning />
      {problem && <Notice problem={problem} retry={again} />}
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
      <h2>{t('byStore')}</h2>
      {shown.length === 0 ? <Nothing /> : <Stores stores={shown} onChart={setChart} />}
      <h2>{t('tree')}</h2>
      {stock.data.length === 0 ? <Nothing /> : <Tree places={places.data} levels={stock.data} />}
      {chart && (
        <Dialog title={`${nameOf(chart.ledger)} · ${nameOf(chart.store)}`} onClose={() => setChart(null)}>
          <LedgerChart store={chart.store.code} ledger={chart.ledger} />
          <p><a href={href(`/ledgers/${chart.store.code}/${chart.ledger.item}`)}>{t('openLedger')}</a></p>
        </Dialog>
      )}
    </>
  );
}
