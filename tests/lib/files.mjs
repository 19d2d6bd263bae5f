// files.mjs - files that tests import, where the unprivileged user can read them.
//
//   data('wuhan-redcross/receipts.csv')   a file of ../shared/data (or TAIZHANG_DATA); fails when it is absent
//   mapping('getusppe')                   a mapping of deploy/mappings
//   write('a.csv', text)                  a file of one's own; readBack(path) what it holds
//   writable('rejects.csv')               a path that the program may write
//   parseCsv(text) → [{column: cell}]     the rows under the header; a byte order mark is passed over
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, chmodSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { publicFile, root, tempDir } from './process.mjs';

const dataDir = process.env.TAIZHANG_DATA ?? join(root, '../shared/data');
const copies = new Map();

export function data(path) {
  const source = join(dataDir, path);
  if (!existsSync(source)) throw new Error(`${source} is absent: put shared/ beside the checkout, or set TAIZHANG_DATA`);
  if (!copies.has(source)) copies.set(source, publicFile(source));
  return copies.get(source);
}

let mappings;

export function mapping(name) {
  if (!mappings) {
    mappings = join(tempDir(), 'mappings');
    cpSync(join(root, 'deploy/mappings'), mappings, { recursive: true });
    chmodSync(mappings, 0o755);
    for (const file of readdirSync(mappings)) chmodSync(join(mappings, file), 0o644);
  }
  return join(mappings, `${name}.json`);
}

let count = 0;

// A directory of its own a file, so that names may repeat.
function place(name) {
  const path = join(tempDir(), `file${count++}`, basename(name));
  mkdirSync(dirname(path));
  chmodSync(dirname(path), 0o777);
  return path;
}

export const writable = place;

export function write(name, bytes) {
  const path = place(name);
  writeFileSync(path, bytes);
  chmodSync(path, 0o644);
  return path;
}

export const readBack = (path) => readFileSync(path, 'utf8');

export function parseCsv(text) {
  const rows = [[]];
  const cell = /(?:"((?:[^"]|"")*)"|([^,"\r\n]*))(,|\r?\n|$)/y;
  cell.lastIndex = text.startsWith('\ufeff') ? 1 : 0;
  while (cell.lastIndex < text.length) {
    const at = cell.lastIndex;
    const found = cell.exec(text);
    if (!found) throw new Error(`no CSV at ${at}: ${text.slice(at, at + 40)}`);
    rows.at(-1).push(found[1]?.replaceAll('""', '"') ?? found[2]);
    if (found[3] !== ',') rows.push([]);
  }
  if (rows.at(-1).length === 0) rows.pop();
  const [header, ...rest] = rows;
  return rest.map((row) => Object.fromEntries(header.map((name, i) => [name, row[i]])));
}
