// embed.mjs - makes C of the built app, so that the program carries it: see include/web.h.
//
//   node service/web/embed.mjs DIST TABLE.c BYTES
//
// BYTES gets every file as it is and, where that is smaller, compressed; TABLE.c says where each lies.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const [dist, table, bytes] = process.argv.slice(2);

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

// Vite puts the hash of a file's content into its name here: never another content by that name.
const HASHED = /^assets\/.+-[\w-]{8}\.\w+$/;

// Names below dir; what starts with a dot is for the build alone.
const files = (dir, prefix = '') => readdirSync(dir, { withFileTypes: true })
  .filter(({ name }) => !name.startsWith('.'))
  .flatMap((entry) => (entry.isDirectory() ? files(join(dir, entry.name), `${prefix}${entry.name}/`) : [prefix + entry.name]));

const parts = [];
let length = 0;

function place(part) {
  parts.push(part);
  length += part.length;
  return `web_bytes + ${length - part.length}, ${part.length}`;
}

function row(name) {
  const type = TYPES[extname(name)];
  if (!type || !/^[\w./-]+$/.test(name)) throw new Error(`${dist}/${name}: no content type for it, or odd characters`);
  const plain = readFileSync(join(dist, name));
  const gzip = gzipSync(plain, { level: 9 });
  const hash = createHash('sha256').update(plain).digest('base64url').slice(0, 22);
  return `\t{"/${name}", "${type}", "${hash}", ${HASHED.test(name)}, {${place(plain)}}, `
    + `${gzip.length < plain.length ? `{${place(gzip)}}` : '{NULL, 0}'}},`;
}

const rows = files(dist).sort().map(row);
writeFileSync(bytes, Buffer.concat(parts));
writeFileSync(table, `/* Made by service/web/embed.mjs. */
#include "web.h"

__asm__(".pushsection .rodata\\n"
	"web_bytes: .incbin \\"${bytes}\\"\\n"
	".popsection");
extern const char web_bytes[];

const struct web_file web_files[] = {
${rows.join('\n')}
};

const int web_file_count = ${rows.length};
`);
