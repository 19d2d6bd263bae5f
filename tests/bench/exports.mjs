// exports.mjs - a ledger of a million entries as a file, beside psql's COPY of the same query.
import { FILLED } from '../lib/fill.mjs';
import { ROWS, alternate, column, execute, timed } from './measure.mjs';
import { statementOf } from './reads.mjs';
import { entriesPath } from './site.mjs';

export default async function exports({ report, filled }) {
  report.section('Exports');
  const site = await filled(ROWS);
  const { db } = site.world;
  const store = await db.sql(`SELECT store_id FROM store WHERE code = '${FILLED}'`);
  const query = statementOf('entry_page', [store, "'glove'"]);
  const [rows] = (await db.sql(`SELECT entry_seq FROM ledger JOIN item USING (item_id) WHERE store_id = ${store} AND code = 'glove'`)).split('\n');
  const copy = ['-c', 'exec psql -XqAt -d "$1" -c "$2" >/dev/null', 'sh', db.conninfo, `COPY (${query}\n) TO STDOUT`];
  const download = async (format) => {
    const { seconds, bytes } = await site.load('export', { clients: 1, seconds: 0 }, [`${entriesPath(FILLED, 'glove')}.${format}`]);
    return { seconds, bytes };
  };

  const results = await alternate({
    'COPY through psql': async () => ({ seconds: await timed(() => execute('sh', copy)) }),
    CSV: () => download('csv'),
    NDJSON: () => download('ndjson'),
  });
  for (const format of ['CSV', 'NDJSON']) {
    report.goal(`export of ${Number(rows).toLocaleString('en-US')} entries as ${format}, s, against COPY through psql`,
      { ours: column(results[format], 'seconds'), theirs: column(results['COPY through psql'], 'seconds'), most: 1.5 });
  }
  report.table(['', 's', 'entries/s'], Object.entries(results)
    .map(([name, list]) => [name, column(list, 'seconds'), list.map(({ seconds }) => rows / seconds)]));
}
