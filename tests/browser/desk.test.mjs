// The coordinator's pages in a real browser: what needs attention, live; alerts, thresholds, readiness, charts.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { checkAccess, checkFaults, closeBrowser, goTo, HOSTILE, openPage, putBack, settled, signIn, tabTo } from '../lib/browser.mjs';
import { newKey } from '../lib/client.mjs';
import { until } from '../lib/process.mjs';
import { startReceivers } from '../lib/receivers.mjs';
import { startWorld } from '../lib/world.mjs';

let world;
let receivers;
let keeper;
let coordinator;

const level = (minimum, target) => ({ minimum, target });
const move = async (kind, item, quantity, more = {}) => {
  const answer = await keeper.post('/api/v1/stores/XT/slips',
    { kind, reason: kind === 'in' ? 'purchase' : 'issue', lines: [{ item, quantity }], ...more }, { key: newKey() });
  assert.equal(answer.status, 201, answer.text);
  return answer.body;
};
const setThresholds = async (item, normal, emergency = null) => {
  const answer = await coordinator.put(`/api/v1/stores/XT/ledgers/${item}/thresholds`, { normal, emergency });
  assert.equal(answer.status, 200, answer.text);
};
const ledger = async (item, store = 'XT') => (await coordinator.get(`/api/v1/stores/${store}/ledgers/${item}`)).body;
const openAlerts = async (item) => (await coordinator.get('/api/v1/alerts', { status: 'open' })).body.items.filter((a) => a.item === item);

before(async () => {
  receivers = await startReceivers();
  world = await startWorld({ settings: {
    ...receivers.settings, secret_key: randomBytes(32).toString('base64'),
    bundle_wait: 200, delivery_retry: 50, delivery_give_up: 1500,
  } });
  [keeper, coordinator] = await Promise.all(['keeper', 'coordinator'].map((u) => world.client(u)));
  for (const item of ['n95', 'glove', 'face-shield', 'hand-gel']) await move('in', item, 100);
});
after(async () => {
  await closeBrowser();
  await world.stop();
  await receivers.stop();
});

async function openDesk(path, options) {
  const page = await openPage(world, options);
  await signIn(page, 'coordinator');
  await goTo(page, path);
  return page;
}

const close = async (page) => {
  checkFaults(page);
  await putBack(page);
};

const LIVE = [
  { size: 'desk', locale: 'zh-CN', item: 'n95', name: 'N95口罩', store: 'XT库', low: '▲ 偏低', out: '✕ 缺货' },
  { size: 'phone', locale: 'en', item: 'glove', name: 'Disposable glove', store: 'Store XT', low: '▲ Low', out: '✕ Out' },
];

for (const { size, locale, item, name, store, low, out } of LIVE) {
  test(`levels change as slips are posted elsewhere, without a reload: ${size}, ${locale}`, async () => {
    await setThresholds(item, level(10, 50));
    const page = await openDesk('/levels', { size, locale });
    await page.evaluate(() => { globalThis.sameDocument = true; });
    const card = page.locator('.card', { hasText: name }).filter({ hasText: store });
    const row = page.getByRole('row', { name }).filter({ hasText: low.slice(0, 1) });
    assert.equal(await card.count(), 0);
    await move('out', item, 91);
    await card.filter({ hasText: low }).waitFor();
    assert.match(await card.innerText(), /\b9 /);
    await row.first().waitFor();
    await move('out', item, 9);
    await card.filter({ hasText: out }).waitFor();
    assert.ok(await page.evaluate(() => globalThis.sameDocument));
    await checkAccess(page);
    await move('in', item, 100);
    await card.waitFor({ state: 'detached' });
    await close(page);
  });
}

test('levels are filtered by item and by status, and summed up the tree', async () => {
  const page = await openDesk('/levels', { size: 'desk', locale: 'en' });
  const stores = page.getByRole('region', { name: 'By store' });
  const tree = page.getByRole('region', { name: 'Levels by place' });
  const rows = (region) => region.locator('tbody th[scope=row]').allInnerTexts();
  assert.equal((await rows(stores)).length, 14);
  await page.getByLabel('Item').selectOption('hand-gel');
  await settled(page);
  await tree.getByRole('row', { name: 'Hand-rub gel' }).nth(2).waitFor();
  assert.deepEqual(await rows(stores), ['Hand-rub gel', 'Hand-rub gel']);
  await page.getByLabel('Status').selectOption('out');
  assert.deepEqual(await rows(stores), ['Hand-rub gel']);
  assert.match(await stores.innerText(), /Store BT/);
  await close(page);
});

