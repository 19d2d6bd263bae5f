// Every type of event has its words: an auditor reads none of the program's own names.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../lib/process.mjs';

const source = join(root, 'service');
const words = readFileSync(join(source, 'web/src/words/audit.ts'), 'utf8');
// What a change, a verb or a decision is told to call its event.
const TOLD = [/\b(?:handle_change|handle_change_submit|handle_follow|verb_change|attempt_change)\([^";]*"([a-z_]+)"/g,
  /"(slip_[a-z]+ed)"/g, /\bdecide_answer\([^";]*"([a-z_]+)"/g, /\.event = "([a-z_]+)"/g, /"(alert_[a-z]+ed)"/g];

test('every type of event has words', () => {
  const types = new Set(readdirSync(source).filter((name) => name.endsWith('.c'))
    .flatMap((name) => TOLD.flatMap((pattern) => [...readFileSync(join(source, name), 'utf8').matchAll(pattern)]))
    .map(([, type]) => type));
  for (const type of ['slip_posted', 'alert_snoozed', 'sign_in', 'channel_added', 'log_key_added'])
    assert.ok(types.has(type), `${type} is found`);
  assert.deepEqual([...types].filter((type) => !words.includes(`'type.${type}'`) && !words.includes(`'system.${type}'`)), []);
});
