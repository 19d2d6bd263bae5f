// slip-view.tsx - a slip on the screen: its head, its lines.
import { dateTime, number, words } from '../i18n';
import type { Slip } from '../outbox/database';
import type { namesOf } from '../outbox/levels';
import { href } from '../router';
import { keeper } from '../words/keeper';
import './keeper.css';

const t = words(keeper);

const Field = ({ name, children }: { name: string; children: preact.ComponentChildren }) => <div><span>{name}</span><bdi class="value">{children}</bdi></div>;
export const slipAddress = (store: string, number: string) => href(`/slips/${store}/${number}`);

export function SlipView({ slip, names }: { slip: Slip; names: ReturnType<typeof namesOf> }) {
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
