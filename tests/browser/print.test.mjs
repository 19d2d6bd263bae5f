// A slip on paper: three copies on A5, each with all that the paper form has.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { checkAccess, checkFaults, closeBrowser, goTo, holdUp, HOSTILE, openPage, printed, putBack, signIn } from '../lib/browser.mjs';
import { newKey } from '../lib/client.mjs';
import { SLIPS, stockUp } from '../lib/keeper.mjs';
import { until } from '../lib/process.mjs';
import { startWorld } from '../lib/world.mjs';

let world;
before(async () => {
  world = await startWorld();
  await world.db.sql("UPDATE store SET name_zh = '西塔社区库' WHERE code = 'XT'");
  await stockUp(world, { n95: 100000, glove: 500, 'hand-gel': 40 });
});
after(async () => {
  await closeBrowser();
  await world.stop();
});

const COPIES = ['存根联', '记账联', '保管联'];
const squeeze = (text) => text.replace(/\s+/g, '');

async function post(slip) {
  const answer = await (await world.client('keeper')).post(SLIPS, slip, { key: newKey() });
  assert.equal(answer.status, 201, answer.text);
  return answer.body;
}

async function openSlip(slip, options) {
  const page = await openPage(world, options);
  await signIn(page, 'keeper');
  await goTo(page, `/slips/XT/${slip.number}`);
  await page.locator('caption').waitFor();
  await page.getByText('西塔社区库').first().waitFor({ state: 'attached' }); // the names have come:
  await page.locator('button.wide:enabled').waitFor(); // of the store, and of the items
  return page;
}

for (const locale of ['zh-CN', 'en']) {
  test(`an out slip: three A5 pages, in Chinese for the binder, ${locale}`, async () => {
    const slip = await post({
      kind: 'out', reason: 'issue', counterparty: '第12微网格', receiver: '张三', handler: '李四', document: '领字2026-7', note: '急用',
      lines: [{ item: 'n95', quantity: 10230 }, { item: 'glove', quantity: 7 }],
    });
    const page = await openSlip(slip, { locale });
    const pages = await printed(page);
    assert.deepEqual(pages.map((p) => [p.width, p.height]), Array(3).fill([210, 148]));
    pages.forEach(({ text }, i) => {
      const paper = squeeze(text);
      for (const part of ['防疫物资出库单', '西塔社区库', slip.number, COPIES[i], '第12微网格', '张三', '李四', '领字2026-7', '急用', '领用', 'N95口罩', 'L1', '2030-01-31',
        '10230', '一次性手套', '双', '合计（大写）壹万零贰佰叁拾柒', '10237', '经手人', '领用人', '审批人', '记账', 'keeper'])
        assert.ok(paper.includes(part), `${part} in: ${text}`);
      assert.doesNotMatch(text, /打印|Print|keeper 用户/, 'nothing of the page');
    });
    checkFaults(page);
    await putBack(page);
  });
}

test('an in slip of one unit: the unit stands by the total; the code opens the check, which works it out', async () => {
  const slip = await post({ kind: 'in', reason: 'donation', counterparty: '某公司', lines: [{ item: 'hand-gel', quantity: 2, pack: '箱', lot: 'G1', expires: '2029-01-01' }] });
  const page = await openSlip(slip);
  const pages = await printed(page);
  assert.equal(pages.length, 3);
  assert.match(squeeze(pages[0].text), /防疫物资入库单/);
  assert.match(squeeze(pages[0].text), /合计（大写）肆拾捌瓶/);
  assert.match(squeeze(pages[0].text), /来源某公司/);

  // Seen by a reader that is not ours: what stands on paper, drawn as a picture.
  await page.emulateMedia({ media: 'print' });
  const code = page.locator('.qr').first();
  const text = await code.getAttribute('aria-label');
  assert.match(text, new RegExp(`^${slip.number}\\.${slip.event_seq}\\.\\d+\\.[0-9a-f]{16}$`));
  assert.ok(squeeze(pages[0].text).includes(text));
  const png = await code.screenshot();
  await page.emulateMedia({ media: 'screen' });
  await goTo(page, '/check');
  await page.getByRole('button', { name: '扫码' }).click();
  await page.locator('dialog input[type=file]').setInputFiles({ name: 'code.png', mimeType: 'image/png', buffer: png });
  await page.getByText('✓ 核对无误').waitFor();
  await page.locator('.cells').getByText('某公司').waitFor();
  await checkAccess(page);
  const wrong = (code, says) => goTo(page, `/check/${code}`).then(() => page.getByText(says).waitFor());
  await wrong(text.replace(/.$/, (c) => (c === '0' ? '1' : '0')), /打印之后记录被改动过/);
  await wrong(text.replace(/-\d{4}\./, '-9999.'), `这条记录属于另一张单据：${slip.number}`);
  await wrong(text.replace(/\.\d+\.(\w{16})$/, '.999999.$1'), /比打印时还少/);
  await wrong('n95', '这不是核对码');
  checkFaults(page, [/status of 4/, /camera|getUserMedia/i]);
  await putBack(page);
});

