// evidence.mjs - evidence files in tests.
//
//   const file = await exportEvidence(db, '--store', 'XT')   by the command line: a path
//   const file = save(bytes)                                 bytes or text as a file that the program may read
//   const { code, stdout } = await verifyEvidence(file, '--since', old)   needs no database
//   const { code, stdout } = await verifyEvidence(await changed(file, { 'slips.csv': (text) => … }))
//   assertFault(result, 'slips.csv', /row 3 …/)   that check failed, and its place is told so
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from './process.mjs';
import { cli } from './service.mjs';
import { unzip, zip } from './zip.mjs';

let count = 0;
const fresh = () => join(tempDir(), `evidence${count++}`);

export function save(content) {
  const path = fresh();
  writeFileSync(path, content);
  return path;
}

export async function exportEvidence(db, ...args) {
  const path = fresh();
  const { code, stderr } = await cli(['export', 'evidence', '--output', path, ...args], { database: db });
  assert.equal(code, 0, stderr);
  return path;
}

// The settings that a service has would only mislead: there are none.
export const verifyEvidence = (file, ...args) => cli(['verify', '--evidence', file, ...args]);

export const members = (file) => unzip(readFileSync(file));

// The file with some members as the functions make them of their text; null: without it.
export function changed(file, changes) {
  const files = members(file);
  for (const [name, change] of Object.entries(changes)) {
    const content = change && change(files[name]?.toString() ?? '');
    if (content === null) delete files[name];
    else files[name] = Buffer.from(content);
  }
  return save(zip(files));
}

export function assertFault({ code, stdout, stderr }, check, place) {
  assert.equal(code, 3, stdout + stderr);
  const lines = stdout.split('\n');
  const failed = lines.findIndex((line) => line.startsWith('FAULT') && line.includes(check));
  assert.ok(failed >= 0, `no fault of "${check}":\n${stdout}`);
  assert.match(lines[failed + 1], place);
  assert.match(stdout, /kind\(s\) of fault found/);
}
