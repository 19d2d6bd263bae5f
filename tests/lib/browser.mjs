// browser.mjs - pages in a real browser: Debian's Chromium without a window, driven by playwright-core.
//
//   const page = await openPage(world, { size: 'phone', locale: 'zh-CN' });    at the app's first page, as
//                                       nobody yet, in a browser context of its own (its worker and what it
//                                       compiled may be there from before); size: phone or desk, locale: zh-CN or en
//     await signIn(page, 'keeper')      through the form; PASSWORD unless another is given
//     await goTo(page, '/stock')        another page of the app, by its address behind the #
//     await tabTo(page, locator)        there by the Tab key alone
//     const letGo = await holdUp(page, /items/);   requests that the pattern fits wait until letGo()
//     await settled(page)               when it is drawn and shows nothing as loading (aria-busy)
//     await checkAccess(page)           axe-core finds nothing serious; the page is not wider than the screen
//     page.faults                       what the console said, what failed, what was asked of elsewhere
//     checkFaults(page)                 there is none of it; checkFaults(page, [/401/]) but for these
//     await printed(page)               → [{ width, height, text }, …]: the pages on paper, in mm
//     await printed(page, { keep: 'slip.pdf' })       and the PDF itself, to be looked at
//     await putBack(page)               it is done with; its context forgets and serves another: starting one
//                                       costs as much as a short test
//     page.context().setOffline(true), page.context().close()
//   const context = await openProfile(dir, options);   a browser whose storage outlives it: close() it, open again;
//                                       options may hold args for Chromium
//     await openPage(world, { context })
//
//   TEST_SLOW=8 in the environment: pages on a processor so many times slower, and with slow answers; what
//   a test does not wait for, it trips over.
//
//   HOSTILE                             a text that would do harm as HTML, as a formula, or by its direction
//
//   await closeBrowser()                with the tests, or else the process would wait for it for ever
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root, run, tempDir } from './process.mjs';
import { PASSWORD } from './world.mjs';

const require = createRequire(join(root, 'service/web/package.json'));
const { chromium } = require('playwright-core');

export const HOSTILE = '<img src=x onerror=alert(1)>😷\u202eمخزن&amp;=cmd()';

const LAUNCH = {
  executablePath: '/usr/bin/chromium-headless-shell',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--process-per-site'],
};

const SIZES = {
  phone: { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
  desk: { viewport: { width: 1280, height: 800 } },
};

const contextOptions = ({ size = 'phone', locale = 'zh-CN' } = {}) =>
  ({ ...SIZES[size], locale, timezoneId: 'Asia/Shanghai' });

let browser;

export async function openProfile(dir, options = {}) {
  const args = [...LAUNCH.args, ...options.args ?? []];
  return chromium.launchPersistentContext(dir, { ...LAUNCH, args, ...contextOptions(options) });
}

export const closeBrowser = async () => (await browser)?.close();

function watch(page, origin) {
  page.faults = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) page.faults.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => page.faults.push(`page: ${error.stack ?? error}`));
  page.on('dialog', (dialog) => {
    page.faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (!['data:', 'blob:'].includes(url.protocol) && url.origin !== origin) page.faults.push(`foreign: ${url}`);
  });
}

const SLOW = Number(process.env.TEST_SLOW ?? 0);

async function slowDown(page) {
  const client = await page.context().newCDPSession(page);
  await client.send('Emulation.setCPUThrottlingRate', { rate: SLOW });
  await client.send('Network.enable');
  await client.send('Network.emulateNetworkConditions',
    { offline: false, latency: 20 * SLOW, downloadThroughput: -1, uploadThroughput: -1 });
}

// Pages that were put back, blank, by what their context was made for: each keeps its context's process.
const idle = new Map();
const FORGOTTEN = 'cookies,indexeddb,local_storage';

