// evidence.tsx - what an auditor takes away: a part of the log with its proof, and the newest signed
// checkpoint, which holds whoever keeps the log to it.
import { useState } from 'preact/hooks';
import { api, asJson, call, Problem, type Schemas } from '../api';
import { dateTime, number, words } from '../i18n';
import { useAction } from '../parts/action';
import { useLoad } from '../parts/load';
import { Loading, Notice } from '../parts/notice';
import { proof } from '../words/proof';

const t = words(proof);
const hex = (base64: string) => [...atob(base64)].map((c) => c.charCodeAt(0).toString(16).padStart(2, '0')).join('');

// origin, size, root, and after an empty line the signatures (C2SP tlog-checkpoint).
function readNote(note: string) {
  const [origin, size, root] = note.split('\n');
  return { origin, size: Number(size), root: hex(root) };
}

interface Checkpoint { note: string; signed: string }

async function newest(store: string): Promise<Checkpoint | null> {
  const asked = api.GET('/api/v1/stores/{store}/checkpoint', { params: { path: { store } }, parseAs: 'text' });
  try {
    return { note: await call(asked), signed: (await asked).response.headers.get('Last-Modified')! };
  } catch (error) {
    if (error instanceof Problem && error.code === 'not_found') return null;
    throw error;
  }
}

async function load(store: string): Promise<{ checkpoint: Checkpoint | null; keys: Schemas['LogKeys'] }> {
  const [checkpoint, keys] = await Promise.all([newest(store), call(api.GET('/api/v1/keys'))]);
  return { checkpoint, keys };
}

function Newest({ store, checkpoint: { note, signed }, keys }: { store: string; checkpoint: Checkpoint; keys: Schemas['LogKeys'] }) {
  const { size, root } = readNote(note);
  const key = keys.items[keys.items.length - 1]?.verifier;
  return (
    <>
      <div class="cells">
        <div><span>{t('signed')}</span><span class="push">{dateTime(signed)}</span></div>
        <div><span>{t('size')}</span><span class="push">{number(size)}</span></div>
        <div><span>{t('root')}</span><code class="push secret">{root}</code></div>
        {key && <div><span>{t('key')}</span><code class="push secret">{key}</code></div>}
      </div>
      <p><a href={`data:text/plain;charset=utf-8,${encodeURIComponent(note)}`} download={`${store}-checkpoint-${size}.txt`}>{t('keep')}</a></p>
      <p><small>{t('keepHint')}</small></p>
      <p><small>{t('verifyHint')}</small></p>
      <pre class="record" tabIndex={0}>taizhang verify --evidence {store}-evidence.zip --since {store}-checkpoint-{size}.txt{key && ` --key '${key}'`}</pre>
    </>
  );
}

function Inside({ store, from, to }: { store: string; from?: string; to?: string }) {
  const { data, problem, reload } = useLoad(() => load(store), [store]);
  const signing = useAction();
  const sign = async () => {
    await signing.run(() => call(api.POST('/api/v1/stores/{store}/checkpoint', { params: { path: { store } }, headers: asJson, parseAs: 'text' })));
    reload();
  };
  const given = new URLSearchParams(Object.entries({ from, to }).filter((q): q is [string, string] => !!q[1])).toString();
  return (
    <>
      <p><small>{t('evidenceHint')}</small></p>
      <p><a href={`/api/v1/stores/${store}/evidence${given && `?${given}`}`} download>{t('download')}{given && ` (${from ?? '…'} – ${to ?? '…'})`}</a></p>
      <h3>{t('newest')}</h3>
      {(problem ?? signing.problem) && <Notice problem={(problem ?? signing.problem)!} />}
      {!data ? !problem && <Loading /> : data.checkpoint ? <Newest store={store} checkpoint={data.checkpoint} keys={data.keys} /> : <p>{t('none')}</p>}
      <button type="button" class="secondary" aria-busy={signing.busy} disabled={signing.busy} onClick={() => void sign()}>{t('sign')}</button>
    </>
  );
}

export function Evidence(props: { store: string; from?: string; to?: string }) {
  const [open, setOpen] = useState(false);
  return (
    <details class="event no-print" open={open} onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary><span><b>{t('evidence')}</b> <small>{t('download')} · {t('newest')}</small></span></summary>
      {open && <Inside {...props} />}
    </details>
  );
}
