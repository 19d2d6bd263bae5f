// alerts.tsx - open ones first, each with what to order; acknowledged with a note; live.
import { useState } from 'preact/hooks';
import { api, call, type Schemas } from '../api';
import { dateTime, nameOf, number, pick, words } from '../i18n';
import { allStores } from '../live/stock';
import { useCalm, useStream } from '../live/stream';
import { FormDialog } from '../parts/form-dialog';
import { ItemIcon } from '../parts/item-icon';
import { everything, useLoad } from '../parts/load';
import { Loading, Notice } from '../parts/notice';
import { href } from '../router';
import { desk } from '../words/desk';
import '../parts/desk.css';

type Alert = Schemas['Alert'];
type Item = Schemas['Item'];

const t = words(desk);
const causes = new Set(['low_stock', 'out_of_stock']);
const causeName = (cause: string) => (causes.has(cause) ? t(`cause.${cause}` as 'cause.low_stock') : cause);
const CLOSED_SHOWN = 50;

// "381 件（8 箱）": in the biggest pack that the quantity fills, rounded up.
function toOrder(quantity: number, item: Item | undefined, unit: string): string {
  const pack = [...(item?.packs ?? [])].sort((a, b) => b.quantity - a.quantity).find((p) => p.quantity <= quantity);
  return `${number(quantity)} ${unit}${pack ? ` (${number(Math.ceil(quantity / pack.quantity))} ${pack.name})` : ''}`;
}

function Card({ alert, store, item, onAcknowledge }: { alert: Alert; store: string; item: Item | undefined; onAcknowledge: () => void }) {
  const unit = pick(alert.unit, alert.unit_en);
  const out = alert.cause === 'out_of_stock';
  return (
    <li class={`card ${alert.closed_at ? 'ok' : out ? 'out' : 'low'}`}>
      <ItemIcon item={alert.item} />
      <div>
        <strong>{nameOf(alert)}</strong> <small>{store}</small><br />
        <span class={`status ${out ? 'out' : 'low'}`}><span aria-hidden="true">{out ? '✕' : '▲'}</span> {causeName(alert.cause)}</span>{' '}
        {number(alert.on_hand)} {unit}{alert.minimum !== null && <small> · {t('minimum')} {number(alert.minimum)} · {t('target')} {number(alert.target ?? 0)}</small>}<br />
        {!alert.closed_at && alert.suggested_quantity ? <><b>{t('suggested')} {toOrder(alert.suggested_quantity, item, unit)}</b><br /></> : null}
        <small>
          {t('openedAt')} {dateTime(alert.opened_at)}
          {alert.opened_by_slip && <> · <a href={href(`/slips/${alert.store}/${alert.opened_by_slip}`)}>{t('bySlip', { slip: alert.opened_by_slip })}</a></>}
          {alert.closed_at && <> · {t('closedAt')} {dateTime(alert.closed_at)}</>}
        </small>
        {alert.acknowledged_by && <p class="acknowledged">✓ {t('acknowledged', { who: alert.acknowledged_by })}{alert.acknowledged_note && <>: <bdi>{alert.acknowledged_note}</bdi></>}</p>}
      </div>
      {!alert.closed_at && (
        <button type="button" class={`push ${alert.acknowledged_by ? 'plain' : ''}`} aria-label={t('acknowledgeTitle', { item: `${nameOf(alert)} ${causeName(alert.cause)} ${store}` })} onClick={onAcknowledge}>
          {t('acknowledge')}
        </button>
      )}
    </li>
  );
}

export default function Alerts() {
  const [status, setStatus] = useState<'open' | 'closed'>('open');
  const [asking, setAsking] = useState<Alert | null>(null);
  const items = useLoad(() => everything((cursor) => call(api.GET('/api/v1/items', { params: { query: { cursor, limit: 200 } } }))), []);
  const alerts = useLoad(() => (status === 'open'
    ? everything((cursor) => call(api.GET('/api/v1/alerts', { params: { query: { status, cursor, limit: 200 } } })))
    : call(api.GET('/api/v1/alerts', { params: { query: { status, limit: CLOSED_SHOWN } } })).then((page) => page.items)), [status]);
  const stores = useLoad(allStores, []);
  const storeName = (code: string) => { const s = stores.data?.find((x) => x.code === code); return s ? nameOf(s) : code; };
  const soon = useCalm(alerts.reload);
  useStream((event) => { if (event.type !== 'slip') soon(); });

  return (
    <>
      <div class="tabs" role="group" aria-label={t('status')}>
        {(['open', 'closed'] as const).map((s) => (
          <button key={s} type="button" class={status === s ? '' : 'secondary'} aria-pressed={status === s} onClick={() => setStatus(s)}>
            {t(s === 'open' ? 'openAlerts' : 'closedAlerts')}
          </button>
        ))}
      </div>
      {alerts.problem && <Notice problem={alerts.problem} retry={alerts.reload} />}
      {!alerts.data ? !alerts.problem && <Loading /> : alerts.data.length === 0 ? <p class="nothing">{t('noAlerts')}</p> : (
        <ul class="cards">
          {alerts.data.map((alert) => (
            <Card key={alert.id} alert={alert} store={storeName(alert.store)} item={items.data?.find((i) => i.code === alert.item)} onAcknowledge={() => setAsking(alert)} />
          ))}
        </ul>
      )}
      {asking && (
        <FormDialog title={t('acknowledgeTitle', { item: `${nameOf(asking)} · ${storeName(asking.store)}` })} onClose={() => { setAsking(null); alerts.reload(); }} submit={({ note }) =>
          call(api.POST('/api/v1/alerts/{id}/acknowledge', { params: { path: { id: asking.id } }, body: { note } }))}>
          <label>{t('handlingNote')}<input name="note" maxLength={1000} /></label>
        </FormDialog>
      )}
    </>
  );
}
