// What a browser that has nothing yet fetches before a page can be used, as the program sends it.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { root } from '../lib/process.mjs';

const dist = process.env.TEST_WEB ?? join(root, '.build/web/dist');
const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'));

const KIB = 1024;
// A phone with bad reception: all that a storekeeper's day takes, together.
const PATH = { pages: ['stock', 'slip-in', 'slip-out', 'outbox', 'today', 'slip'], most: 80 * KIB };
// Any page, on its own.
const PAGE = { most: 160 * KIB };
// Fetched at a tap, not before.
const AT_A_TAP = [/parts\/scan/];

const page = (name) => `src/pages/${name}.tsx`;
const all = Object.keys(manifest).filter((key) => key.startsWith('src/pages/') && manifest[key].isDynamicEntry);

// Adds the files of a module and of what it imports, also later by itself, to a set.
function collect(key, files, seen = new Set()) {
  if (seen.has(key)) return files;
  seen.add(key);
  const { file, css = [], assets = [], imports = [], dynamicImports = [] } = manifest[key];
  for (const name of [file, ...css, ...assets]) files.add(name);
  const later = dynamicImports.filter((k) => !all.includes(k) && !AT_A_TAP.some((p) => p.test(k)));
  for (const next of [...imports, ...later]) collect(next, files, seen);
  return files;
}

function firstLoad(keys) {
  const html = readFileSync(join(dist, 'index.html'), 'utf8');
  const files = new Set(['index.html', ...[...html.matchAll(/(?:href|src)="\/([^"]+)"/g)].map(([, name]) => name)]);
  for (const key of ['index.html', ...keys]) collect(key, files);
  return [...files].map((name) => {
    const bytes = readFileSync(join(dist, name));
    return [name, Math.min(bytes.length, gzipSync(bytes, { level: 9 }).length)];
  });
}

function atMost(sizes, most, what) {
  const sum = sizes.reduce((n, [, size]) => n + size, 0);
  assert.ok(sum > 10 * KIB, `${what}: ${sum} bytes cannot be all of it`);
  assert.ok(sum <= most, `${what}: ${sum} bytes, more than ${most}:\n${sizes.map(([n, s]) => `${s} ${n}`).join('\n')}`);
}

test('the storekeeper’s path', (t) => {
  const sizes = firstLoad(PATH.pages.map(page));
  t.diagnostic(`${(sizes.reduce((n, [, size]) => n + size, 0) / KIB).toFixed(1)} KiB`);
  atMost(sizes, PATH.most, 'the storekeeper’s path');
});

test('every page', () => {
  assert.ok(all.length > PATH.pages.length);
  for (const key of all) atMost(firstLoad([key]), PAGE.most, key);
});
