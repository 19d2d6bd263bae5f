// growth.mjs - slips a second, and the time of a page in the middle of a ledger, while the tables grow to
// ten million entries; at the end in turns with a service that starts empty.
import { lines } from './chart.mjs';
import { ROWS, alternate, column, median } from './measure.mjs';
import { deepPaths } from './reads.mjs';
import { startSite } from './site.mjs';

const CLIENTS = 64;

export default async function growth({ cluster, report, filled }) {
  report.section('Growth');
  const checkpoint = () => cluster.psql('postgres', 'postgres', 'CHECKPOINT');
  const slips = (site) => site.load('slips', { clients: CLIENTS });
  const points = { slips: [], pages: [] };
  let site;
  for (const rows of [...[1000, 10_000, 100_000, 1_000_000].filter((few) => few < ROWS), ROWS]) {
    site = await filled(rows);
    const found = await alternate({
      [`slips at ${rows}`]: () => slips(site),
      [`pages at ${rows}`]: () => site.load('get', { clients: 16 }, deepPaths(rows)),
    }, checkpoint, 1);
    points.slips.push([rows, found[`slips at ${rows}`][0].rate]);
    points.pages.push([rows, found[`pages at ${rows}`][0].rate]);
  }
  const empty = await startSite(cluster);
  const results = await alternate({ empty: () => slips(empty), full: () => slips(site) }, checkpoint);
  report.goal(`slips/s with ${ROWS.toExponential()} entries in the tables against an empty start`,
    { ours: column(results.full, 'rate'), theirs: column(results.empty, 'rate'), least: 0.9 });
  points.slips.splice(-1, 1, [ROWS, median(column(results.full, 'rate'))]);
  report.table(['entries', 'slips/s', 'pages/s'], points.slips.map(([rows, rate], i) => [rows, rate, points.pages[i][1]]));
  report.chart('growth', 'Slips and deep pages a second by entries in the tables', lines({
    title: 'While the tables grow', x: 'entries', y: 'a second',
    series: [{ name: 'slips, 64 clients', points: points.slips }, { name: 'deep pages, 16 clients', points: points.pages }],
  }));
  await empty.stop();
}