const ACKNOWLEDGE = [
  { size: 'phone', locale: 'zh-CN', item: 'face-shield', button: '确认', label: '处理说明', done: 'coordinator 已确认', order: '建议补充 45 只' },
  { size: 'desk', locale: 'en', item: 'hand-gel', button: 'Acknowledge', label: 'What is done about it', done: 'Acknowledged by coordinator', order: 'Order 45 bottle' },
];

for (const { size, locale, item, button, label, done, order } of ACKNOWLEDGE) {
  test(`an alert is acknowledged with a note, and goes when stock is back: ${size}, ${locale}`, async () => {
    await setThresholds(item, level(10, 50));
    const page = await openDesk('/alerts', { size, locale });
    await move('out', item, 95);
    const card = page.locator('.card', { hasText: order });
    await card.waitFor();
    await card.getByRole('button', { name: button }).click();
    assert.ok(await page.getByLabel(label).evaluate((e) => e === document.activeElement), 'one may write at once');
    await checkAccess(page);
    await page.getByLabel(label).fill(HOSTILE);
    await page.locator('dialog button[type=submit]').click();
    await card.getByText(done).waitFor();
    assert.ok((await card.innerText()).includes(HOSTILE));
    assert.equal(await card.locator('img').count(), 0);
    await checkAccess(page);
    const [alert] = await openAlerts(item);
    assert.equal(alert.acknowledged_note, HOSTILE);
    await move('in', item, 95);
    await card.waitFor({ state: 'detached' });
    await close(page);
  });
}

test('an alert is snoozed; one sees only the cause asked for; alerting that has stopped shows', async () => {
  await setThresholds('isolation-gown', level(10, 50));
  await move('in', 'isolation-gown', 5);
  const page = await openPage(world, { size: 'phone' });
  let sweep = { last_run: null, interval_s: 60, late: false, took_ms: 0, opened: 0, rearmed: 0, escalated: 0, closed: 0 };
  await page.route('**/alert-sweep', (route) => route.fulfill({ json: sweep }));
  await signIn(page, 'coordinator');
  await goTo(page, '/alerts');
  assert.equal(await page.getByText('预警检查').count(), 0, 'the first run is not due yet');
  sweep = { ...sweep, late: true };
  await goTo(page, '/levels');
  await page.getByText('预警检查从未运行').waitFor();
  sweep = { ...sweep, last_run: '2026-01-01T08:00:00+08:00' };
  for (const path of ['/alerts', '/levels', '/alerts']) {
    await goTo(page, path);
    await page.getByText('预警检查停了').waitFor();
  }
  const card = page.locator('.card', { hasText: '只剩 5 件，最低 10' });
  await card.getByText('无人确认').waitFor();
  await card.getByRole('button', { name: '暂缓' }).click();
  await page.locator('dialog [name=until]').fill(new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10));
  await page.locator('dialog [name=reason]').fill(HOSTILE);
  await checkAccess(page);
  await page.locator('dialog [type=submit]').click();
  await card.getByText('coordinator 暂缓至').waitFor();
  assert.equal((await openAlerts('isolation-gown'))[0].snooze_reason, HOSTILE);
  await page.getByLabel('原因').selectOption('out_of_stock');
  await card.waitFor({ state: 'detached' });
  await move('in', 'isolation-gown', 100);
  await close(page);
});

test('a rule of alerts is set here, says what it means, and is inherited again', async () => {
  const page = await openDesk('/alert-rules?place=xita', { size: 'phone' });
  const card = page.locator('.card', { hasText: '不够用' }).first();
  await card.getByText('系统默认').waitFor();
  await card.getByRole('button', { name: '修改' }).click();
  await page.locator('dialog [name=days]').fill('3');
  await page.locator('dialog [name=escalate_minutes]').fill('');
  await checkAccess(page);
  await page.locator('dialog [type=submit]').click();
  await page.getByText('已保存。').waitFor();
  await card.getByText('按近 14 天的日均领用，不够用 3 天时预警。').waitFor();
  await card.getByText('不上报。').waitFor();
  await card.getByRole('button', { name: '恢复沿用' }).click();
  await card.getByText('系统默认').waitFor();
  await close(page);
});

