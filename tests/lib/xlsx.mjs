// xlsx.mjs - reads an Excel file, as far as the service writes them.
//
//   const book = readXlsx(bytes);
//     book.files                     the names in the archive
//     book.sheets[0].rows            rows of cells: null, a text, a number, a boolean, or { date: '2026-01-31' },
//                                    { date: '2026-01-31 08:30:00' } where the cell is shown as one
//     book.sheets[0].xml             the whole of it
import { unzip } from './zip.mjs';

const ENTITIES = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const text = (xml) => xml.replace(/&(\w+);/g, (_, name) => ENTITIES[name])
  .replace(/_x([0-9A-Fa-f]{4})_/g, (_, code) => String.fromCharCode(parseInt(code, 16)));

// Days since 1899-12-30, as a calendar shows them.
function date(days, withTime) {
  const iso = new Date(Math.round(days * 86400e3) + Date.UTC(1899, 11, 30)).toISOString();
  return { date: withTime ? iso.slice(0, 19).replace('T', ' ') : iso.slice(0, 10) };
}

// Which styles show a date: 'd', or a time: 't'.
function dateStyles(xml) {
  const formats = Object.fromEntries([...xml.matchAll(/<numFmt numFmtId="(\d+)" formatCode="([^"]*)"/g)]
    .map(([, id, code]) => [id, /h/.test(code) ? 't' : /y/.test(code) ? 'd' : undefined]));
  const styles = /<cellXfs[^>]*>(.*?)<\/cellXfs>/s.exec(xml)[1];
  return [...styles.matchAll(/<xf numFmtId="(\d+)"/g)].map(([, id]) => formats[id]);
}

const column = (letters) => [...letters].reduce((n, letter) => n * 26 + letter.charCodeAt(0) - 64, 0) - 1;

function cell(type, style, inner, styles) {
  if (type === 'inlineStr') return text(/<t[^>]*>(.*)<\/t>/s.exec(inner)?.[1] ?? '');
  const value = /<v>(.*)<\/v>/.exec(inner)?.[1];
  if (value === undefined) return null;
  if (type === 'b') return value === '1';
  const kind = styles[Number(style ?? 0)];
  return kind ? date(Number(value), kind === 't') : Number(value);
}

function sheet(xml, styles) {
  const rows = [];
  for (const [, number, cells] of xml.matchAll(/<row r="(\d+)"[^>]*>(.*?)<\/row>/gs)) {
    const row = [];
    for (const [, letters, style, type, inner] of
      cells.matchAll(/<c r="([A-Z]+)\d+"(?: s="(\d+)")?(?: t="(\w+)")?(?:\/>|>(.*?)<\/c>)/gs)) {
      while (row.length < column(letters)) row.push(null);
      row.push(inner === undefined ? null : cell(type, style, inner, styles));
    }
    rows[Number(number) - 1] = row;
  }
  return { rows, xml };
}

export function readXlsx(bytes) {
  const files = unzip(bytes);
  const styles = dateStyles(files['xl/styles.xml'].toString());
  const names = Object.keys(files);
  const count = names.filter((name) => /^xl\/worksheets\/sheet\d+\.xml$/.test(name)).length;
  return {
    files: names,
    sheets: Array.from({ length: count }, (_, i) => sheet(files[`xl/worksheets/sheet${i + 1}.xml`].toString(), styles)),
  };
}
