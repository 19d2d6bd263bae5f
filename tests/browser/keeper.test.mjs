// The storekeeper's day in a real browser: in and out slips in both languages, what is foreseen and what
// is short, undoing, scanning, and all of it by keyboard.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { deflateSync } from 'node:zlib';
import { checkAccess, checkFaults, closeBrowser, goTo, openPage, openProfile, putBack, signIn } from '../lib/browser.mjs';
import { handIn, openForm, posted, reopen, setParty, stockUp, writeSlip } from '../lib/keeper.mjs';
import { root, tempDir, until } from '../lib/process.mjs';
import { addUser, startWorld } from '../lib/world.mjs';

let world;
before(async () => {
  world = await startWorld();
  await world.db.sql("UPDATE place SET name_zh = '第12微网格', name_en = 'Grid 12' WHERE code = 'grid-12'");
  await stockUp(world, { n95: 30, glove: 500 });
  await stockUp(world, { n95: 1000 }, { lines: [{ item: 'n95', quantity: 1000, lot: 'L2', expires: '2031-05-31' }] });
});
after(async () => {
  await closeBrowser();
  await world.stop();
});

const onHand = async (item, store = 'XT') =>
  Number(await world.db.sql(`SELECT balance FROM ledger JOIN store USING (store_id) JOIN item USING (item_id)
    WHERE store.code = '${store}' AND item.code = '${item}'`));
const last = async () => (await posted(world)).at(-1);
async function openKeeper(options) {
  const page = await openPage(world, options);
  await signIn(page, 'keeper');
  return page;
}

describe('a slip, from the tile to the ledger', () => {
  const SAID = {
    'zh-CN': { size: 'phone', tile: 'N95口罩', out: '将出：L1 · 2030-01-31 到期 × 30；L2 · 2031-05-31 到期 × 5', posted: '已入账', in: 'N95口罩 入库', pack: '= 40 只', waits: '领用单位' },
    en: { size: 'desk', tile: 'N95 respirator', out: 'Takes: L1 · exp. 2030-01-31 × 30; L2 · exp. 2031-05-31 × 5', posted: 'Posted', in: 'Stock in: N95 respirator', pack: '= 40 piece', waits: 'Recipient' },
  };
  for (const [locale, { size, ...said }] of Object.entries(SAID)) {
    test(`out and in: ${locale}, ${size}`, async () => {
      const page = await openKeeper({ locale, size });
      await checkAccess(page);
      const before = await onHand('n95');

      await page.locator('.tile .main', { hasText: said.tile }).click();
      const quantity = page.locator('.amount input');
      await quantity.waitFor();
      await until('the quantity focused', () => quantity.evaluate((input) => input === document.activeElement));
      await page.keyboard.type('35');
      assert.equal(await page.locator('.about').innerText(), said.out);
      assert.match(await page.locator('.party').innerText(), new RegExp(said.waits));
      await setParty(page, '第12微网格');
      await page.locator('[name=receiver]').fill('张三');
      await checkAccess(page);
      assert.match(await (await handIn(page)).innerText(), /35/);
      await page.locator('.last .entry.posted').waitFor();
      assert.match(await page.locator('.last').innerText(), new RegExp(said.posted));
      assert.ok(await page.locator('.last').evaluate((box) => box.contains(document.activeElement)), 'focus goes to what came of it');
      const out = await last();
      assert.deepEqual(out.lines.map((l) => [l.lot, l.quantity]), [['L1', 30], ['L2', 5]]);
      assert.deepEqual([out.kind, out.reason, out.counterparty, out.receiver], ['out', 'issue', '第12微网格', '张三']);
      assert.equal(await onHand('n95'), before - 35);

      await goTo(page, '/stock');
      await page.getByRole('link', { name: said.in }).click();
      await quantity.fill('2');
      await page.locator('.amount select').selectOption('盒');
      assert.equal(await page.locator('.conversion').innerText(), said.pack);
      await page.locator('.lot input').first().fill('L2');
      assert.equal(await page.locator('.lot input[type=date]').inputValue(), '2031-05-31', 'a known lot brings its expiry');
      await page.locator('.reason').nth(1).click();
      await setParty(page, '某公司');
      await checkAccess(page);
      await handIn(page);
      await page.locator('.last .entry.posted').waitFor();
      const into = await last();
      assert.deepEqual([into.kind, into.reason, into.counterparty, into.lines[0].quantity, into.lines[0].pack], ['in', 'donation', '某公司', 40, '盒']);
      assert.equal(await onHand('n95'), before + 5);
      await stockUp(world, { n95: 30 }); // of L1, for the next
      checkFaults(page);
      await putBack(page);
    });
  }
});