test('a channel is added, told of something, tested, paused and removed', async () => {
  const page = await openDesk('/channels', { size: 'phone' });
  await page.getByRole('button', { name: '新增通道' }).click();
  await page.getByLabel('类型').selectOption('dingtalk');
  await page.locator('dialog', { hasText: '以 SEC 开头的密钥' }).waitFor();
  await page.locator('dialog [name=name]').fill('街道群');
  await page.locator('dialog [name=address]').fill(receivers.address('dingtalk'));
  await page.locator('dialog [name=secret]').fill(receivers.secret(receivers.address('dingtalk')));
  await checkAccess(page);
  await page.locator('dialog [type=submit]').click();
  await page.getByText('这个通道不会收到任何消息').waitFor();
  await page.getByRole('button', { name: '添加订阅' }).click();
  await page.locator('dialog [type=submit]').click();
  await page.getByRole('button', { name: /移除订阅 .*所有预警/ }).waitFor();
  await page.getByRole('button', { name: '试发' }).click();
  await page.locator('.notice', { hasText: /已送达|没有送达/ }).waitFor();
  await checkAccess(page);
  await page.getByRole('button', { name: '暂停' }).click();
  await page.getByText('○ 已暂停').waitFor();
  await page.getByRole('button', { name: '移除', exact: true }).click();
  await page.locator('dialog').getByRole('button', { name: '移除', exact: true }).click();
  await page.getByText('先新增通道').waitFor();
  assert.equal((await coordinator.get('/api/v1/channels')).body.items.length, 0);
  await close(page);
});

test('a message that was given up is found on the page of channels, and sent again', async () => {
  const address = receivers.address('webhook');
  const channel = await coordinator.post('/api/v1/channels', { kind: 'webhook', name: '街道平台', place: 'xita', address, secret: receivers.secret(address) });
  assert.equal(channel.status, 201, channel.text);
  await coordinator.post('/api/v1/subscriptions', { channel: channel.body.id, place: 'xita', cause: 'low_stock' });
  receivers.behave(address, { status: 500 });
  await setThresholds('isolation-gown', level(200, 300)); // 105 are there
  const ofChannel = `/api/v1/channels/${channel.body.id}`;
  await until('it is given up', async () =>
    (await coordinator.get(`${ofChannel}/deliveries`, { status: 'dead' })).body.items.length > 0);

  const page = await openDesk('/channels', { size: 'phone' });
  await page.getByText('✕ 1 条没有送达').waitFor();
  const again = page.getByRole('button', { name: /重发 .* 的消息/ });
  await again.waitFor();
  await checkAccess(page);
  receivers.behave(address);
  await tabTo(page, again);
  await page.keyboard.press('Enter');
  await again.waitFor({ state: 'detached' });
  const [message] = await until('it arrives', () => receivers.at(address).length > 0 && receivers.at(address));
  assert.ok(message.body.data.alerts.some(({ item, step }) => item === 'isolation-gown' && step === 'opened'), message.text);
  await goTo(page, `/channels/${channel.body.id}`);
  await page.locator('.delivery', { hasText: '● 已送达' }).waitFor();
  assert.equal((await coordinator.delete(ofChannel)).status, 204);
  await setThresholds('isolation-gown', level(10, 50));
  await close(page);
});

