// alerts.tsx - open ones first: what is wrong, what to order, who sees to it; live.
import { useState } from 'preact/hooks';
import { CAUSES, causeName, causes, whatIs, type Alert, type Cause } from '../alerts/causes';
import { SweepWarning } from '../alerts/sweep-warning';
import { api, call, type Schemas } from '../api';
import { dateTime, nameOf, number, pick, words } from '../i18n';
import { allPlaces, allStores } from '../live/stock';
import { useCalm, useStream } from '../live/stream';
import { FormDialog } from '../parts/form-dialog';
import { ItemIcon } from '../parts/item-icon';
import { everything, useLoad } from '../parts/load';
import { Loading, Notice } from '../parts/notice';
import { href } from '../router';
import { alerts as alertWords } from '../words/alerts';
import '../parts/desk.css';

type Item = Schemas['Item'];
type NameOf = (code: string) => string;

const t = words(alertWords);
const CLOSED_SHOWN = 50;
const DAY = 86_400_000; // ms

// "381 件（8 箱）": in the biggest pack that the quantity fills, rounded up.
function toOrder(quantity: number, item: Item | undefined, unit: string): string {
  const pack = [...(item?.packs ?? [])].sort((a, b) => b.quantity - a.quantity).find((p) => p.quantity <= quantity);
  return `${number(quantity)} ${unit}${pack ? ` (${number(Math.ceil(quantity / pack.quantity))} ${pack.name})` : ''}`;
}

// The figures that its sentence does not hold.
const besides = (a: Alert, unit: string) => [
  ['low_stock', 'out_of_stock'].includes(a.cause) ? '' : `${t('onHand')} ${number(a.on_hand)} ${unit}`,
  a.cause === 'low_stock' || a.minimum === null ? '' : `${t('minimum')} ${number(a.minimum)}`,
  a.target === null ? '' : `${t('target')} ${number(a.target)}`,
].filter(Boolean).join(' · ');

// Who sees to it: nobody yet, somebody, later; and up to where it has come.
function State({ alert, placeName }: { alert: Alert; placeName: NameOf }) {
  return (
    <>
      {alert.state === 'open' && <p>{t('notYet')}</p>}
      {alert.acknowledged_by && <p>✓ {t('acknowledged', { who: alert.acknowledged_by })}{alert.acknowledged_note && <>: <bdi>{alert.acknowledged_note}</bdi></>}</p>}
      {alert.snoozed_until && <p>◷ {t('snoozed', { who: alert.snoozed_by ?? '', date: alert.snoozed_until })}{alert.snooze_reason && <>: <bdi>{alert.snooze_reason}</bdi></>}</p>}
      {alert.escalated_to && <p>↑ {t('escalated', { place: placeName(alert.escalated_to) })}{alert.escalated_at && <small> {dateTime(alert.escalated_at)}</small>}</p>}
    </>
  );
}

function Card({ alert, store, item, placeName, onAsk }: {
  alert: Alert; store: string; item: Item | undefined; placeName: NameOf; onAsk: (what: Asking['what']) => void;
}) {
  const unit = pick(alert.unit, alert.unit_en);
  const { level } = CAUSES[alert.cause];
  const about = `${nameOf(alert)} ${causeName(alert.cause)} ${store}`;
  return (
    <li class={`card ${alert.closed_at ? 'ok' : level}`}>
      <ItemIcon item={alert.item} />
      <div>
        <strong>{nameOf(alert)}</strong> <small>{store}</small><br />
        <span class={`status ${level}`}><span aria-hidden="true">{level === 'out' ? '✕' : '▲'}</span> {causeName(alert.cause)}</span>{' '}
        {whatIs(alert)}<br />
        <small>{besides(alert, unit)}</small><br />
        {!alert.closed_at && alert.suggested_quantity ? <><b>{t('suggested')} {toOrder(alert.suggested_quantity, item, unit)}</b><br /></> : null}
        <small>
          {t('openedAt')} {dateTime(alert.opened_at)}
          {alert.opened_by_slip && <> · <a href={href(`/slips/${alert.store}/${alert.opened_by_slip}`)}>{t('bySlip', { slip: alert.opened_by_slip })}</a></>}
          {alert.closed_at && <> · {t('closedAt')} {dateTime(alert.closed_at)}</>}
        </small>
        <State alert={alert} placeName={placeName} />
      </div>
      {!alert.closed_at && (
        <div class="answers">
          <button type="button" class={alert.acknowledged_by ? 'plain' : ''} aria-label={t('acknowledgeTitle', { item: about })} onClick={() => onAsk('acknowledge')}>{t('acknowledge')}</button>
          <button type="button" class="plain" aria-label={t('snoozeTitle', { item: about })} onClick={() => onAsk('snooze')}>{t('snooze')}</button>
        </div>
      )}
    </li>
  );
}

