// The auditor's pages in a real browser: the ledger as on paper, slips, the audit trail, what is taken away.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { checkAccess, checkFaults, closeBrowser, goTo, holdUp, HOSTILE, openPage, printed, putBack, settled, signIn, tabTo } from '../lib/browser.mjs';
import { newKey } from '../lib/client.mjs';
import { until } from '../lib/process.mjs';
import { readXlsx } from '../lib/xlsx.mjs';
import { startWorld } from '../lib/world.mjs';

const SLIPS = '/api/v1/stores/XT/slips';
const day = (month, date) => `2025-${String(month).padStart(2, '0')}-${String(date).padStart(2, '0')}`;

let world;
let auditor;
let entries; // of n95, as the service tells them
let slipOfToday;

// A year of a ledger, written in today: 240 slips, some months without any, one of them out of order and
// one reversed; and a slip of today.
before(async () => {
  world = await startWorld();
  const keeper = await world.client('keeper');
  auditor = await world.client('auditor');
  const slips = [];
  for (const month of [1, 2, 3, 5, 6, 8, 9, 12]) {
    slips.push({ kind: 'in', reason: 'purchase', business_date: day(month, 1), counterparty: '平安医药', lines: [{ item: 'n95', quantity: 500, lot: `L${month}` }] });
    for (let n = 0; n < 29; n++)
      slips.push({ kind: 'out', reason: 'issue', business_date: day(month, 2 + (n % 25)), counterparty: `第${n % 7}网格`, receiver: '张三', handler: '李四', lines: [{ item: 'n95', quantity: 1 + n }] });
  }
  slips.push({ kind: 'out', reason: 'issue', business_date: day(2, 14), counterparty: HOSTILE, receiver: HOSTILE, lines: [{ item: 'n95', quantity: 7 }] });
  const { status, body } = await keeper.post(`${SLIPS}/batch`, { slips: slips.map((slip) => ({ idempotency_key: newKey(), ...slip })) });
  assert.equal(status, 200);
  assert.ok(body.results.every((r) => r.status === 201));
  const wrong = body.results[3].slip;
  assert.equal((await keeper.post(`${SLIPS}/${wrong.number}/reversal`, { note: '填错' }, { key: newKey() })).status, 201);
  slipOfToday = (await keeper.post(SLIPS, { kind: 'in', reason: 'donation', counterparty: '爱心企业', lines: [{ item: 'n95', quantity: 40 }] }, { key: newKey() })).body;
  entries = (await auditor.get('/api/v1/stores/XT/ledgers/n95/entries.ndjson', { order: 'asc' })).text
    .split('\n').filter(Boolean).map((line) => JSON.parse(line));
});
after(async () => {
  await closeBrowser();
  await world.stop();
});

async function openDesk(path, options) {
  const page = await openPage(world, { size: 'desk', ...options });
  await signIn(page, 'auditor');
  await goTo(page, path);
  return page;
}

const close = async (page) => {
  checkFaults(page);
  await putBack(page);
};

const sum = (list, of) => list.reduce((n, x) => n + of(x), 0);
const received = (e) => e.quantity_in;
const issued = (e) => e.quantity_out;
const figure = (text) => Number(text.replaceAll(',', ''));

// The totals of a range, summed up anew and in another way than the page does.
function totals(from, to) {
  const before = entries.filter((e) => e.business_date < from);
  const within = entries.filter((e) => e.business_date >= from && e.business_date <= to);
  return [...new Set(within.map((e) => e.business_date.slice(0, 7)))].sort().map((month) => {
    const here = within.filter((e) => e.business_date.startsWith(month));
    const soFar = within.filter((e) => e.business_date.slice(0, 7) <= month);
    const earlier = within.filter((e) => e.business_date.slice(0, 7) < month);
    return { month,
      broughtForward: sum([...before, ...earlier], (e) => received(e) - issued(e)),
      in: sum(here, received), out: sum(here, issued), inSoFar: sum(soFar, received), outSoFar: sum(soFar, issued),
      balance: sum([...before, ...soFar], (e) => received(e) - issued(e)) };
  });
}

const shownTotals = (page) => page.locator('.month').evaluateAll((months) => months.map((month) => {
  const [first, total, soFar] = [...month.querySelectorAll('.total')].map((row) => [...row.cells].map((c) => c.innerText.replaceAll(',', '')));
  return { month: first[0], broughtForward: Number(first[5]), in: Number(total[3]), out: Number(total[4]),
    inSoFar: Number(soFar[3]), outSoFar: Number(soFar[4]), balance: Number(total[5]) };
}));