test('several items in one slip; who received last is remembered', async () => {
  const page = await openKeeper();
  await openForm(page, 'out', 'n95');
  await page.locator('.amount input').fill('1');
  await page.getByRole('button', { name: '添加物资' }).click();
  await page.locator('.tile .main', { hasText: '一次性手套' }).click();
  await page.getByLabel('一次性手套 数量').fill('2');
  await page.locator('.chips').getByRole('button', { name: '第12微网格' }).click();
  assert.equal(await page.locator('[name=receiver]').inputValue(), '张三');
  assert.match(await page.locator('.submit').innerText(), /共 2 项/);
  await page.getByRole('button', { name: '移除 N95口罩' }).click();
  await page.getByText('单据依据、备注').click();
  await page.locator('[name=document]').fill('领字2026-1');
  await page.locator('[name=business_date]').fill('2026-02-03');
  await handIn(page);
  await page.locator('.last .entry.posted').waitFor();
  const slip = await last();
  assert.deepEqual(slip.lines.map((l) => [l.item, l.quantity]), [['glove', 2]]);
  assert.deepEqual([slip.business_date, slip.document, slip.handler], ['2026-02-03', '领字2026-1', 'keeper 用户']);
  await putBack(page);
});

test('too much is said before sending, and put right in one tap; so is nothing at all', async () => {
  const page = await openKeeper();
  await openForm(page, 'out', 'glove');
  const there = await onHand('glove');
  await page.locator('.amount input').fill(String(there + 7));
  assert.match(await page.locator('.about').innerText(), new RegExp(`可发 ${there} 双，少 7 双`));
  assert.match(await page.locator('.submit').innerText(), /库存不足，仍要提交/);
  await checkAccess(page);
  await page.getByRole('button', { name: `改为 ${there} 双` }).click();
  assert.equal(await page.locator('.amount input').inputValue(), String(there));
  await page.locator('.amount input').fill('0');
  await page.locator('.submit button').click();
  assert.match(await page.locator('.about').innerText(), /请填写正整数/);
  assert.equal(await page.locator('.amount input').getAttribute('aria-invalid'), 'true');
  await checkAccess(page);
  await page.getByRole('button', { name: '移除 一次性手套' }).click();
  await page.locator('.submit button').click();
  await page.getByText('请先选择物资').waitFor();
  assert.equal(await onHand('glove'), there);
  await putBack(page);
});

test('what is half written survives a reload', async () => {
  const page = await openKeeper();
  await openForm(page, 'in', 'face-shield');
  await page.locator('.amount input').fill('12');
  await setParty(page, '某厂');
  await reopen(page, '/in');
  assert.equal(await page.locator('.amount input').inputValue(), '12');
  assert.match(await page.locator('.party').innerText(), /某厂/);
  await putBack(page);
});

test('two taps on submit are one slip', async () => {
  const page = await openKeeper();
  await openForm(page, 'in', 'hand-gel');
  await page.locator('.amount input').fill('3');
  await page.locator('.submit button').evaluate((button) => {
    button.click();
    button.click();
  });
  await page.locator('.last .entry.posted').waitFor();
  assert.equal(await onHand('hand-gel'), 3);
  await putBack(page);
});

test('several stores: chosen once, and remembered', async () => {
  await addUser(world.db, 'both', [['storekeeper', 'malan']]);
  const page = await openPage(world);
  await signIn(page, 'both');
  await page.getByLabel('库房').selectOption('BT');
  await writeSlip(page, 'in', 'glove', 9);
  await page.locator('.last .entry.posted').waitFor();
  assert.equal(await onHand('glove', 'BT'), 9);
  await reopen(page, '/stock');
  assert.equal(await page.getByLabel('库房').inputValue(), 'BT');
  await putBack(page);
});

test('today’s slips, one of them undone with a reason', async () => {
  const page = await openKeeper();
  const before = await onHand('n95');
  await writeSlip(page, 'out', 'n95', 17);
  await page.locator('.last .entry.posted').waitFor();
  const { number } = await last();
  await goTo(page, '/today');
  await page.getByRole('button', { name: `冲销 ${number}` }).click();
  await checkAccess(page);
  await page.locator('dialog').getByRole('button', { name: '数量填错' }).click();
  await page.locator('dialog').getByRole('button', { name: '冲销', exact: true }).click();
  await page.locator('.entry.undone', { hasText: number }).waitFor();
  await checkAccess(page);
  const reversal = await last();
  assert.deepEqual([reversal.reverses, reversal.note], [number, '数量填错']);
  assert.equal(await onHand('n95'), before);
  assert.equal(await page.getByRole('button', { name: `冲销 ${number}` }).count(), 0, 'only once');
  await page.getByRole('link', { name: number }).first().click();
  await page.locator('caption').waitFor();
  await checkAccess(page);
  checkFaults(page);
  await putBack(page);
});

