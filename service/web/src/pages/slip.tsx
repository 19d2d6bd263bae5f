// A slip: looked at, printed, undone.
import { useEffect, useState } from 'preact/hooks';
import { api, call } from '../api';
import { words } from '../i18n';
import type { PageProps } from '../page-props';
import { namesOf, useItems, useStores } from '../outbox/levels';
import { useOutbox } from '../outbox/outbox';
import { EntryCard } from '../parts/entry';
import { useLoad } from '../parts/load';
import { Loading, Notice } from '../parts/notice';
import { ReversalDialog } from '../parts/reversal';
import { slipAddress, SlipView } from '../parts/slip-view';
import { SlipPaper } from '../print/slip-paper';
import { usePaperCode } from '../proof/use-code';
import { href } from '../router';
import { has } from '../session';
import { keeper } from '../words/keeper';

const t = words(keeper);

export default function Page({ args: [store, no], query }: PageProps) {
  const mine = useOutbox(store);
  const written = mine.find((e) => e.slip?.number === no)?.slip; // here: then it is there without reception
  const answered = mine.filter((e) => e.state === 'posted').length;
  const loaded = useLoad(() => call(api.GET('/api/v1/stores/{store}/slips/{number}', { params: { path: { store, number: no } } })), [answered]);
  const stores = useStores();
  const items = useItems();
  const names = namesOf(items.data);
  const [undo, setUndo] = useState(false);
  const slip = loaded.data ?? written;
  const reversal = mine.find((e) => e.state !== 'posted' && e.command.does === 'reverse' && e.command.slip.number === no);
  const code = usePaperCode(store, no, slip?.event_seq);
  const ready = (stores.all || stores.problem) && (items.data || items.problem) && code !== undefined; // paper has names, not codes, and a proof
  const wanted = query.get('print') && slip && ready;
  useEffect(() => {
    if (!wanted) return;
    history.replaceState(null, '', slipAddress(store, no)); // going back, or a reload, does not print again
    print();
  }, [!!wanted]);
  if (!slip) return loaded.problem ? <Notice problem={loaded.problem} retry={loaded.reload} /> : <Loading />;
  const posted = slip.posted_at.slice(0, 10); // of that day, as the service has it
  const kept = stores.list?.some((s) => s.code === store);
  return (
    <>
      <div class="no-print">
        <h2>{t(slip.kind === 'in' ? 'slipIn' : 'slipOut')}</h2>
        {reversal && <EntryCard entry={reversal} />}
        <SlipView slip={slip} names={names} />
        <p class="entry-actions">
          {has('auditor') && <a href={href(`/events/${store}`, { from: posted, to: posted, seq: slip.event_seq })}>{t('sequence', { seq: slip.event_seq })}</a>}
          {kept && !slip.reversed_by && !slip.reverses && !reversal && (
            <button type="button" class="outline secondary" onClick={() => setUndo(true)}>{t('reverse')}</button>
          )}
        </p>
        {code === null && <p class="short">▲ {t('noCode')}</p>}
        <button type="button" class="wide" disabled={!ready} onClick={() => print()}>{t('print')}</button>
      </div>
      <SlipPaper slip={slip} code={code ?? null} names={{ store: stores.all?.find((s) => s.code === store)?.name_zh ?? store, item: names }} />
      {undo && <ReversalDialog slip={slip} onClose={() => setUndo(false)} />}
    </>
  );
}
