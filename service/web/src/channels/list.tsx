// list.tsx - channels with their state, and a new one: of places, or one's own.
import { useState } from 'preact/hooks';
import { api, call, type Schemas } from '../api';
import { dateTime, nameOf, words } from '../i18n';
import { allPlaces } from '../live/stock';
import { FormDialog } from '../parts/form-dialog';
import { everything, useEvery, useLoad } from '../parts/load';
import { Loading, Notice, Nothing } from '../parts/notice';
import { PlaceSelect, worksHere } from '../parts/place-select';
import { go, href } from '../router';
import { channels } from '../words/channels';
import { ChannelFields } from './fields';
import { kinds, type Channel, type Kind } from './kinds';
import '../parts/desk.css';

const t = words(channels);
const AGAIN = 10_000; // ms

export const allChannels = () => everything((cursor) => call(api.GET('/api/v1/channels', { params: { query: { cursor, limit: 200 } } })));

export function ChannelState({ channel: c }: { channel: Channel }) {
  if (c.dead) return <span class="status out"><span aria-hidden="true">✕</span> {t('trouble', { n: c.dead })}</span>;
  if (!c.enabled) return <span class="status"><span aria-hidden="true">○</span> {t('paused')}</span>;
  if (c.waiting && c.last_error) return <span class="status low"><span aria-hidden="true">▲</span> {t('queued', { n: c.waiting })}</span>;
  return <span class="status ok"><span aria-hidden="true">●</span> {c.waiting ? t('queued', { n: c.waiting }) : t('working')}</span>;
}

const level = (c: Channel) => (c.dead ? 'out' : !c.enabled ? 'off' : c.waiting && c.last_error ? 'low' : 'ok');

function Add({ places, onClose }: { places: Schemas['Place'][] | null; onClose: () => void }) {
  const [kind, setKind] = useState<Kind>('wecom');
  return (
    <FormDialog title={t('addChannel')} hint={t(`where.${kind}`)} onClose={onClose} submit={async ({ name, address, secret, language, place }) => {
      const { id } = await call(api.POST('/api/v1/channels', { body: { kind, name, address, language: language as 'zh', place: place || null, ...(secret ? { secret } : {}) } }));
      go(`/channels/${id}`);
    }}>
      <label>{t('kind')}
        <select value={kind} onChange={(e) => setKind(e.currentTarget.value as Kind)}>{kinds.map((k) => <option key={k} value={k}>{t(`kind.${k}`)}</option>)}</select>
      </label>
      <ChannelFields kind={kind} />
      {places && <PlaceSelect places={places} />}
    </FormDialog>
  );
}

export function Channels({ own }: { own: boolean }) {
  const list = useLoad(allChannels, []);
  const places = useLoad(allPlaces, []);
  const [adding, setAdding] = useState(false);
  useEvery(AGAIN, list.reload);
  const placeName = (code: string) => { const p = places.data?.find((x) => x.code === code); return p ? nameOf(p) : code; };
  const shown = list.data?.filter((c) => (c.owner !== null) === own);
  return (
    <>
      {list.problem && <Notice problem={list.problem} retry={list.reload} />}
      {!shown ? !list.problem && <Loading /> : shown.length === 0 ? <Nothing /> : (
        <ul class="cards">
          {shown.map((c) => (
            <li key={c.id} class={`card ${level(c)}`}>
              <div>
                <a href={href(`/channels/${c.id}`)}><bdi>{c.name}</bdi></a> <ChannelState channel={c} /><br />
                <small>{t(`kind.${c.kind}`)} · {c.address}{c.place && <> · {placeName(c.place)}</>}</small><br />
                <small>{t('lastDelivered')} {c.last_delivered_at ? dateTime(c.last_delivered_at) : t('never')}</small>
                {c.last_error && <p><small>{t('lastError')}: <bdi>{c.last_error}</bdi></small></p>}
              </div>
            </li>
          ))}
        </ul>
      )}
      <p><button type="button" class={own ? 'secondary' : ''} disabled={!own && !places.data} onClick={() => setAdding(true)}>{t('addChannel')}</button></p>
      {adding && <Add places={own ? null : (places.data ?? []).filter(worksHere)} onClose={() => setAdding(false)} />}
    </>
  );
}