test('a slip by keyboard alone', async () => {
  const page = await openKeeper({ size: 'desk' });
  const tabTo = async (name) => {
    for (let i = 0; i < 60; i++) {
      const at = await page.evaluate(() => {
        const e = document.activeElement;
        return `${e.getAttribute('aria-label') ?? ''} ${e.labels?.[0]?.innerText ?? ''} ${e.innerText ?? ''}`;
      });
      if (name.test(at)) return;
      await page.keyboard.press('Tab');
    }
    assert.fail(`${name} is not reached by Tab`);
  };
  await tabTo(/^ *一次性手套/);
  await page.keyboard.press('Enter');
  await tabTo(/一次性手套 数量/);
  await page.keyboard.type('6');
  await page.keyboard.press('Enter'); // hands in nothing
  await tabTo(/请选择/);
  await page.keyboard.press('Enter');
  await page.locator('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('dialog').waitFor({ state: 'detached' });
  await tabTo(/请选择/);
  await page.keyboard.press('Enter');
  await page.locator('dialog').waitFor();
  await tabTo(/搜索或输入名称/);
  await page.keyboard.type('12微');
  await tabTo(/第12微网格/);
  await page.keyboard.press('Space');
  await page.locator('dialog').waitFor({ state: 'detached' });
  assert.match(await page.evaluate(() => document.activeElement.innerText), /第12微网格/, 'focus goes back to where it was');
  await tabTo(/^ *提交出库/);
  await page.keyboard.press('Enter');
  await page.locator('.last .entry.posted').waitFor();
  const slip = await last();
  assert.deepEqual([slip.counterparty, slip.lines[0].item, slip.lines[0].quantity], ['第12微网格', 'glove', 6]);
  checkFaults(page);
  await putBack(page);
});

const HOSTILE = ['<img src=x onerror="document.title=\'broken\'">', '"><script>alert(1)</script>', '😷🧑‍🚀𠮷', '\u202eevil\u202c', '=cmd|\'/c calc\'!A1', '{count}{0}&amp;'];

test('text that would be markup, a formula or backwards is text', async () => {
  const page = await openKeeper();
  for (const text of HOSTILE) {
    await openForm(page, 'out', 'glove');
    await page.locator('.amount input').fill('1');
    await setParty(page, text);
    await page.locator('[name=receiver]').fill(text);
    await page.getByText('单据依据、备注').click();
    await page.locator('[name=note]').fill(text);
    await handIn(page);
    await page.locator('.last .entry').waitFor();
    await until('an answer', async () => await page.locator('.last .entry.posted, .last .entry.refused').count() === 1);
    assert.ok((await page.locator('.last .entry header').innerText()).includes(text));
    if (await page.locator('.last .entry.refused').count()) { // control characters are not for the ledger
      await page.locator('.last').getByRole('button', { name: '放弃' }).click();
      await page.locator('dialog').getByRole('button', { name: '放弃' }).click();
      continue;
    }
    const slip = await last();
    assert.equal(slip.counterparty, text);
    await goTo(page, `/slips/XT/${slip.number}`);
    await page.locator('caption').waitFor();
    assert.ok((await page.locator('main').innerText()).includes(text));
  }
  await goTo(page, '/today');
  await page.locator('.entry').first().waitFor();
  await checkAccess(page);
  assert.equal(await page.title(), '今日单据 · 台账');
  assert.equal(await page.locator('main img, main script').count(), 0);
  checkFaults(page, [/status of 422/]);
  await putBack(page);
});

// --- Codes ---

const { encode } = await import(pathToFileURL(createRequire(join(root, 'service/web/package.json')).resolve('uqr')));

// A QR code as rows of grey bytes, dark on light.
function picture(text, scale) {
  const { data, size } = encode(text, { ecc: 'M', border: 4 });
  const row = (y) => Buffer.from(data[y].flatMap((dark) => Array(scale).fill(dark ? 0 : 255)));
  return { width: size * scale, rows: data.flatMap((_, y) => Array(scale).fill(row(y))) };
}

function png(text) {
  const { width, rows } = picture(text, 6);
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(rows.length, 4);
  head[8] = 8; // bits of grey
  const chunk = (type, bytes) => {
    const out = Buffer.alloc(12 + bytes.length);
    out.writeUInt32BE(bytes.length, 0);
    out.write(type, 4, 'latin1');
    bytes.copy(out, 8);
    out.writeUInt32BE(crc(out.subarray(4, 8 + bytes.length)), 8 + bytes.length);
    return out;
  };
  const raw = Buffer.concat(rows.map((r) => Buffer.concat([Buffer.alloc(1), r])));
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('IDAT', deflateSync(raw)), chunk('IEND', Buffer.alloc(0))]);
}