const PAPER = [
  { locale: 'zh-CN', words: ['日期', '凭证号', '摘要', '入库', '出库', '结存', '批次', '经手人', '领用人', '序号'], opening: '期初结存', forward: '上月结转', total: '本月合计', soFar: '累计', late: '补' },
  { locale: 'en', words: ['Date', 'Slip', 'Summary', 'In', 'Out', 'Balance', 'Lot', 'Handler', 'Receiver', 'Seq'], opening: 'Opening balance', forward: 'Brought forward', total: 'Total of the month', soFar: 'Total so far', late: 'late' },
];

for (const { locale, words, opening, forward, total, soFar, late } of PAPER) {
  test(`a ledger's page adds up: ${locale}`, async () => {
    const page = await openDesk('/ledgers/XT/n95', { locale });
    assert.deepEqual(await page.locator('.month').first().locator('thead th').allInnerTexts(), words);
    assert.deepEqual(await shownTotals(page), totals('0000', '9999'));
    assert.deepEqual(await page.locator('.month').nth(1).locator('.total th').allInnerTexts(), [forward, total, soFar]);
    const from = day(2, 10);
    const to = day(6, 15);
    await goTo(page, `/ledgers/XT/n95?from=${from}&to=${to}`);
    await page.getByText(`${from} – ${to}`).waitFor();
    assert.deepEqual(await shownTotals(page), totals(from, to));
    const february = page.locator('.month').first();
    assert.equal(await february.locator('.total th').first().innerText(), opening);
    const balances = await february.locator('tbody tr:not(.total) td:nth-child(6)').allInnerTexts();
    const own = entries.filter((e) => e.business_date >= from && e.business_date < '2025-03').sort((a, b) => a.business_date.localeCompare(b.business_date) || a.seq - b.seq);
    let balance = totals(from, to)[0].broughtForward;
    assert.deepEqual(balances.map(figure), own.map((e) => { balance += e.quantity_in - e.quantity_out; return balance; }));
    assert.equal(await february.locator('abbr', { hasText: late }).count(), own.length, 'all were posted after their day');
    const hostile = february.getByRole('row').filter({ hasText: '<img' });
    assert.equal((await hostile.innerText()).split(HOSTILE).length, 3);
    assert.equal(await february.locator('img').count(), 0);
    await checkAccess(page);
    await goTo(page, `/ledgers/XT/n95?from=${slipOfToday.business_date}`);
    await page.getByRole('link', { name: slipOfToday.number }).waitFor();
    assert.equal(await page.locator('abbr').count(), 0, 'one of today is not late');
    await close(page);
  });
}

test('a long ledger is drawn as one comes near, and goes on paper whole', async () => {
  const page = await openDesk('/ledgers/XT/n95');
  const drawn = () => page.locator('.month td a').count();
  assert.ok(await drawn() < entries.length / 2, `${await drawn()} of ${entries.length} rows`);
  const papers = await printed(page);
  assert.ok(papers.length > 3);
  for (const { width, height, text } of papers) {
    assert.deepEqual([width, height], [297, 210]);
    assert.match(text, /日期 +凭证号 +摘要/);
  }
  const text = papers.map((p) => p.text).join('\n');
  for (const { slip } of entries) assert.ok(text.includes(slip), slip);
  assert.match(papers[0].text, /XT ?库 N95口罩台账/);
  assert.match(text, /核对码 .*审计记录第 \d+ 条/); // paper waits for it
  assert.ok(text.includes('<img src=x'));
  assert.doesNotMatch(text, /审计记录(?!第)|导出|打印/);
  await page.locator('.month').last().scrollIntoViewIfNeeded();
  await page.locator('.month').last().getByText(slipOfToday.number).waitFor();
  await close(page);
});

