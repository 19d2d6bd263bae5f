// channel.tsx - a channel: how it does, a test, what it is told of, what was sent.
import { useState } from 'preact/hooks';
import { Deliveries } from '../channels/deliveries';
import { ChannelFields } from '../channels/fields';
import type { Channel } from '../channels/kinds';
import { allChannels, ChannelState } from '../channels/list';
import { Subscriptions } from '../channels/subscriptions';
import { api, asJson, call, type Schemas } from '../api';
import { dateTime, nameOf, number, words } from '../i18n';
import { allPlaces } from '../live/stock';
import { useAction } from '../parts/action';
import { Dialog } from '../parts/dialog';
import { FormDialog } from '../parts/form-dialog';
import { useEvery, useLoad } from '../parts/load';
import { Done, Loading, Notice } from '../parts/notice';
import type { PageProps } from '../page-props';
import { go } from '../router';
import { channels } from '../words/channels';
import '../parts/desk.css';

const t = words(channels);
const AGAIN = 5_000; // ms

const Field = ({ name, children }: { name: string; children: preact.ComponentChildren }) => <div><span>{name}</span><span class="push">{children}</span></div>;

function Facts({ channel: c, place }: { channel: Channel; place: string }) {
  return (
    <div class="cells">
      <Field name={t('state')}><ChannelState channel={c} />{!c.enabled && c.dead > 0 && <> · {t('paused')}</>}</Field>
      <Field name={t('kind')}>{t(`kind.${c.kind}`)}</Field>
      <Field name={t(c.kind === 'email' ? 'mail' : 'address')}><bdi>{c.address}</bdi></Field>
      <Field name={t('secret')}>{t(c.has_secret ? 'has' : 'hasNot')}</Field>
      <Field name={t('keptAt')}>{c.place ? place : t('yours')}</Field>
      <Field name={t('language')}>{t(c.language === 'zh' ? 'chinese' : 'english')}</Field>
      <Field name={t('lastDelivered')}>{c.last_delivered_at ? dateTime(c.last_delivered_at) : t('never')}</Field>
      {c.last_error && <Field name={t('lastError')}><bdi>{c.last_error}</bdi></Field>}
    </div>
  );
}

function Actions({ channel, onDone }: { channel: Channel; onDone: () => void }) {
  const [asking, setAsking] = useState<'edit' | 'remove' | null>(null);
  const [tested, setTested] = useState<Schemas['ChannelTest'] | null>(null);
  const { busy, problem, run } = useAction();
  const params = { path: { id: channel.id } };
  const change = (body: Schemas['ChannelChange']) => call(api.PATCH('/api/v1/channels/{id}', { params, body }));
  const test = () => run(async () => {
    setTested(null);
    setTested(await call(api.POST('/api/v1/channels/{id}/test', { params, headers: asJson })));
  });
  return (
    <>
      <p class="buttons">
        <button type="button" aria-busy={busy} disabled={busy} onClick={() => void test()}>{t('test')}</button>
        <button type="button" class="secondary" onClick={() => setAsking('edit')}>{t('edit')}</button>
        <button type="button" class="secondary" onClick={() => void run(() => change({ enabled: !channel.enabled })).then(onDone)}>{t(channel.enabled ? 'pause' : 'resume')}</button>
        <button type="button" class="secondary" onClick={() => setAsking('remove')}>{t('remove')}</button>
      </p>
      {problem && <Notice problem={problem} />}
      {tested?.status === 'delivered' && <Done><p>✓ {t('tested', { ms: number(tested.ms) })}</p><pre class="record">{tested.message}</pre></Done>}
      {tested?.status === 'failed' && <div class="notice bad" role="alert"><p>✕ {t('testFailed', { why: tested.error ?? '' })}</p></div>}
      {asking === 'edit' && (
        <FormDialog title={t('editChannel')} hint={t(`where.${channel.kind}`)} onClose={() => { setAsking(null); onDone(); }} submit={({ name, address, secret, language }) =>
          change({ name, language: language as 'zh', ...(address ? { address } : {}), ...(secret ? { secret } : {}) })}>
          <ChannelFields kind={channel.kind} of={channel} />
        </FormDialog>
      )}
      {asking === 'remove' && (
        <Dialog title={t('removeTitle', { name: channel.name })} onClose={() => setAsking(null)}>
          <p>{t('removeText')}</p>
          <p class="buttons">
            <button type="button" class="secondary" onClick={() => void run(async () => {
              await call(api.DELETE('/api/v1/channels/{id}', { params }));
              go(channel.owner === null ? '/channels' : '/account');
            })}>{t('remove')}</button>
            <button type="button" onClick={() => setAsking(null)}>{t('cancel')}</button>
          </p>
        </Dialog>
      )}
    </>
  );
}

export default function Page({ args: [id] }: PageProps) {
  const list = useLoad(allChannels, []);
  const places = useLoad(allPlaces, []);
  useEvery(AGAIN, list.reload);
  const channel = list.data?.find((c) => String(c.id) === id);
  const problem = list.problem ?? places.problem;
  if (!list.data || !places.data) return problem ? <Notice problem={problem} retry={() => { list.reload(); places.reload(); }} /> : <Loading />;
  if (!channel) return <p class="nothing">{t('unknown')}</p>;
  const place = places.data.find((p) => p.code === channel.place);
  return (
    <div class="narrow">
      <h2><bdi>{channel.name}</bdi></h2>
      {problem && <Notice problem={problem} retry={list.reload} />}
      <Facts channel={channel} place={place ? nameOf(place) : channel.place ?? ''} />
      <Actions channel={channel} onDone={list.reload} />
      <Subscriptions channel={channel} places={places.data} />
      <h2>{t('deliveries')}</h2>
      <Deliveries channel={channel.id} on={[channel.waiting, channel.dead, channel.last_delivered_at]} />
    </div>
  );
}