function crc(bytes) {
  let c = 0xffffffff;
  for (const byte of bytes) {
    c ^= byte;
    for (let k = 0; k < 8; k++) c = (c >>> 1) ^ (c & 1 ? 0xedb88320 : 0);
  }
  return (c ^ 0xffffffff) >>> 0;
}

// What a camera sees that looks at the code: a film of one picture.
function film(text) {
  const { width, rows } = picture(text, 8);
  const [w, h] = [640, 480];
  const grey = Buffer.alloc(w * h, 255);
  rows.forEach((row, y) => row.copy(grey, (y + Math.floor((h - rows.length) / 2)) * w + Math.floor((w - width) / 2)));
  const path = join(tempDir(), 'camera.y4m');
  writeFileSync(path, Buffer.concat([Buffer.from(`YUV4MPEG2 W${w} H${h} F10:1 Ip A1:1 C420jpeg\nFRAME\n`), grey, Buffer.alloc((w * h) / 2, 128)]));
  return path;
}

describe('a code', () => {
  const lines = (page) => page.locator('.line').evaluateAll((all) => all.map((l) => l.getAttribute('aria-label')));

  async function openScan(options) {
    const page = await openKeeper(options);
    await goTo(page, '/in');
    await page.getByRole('button', { name: '扫码' }).click();
    await page.locator('dialog').waitFor();
    return page;
  }

  test('typed: an item, a lot, an unknown one, and a barcode that is learnt', async () => {
    const page = await openScan();
    await page.getByText('无法使用摄像头').waitFor();
    await checkAccess(page);
    const field = page.getByLabel('物资代码、批号或条码');
    await field.fill('what is this');
    await page.keyboard.press('Enter');
    await page.getByText('不认识“what is this”').waitFor();
    await field.fill('glove:G7');
    await page.keyboard.press('Enter');
    await page.locator('dialog').waitFor({ state: 'detached' });
    assert.equal(await page.getByLabel('一次性手套 批次').inputValue(), 'G7');

    await page.getByRole('button', { name: '扫码' }).click();
    await field.fill('(01)06901234567892(10)S9(17)291231');
    await page.keyboard.press('Enter');
    await page.locator('dialog').getByRole('button', { name: '面屏' }).click();
    assert.equal(await page.getByLabel('面屏 批次').inputValue(), 'S9');
    assert.equal(await page.getByLabel('面屏 有效期至').inputValue(), '2029-12-31');
    await page.getByRole('button', { name: '移除 面屏' }).click();
    await page.getByRole('button', { name: '扫码' }).click();
    await field.fill('6901234567892');
    await page.keyboard.press('Enter');
    await page.locator('dialog').waitFor({ state: 'detached' });
    assert.deepEqual(await lines(page), ['一次性手套', '面屏']);
    await putBack(page);
  });

  test('from a photo, by our own reader', async () => {
    const page = await openScan();
    await page.locator('dialog input[type=file]').setInputFiles({ name: 'code.png', mimeType: 'image/png', buffer: png('n95:N2611') });
    await page.locator('dialog').waitFor({ state: 'detached' });
    assert.deepEqual(await lines(page), ['N95口罩']);
    assert.equal(await page.getByLabel('N95口罩 批次').inputValue(), 'N2611');
    checkFaults(page);
    await putBack(page);
  });

  test('by the camera', async () => {
    const context = await openProfile(join(tempDir(), 'camera'), {
      args: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', `--use-file-for-fake-video-capture=${film('glove:C1')}`],
    });
    const page = await openScan({ context });
    await page.locator('dialog').waitFor({ state: 'detached' });
    assert.deepEqual(await lines(page), ['一次性手套']);
    assert.equal(await page.getByLabel('一次性手套 批次').inputValue(), 'C1');
    checkFaults(page);
    await page.context().close();
  });
});
