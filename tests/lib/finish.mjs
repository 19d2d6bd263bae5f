// finish.mjs - preloaded before every file of tests: one whose test failed before it closed what it had
// opened ends all the same, soon after its last test, and is reported.
import { after } from 'node:test';

const PATIENCE_MS = 15000;

const isFile = process.env.NODE_TEST_CONTEXT; // the runner that starts the files loads this, too

if (isFile) after(() => { setTimeout(() => process.exit(), PATIENCE_MS).unref(); });
