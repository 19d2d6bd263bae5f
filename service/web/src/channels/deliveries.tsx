// deliveries.tsx - messages that were sent, wait, or were given up; those can be sent again.
import { useState } from 'preact/hooks';
import { api, asJson, call, type Schemas } from '../api';
import { dateTime, words } from '../i18n';
import { useAction } from '../parts/action';
import { Notice, Nothing } from '../parts/notice';
import { usePages } from '../parts/paging';
import { channels } from '../words/channels';

type Delivery = Schemas['Delivery'];
type Status = Delivery['status'];

const t = words(channels);
const STATUSES: Record<Status, { sign: string; level: string }> = {
  waiting: { sign: '◔', level: 'low' }, delivered: { sign: '●', level: 'ok' }, dead: { sign: '✕', level: 'out' } };

function Row({ delivery: d, named, onRetry }: { delivery: Delivery; named: boolean; onRetry: () => void }) {
  const { sign, level } = STATUSES[d.status];
  const at = dateTime(d.created_at);
  return (
    <div class="delivery">
      <div>
        <span class={`status ${level}`}><span aria-hidden="true">{sign}</span> {t(`status.${d.status}`)}</span>{' '}
        {named && <><bdi>{d.channel_name}</bdi> · </>}{t(`about.${d.kind}`, { n: d.notices })}<br />
        <small>{at} · {t('attempts', { n: d.attempts })}
          {d.delivered_at && <> · {t('status.delivered')} {dateTime(d.delivered_at)}</>}{d.next_attempt_at && d.attempts > 0 && <> · {t('nextAt', { at: dateTime(d.next_attempt_at) })}</>}</small>
        {d.last_error && d.status !== 'delivered' && <><br /><small><bdi>{d.last_error}</bdi></small></>}
      </div>
      {d.status === 'dead' && <button type="button" class="plain push" aria-label={t('resendIt', { at })} onClick={onRetry}>{t('resend')}</button>}
    </div>
  );
}

// channel: of one; else of all that one keeps. only: of one status. on: what else makes it be asked anew.
export function Deliveries({ channel, only, on = [] }: { channel?: number; only?: Status; on?: unknown[] }) {
  const [status, setStatus] = useState<Status | ''>(only ?? '');
  const [turn, setTurn] = useState(0);
  const { problem, run } = useAction();
  const { items, below } = usePages<Delivery>((cursor) => {
    const query = { status: status || undefined, cursor, limit: 20 };
    return call(channel ? api.GET('/api/v1/channels/{id}/deliveries', { params: { path: { id: channel }, query } }) : api.GET('/api/v1/deliveries', { params: { query } }));
  }, [channel, status, turn, ...on]);
  const retry = async (id: string) => {
    await run(() => call(api.POST('/api/v1/deliveries/{id}/retry', { params: { path: { id } }, headers: asJson })));
    setTurn((n) => n + 1);
  };
  return (
    <>
      {!only && (
        <div class="cells filters">
          <label>{t('state')}
            <select value={status} onChange={(e) => setStatus(e.currentTarget.value as Status | '')}>
              <option value="">{t('all')}</option>
              {(Object.keys(STATUSES) as Status[]).map((s) => <option key={s} value={s}>{t(`status.${s}`)}</option>)}
            </select>
          </label>
        </div>
      )}
      {problem && <Notice problem={problem} />}
      {items?.length === 0 && <Nothing />}
      {items && items.length > 0 && <div class="cells">{items.map((d) => <Row key={d.id} delivery={d} named={!channel} onRetry={() => void retry(d.id)} />)}</div>}
      {below}
    </>
  );
}
