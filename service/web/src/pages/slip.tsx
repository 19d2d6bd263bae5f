// A slip: looked at, printed, undone.
import { useEffect, useState } from 'preact/hooks';
import { api, call } from '../api';
import { dateTime, number, words } from '../i18n';
import type { PageProps } from '../page-props';
import type { Slip } from '../outbox/database';
import { namesOf, useItems, useStores } from '../outbox/levels';
import { useOutbox } from '../outbox/outbox';
import { EntryCard } from '../parts/entry';
import { useLoad } from '../parts/load';
import { Loading, Notice } from '../parts/notice';
import { ReversalDialog } from '../parts/reversal';
import { SlipPaper } from '../print/slip-paper';
import { href } from '../router';
import { has } from '../session';
import { keeper } from '../words/keeper';
import '../parts/keeper.css';

const t = words(keeper);

const Field = ({ name, children }: { name: string; children: preact.ComponentChildren }) => <div><span>{name}</span><bdi class="value">{children}</bdi></div>;
const slipAddress = (store: string, number: string) => href(`/slips/${store}/${number}`);

function View({ slip, names }: { slip: Slip; names: ReturnType<typeof namesOf> }) {
  return (
    <>
      <div class="cells">
        <Field name={t('number')}>{slip.number}</Field>
        <Field name={t('reason')}>{t(`reason.${slip.reason}`)}</Field>
        <Field name={t('date')}>{slip.business_date}</Field>
        <Field name={t(slip.kind === 'in' ? 'from' : 'to')}>{slip.counterparty}</Field>
        {slip.receiver && <Field name={t('receiver')}>{slip.receiver}</Field>}
        {slip.handler && <Field name={t('handler')}>{slip.handler}</Field>}
        {slip.document && <Field name={t('document')}>{slip.document}</Field>}
        {slip.note && <Field name={t('note')}>{slip.note}</Field>}
        <Field name={t('postedBy')}>{slip.posted_by}</Field>
        <Field name={t('postedAt')}>{dateTime(slip.posted_at)}</Field>
        {slip.reverses && <Field name={t('reason.reversal')}><a href={slipAddress(slip.store, slip.reverses)}>{slip.reverses}</a></Field>}
        {slip.reversed_by && <Field name={t('reversed')}><a href={slipAddress(slip.store, slip.reversed_by)}>{slip.reversed_by}</a></Field>}
      </div>
      <div class="scroll">
        <table>
          <caption>{t('lines')}</caption>
          <thead><tr><th>{t('item')}</th><th class="number">{t('quantity')}</th><th>{t('lot')}</th><th class="number">{t('balanceAfter')}</th></tr></thead>
          <tbody>
            {slip.lines.map((l) => (
              <tr key={`${l.item}${l.ledger_seq}`}>
                <td><a href={href(`/ledgers/${slip.store}/${l.item}`)}>{names(l.item).name}</a></td>
                <td class="number">{number(l.quantity)} {names(l.item).unit}{l.pack && <small> ({number(l.pack_quantity!)} {l.pack})</small>}</td>
                <td><bdi>{l.lot}</bdi> {l.expires && <small>{t('until', { date: l.expires })}</small>}</td>
                <td class="number">{number(l.balance_after)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

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
  const ready = (stores.all || stores.problem) && (items.data || items.problem); // paper has names, not codes
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
        <View slip={slip} names={names} />
        <p class="entry-actions">
          {has('auditor') && <a href={href(`/events/${store}`, { from: posted, to: posted, seq: slip.event_seq })}>{t('sequence', { seq: slip.event_seq })}</a>}
          {kept && !slip.reversed_by && !slip.reverses && !reversal && (
            <button type="button" class="outline secondary" onClick={() => setUndo(true)}>{t('reverse')}</button>
          )}
        </p>
        <button type="button" class="wide" disabled={!ready} onClick={() => print()}>{t('print')}</button>
      </div>
      <SlipPaper slip={slip} names={{ store: stores.all?.find((s) => s.code === store)?.name_zh ?? store, item: names }} />
      {undo && <ReversalDialog slip={slip} onClose={() => setUndo(false)} />}
    </>
  );
}
