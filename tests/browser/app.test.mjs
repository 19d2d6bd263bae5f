// The app's frame in a real browser: it starts under its policy, in both languages, on both screens,
// for the keyboard too, and without reception.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { checkAccess, checkFaults, closeBrowser, openPage, printed, settled, signIn, tabTo } from '../lib/browser.mjs';
import { startWorld } from '../lib/world.mjs';

let world;
before(async () => { world = await startWorld(); });
after(async () => {
  await closeBrowser();
  await world.stop();
});

const LANGUAGES = { 'zh-CN': '登录', en: 'Sign in' };

for (const size of ['phone', 'desk']) {
  for (const [locale, word] of Object.entries(LANGUAGES)) {
    test(`signing in: ${size}, ${locale}`, async () => {
      const page = await openPage(world, { size, locale });
      assert.equal(await page.locator('button[type=submit]').innerText(), word);
      assert.equal(await page.getAttribute('html', 'lang'), locale);
      await checkAccess(page);
      await signIn(page, 'keeper');
      assert.equal(await page.locator('.who').innerText(), 'keeper 用户');
      await checkAccess(page);
      checkFaults(page);
      await page.context().close();
    });
  }
}

test('signing in by the keyboard alone, after a wrong password', async () => {
  const page = await openPage(world, { size: 'desk' });
  await tabTo(page, page.locator('input[name=username]'));
  await page.keyboard.type('keeper');
  await tabTo(page, page.locator('input[name=password]'));
  await page.keyboard.type('wrong');
  await page.keyboard.press('Enter');
  await page.locator('.notice.bad').waitFor();
  await checkAccess(page);
  checkFaults(page, [/status of 401/]);
  await page.locator('input[name=password]').fill('');
  await signIn(page, 'keeper');
  await page.context().close();
});

test('the language is switched, and stays so', async () => {
  const page = await openPage(world, { locale: 'zh-CN' });
  await page.getByRole('button', { name: 'English' }).click();
  assert.equal(await page.locator('button[type=submit]').innerText(), 'Sign in');
  await page.reload();
  assert.equal(await page.locator('button[type=submit]').innerText(), 'Sign in');
  await page.context().close();
});

test('without reception the app starts all the same, and knows who uses it', async () => {
  const page = await openPage(world);
  await signIn(page, 'keeper');
  await page.evaluate(async () => { await navigator.serviceWorker.ready; });
  await page.context().setOffline(true);
  await page.reload();
  await settled(page);
  assert.equal(await page.locator('.who').innerText(), 'keeper 用户');
  assert.equal(await page.locator('nav.menu').count(), 1);
  await page.context().close();
});

test('a page goes on paper without the menu', async () => {
  const page = await openPage(world, { size: 'desk' });
  await signIn(page, 'keeper');
  const pages = await printed(page);
  assert.equal(pages.length, 1);
  assert.doesNotMatch(pages[0].text, /keeper 用户|今日单据/);
  await page.context().close();
});
