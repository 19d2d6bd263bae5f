// batch.mjs - slips a second when many come at once: POST …/slips/batch, 1,000 a request, and taizhang
// import, beside one set-based transaction of 500 slips on the bare tables (batch.sql); each over one
// connection or two on stores of their own, whichever is quicker. And the mere rows that as many slips leave in
// our tables (rows.sql), however little a service may cost.
import { mapping, write } from '../lib/files.mjs';
import { cli } from '../lib/service.mjs';
import { ITEMS, SECONDS, alternate, column, median, pgbench, sqlFile, timed } from './measure.mjs';
import { startSite } from './site.mjs';

const SLIPS = 500; // of one transaction of theirs
const IMPORTED = 20_000 * SECONDS;

const array = (of) => `{${Array.from({ length: SLIPS }, (_, i) => of(i)).join(',')}}`;
const PARAMETERS = {
  items: array((i) => 1 + i % ITEMS.length), quantities: array(() => 1), counterparties: array(() => '第12微网格'),
  receivers: array(() => '张三'), handlers: array(() => '李四'), documents: array((i) => `领字2022-${i}`),
};
const NAMES = ['一次性口罩', 'N95口罩', '一次性手套', '面屏', '一次性隔离衣', '一次性防护服', '免洗消毒凝胶'];
const UNITS = ['只', '只', '双', '只', '件', '件', '瓶'];

const paper = (round) => `日期,物资名称,单位,入库数量,出库数量,领用人,经手人,备注\n${Array.from({ length: IMPORTED }, (_, i) =>
  `2022-11-20,${NAMES[i % 7]},${UNITS[i % 7]},,1,张三,李四,第${round}次第${i}行`).join('\n')}\n`;

const quickest = (results, names) => names.reduce((a, b) =>
  (median(column(results[b], 'rate')) > median(column(results[a], 'rate')) ? b : a));

export default async function batch({ cluster, report }) {
  report.section('Many at once');
  const plain = await cluster.plain();
  const [script, rows] = [sqlFile('batch.sql'), sqlFile('rows.sql')];
  const unguarded = await cluster.unguarded();
  const site = await startSite(cluster, { stores: 3 });
  let round = 0;

  async function importFile() {
    const file = write('paper.csv', paper(round++));
    let answer;
    const seconds = await timed(async () => {
      answer = await cli(['import', 'slips', '--store', 'S3', '--mapping', mapping('taizhang-paper'), '--json', file],
        { database: site.world.db });
    });
    if (answer.code !== 0) throw new Error(answer.stdout + answer.stderr);
    const { posted } = JSON.parse(answer.stdout);
    if (posted !== IMPORTED) throw new Error(answer.stdout.slice(0, 2000));
    return { rate: posted / seconds, seconds };
  }
  async function inSlips(db, options) {
    const result = await pgbench(db, options);
    return { ...result, rate: SLIPS * result.rate };
  }
  const theirs = (clients) => inSlips(plain, { script, clients, define: PARAMETERS });
  const ours = (clients) => site.load('batch', { clients }, site.stores.slice(0, clients));

  const results = await alternate({
    'set-based, 1 connection': () => theirs(1),
    'slips/batch, 1 connection': () => ours(1),
    import: importFile,
    'set-based, 2 connections': () => theirs(2),
    'slips/batch, 2 connections': () => ours(2),
    'mere rows, 2 connections': () => inSlips(unguarded, { script: rows, clients: 2 }),
  }, () => cluster.psql('postgres', 'postgres', 'CHECKPOINT'));
  const baseline = column(results[quickest(results, ['set-based, 1 connection', 'set-based, 2 connections'])], 'rate');
  report.goal('slips/batch, 1,000 a request: slips/s against the 500-slip set-based transaction', {
    ours: column(results[quickest(results, ['slips/batch, 1 connection', 'slips/batch, 2 connections'])], 'rate'),
    theirs: baseline, least: 0.4,
  });
  report.goal('taizhang import, end to end: slips/s against the same', { ours: column(results.import, 'rate'), theirs: baseline, least: 0.4 });
  report.table(['', 'slips/s'], Object.entries(results).map(([name, list]) => [name, column(list, 'rate')]));
  await site.stop();
}