test('thresholds of several ledgers are saved at once; those refused stay, each with its reason', async () => {
  const page = await openDesk('/thresholds', { size: 'desk', locale: 'zh-CN' });
  const cell = (store, item, end) => page.getByLabel(`${store} ${item} ${end}`, { exact: true });
  const save = page.locator('.save-bar button');
  assert.equal(await save.innerText(), '没有修改');
  assert.ok(await save.isDisabled());
  const set = async (store, item, minimum, target, at = '平时') => {
    await cell(store, item, `${at} 最低`).fill(String(minimum));
    await cell(store, item, `${at} 目标`).fill(String(target));
  };
  await set('BT库', '一次性口罩', 100, 400);
  await set('XT库', '一次性隔离衣', 20, 80);
  await set('XT库', '一次性隔离衣', 60, 240, '应急');
  await set('XT库', '一次性防护服', 30, 20); // the target below the minimum
  await set('BT库', '面屏', 5, '99999999999999999999'); // more than the service takes
  assert.equal(await save.innerText(), '保存 4 项修改');
  await save.click();
  await page.getByText('已保存 2 项。').waitFor();
  assert.equal(await page.locator('.refused').count(), 2);
  assert.deepEqual((await ledger('disposable-mask', 'BT')).thresholds.normal, level(100, 400));
  assert.deepEqual((await ledger('isolation-gown')).thresholds, { normal: level(20, 80), emergency: level(60, 240) });
  assert.deepEqual((await ledger('protective-suit')).thresholds.normal, level(null, null));
  assert.deepEqual((await ledger('face-shield', 'BT')).thresholds.normal, level(null, null));
  assert.equal(await cell('XT库', '一次性防护服', '平时 最低').inputValue(), '30', 'what was typed is still there');
  await checkAccess(page);
  await cell('XT库', '一次性防护服', '平时 目标').fill('60');
  await cell('BT库', '面屏', '平时 目标').fill('10');
  await page.locator('.save-bar button', { hasText: '保存 2 项修改' }).click();
  await page.locator('.save-bar button', { hasText: '没有修改' }).waitFor();
  assert.equal(await page.locator('.refused').count(), 0);
  assert.deepEqual((await ledger('protective-suit')).thresholds.normal, level(30, 60));
  checkFaults(page, [/status of 4\d\d/]);
  await putBack(page);
});

test('readiness is switched with a reason, by the keyboard alone', async () => {
  const page = await openDesk('/readiness', { size: 'desk', locale: 'zh-CN' });
  const button = page.getByRole('button', { name: 'xita：转为应急' });
  await tabTo(page, button);
  await page.keyboard.press('Enter');
  await page.getByText('将影响该地点及以下的 1 个库房').waitFor();
  await page.keyboard.type('疫情防控需要');
  await page.keyboard.press('Enter');
  await page.getByText('xita 已转为应急，1 个库房随之转换。').waitFor();
  await page.getByRole('button', { name: 'xita：转为平时' }).waitFor();
  const events = (await (await world.client('auditor')).get('/api/v1/stores/XT/events', { type: 'readiness_set' })).body.items;
  assert.equal(events[0].body.reason, '疫情防控需要');
  await checkAccess(page);
  await goTo(page, '/levels');
  await page.getByText('◆ 应急').waitFor();
  await close(page);

  const english = await openDesk('/readiness', { size: 'phone', locale: 'en' });
  await english.getByRole('button', { name: 'xita: switch to Normal' }).click();
  await english.getByLabel('Reason').fill('over');
  await english.getByRole('button', { name: 'Save' }).click();
  await english.getByText('xita is now at Normal; 1 store(s) followed.').waitFor();
  await close(english);
});

for (const { size, locale, chart, figures, item } of [
  { size: 'phone', locale: 'zh-CN', chart: '走势 一次性口罩 XT库', figures: '查看数据', item: 'disposable-mask' },
  { size: 'desk', locale: 'en', chart: 'Chart Protective coverall Store XT', figures: 'Show the figures', item: 'protective-suit' },
]) {
  test(`a ledger's chart, and the figures behind it: ${size}, ${locale}`, async () => {
    await move('in', item, 700);
    await move('out', item, 250);
    const page = await openDesk('/levels', { size, locale });
    await page.getByRole('button', { name: chart }).first().click();
    await page.locator('dialog canvas').nth(1).waitFor();
    const drawn = await page.locator('dialog canvas').first().evaluate((canvas) =>
      canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((byte) => byte > 0));
    assert.ok(drawn);
    assert.match(await page.locator('dialog [role=img]').first().getAttribute('aria-label'), /\b450\b/);
    await page.getByText(figures).click();
    const cells = await page.locator('dialog details tbody tr').first().locator('td').allInnerTexts();
    assert.deepEqual(cells, ['700', '250', '450']);
    await checkAccess(page);
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    await close(page);
  });
}

for (const [size, locale] of [['phone', 'zh-CN'], ['desk', 'en']]) {
  test(`every page of a coordinator's is accessible: ${size}, ${locale}`, async () => {
    const page = await openDesk('/levels', { size, locale });
    for (const path of ['/levels', '/alerts', '/alert-rules', '/channels', '/check', '/thresholds', '/readiness', '/account']) {
      await goTo(page, path);
      await checkAccess(page);
    }
    await close(page);
  });
}