test('the ledger is chosen by the keyboard alone', async () => {
  const page = await openDesk('/ledgers');
  await tabTo(page, page.getByLabel('库房'));
  await page.keyboard.type('XT');
  await page.getByText('XT库 一次性口罩台账').waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.type('N95');
  await page.getByRole('heading', { name: 'XT库 N95口罩台账' }).waitFor();
  await settled(page);
  const from = page.getByLabel('自', { exact: true });
  await tabTo(page, from);
  await page.keyboard.type('12012025');
  await page.getByText(/^单位：只 · 2025-12-01 – …/).waitFor();
  await tabTo(page, page.getByRole('link', { name: /^XT-/ }).first());
  await page.keyboard.press('Enter');
  await page.locator('.cells').getByText('平安医药').waitFor(); // the paper has it too
  await close(page);
});

for (const { locale, size, kind, out, party, from, to, more } of [
  { locale: 'zh-CN', size: 'desk', kind: '类型', out: '出库', party: '往来单位', from: '自', to: '至', more: '更多' },
  { locale: 'en', size: 'phone', kind: 'Kind', out: 'Out', party: 'Counterparty', from: 'From', to: 'To', more: 'More' },
]) {
  test(`slips are found by what they say, page by page: ${size}, ${locale}`, async () => {
    const page = await openDesk('/history?store=XT', { locale, size });
    const rows = page.locator('tbody tr');
    assert.equal(await rows.count(), 50);
    await checkAccess(page);
    for (let wanted = 100; await page.getByRole('button', { name: more }).count(); wanted += 50) {
      await page.getByRole('button', { name: more }).click();
      await rows.nth(Math.min(wanted, 243) - 1).waitFor();
    }
    assert.equal(new Set(await page.locator('tbody th').allInnerTexts()).size, 243);
    await page.getByLabel(kind).selectOption({ label: out });
    await page.getByLabel(party).fill('第3网格');
    await page.getByLabel(party).press('Enter');
    await page.getByLabel(from, { exact: true }).fill(day(5, 1));
    await page.getByLabel(to, { exact: true }).fill(day(6, 30));
    const asked = { kind: 'out', counterparty: '第3网格', from: day(5, 1), to: day(6, 30) };
    const expected = (await auditor.get(SLIPS, { ...asked, limit: 200 })).body.items.map((s) => s.number);
    assert.ok(expected.length > 2 && expected.length < 20);
    await page.waitForFunction((n) => document.querySelectorAll('tbody tr').length === n, expected.length);
    assert.deepEqual(await page.locator('tbody th').allInnerTexts(), expected);
    await page.getByLabel(party).fill(HOSTILE);
    await page.getByLabel(party).press('Enter');
    await page.getByLabel(from, { exact: true }).fill('');
    await page.getByRole('row').filter({ hasText: HOSTILE }).waitFor();
    await checkAccess(page);
    await close(page);
  });
}

test('rows that come in leave what is half typed alone', async () => {
  const page = await openDesk('/history?store=XT');
  const letGo = await holdUp(page, /slips\?.*kind=out/);
  await page.getByLabel('类型').selectOption({ label: '出库' });
  await page.locator('main [aria-busy=true]').waitFor();
  const party = page.getByLabel('往来单位');
  await party.pressSequentially('第3');
  letGo();
  await settled(page);
  assert.equal(await party.inputValue(), '第3');
  await party.pressSequentially('网格');
  await party.press('Enter');
  await page.getByRole('cell', { name: '第2网格' }).first().waitFor({ state: 'detached' });
  await page.getByRole('cell', { name: '第3网格' }).first().waitFor();
  await close(page);
});

test('a further page that comes after the filter was changed is dropped', async () => {
  const page = await openDesk('/history?store=XT');
  const letGo = await holdUp(page, /slips\?.*cursor=/);
  const late = page.waitForResponse(/slips\?.*cursor=/);
  await page.getByRole('button', { name: '更多' }).click();
  await page.getByLabel('往来单位').fill(HOSTILE);
  await page.getByLabel('往来单位').press('Enter');
  const rows = page.locator('tbody tr');
  await until('the one row', async () => await rows.count() === 1);
  letGo();
  await (await late).finished();
  await settled(page);
  assert.equal(await rows.count(), 1);
  await close(page);
});

