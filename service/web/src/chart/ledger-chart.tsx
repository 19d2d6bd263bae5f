// ledger-chart.tsx - a ledger's balance over time with its minimum, and in and out by day; as pictures
// and as the table behind them. uPlot comes only when a chart is looked at.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Schemas } from '../api';
import { locale, nameOf, number, words } from '../i18n';
import { useLoad } from '../parts/load';
import { dayAt, offsetOf } from '../outbox/day';
import { Loading, Notice } from '../parts/notice';
import { desk } from '../words/desk';
import { loadDays, type Day } from './figures';

const t = words(desk);
const SPAN = 60;

function Plot({ days, minimum, kind, label }: { days: Day[]; minimum: number | null; kind: 'balance' | 'moves'; label: string }) {
  const box = useRef<HTMLDivElement>(null);
  const [wide, setWide] = useState(0);
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => setWide(Math.floor(entry.contentRect.width)));
    watch.observe(box.current!);
    return () => watch.disconnect();
  }, []);
  useEffect(() => {
    if (!wide) return;
    let gone = false;
    let plot: { destroy(): void } | undefined;
    void import('./plot').then(({ draw }) => {
      if (!gone && box.current) plot = draw(box.current, wide, days, minimum, kind, {
        day: t('day'), balance: t('balance'), minimum: t('minimum'), in: t('in'), out: t('out'), locale: locale() });
    });
    return () => {
      gone = true;
      plot?.destroy();
    };
  }, [wide, days, minimum, kind]);
  return <div class="plot" ref={box} role="img" aria-label={label} />;
}

export function LedgerChart({ store, ledger }: { store: string; ledger: Schemas['Ledger'] }) {
  const days = useLoad(() => loadDays(store, ledger.item, dayAt(Date.now(), offsetOf(ledger.last_entry_at ?? undefined)), SPAN), [store, ledger.item]);
  if (!days.data) return days.problem ? <Notice problem={days.problem} retry={days.reload} /> : <Loading />;
  const first = days.data[0];
  const last = days.data[days.data.length - 1];
  const label = t('chartLabel', { item: nameOf(ledger), from: first.date, to: last.date, first: number(first.balance), last: number(last.balance),
    minimum: ledger.minimum === null ? t('none') : number(ledger.minimum) });
  return (
    <figure class="chart">
      <figcaption>{t('balanceOverTime')}</figcaption>
      <Plot days={days.data} minimum={ledger.minimum} kind="balance" label={label} />
      <p>{t('perDay')}</p>
      <Plot days={days.data} minimum={null} kind="moves" label={t('perDay')} />
      <details>
        <summary>{t('chartTable')}</summary>
        <table>
          <thead><tr><th>{t('day')}</th><th class="number">{t('in')}</th><th class="number">{t('out')}</th><th class="number">{t('balance')}</th></tr></thead>
          <tbody>
            {days.data.filter((d) => d.in || d.out).reverse().map((d) => (
              <tr key={d.date}><th scope="row">{d.date}</th><td class="number">{number(d.in)}</td><td class="number">{number(d.out)}</td><td class="number">{number(d.balance)}</td></tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}
