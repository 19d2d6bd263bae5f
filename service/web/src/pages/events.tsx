// events.tsx - the audit trail of a store or of the system: who did what, when, from where, and its exact
// bytes, whose hash the reader's own browser can check.
import { useState } from 'preact/hooks';
import { api, call, type Schemas } from '../api';
import { dateTime, nameOf, words } from '../i18n';
import { allStores } from '../live/stock';
import { ExportLinks } from '../parts/export-links';
import { FilterText } from '../parts/filter-text';
import { useLoad } from '../parts/load';
import { Loading, Notice, Nothing } from '../parts/notice';
import { usePages } from '../parts/paging';
import type { PageProps } from '../page-props';
import { Evidence } from '../proof/evidence';
import { leafHash } from '../proof/merkle';
import { ask, go, href } from '../router';
import { audit } from '../words/audit';
import '../parts/desk.css';

type Event = Schemas['Event'];

const t = words(audit);
const SYSTEM = 'system';
const log = (store: string) => (store === SYSTEM ? 'system.' : 'type.');
const types = (store: string) => (Object.keys(audit) as (keyof typeof audit)[]).filter((k) => k.startsWith(log(store)));
const typeName = (store: string, type: string) => { const key = log(store) + type; return key in audit ? t(key as keyof typeof audit) : type; };
const filters = ['type', 'actor', 'from', 'to'] as const;

const load = (store: string, query: object) => (store === SYSTEM
  ? call(api.GET('/api/v1/events', { params: { query: query as never } }))
  : call(api.GET('/api/v1/stores/{store}/events', { params: { path: { store }, query: query as never } })));
const show = (element: HTMLElement | null) => element?.scrollIntoView({ block: 'center' });

function Record({ event, store }: { event: Event; store: string }) {
  const [fits, setFits] = useState<boolean | null>(null);
  const number = (event.body as { number?: string }).number;
  return (
    <>
      {number && store !== SYSTEM && <p><a href={href(`/slips/${store}/${number}`)}>{t('openSlip', { slip: number })}</a></p>}
      <p>{t('hash')} <code class="secret">{event.leaf_hash}</code></p>
      {isSecureContext && (
        <p role="status">
          <button type="button" class="plain" onClick={async () => setFits(await leafHash(event.record) === event.leaf_hash)}>{t('checkHash')}</button>
          {fits !== null && <span class={`status ${fits ? 'ok' : 'out'}`}>{t(fits ? 'hashFits' : 'hashWrong')}</span>}
        </p>
      )}
      <pre class="record" tabIndex={0} aria-label={t('record')}>{JSON.stringify(event.body, null, 2)}</pre>
    </>
  );
}

export default function Events({ args: [given], query }: PageProps) {
  const stores = useLoad(allStores, []);
  const store = given ?? stores.data?.[0]?.code ?? '';
  const asked = Object.fromEntries(filters.map((f) => [f, query.get(f) || undefined])) as Record<(typeof filters)[number], string | undefined>;
  const wanted = Number(query.get('seq'));
  const path = store === SYSTEM ? '/events' : `/stores/${store}/events`;
  const set = (name: string, value: string) => ask({ [name]: value, seq: '' });
  const events = usePages<Event>(async (cursor) => {
    if (!store) return { items: [], next_cursor: null };
    const page = await load(store, { ...asked, cursor, limit: wanted ? 200 : 50 });
    // One that was asked for may lie further down its day.
    while (wanted && !cursor && page.next_cursor && page.items[page.items.length - 1].seq > wanted) {
      const more = await load(store, { ...asked, cursor: page.next_cursor, limit: 200 });
      page.items.push(...more.items);
      page.next_cursor = more.next_cursor;
    }
    return page;
  }, [store, wanted, ...Object.values(asked)]);

  if (!stores.data) return stores.problem ? <Notice problem={stores.problem} retry={stores.reload} /> : <Loading />;
  return (
    <>
      <div class="cells filters no-print">
        <label>{t('store')}
          <select value={store} onChange={(e) => go(`/events/${e.currentTarget.value}`)}>
            {stores.data.map((s) => <option key={s.code} value={s.code}>{nameOf(s)}</option>)}
            <option value={SYSTEM}>{t('systemLog')}</option>
          </select>
        </label>
        <label>{t('type')}
          <select value={asked.type ?? ''} onChange={(e) => set('type', e.currentTarget.value)}>
            <option value="">{t('all')}</option>{types(store).map((k) => <option key={k} value={k.slice(log(store).length)}>{t(k)}</option>)}
          </select>
        </label>
        <FilterText label={t('actor')} value={asked.actor} onAsk={(value) => set('actor', value)} />
        <label>{t('from')}<input type="date" value={asked.from ?? ''} onChange={(e) => set('from', e.currentTarget.value)} /></label>
        <label>{t('to')}<input type="date" value={asked.to ?? ''} onChange={(e) => set('to', e.currentTarget.value)} /></label>
      </div>
      <ExportLinks path={path} query={asked} />
      {store && store !== SYSTEM && <Evidence key={store} store={store} from={asked.from} to={asked.to} />}
      {events.items?.length === 0 && <Nothing />}
      {events.items?.map((event) => (
        <details key={event.seq} class="event" open={event.seq === wanted} ref={event.seq === wanted ? show : undefined}>
          <summary><span>
            <b>#{event.seq}</b> {typeName(store, event.type)}{' '}
            {(event.body as { number?: string; item?: string }).number ?? (event.body as { item?: string }).item ?? ''}{' '}
            <small>{dateTime(event.at)} · {event.actor} · {event.source}</small>
          </span></summary>
          <Record event={event} store={store} />
        </details>
      ))}
      {events.below}
    </>
  );
}
