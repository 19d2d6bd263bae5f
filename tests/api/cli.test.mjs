// The command line: help that helps, and mistakes that are named.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { tempDir } from '../lib/process.mjs';
import { cli } from '../lib/service.mjs';

const COMMANDS = ['serve', 'migrate', 'seed', 'user', 'token', 'import', 'verify', 'channel'];

test('--help lists every command, on standard output', async () => {
  for (const word of ['--help', '-h', 'help']) {
    const { code, stdout, stderr } = await cli([word]);
    assert.equal(code, 0);
    assert.equal(stderr, '');
    for (const command of COMMANDS) assert.match(stdout, new RegExp(`^  ${command} +\\S`, 'm'));
  }
});

test('no command at all is a mistake', async () => {
  const { code, stdout, stderr } = await cli([]);
  assert.equal(code, 2);
  assert.equal(stdout, '');
  assert.match(stderr, /Usage: taizhang COMMAND/);
});

for (const command of COMMANDS) {
  test(`${command} --help tells its usage without doing anything`, async () => {
    for (const args of [[command, '--help'], [command, '-h'], ['help', command]]) {
      const { code, stdout, stderr } = await cli(args);
      assert.equal(code, 0, stderr);
      assert.match(stdout, new RegExp(`Usage: taizhang ${command}`));
    }
  });

  test(`${command} names an argument that it does not know`, async () => {
    const { code, stderr } = await cli([command, '--no-such-thing']);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /--no-such-thing/);
  });
}

test('--version', async () => {
  const { code, stdout } = await cli(['--version']);
  assert.equal(code, 0);
  assert.match(stdout, /^taizhang \d+\.\d+\.\d+\n$/);
});

test('an unknown command is named', async () => {
  for (const args of [['sevre'], ['help', 'sevre']]) {
    const { code, stderr } = await cli(args);
    assert.equal(code, 2);
    assert.match(stderr, /sevre/);
    assert.match(stderr, /--help/);
  }
});

test('help settings lists every setting with its spellings', async () => {
  const { code, stdout } = await cli(['help', 'settings']);
  assert.equal(code, 0);
  assert.match(stdout, /^post_queue +--post-queue N +TAIZHANG_POST_QUEUE$/m);
});

const config = (text) => {
  const file = join(tempDir(), 'conf');
  writeFileSync(file, text);
  return file;
};

test('settings: default < file < environment < flag', async () => {
  const file = config('# mine\npost_batch = 11\npost_queue = 12\nread_queue = 13\n');
  const { code, stdout, stderr } = await cli(
    ['serve', '--config', file, '--read-queue', '33', '--print-config'],
    { settings: { post_queue: 22, read_queue: 23 } });
  assert.equal(code, 0, stderr);
  const effective = { post_batch: 11, post_queue: 22, read_queue: 33, database_connections: 3 };
  for (const [name, value] of Object.entries(effective))
    assert.match(stdout, new RegExp(`^${name} += ${value} `, 'm'));
});

test('--print-config masks secrets', async () => {
  const { code, stdout } = await cli(['serve', '--print-config'],
    { settings: { database: 'host=db password=hunter2', owner_database: 'host=db password=hunter3' } });
  assert.equal(code, 0);
  assert.doesNotMatch(stdout, /hunter/);
  assert.match(stdout, /^database += \*\*\* /m);
});

const mistakes = {
  'an unknown setting in the file': [() => ['--config', config('post_batsch = 1\n')], {}, /post_batsch/],
  'an unknown setting in the environment': [() => [], { post_batsch: 1 }, /POST_BATSCH/],
  'a number out of range': [() => ['--post-batch', '0'], {}, /post_batch.*--post-batch/s],
  'a number that is none': [() => [], { post_batch: 'many' }, /post_batch.*TAIZHANG_POST_BATCH.*many/s],
  'a flag without its value': [() => ['--post-batch'], {}, /post-batch/],
  'a file that is not there': [() => ['--config', '/nowhere/conf'], {}, /\/nowhere\/conf/],
};

for (const [what, [args, settings, named]] of Object.entries(mistakes)) {
  test(`${what} is named`, async () => {
    const { code, stderr } = await cli(['serve', ...args()], { settings });
    assert.equal(code, 2, stderr);
    assert.match(stderr, named);
  });
}