for (const { locale, size, event, check, fits, wrong, slip } of [
  { locale: 'zh-CN', size: 'desk', event: /^审计记录第/, check: '核对哈希', fits: '✓ 与记录相符', wrong: '✕ 与记录不符！', slip: /^打开单据/ },
  { locale: 'en', size: 'phone', event: /^Audit record/, check: 'Check the hash', fits: '✓ fits the record', wrong: '✕ does not fit the record!', slip: /^Open slip/ },
]) {
  test(`from an entry to its slip, to its event, and back: ${size}, ${locale}`, async () => {
    const page = await openDesk(`/ledgers/XT/n95?to=${day(1, 31)}`, { locale, size });
    const { slip: number } = entries[4];
    await page.getByRole('link', { name: number }).first().click();
    await page.getByRole('link', { name: event }).click();
    const open = page.locator('details.event:not(.no-print)[open]'); // of 243 and more of this day
    await open.waitFor();
    assert.ok((await open.locator('summary').innerText()).includes(number));
    await open.getByRole('button', { name: check }).click();
    await open.getByText(fits).waitFor();
    await checkAccess(page);
    await open.getByRole('link', { name: slip }).click();
    await page.locator('main').getByText(number).first().waitFor();
    await page.getByRole('link', { name: 'N95' }).first().click();
    await page.locator('.month').first().waitFor();

    await page.route('**/events?*', async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, body: (await answer.text()).replaceAll('"quantity\\":', '"quantity\\": ') });
    });
    await goTo(page, '/events/XT');
    await page.locator('details.event:not(.no-print) summary').first().click();
    await page.locator('details.event:not(.no-print)[open]').getByRole('button', { name: check }).click();
    await page.getByText(wrong).waitFor();
    await close(page);
  });
}

test('the audit trail is filtered, the system\'s too', async () => {
  const page = await openDesk('/events/XT');
  await page.getByLabel('事件').selectOption({ label: '冲销' });
  await page.waitForFunction(() => document.querySelectorAll('details.event:not(.no-print)').length === 1);
  await page.getByLabel('操作人').fill('nobody');
  await page.getByLabel('操作人').press('Enter');
  await page.getByText('暂无内容').waitFor();
  await page.getByLabel('库房').selectOption({ label: '系统日志' });
  await page.locator('summary', { hasText: '登录' }).first().waitFor();
  await checkAccess(page);
  await close(page);
});

for (const { locale, size, title, months, findings, all, from, back } of [
  { locale: 'zh-CN', size: 'desk', title: /^XT库 合规摘要 2025-02 – 2025-03/, months: [/^2025年3月 ▲ 2 项需查/, /^2025年2月 ▲ 2 项需查/],
    findings: [/单号连续.*✓ 合格.*入库单 1 张，由 XT-RK-20250201-0001 至 XT-RK-20250201-0001，没有缺号/, /补录.*▲ 需查.*31 张单据中 31 张补录/,
      /单据依据.*▲ 需查.*1 张采购单中 1 张没有依据/, /单据依据.*✓ 合格.*本月没有/, /领用人.*✓ 合格.*30 张领用单都有领用人/, /冲销.*计数.*本月没有/],
    all: '全部', from: '自（月）', back: '2025年3月' },
  { locale: 'en', size: 'phone', title: /^Compliance of Store XT 2025-02 – 2025-03/, months: [/^March 2025 ▲ 2 to look at/, /^February 2025 ▲ 2 to look at/],
    findings: [/Numbers.*✓ Fine.*In: 1 slips, XT-RK-20250201-0001 to/, /Late dates.*▲ To look at.*31 of 31 slips were late/,
      /Documents.*▲ To look at.*1 of 1 slips have none: Purchase/, /Documents.*✓ Fine.*None this month/, /Receivers.*✓ Fine.*All 30 slips name one: Issue/, /Reversals.*Counted.*None this month/],
    all: 'All of them', from: 'From month', back: 'March 2025' },
]) {
  test(`what an auditor checks, by month, and the slips concerned: ${size}, ${locale}`, async () => {
    const page = await openDesk('/compliance?store=XT&from=2025-02&to=2025-03', { locale, size });
    const part = page.locator('section.findings');
    await part.first().waitFor();
    assert.match(await page.getByRole('heading', { level: 2 }).innerText(), title);
    const headings = await part.locator('h3').allInnerTexts();
    assert.equal(headings.length, months.length);
    months.forEach((month, i) => assert.match(headings[i], month));
    const lines = (await part.nth(1).locator('table').first().locator('tbody tr').allInnerTexts()).map((line) => line.replace(/\s+/g, ' '));
    for (const finding of findings) assert.ok(lines.some((line) => finding.test(line)), `${finding} is among\n${lines.join('\n')}`);
    const received = await part.nth(1).locator('table').nth(1).locator('tbody tr').first().innerText();
    assert.match(received, /N95\D*500/);
    await checkAccess(page);
    if (size === 'desk') {
      const papers = await printed(page);
      assert.equal(papers[0].width, 210);
      assert.match(papers[0].text, /合规摘要/);
      assert.doesNotMatch(papers.map((p) => p.text).join(), /导出|打印/);
    }
    await page.getByLabel(from).selectOption({ label: back });
    await until('one month', async () => await part.count() === 1);
    await goTo(page, '/compliance?store=XT&from=2025-02&to=2025-02');
    await part.first().getByRole('link', { name: all }).first().click();
    await page.locator('tbody th').getByText(/^XT-RK-/).waitFor(); // not one of the page just left
    assert.deepEqual(await page.locator('tbody th').allInnerTexts(), ['XT-RK-20250201-0001']);
    await goTo(page, `/compliance?store=XT&from=${slipOfToday.business_date.slice(0, 7)}`);
    await part.first().getByRole('cell', { name: 'keeper', exact: true }).waitFor(); // who reversed
    await close(page);
  });
}

