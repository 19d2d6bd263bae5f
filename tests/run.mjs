#!/usr/bin/env node
// run.mjs - runs the tests of the builds it is given and counts them:
//
//   tests/run.mjs .build/sanitized:fuzz,unit,api .build:sql,web,fault,browser
//
// unit: the cmocka programs of that build. fuzz: its libFuzzer programs, each over its kept inputs
// (tests/fuzz/corpus) and then for two seconds over new ones; for FUZZ_SECONDS where these are given, and
// then what it learns is kept in BUILD/corpus. sql: pgTAP, tests/sql/*.sql, each in its own database.
// api, fault, web, browser: node's test runner over that directory, against that build's program and app.
// All that need one share one throw-away cluster. Prints the line coverage of a build made with --coverage.
// Ends with "N passed, N failed"; exits 1 when one failed or a kind ran none.
import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { startCluster } from './lib/cluster.mjs';
import { root, tempDir } from './lib/process.mjs';

const HANGS_MS = 9 * 60 * 1000; // no program of tests takes so long unless it hangs

const total = { passed: 0, failed: 0 };

const sum = (text, pattern) => [...text.matchAll(pattern)].reduce((n, [, number]) => n + Number(number), 0);

function count(what, passed, failed) {
  if (passed + failed === 0) {
    console.log(`${what}: no test ran`);
    failed = 1;
  }
  total.passed += passed;
  total.failed += failed;
}

const list = (dir, end) => {
  try {
    return readdirSync(join(root, dir)).filter((name) => name.endsWith(end)).sort().map((name) => join(dir, name));
  } catch {
    return [];
  }
};

// → {code, output}; what it prints is shown at once when loud.
function execute(file, args, { env, loud, timeout = HANGS_MS } = {}) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd: root, env: { ...process.env, ...env }, timeout });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (part) => {
        output += part;
        if (loud) process.stdout.write(part);
      });
    }
    child.on('error', (error) => resolve({ code: 1, output: String(error) }));
    child.on('close', (code) => resolve({ code, output }));
  });
}

async function unit(build, env) {
  for (const source of list('tests/unit', '.c')) {
    const name = source.replace(/\.c$/, '');
    const { code, output } = await execute(join(build, name), [], { env });
    const passed = sum(output, /^\[ {2}PASSED {2}\] (\d+) test/gm);
    const failed = sum(output, /^\[ {2}FAILED {2}\] (\d+) test/gm);
    if (code !== 0) console.log(output);
    console.log(`${build} ${name}: ${passed} passed`);
    count(name, passed, code !== 0 && failed === 0 ? 1 : failed);
  }
}

// What is fed to a target, so that its bug can be had again: shown whole, as it is short.
function showInput(target, made) {
  for (const name of readdirSync(made).filter((file) => /^(crash|leak|timeout|oom)-/.test(file))) {
    const bytes = readFileSync(join(made, name));
    console.log(`${target} fails on this input (base64):\n${bytes.toString('base64')}\n${JSON.stringify(bytes.toString())}`);
  }
}

async function fuzzOne(build, target) {
  const name = target.replace('fuzz_', '');
  const kept = join('tests/fuzz/corpus', name);
  const made = join(tempDir(), target); // where it writes the input that it fails on
  const learnt = process.env.FUZZ_SECONDS ? join(root, build, 'corpus', name) : join(made, 'learnt');
  mkdirSync(made, { recursive: true });
  mkdirSync(learnt, { recursive: true });
  const seconds = Number(process.env.FUZZ_SECONDS ?? 2);
  const { code, output } = await execute(join(build, 'tests/fuzz', target), [
    `-max_total_time=${seconds}`, '-timeout=10', '-rss_limit_mb=1024', '-print_final_stats=1', '-verbosity=0',
    `-artifact_prefix=${made}/`, learnt, kept,
  ], { timeout: HANGS_MS + seconds * 1000 });
  const runs = sum(output, /^stat::number_of_executed_units: (\d+)$/gm);
  if (code !== 0) {
    console.log(output);
    showInput(target, made);
  }
  console.log(`${build} ${target}: ${list(kept, '').length} kept inputs, ${runs} runs`);
  count(target, code === 0 && runs > 0 ? 1 : 0, code === 0 ? 0 : 1);
}

