// plot.ts - uPlot, told what to draw. Okabe–Ito colours; the minimum is dashed, bars are in and out.
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Day } from './figures';

export interface PlotWords { day: string; balance: string; minimum: string; in: string; out: string; locale: string }

const BLUE = '#0072B2';
const ORANGE = '#D55E00';
const GREEN = '#009E73';

export function draw(box: HTMLElement, width: number, days: Day[], minimum: number | null, kind: 'balance' | 'moves', w: PlotWords) {
  const ink = getComputedStyle(box).color;
  const axis = { stroke: ink, grid: { stroke: 'rgba(128,128,128,.2)' }, ticks: { stroke: 'rgba(128,128,128,.4)' } };
  const x = days.map((d) => Date.parse(d.date) / 1000);
  const shortDay = new Intl.DateTimeFormat(w.locale, { month: 'numeric', day: 'numeric', timeZone: 'UTC' });
  const count = new Intl.NumberFormat(w.locale, { notation: 'compact' });
  const time = { label: w.day, value: (_: uPlot, at: number | null) => (at === null ? '—' : new Date(at * 1000).toISOString().slice(0, 10)) };
  const bars = uPlot.paths.bars!({ size: [0.8, 20] });
  const series: uPlot.Series[] = kind === 'balance'
    ? [time, { label: w.balance, stroke: BLUE, width: 2, paths: uPlot.paths.stepped!({ align: 1 }) },
      ...(minimum === null ? [] : [{ label: w.minimum, stroke: ORANGE, width: 2, dash: [6, 4] }])]
    : [time, { label: w.in, stroke: GREEN, fill: GREEN, paths: bars }, { label: w.out, stroke: ORANGE, fill: ORANGE, paths: bars }];
  const data: uPlot.AlignedData = kind === 'balance'
    ? [x, days.map((d) => d.balance), ...(minimum === null ? [] : [days.map(() => minimum)])]
    : [x, days.map((d) => d.in), days.map((d) => -d.out)]; // out hangs down
  return new uPlot({
    width, height: kind === 'balance' ? 220 : 140, series, tzDate: (at) => uPlot.tzDate(new Date(at * 1000), 'UTC'),
    cursor: { drag: { x: false, y: false } },
    scales: { y: { range: (_, low, high) => [Math.min(0, low), Math.max(high, 1) * 1.05] } },
    axes: [
      { ...axis, values: (_, ticks) => ticks.map((at) => shortDay.format(new Date(at * 1000))) },
      { ...axis, size: 56, values: (_, ticks) => ticks.map((n) => count.format(Math.abs(n))) },
    ],
  }, data, box);
}