test('an auditor takes evidence away, and the checkpoint that holds the log to it', async () => {
  const page = await openDesk('/events/XT', { size: 'phone' });
  await page.locator('summary', { hasText: '证据' }).click();
  await page.getByText('还没有签发过。').waitFor();
  await page.getByRole('button', { name: '立即签发' }).click();
  const take = async (name) => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name }).click()]);
    return readFileSync(await download.path());
  };
  const note = (await take('保存检查点')).toString();
  const signed = await world.db.sql(`SELECT to_char(max(at) AT TIME ZONE 'Asia/Shanghai', 'HH24:MI') FROM checkpoint`);
  await page.locator('.cells > div', { hasText: '签发时间' }).getByText(signed).waitFor();
  assert.equal(note, (await auditor.get('/api/v1/stores/XT/checkpoint')).text);
  await page.getByText(/taizhang verify --evidence XT-evidence.zip --since XT-checkpoint-\d+.txt --key/).waitFor();
  assert.equal((await take('下载证据文件')).subarray(0, 2).toString(), 'PK');
  await checkAccess(page);
  checkFaults(page, [/status of 404/]); // there was no checkpoint at first
  await putBack(page);
});

const TAKEN = [
  { path: `/ledgers/XT/n95?from=${day(2, 1)}&to=${day(2, 28)}`, rows: () => entries.filter((e) => e.business_date.startsWith('2025-02')).length, holds: /L2/ },
  { path: '/history?store=XT&kind=in', rows: () => 10, holds: /爱心企业/ },
  { path: '/compliance?store=XT&from=2025-06&to=2025-06', rows: () => 13, holds: /no_document/ },
  { path: '/events/XT?type=slip_reversed', rows: () => 1, holds: /slip_reversed/ },
];

for (const { path, rows, holds } of TAKEN) {
  test(`what is shown is taken away: ${path}`, async () => {
    const page = await openDesk(path);
    const take = async (kind) => {
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: kind, exact: true }).click()]);
      return { download, bytes: readFileSync(await download.path()) };
    };
    for (const kind of ['CSV', 'NDJSON']) {
      const { download, bytes } = await take(kind);
      const text = bytes.toString();
      assert.match(download.suggestedFilename(), new RegExp(`\\.${kind.toLowerCase()}$`));
      assert.match(text, holds);
      assert.equal(text.trim().split(/\r?\n/).length, rows() + (kind === 'CSV' ? 1 : 0));
    }
    const { download, bytes } = await take('Excel');
    assert.match(download.suggestedFilename(), /\.xlsx$/);
    assert.match(JSON.stringify(readXlsx(bytes).sheets[0].rows), holds);
    await close(page);
  });
}

for (const [size, locale] of [['phone', 'zh-CN'], ['desk', 'en']]) {
  test(`every page of an auditor's is accessible: ${size}, ${locale}`, async () => {
    const page = await openDesk('/ledgers', { size, locale });
    for (const path of ['/ledgers', '/ledgers/XT/n95', '/ledgers/BT/n95', '/history', '/compliance', '/events', '/events/system', '/account']) {
      await goTo(page, path);
      await checkAccess(page);
    }
    await close(page);
  });
}
