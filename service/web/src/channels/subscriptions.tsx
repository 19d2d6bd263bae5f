// subscriptions.tsx - what a channel is told of: alerts of which places and causes, and when.
import { useState } from 'preact/hooks';
import { causeName, causes, type Cause } from '../alerts/causes';
import { api, call, type Schemas } from '../api';
import { nameOf, words } from '../i18n';
import { useAction } from '../parts/action';
import { FormDialog } from '../parts/form-dialog';
import { everything, useLoad } from '../parts/load';
import { Loading, Notice } from '../parts/notice';
import { PlaceSelect, worksHere } from '../parts/place-select';
import { inTree } from '../parts/tree';
import { channels } from '../words/channels';
import type { Channel } from './kinds';

type Place = Schemas['Place'];

const t = words(channels);
const causeText = (cause: string | null) => (cause === null ? t('anyCause') : cause === 'checkpoint' ? t('checkpoint') : causeName(cause as Cause));

// A place and all below it.
function within(places: Place[], top: string): Place[] {
  const from = inTree(places);
  const start = from.findIndex(({ place }) => place.code === top);
  const end = from.findIndex(({ depth }, i) => i > start && depth <= from[start].depth);
  return start < 0 ? [] : from.slice(start, end < 0 ? undefined : end).map(({ place }) => place);
}

function Add({ channel, places, onClose }: { channel: Channel; places: Place[]; onClose: () => void }) {
  const may = (channel.place ? within(places, channel.place) : places).filter(worksHere);
  const [cause, setCause] = useState('');
  return (
    <FormDialog title={t('subscribe')} onClose={onClose} submit={({ place, on }) => call(api.POST('/api/v1/subscriptions', {
      body: { channel: channel.id, place, cause: (cause || null) as Schemas['NewSubscription']['cause'], on: on === 'escalated' ? on : 'opened' } }))}>
      <PlaceSelect places={may} />
      <label>{t('about')}
        <select value={cause} onChange={(e) => setCause(e.currentTarget.value)}>
          <option value="">{t('anyCause')}</option>
          {[...causes, 'checkpoint'].map((c) => <option key={c} value={c}>{causeText(c)}</option>)}
        </select>
      </label>
      {cause !== 'checkpoint' && (
        <label>{t('when')}
          <select name="on"><option value="opened">{t('on.opened')}</option><option value="escalated">{t('on.escalated')}</option></select>
        </label>
      )}
    </FormDialog>
  );
}

export function Subscriptions({ channel, places }: { channel: Channel; places: Place[] }) {
  const list = useLoad(() => everything((cursor) => call(api.GET('/api/v1/subscriptions', { params: { query: { channel: channel.id, cursor, limit: 200 } } }))), [channel.id]);
  const [adding, setAdding] = useState(false);
  const { problem, run } = useAction();
  const end = async (id: number) => {
    await run(() => call(api.DELETE('/api/v1/subscriptions/{id}', { params: { path: { id } } })));
    list.reload();
  };
  const placeName = (code: string) => { const p = places.find((x) => x.code === code); return p ? nameOf(p) : code; };
  return (
    <section aria-label={t('subscriptions')}>
      <h2>{t('subscriptions')}</h2>
      {(problem ?? list.problem) && <Notice problem={(problem ?? list.problem)!} />}
      {!list.data ? !list.problem && <Loading /> : list.data.length === 0 ? <p class="status low">▲ {t('noSubscription')}</p> : (
        <div class="cells">
          {list.data.map((s) => {
            const what = `${placeName(s.place)} · ${causeText(s.cause)}`;
            return (
              <div key={s.id}>
                <span>{what}<br /><small>{t(`on.${s.on}`)}</small></span>
                <button type="button" class="plain push" aria-label={t('endSubscription', { what })} onClick={() => void end(s.id)}>{t('remove')}</button>
              </div>
            );
          })}
        </div>
      )}
      <button type="button" class="secondary" onClick={() => setAdding(true)}>{t('subscribe')}</button>
      {adding && <Add channel={channel} places={places} onClose={() => { setAdding(false); list.reload(); }} />}
    </section>
  );
}