export async function openPage(world, { context, ...options } = {}) {
  browser ??= context ? undefined : chromium.launch(LAUNCH);
  const key = JSON.stringify([world.url, contextOptions(options)]);
  const old = context ? undefined : idle.get(key)?.pop();
  const page = await (context ?? old?.context() ?? await (await browser).newContext(contextOptions(options))).newPage();
  const { origin } = new URL(world.url);
  if (!context) page.home = { key, origin };
  watch(page, origin);
  if (SLOW) await slowDown(page);
  await page.goto(world.url);
  await page.locator('main').waitFor();
  await old?.close();
  return page;
}

export async function putBack(page) {
  const { key, origin } = page.home;
  for (const routed of [page, page.context()]) await routed.unrouteAll({ behavior: 'ignoreErrors' });
  await page.context().setOffline(false);
  await page.goto('about:blank');
  const client = await page.context().newCDPSession(page);
  await client.send('Storage.clearDataForOrigin', { origin, storageTypes: FORGOTTEN });
  await client.detach();
  idle.set(key, [...idle.get(key) ?? [], page]);
}

export function checkFaults(page, except = []) {
  assert.deepEqual(page.faults.filter((fault) => !except.some((pattern) => pattern.test(fault))), []);
}

export async function signIn(page, username, password = PASSWORD) {
  await page.locator('input[name=username]').fill(username);
  await page.locator('input[name=password]').fill(password);
  await page.locator('button[type=submit]').click();
  await page.locator('nav.menu').waitFor();
  await settled(page);
}

export async function goTo(page, path) {
  await page.evaluate((hash) => { location.hash = hash; }, `#${path}`);
  await settled(page);
}

export async function holdUp(page, pattern) {
  let letGo;
  const gate = new Promise((go) => { letGo = go; });
  await page.route(pattern, async (route) => {
    await gate;
    await route.continue();
  });
  return letGo;
}

export async function tabTo(page, locator) {
  for (let i = 0; i < 100; i++) {
    if (await locator.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`${locator} is not reached by Tab`);
}

// Not when the network is idle: a stream of events never is.
export async function settled(page) {
  await page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); }));
  await page.waitForFunction(() => document.querySelector('main') && !document.querySelector('main [aria-busy=true]'));
}

const SERIOUS = ['serious', 'critical'];
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

export async function checkAccess(page) {
  await page.evaluate(() => Promise.allSettled(document.getAnimations() // a colour on its way is none yet
    .filter((a) => a.effect.getComputedTiming().endTime < Infinity).map((a) => a.finished)));
  if (!await page.evaluate('"axe" in globalThis')) await page.evaluate(axe); // past the policy, which lets no page do this
  const violations = await page.evaluate('axe.run({ resultTypes: ["violations"] }).then((r) => r.violations)');
  const bad = violations.filter(({ impact }) => SERIOUS.includes(impact))
    .map(({ id, help, nodes }) => ({ id, help, nodes: nodes.map((node) => `${node.html} ${node.failureSummary}`) }));
  assert.deepEqual(bad, [], page.url());
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(beyond <= 0, `${page.url()}: ${beyond} px wider than the screen`);
}

let papers = 0;

export async function printed(page, { keep } = {}) {
  const path = join(tempDir(), `${papers++}.pdf`);
  await page.pdf({ path, preferCSSPageSize: true, printBackground: true });
  if (keep) copyFileSync(path, keep);
  const { stdout: info } = await poppler('pdfinfo', '-l', '-1', path);
  const { stdout: text } = await poppler('pdftotext', '-layout', path, '-');
  const sizes = [...info.matchAll(/^Page +\d+ size: +([\d.]+) x ([\d.]+) pts/gm)];
  const mm = (points) => Math.round((Number(points) / 72) * 25.4);
  return text.split('\f').slice(0, sizes.length)
    .map((t, i) => ({ width: mm(sizes[i][1]), height: mm(sizes[i][2]), text: t }));
}

async function poppler(file, ...args) {
  const result = await run(file, args);
  assert.equal(result.code, 0, result.stderr);
  return result;
}
