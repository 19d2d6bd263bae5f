// report.mjs - what a run found, as Markdown.
//
//   const report = new Report();
//   report.goal('slips/s, …', { ours: [3, 4, 5], theirs: [1, 1, 2], least: 3 })   a figure a round; most: the other way
//   report.goal('resident, idle', { ours: [12.5], most: 20, unit: 'MiB' })        without theirs: the figure itself
//   report.section('Hot ledgers'); report.line('text'); report.table(['kind', 'rate'], rows)
//   report.chart('clients', 'What it shows', svg)
//   report.text()
import { cpus, totalmem } from 'node:os';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../lib/process.mjs';
import { ROUNDS, ROWS, SECONDS, median } from './measure.mjs';

export function figure(value) {
  if (typeof value !== 'number') return value;
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

// "4 (3–5)": the median of the rounds and what they lie between.
function spread(values) {
  if (!values) return '';
  if (values.length === 1) return figure(values[0]);
  return `${figure(median(values))} (${figure(Math.min(...values))}–${figure(Math.max(...values))})`;
}

const row = (cells) => `| ${cells.map((cell) => (Array.isArray(cell) ? spread(cell) : figure(cell))).join(' | ')} |\n`;

export class Report {
  #goals = [];
  #body = '';

  goal(name, { ours, theirs, least, most, unit = '' }) {
    const value = theirs ? median(ours) / median(theirs) : median(ours);
    const met = least === undefined ? value <= most : value >= least;
    const shown = theirs ? `${value.toFixed(2)} ×` : `${figure(value)} ${unit}`;
    const asked = `${least === undefined ? '≤' : '≥'} ${least ?? most} ${theirs ? '×' : unit}`;
    this.#goals.push([name, ours, theirs, shown, asked, met ? 'met' : '**not met**']);
    process.stderr.write(`${name}: ${shown}, ${asked}: ${met ? 'met' : 'NOT MET'}\n`);
  }

  section(title) {
    this.#body += `\n## ${title}\n`;
    process.stderr.write(`${title}\n`);
  }

  line(text) {
    this.#body += `\n${text}\n`;
  }

  table(names, rows) {
    this.#body += `\n${row(names)}${row(names.map((_, i) => (i === 0 ? '---' : '---:')))}${rows.map(row).join('')}`;
  }

  chart(name, about, svg) {
    const dir = join(root, '.build/bench');
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, `${name}.svg`), svg);
    this.#body += `\n![${about}](bench/${name}.svg)\n`;
  }

  #goalTable() {
    if (this.#goals.length === 0) return '';
    const head = [['goal', 'taizhang', 'PostgreSQL', 'ratio', 'asked', ''], ['---', '---:', '---:', '---:', '---:', '---']];
    return [...head, ...this.#goals].map(row).join('');
  }

  text() {
    return `# taizhang beside PostgreSQL

${ROUNDS} rounds of ${SECONDS} s each, both sides in turns: medians, and what the rounds lie between. ${cpus().length} processors
(${cpus()[0].model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, shared by PostgreSQL, the service and the clients; \`fsync\` on;
${figure(ROWS)} entries where there are many.

${this.#goalTable()}${this.#body}`;
  }
}
