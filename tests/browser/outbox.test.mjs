// The outbox in a real browser: whatever happens between the phone and the service, each slip is posted
// once, in the order of writing, by whoever wrote it.
import { after, before, beforeEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { checkAccess, closeBrowser, goTo, openPage, openProfile, putBack, settled, signIn } from '../lib/browser.mjs';
import { handIn, openForm, posted, reopen, shown, SLIPS, stockUp, writeSlip } from '../lib/keeper.mjs';
import { tempDir, until } from '../lib/process.mjs';
import { addUser, startWorld } from '../lib/world.mjs';

let world;
let seen; // slips before the test

before(async () => {
  world = await startWorld();
  await addUser(world.db, 'second', [['storekeeper', 'xita']]);
  await stockUp(world, { n95: 1000, glove: 1000 });
});
beforeEach(async () => { seen = (await posted(world)).length; });
after(async () => {
  await closeBrowser();
  await world.stop();
});

const fresh = async () => (await posted(world)).slice(seen);
const quantities = async () => (await fresh()).map((slip) => slip.lines.reduce((n, line) => n + line.quantity, 0));

async function openKeeper(options) {
  const page = await openPage(world, options);
  if (await page.locator('.sign-in').count()) await signIn(page, 'keeper');
  await goTo(page, '/out');
  await page.locator('.tiles').waitFor(); // the levels are known here now
  await page.evaluate(async () => { await navigator.serviceWorker.ready; });
  return page;
}

describe('without reception', () => {
  test('slips wait across reloads, and are posted once each and in order', async () => {
    const page = await openKeeper();
    await page.context().setOffline(true);
    for (const n of [11, 12, 13]) {
      const card = await writeSlip(page, 'out', 'n95', n, { party: '第12微网格' });
      assert.match(await card.innerText(), /待上传/);
    }
    assert.match(await page.locator('.badge').innerText(), /待上传 3/);
    await reopen(page, '/outbox');
    await shown(page, 'waiting', 3);
    await checkAccess(page);
    await reopen(page, '/stock');
    assert.match(await page.locator('.age').innerText(), /网络不通/);
    assert.match(await page.locator('.tile', { hasText: 'N95' }).innerText(), /含待上传 -36/);
    assert.deepEqual(await fresh(), []);

    await page.context().setOffline(false);
    await until('the badge gone', async () => await page.locator('.badge').count() === 0);
    assert.deepEqual(await quantities(), [11, 12, 13]);
    assert.equal((await fresh())[0].counterparty, '第12微网格');
    await shown(page, 'posted', 3);
    await reopen(page, '/outbox');
    assert.deepEqual(await quantities(), [11, 12, 13]);
    await putBack(page);
  });

  test('they outlive the browser', async () => {
    const dir = join(tempDir(), 'profile');
    let page = await openKeeper({ context: await openProfile(dir) });
    await page.context().setOffline(true);
    await writeSlip(page, 'in', 'glove', 21);
    await page.context().close();

    page = await openPage(world, { context: await openProfile(dir) });
    await until('the slip posted', async () => {
      if (await page.locator('.sign-in').count()) {
        assert.match(await page.locator('.sign-in').innerText(), /1 张单据待上传/);
        await signIn(page, 'keeper');
      }
      return (await fresh()).length;
    });
    assert.deepEqual(await quantities(), [21]);
    await page.context().close();
  });

  test('what never left the phone can be changed, and dropped after a question', async () => {
    const page = await openKeeper();
    await page.context().setOffline(true);
    await writeSlip(page, 'out', 'n95', 5);
    await writeSlip(page, 'out', 'n95', 6);
    await shown(page, 'waiting', 2);
    await page.locator('.entry').first().getByRole('button', { name: '修改' }).click();
    await page.locator('.amount input').waitFor();
    assert.equal(await page.locator('.amount input').inputValue(), '5');
    assert.match(await page.locator('.line .head').innerText(), /结存 [\d,]+ 只/);
    await page.locator('.amount input').fill('7');
    await page.locator('.submit button').click();
    await page.locator('.entry', { hasText: '7 只' }).waitFor();
    await page.locator('.entry', { hasText: '6 只' }).getByRole('button', { name: '放弃' }).click();
    await page.locator('dialog').getByRole('button', { name: '保留' }).click();
    await shown(page, 'waiting', 2);
    await page.locator('.entry', { hasText: '6 只' }).getByRole('button', { name: '放弃' }).click();
    await page.locator('dialog').getByRole('button', { name: '放弃' }).click();
    await shown(page, 'waiting', 1);
    await page.context().setOffline(false);
    await shown(page, 'posted', 1);
    assert.deepEqual(await quantities(), [7]);
    await putBack(page);
  });

  test('what waits lowers what can be given out', async () => {
    const page = await openKeeper();
    const onHand = Number((await (await world.client('keeper')).get('/api/v1/stores/XT/ledgers/n95')).body.on_hand);
    await page.context().setOffline(true);
    await writeSlip(page, 'out', 'n95', onHand - 10);
    await openForm(page, 'out', 'n95');
    await page.locator('.amount input').fill('11');
    assert.match(await page.locator('.about').innerText(), /可发 10 只，少 1 只/);
    await page.locator('.amount input').fill('');
    await shown(page, 'waiting', 1);
    await page.getByRole('button', { name: '放弃' }).click();
    await page.locator('dialog').getByRole('button', { name: '放弃' }).click();
    await shown(page, 'waiting', 0);
    await putBack(page);
  });
});

describe('between the phone and the service', () => {
  // The service gets the slip; its answer never arrives.
  async function loseAnswers(page, times) {
    let lost = 0;
    await page.context().route(`**${SLIPS}`, async (route) => {
      if (route.request().method() !== 'POST' || lost === times) return route.fallback();
      lost++;
      await route.fetch();
      return route.abort('connectionreset');
    });
    return () => lost;
  }

  test('an answer is lost: the slip is posted, once', async () => {
    const page = await openKeeper();
    const lost = await loseAnswers(page, 2);
    await writeSlip(page, 'out', 'n95', 31);
    await until('one answer lost', () => lost() >= 1);
    assert.match(await page.locator('.last').innerText(), /待上传|上传中/);
    await page.locator('.last .entry.posted').waitFor({ timeout: 60_000 });
    assert.equal(lost(), 2);
    assert.deepEqual(await quantities(), [31]);
    await putBack(page);
  });

  test('an answer is lost, and the page reloaded before the next try', async () => {
    const page = await openKeeper();
    const lost = await loseAnswers(page, 1);
    await writeSlip(page, 'out', 'n95', 32);
    await until('the answer lost', () => lost() === 1);
    await page.getByText(/上次未能上传|已入账/).waitFor();
    assert.equal(await page.getByRole('button', { name: '放弃' }).count(), 0, 'it may have been posted');
    await reopen(page, '/outbox');
    await shown(page, 'posted', 1);
    assert.deepEqual(await quantities(), [32]);
    await putBack(page);
  });

  for (const locks of [true, false]) {
    test(`two tabs come back online at once${locks ? '' : ', in a browser without locks'}`, async () => {
      const first = await openKeeper();
      if (!locks) {
        await first.context().addInitScript(() => Object.defineProperty(Navigator.prototype, 'locks', { value: undefined }));
        await reopen(first, '/out');
      }
      const other = await openPage(world, { context: first.context() });
      await goTo(other, '/outbox');
      assert.equal(await other.evaluate(() => !!navigator.locks), locks);
      await first.context().setOffline(true);
      for (const n of [41, 42, 43, 44]) await writeSlip(first, 'in', 'n95', n);
      await until('the other tab knows', async () => await other.locator('.entry.waiting').count() === 4);
      await first.context().setOffline(false);
      for (const page of [first, other]) await shown(page, 'posted', 4);
      assert.deepEqual(await quantities(), [41, 42, 43, 44]);
      await first.context().close(); // its pages have no locks for good
    });
  }

  const UNAVAILABLE = {
    status: 503, contentType: 'application/problem+json', headers: { 'Retry-After': '1' },
    body: JSON.stringify({ status: 503, code: 'busy', title: '', detail: '服务繁忙测试', detail_en: 'busy' }),
  };
  const HOTEL = { status: 200, contentType: 'text/html', body: '<h1>Sign in to this network</h1>' };
  const GATEWAY = { status: 403, contentType: 'text/html', body: 'blocked' };
  for (const [what, answer] of Object.entries({ 'the service is busy': UNAVAILABLE, 'somebody else answers': HOTEL, 'a gateway refuses': GATEWAY })) {
    test(`${what}: the slip waits, and is posted`, async () => {
      const page = await openKeeper();
      let answered = 0;
      await page.context().route(`**${SLIPS}`, (route) => {
        if (route.request().method() !== 'POST' || answered === 2) return route.fallback();
        answered++;
        return route.fulfill(answer);
      });
      await writeSlip(page, 'out', 'glove', 3);
      await page.getByText('上次未能上传').waitFor();
      await page.locator('.last .entry.posted').waitFor({ timeout: 60_000 });
      assert.equal(answered, 2);
      assert.deepEqual(await quantities(), [3]);
      await putBack(page);
    });
  }
});

describe('refused', () => {
  test('for want of stock: one tap takes what there is', async () => {
    const page = await openKeeper();
    const keeper = await world.client('keeper');
    const onHand = (await keeper.get('/api/v1/stores/XT/ledgers/glove')).body.on_hand;
    await page.context().setOffline(true);
    await writeSlip(page, 'out', 'glove', 9);
    const taken = await keeper.post(SLIPS, { kind: 'out', reason: 'issue', lines: [{ item: 'glove', quantity: onHand - 4 }] }, { key: `taken-${onHand}` });
    assert.equal(taken.status, 201, taken.text);
    seen++;
    await page.context().setOffline(false);
    await shown(page, 'refused', 1);
    assert.match(await page.locator('.badge').innerText(), /被拒 1/);
    await page.locator('.entry').getByText('一次性手套 可发 4 双').waitFor(); // once the items' names are known
    await checkAccess(page);
    await reopen(page, '/outbox');
    await page.getByRole('button', { name: '改为 4 双并提交' }).click();
    await shown(page, 'posted', 1);
    assert.deepEqual(await quantities(), [4]);
    await stockUp(world, { glove: 1000 });
    await putBack(page);
  });

  test('for another reason: corrected in the form, under a new key', async () => {
    const page = await openKeeper();
    const keys = [];
    page.on('request', (r) => r.method() === 'POST' && r.url().endsWith(SLIPS) && keys.push(r.headers()['idempotency-key']));
    await openForm(page, 'out', 'n95');
    await page.locator('.amount input').fill('2');
    const tomorrow = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
    await page.locator('[name=business_date]').fill(tomorrow);
    await handIn(page);
    await page.locator('.last .entry.refused').waitFor();
    assert.match(await page.locator('.last').innerText(), /业务日期不能晚于今天/);
    await shown(page, 'refused', 1);
    await page.getByRole('button', { name: '修改' }).click();
    await page.locator('[name=business_date]').fill('2026-01-02');
    await page.locator('.submit button').click();
    await shown(page, 'posted', 1);
    assert.deepEqual((await fresh()).map((s) => s.business_date), ['2026-01-02']);
    assert.equal(new Set(keys).size, 2);
    assert.ok(keys.every((key) => /^[0-9a-f]{32}$/.test(key)));
    await putBack(page);
  });

  test('and dropped: nothing is left of it', async () => {
    const page = await openKeeper();
    await openForm(page, 'out', 'n95');
    await page.locator('.amount input').fill('999999');
    assert.match(await page.locator('.submit button').innerText(), /仍要提交/);
    await handIn(page);
    await page.locator('.last .entry.refused').waitFor();
    await page.locator('.last').getByRole('button', { name: '放弃' }).click();
    await page.locator('dialog').getByRole('button', { name: '放弃' }).click();
    await until('the badge gone', async () => await page.locator('.badge').count() === 0);
    await shown(page, 'refused', 0);
    assert.deepEqual(await fresh(), []);
    await putBack(page);
  });
});

describe('whose slip it is', () => {
  // The page's sign-in, the latest there is, runs out; known once the service's own memory has.
  async function endSession(page) {
    await world.db.sql(`UPDATE session SET expires_at = now() - interval '1 minute'
      WHERE created_at = (SELECT max(created_at) FROM session)`);
    await until('signed out', async () => (await page.context().request.get(`${world.url}/api/v1/session`)).status() === 401);
  }

  test('signed out meanwhile: it waits for its writer, not for whoever signs in', async () => {
    const page = await openKeeper();
    await page.context().setOffline(true);
    await writeSlip(page, 'in', 'n95', 51);
    await endSession(page);
    await page.context().setOffline(false);
    await page.locator('.sign-in').waitFor({ timeout: 60_000 });
    assert.match(await page.locator('.sign-in').innerText(), /1 张单据待上传/);

    await signIn(page, 'second');
    await writeSlip(page, 'in', 'n95', 52);
    await page.locator('.last .entry.posted').waitFor();
    await goTo(page, '/outbox');
    assert.match(await page.locator('main').innerText(), /其他用户的 1 张单据.*keeper/);
    await page.getByRole('link', { name: '我的' }).click();
    await page.getByRole('button', { name: '退出' }).click();
    await page.locator('.sign-in').waitFor();
    await signIn(page, 'keeper');
    await shown(page, 'posted', 1);
    const rows = await world.db.rows(`SELECT username, quantity FROM slip JOIN entry USING (store_id, event_seq)
      JOIN app_user ON user_id = posted_by WHERE quantity IN (51, 52) ORDER BY quantity`);
    assert.deepEqual(rows, [{ username: 'keeper', quantity: 51 }, { username: 'second', quantity: 52 }]);
    await putBack(page);
  });
});
