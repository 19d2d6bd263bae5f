// screenshots.mjs - pictures of the main pages; make screenshots takes those that README.md shows.
//
//   tests/browser/screenshots.mjs DIR [NAME...]     all of the table below, or those named
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { closeBrowser, goTo, openPage, settled, signIn } from '../lib/browser.mjs';
import { startWorld } from '../lib/world.mjs';

const MOST = 200 * 1024; // bytes: they are kept with the sources

// A picture a row: its name, whose page on which screen, its address, and what to do before it is taken.
const PICTURES = [
  { name: 'sign-in', size: 'phone' },
  { name: 'stock', size: 'phone', user: 'storekeeper', path: '/stock' },
  { name: 'slip-in', size: 'phone', user: 'storekeeper', path: '/in' },
  { name: 'slip-out', size: 'phone', user: 'storekeeper', path: '/out' },
  { name: 'today', size: 'phone', user: 'storekeeper', path: '/today' },
  { name: 'levels', size: 'desk', user: 'coordinator', path: '/levels' },
  { name: 'levels-en', size: 'desk', locale: 'en', user: 'coordinator', path: '/levels' },
  { name: 'chart', size: 'desk', user: 'coordinator', path: '/levels', async prepare(page) {
    await page.getByRole('button', { name: /^走势/ }).first().click();
    await page.locator('dialog canvas').nth(1).waitFor();
  } },
  { name: 'alerts', size: 'desk', user: 'coordinator', path: '/alerts' },
  { name: 'alert-rules', size: 'desk', user: 'coordinator', path: '/alert-rules' },
  { name: 'channels', size: 'desk', user: 'coordinator', path: '/channels' },
  { name: 'check', size: 'phone', user: 'auditor', path: '/check' },
  { name: 'thresholds', size: 'desk', user: 'coordinator', path: '/thresholds' },
  { name: 'readiness', size: 'phone', user: 'coordinator', path: '/readiness' },
  { name: 'ledger', size: 'desk', user: 'auditor', path: '/ledgers/XT/n95' },
  { name: 'history', size: 'desk', user: 'auditor', path: '/history' },
  { name: 'compliance', size: 'desk', user: 'auditor', path: '/compliance?store=XT' },
  { name: 'events', size: 'desk', user: 'auditor', path: '/events/XT' },
  { name: 'users', size: 'desk', user: 'admin', path: '/users' },
  { name: 'places', size: 'desk', user: 'admin', path: '/places' },
  { name: 'items', size: 'desk', user: 'admin', path: '/items' },
  { name: 'account', size: 'phone', user: 'admin', path: '/account' },
];

const [dir, ...names] = process.argv.slice(2);
mkdirSync(dir, { recursive: true });
const world = await startWorld({ seeded: true });

for (const { name, user, path, prepare, ...options } of PICTURES) {
  if (names.length && !names.includes(name)) continue;
  const page = await openPage(world, options);
  if (user) await signIn(page, user);
  if (path) await goTo(page, path);
  await prepare?.(page);
  await settled(page);
  const file = join(dir, `${name}.png`);
  await page.screenshot({ path: file, animations: 'disabled', caret: 'hide' });
  await page.context().close();
  const { size } = statSync(file);
  console.log(`${file}  ${size} bytes`);
  if (size > MOST) throw new Error(`${file} is larger than ${MOST} bytes`);
}

await closeBrowser();
await world.stop();