test('a long slip goes on over pages, with its head on each, and is signed once a copy', async () => {
  const lines = Array.from({ length: 40 }, (_, i) => ({ item: 'n95', quantity: i + 1, lot: `LOT${i}`, expires: '2030-01-01' }));
  const slip = await post({ kind: 'in', reason: 'purchase', counterparty: '厂', lines });
  const page = await openSlip(slip);
  const pages = await printed(page);
  assert.equal(pages.length % 3, 0);
  assert.ok(pages.length >= 6 && pages.length <= 12, `${pages.length} pages`);
  for (const { text, width } of pages) {
    assert.equal(width, 210);
    assert.match(squeeze(text), /物资批次有效期至/);
  }
  assert.equal(pages.filter(({ text }) => squeeze(text).includes('审批人')).length, 3);
  assert.match(squeeze(pages[pages.length / 3 - 1].text), /捌佰贰拾只/);
  await putBack(page);
});

test('text that would do harm is text on paper, too', async () => {
  const slip = await post({ kind: 'out', reason: 'issue', counterparty: '<b>x</b>{count}', receiver: '=cmd()', note: HOSTILE.replace(/\u202e/, ''), lines: [{ item: 'n95', quantity: 1 }] });
  const page = await openSlip(slip);
  const pages = await printed(page);
  assert.equal(pages.length, 3);
  for (const part of ['<b>x</b>{count}', '=cmd()', '<imgsrc=xonerror=alert(1)>']) assert.ok(squeeze(pages[2].text).includes(part), pages[2].text);
  checkFaults(page);
  await putBack(page);
});

test('a reversal says what it undoes', async () => {
  const slip = await post({ kind: 'out', reason: 'issue', lines: [{ item: 'glove', quantity: 1 }] });
  const answer = await (await world.client('keeper')).post(`${SLIPS}/${slip.number}/reversal`, { note: '填错' }, { key: newKey() });
  const page = await openSlip(answer.body);
  assert.match(squeeze((await printed(page))[0].text), new RegExp(`冲销${slip.number}填错`));
  await putBack(page);
});

test('print is one tap after handing in, and only once', async () => {
  const slip = await post({ kind: 'out', reason: 'issue', lines: [{ item: 'glove', quantity: 1 }] });
  const page = await openPage(world);
  await page.addInitScript(() => { window.print = () => { window.printed = (window.printed ?? 0) + 1; }; });
  await signIn(page, 'keeper');
  await page.reload();
  await goTo(page, '/today');
  await page.getByRole('button', { name: `打印 ${slip.number}` }).click();
  await until('printed', () => page.evaluate(() => window.printed === 1));
  await page.reload();
  await page.locator('caption').waitFor();
  assert.equal(await page.evaluate(() => window.printed), undefined);
  await putBack(page);
});

test('paper without a proof says so', async () => {
  const slip = await post({ kind: 'out', reason: 'issue', lines: [{ item: 'glove', quantity: 1 }] });
  const page = await openPage(world);
  await page.route(/\/proof/, (route) => route.abort());
  await signIn(page, 'keeper');
  await goTo(page, `/slips/XT/${slip.number}`);
  await page.getByText('不带证明').waitFor();
  await page.locator('button.wide:enabled').waitFor();
  assert.match(squeeze((await printed(page))[0].text), /没有核对码，不能作为证明/);
  await putBack(page);
});

test('paper waits for the items’ names', async () => {
  const slip = await post({ kind: 'out', reason: 'issue', lines: [{ item: 'glove', quantity: 1 }] });
  const page = await openPage(world);
  const letGo = await holdUp(page, /\/items\b/);
  await page.addInitScript(() => { window.print = () => { window.printed = document.querySelector('.slip-paper').textContent; }; });
  await page.reload();
  await signIn(page, 'keeper');
  await goTo(page, `/slips/XT/${slip.number}?print=1`);
  await page.getByText('西塔社区库').first().waitFor({ state: 'attached' });
  assert.equal(await page.evaluate(() => window.printed), undefined);
  assert.ok(await page.getByRole('button', { name: '打印' }).isDisabled());
  letGo();
  await until('printed', () => page.evaluate(() => window.printed));
  assert.match(squeeze(await page.evaluate(() => window.printed)), /一次性手套.*合计（大写）壹双/);
  await putBack(page);
});

test('other pages do not take the slip’s paper', async () => {
  const slip = await post({ kind: 'out', reason: 'issue', lines: [{ item: 'glove', quantity: 1 }] });
  const page = await openSlip(slip);
  await goTo(page, '/today');
  await page.locator('.entry').first().waitFor();
  const [{ width, height }] = await printed(page);
  assert.ok(height > width, `${width} × ${height}`);
  await putBack(page);
});