async function fuzz(build) {
  const targets = list('tests/fuzz', '.c').map((path) => path.replace(/^.*\/|\.c$/g, ''));
  await Promise.all(cpus().slice(0, 2).map(async () => {
    for (let target; (target = targets.shift());) await fuzzOne(build, target);
  }));
}

async function sql(build, env, cluster) {
  for (const file of list('tests/sql', '.sql')) {
    const db = await cluster.createDatabase();
    let output;
    let broke = 0;
    try {
      await db.sql(readFileSync(join(root, 'tests/lib/pgtap.sql'), 'utf8'), 'postgres');
      output = await db.sql(readFileSync(join(root, file), 'utf8'), 'postgres');
    } catch (error) {
      output = error.message;
      broke = 1;
    }
    await db.drop();
    const passed = (output.match(/^ok /gm) ?? []).length;
    const failed = (output.match(/^not ok /gm) ?? []).length;
    const planned = Number(/^1\.\.(\d+)$/m.exec(output)?.[1]);
    if (!broke && !failed && planned !== passed) {
      console.log(`${file}: planned ${planned} tests, ran ${passed}`);
      broke = 1;
    }
    if (broke || failed) console.log(output);
    console.log(`${file}: ${passed} passed`);
    count(file, passed, failed + broke);
  }
}

async function nodeTests(dir, build, env, cluster) {
  const files = list(dir, '.test.mjs');
  if (files.length === 0) {
    count(dir, 0, 0);
    return;
  }
  const { code, output } = await execute(process.execPath,
    ['--import', join(root, 'tests/lib/finish.mjs'), '--test', '--test-reporter=spec', '--test-concurrency=2', ...files],
    { env: { ...env, TEST_PG: cluster.socketDir, TEST_PROGRAM: join(root, build, 'taizhang'),
      TEST_WEB: join(root, build, 'web/dist') }, loud: true });
  const passed = sum(output, /^ℹ pass (\d+)$/gm);
  const failed = sum(output, /^ℹ (?:fail|cancelled) (\d+)$/gm);
  count(`${build} ${dir}`, passed, code !== 0 && failed === 0 ? 1 : failed);
}

const kinds = {
  unit,
  fuzz,
  sql,
  api: (...rest) => nodeTests('tests/api', ...rest),
  fault: (...rest) => nodeTests('tests/fault', ...rest),
  web: (...rest) => nodeTests('tests/web', ...rest),
  browser: (...rest) => nodeTests('tests/browser', ...rest),
};

// A build with --coverage writes its counts where every user may; then they go beside the objects.
function collectCounts(build) {
  if (list(join(build, 'service'), '.gcno').length === 0) return { env: {}, async done() {} };
  const dir = join(tempDir(), 'counts');
  mkdirSync(dir, { recursive: true });
  chmodSync(dir, 0o777);
  return {
    env: { GCOV_PREFIX: dir, GCOV_PREFIX_STRIP: '99' },
    async done() {
      for (const name of readdirSync(dir).filter((n) => n.endsWith('.gcda')))
        copyFileSync(join(dir, name), join(root, build, 'service', name));
      await execute('tests/coverage', [build], { loud: true });
    },
  };
}

process.umask(0); // the counts of a program of root's are added to by the unprivileged user's
const runs = process.argv.slice(2).map((arg) => arg.split(':'));
process.env.TEST_PROGRAM ??= join(root, runs[0][0], 'taizhang');
const alone = ['unit', 'fuzz']; // these kinds ask no database
const cluster = runs.every(([, names]) => names.split(',').every((name) => alone.includes(name))) ? null : await startCluster();
for (const [build, names] of runs) {
  const counts = collectCounts(build);
  for (const name of names.split(',')) {
    console.log(`\n${name}, ${build}`);
    await kinds[name](build, counts.env, cluster);
  }
  await counts.done();
}
await cluster?.stop();
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed ? 1 : 0);