interface Asking { what: 'acknowledge' | 'snooze'; alert: Alert }

function Answer({ what, alert, store, onClose }: Asking & { store: string; onClose: () => void }) {
  const item = `${nameOf(alert)} · ${store}`;
  const params = { path: { id: alert.id } };
  if (what === 'acknowledge') {
    return (
      <FormDialog title={t('acknowledgeTitle', { item })} onClose={onClose} submit={({ note }) =>
        call(api.POST('/api/v1/alerts/{id}/acknowledge', { params, body: { note } }))}>
        <label>{t('handlingNote')}<input name="note" maxLength={1000} /></label>
      </FormDialog>
    );
  }
  const tomorrow = new Date(Date.now() + DAY).toLocaleDateString('sv'); // as 2026-12-01
  return (
    <FormDialog title={t('snoozeTitle', { item })} hint={t('snoozeHint')} onClose={onClose} submit={({ until, reason }) =>
      call(api.POST('/api/v1/alerts/{id}/snooze', { params, body: { until, reason } }))}>
      <label>{t('snoozeUntil')}<input name="until" type="date" min={tomorrow} required /></label>
      <label>{t('reason')}<input name="reason" maxLength={500} required /></label>
    </FormDialog>
  );
}

export default function Alerts() {
  const [status, setStatus] = useState<'open' | 'closed'>('open');
  const [cause, setCause] = useState<Cause | ''>('');
  const [asking, setAsking] = useState<Asking | null>(null);
  const items = useLoad(() => everything((cursor) => call(api.GET('/api/v1/items', { params: { query: { cursor, limit: 200 } } }))), []);
  const alerts = useLoad(() => {
    const page = (limit: number, cursor?: string) =>
      call(api.GET('/api/v1/alerts', { params: { query: { status, cause: cause || undefined, limit, cursor } } }));
    return status === 'open' ? everything((cursor) => page(200, cursor)) : page(CLOSED_SHOWN).then((p) => p.items);
  }, [status, cause]);
  const stores = useLoad(allStores, []);
  const places = useLoad(allPlaces, []);
  const nameIn = (list: { code: string; name_zh: string; name_en: string }[] | null): NameOf => (code) => { const x = list?.find((y) => y.code === code); return x ? nameOf(x) : code; };
  const storeName = nameIn(stores.data);
  const soon = useCalm(alerts.reload);
  useStream((event) => { if (event.type !== 'slip') soon(); });

  return (
    <>
      <SweepWarning />
      <div class="tabs">
        <div role="group" aria-label={t('status')}>
          {(['open', 'closed'] as const).map((s) => (
            <button key={s} type="button" class={status === s ? '' : 'secondary'} aria-pressed={status === s} onClick={() => setStatus(s)}>
              {t(s === 'open' ? 'openAlerts' : 'closedAlerts')}
            </button>
          ))}
        </div>
        <select aria-label={t('cause')} value={cause} onChange={(e) => setCause(e.currentTarget.value as Cause | '')}>
          <option value="">{t('cause')}{pick('：', ': ')}{t('all')}</option>{causes.map((c) => <option key={c} value={c}>{causeName(c)}</option>)}
        </select>
        <a href={href('/alert-rules')}>{t('rulesLink')}</a>
      </div>
      {alerts.problem && <Notice problem={alerts.problem} retry={alerts.reload} />}
      {!alerts.data ? !alerts.problem && <Loading /> : alerts.data.length === 0 ? <p class="nothing">{t('noAlerts')}</p> : (
        <ul class="cards">
          {alerts.data.map((alert) => (
            <Card key={alert.id} alert={alert} store={storeName(alert.store)} item={items.data?.find((i) => i.code === alert.item)}
              placeName={nameIn(places.data)} onAsk={(what) => setAsking({ what, alert })} />
          ))}
        </ul>
      )}
      {asking && <Answer {...asking} store={storeName(asking.alert.store)} onClose={() => { setAsking(null); alerts.reload(); }} />}
    </>
  );
}
