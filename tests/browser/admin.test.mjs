// The administrator's pages and one's own account in a real browser: people, places, stores, items, password, tokens.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { checkAccess, checkFaults, closeBrowser, goTo, HOSTILE, openPage, putBack, settled, signIn, tabTo } from '../lib/browser.mjs';
import { Client } from '../lib/client.mjs';
import { addUser, PASSWORD, startWorld } from '../lib/world.mjs';

const ANOTHER = '另一个 correct horse';

let world;
let admin;

before(async () => {
  world = await startWorld();
  admin = await world.client('admin');
  await addUser(world.db, 'someone', [['storekeeper', 'xita']]);
  await addUser(world.db, 'somebody', [['storekeeper', 'xita']]);
});
after(async () => {
  await closeBrowser();
  await world.stop();
});

async function openAs(username, path, options) {
  const page = await openPage(world, { size: 'desk', ...options });
  await signIn(page, username);
  await goTo(page, path);
  return page;
}

const close = async (page, except) => {
  checkFaults(page, except);
  await putBack(page);
};

const get = async (path, query) => (await admin.get(`/api/v1/${path}`, query)).body.items;
const userOf = async (username) => (await get('users', { limit: 200 })).find((u) => u.username === username);
async function signsIn(username, password) {
  const client = new Client(world.url);
  const { status } = await client.post('/api/v1/session', { username, password });
  client.close();
  return status === 200;
}

// Fills in the dialog that is open, by the names of its fields.
async function fillIn(page, values) {
  for (const [name, value] of Object.entries(values)) {
    const field = page.locator(`dialog [name=${name}]`);
    if (await field.evaluate((e) => e.localName === 'select')) await field.selectOption(value);
    else await field.fill(value);
  }
}
async function save(page) {
  await page.locator('dialog button[type=submit]').click();
  await page.locator('dialog').waitFor({ state: 'detached' });
}

const PEOPLE = [
  { size: 'desk', locale: 'zh-CN', username: 'zhangsan', add: '新增用户', grant: '为 zhangsan 授权', auditor: '审计员 · malan', revoke: '撤销 库管员@xita', disable: '停用', enable: '启用', disabled: '已停用' },
  { size: 'phone', locale: 'en', username: 'lisi', add: 'Add a user', grant: 'A role for lisi', auditor: 'Auditor · malan', revoke: 'Revoke Storekeeper at xita', disable: 'Disable', enable: 'Enable', disabled: 'Disabled' },
];

for (const { size, locale, username, add, grant, auditor, revoke, disable, enable, disabled } of PEOPLE) {
  test(`somebody comes, gets a role, loses one, is disabled: ${size}, ${locale}`, async () => {
    const page = await openAs('admin', '/users', { size, locale });
    await page.getByRole('button', { name: add }).click();
    await checkAccess(page);
    await fillIn(page, { username, display_name: HOSTILE, password: PASSWORD, role: 'storekeeper', place: 'xita' });
    await save(page);
    const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: username, exact: true }) });
    assert.ok((await row.innerText()).includes(HOSTILE));
    assert.ok(await signsIn(username, PASSWORD));
    assert.deepEqual((await userOf(username)).roles, [{ role: 'storekeeper', place: 'xita' }]);

    await row.getByRole('button', { name: grant }).click();
    await fillIn(page, { role: 'auditor', place: 'malan' });
    await save(page);
    await row.getByText(auditor).waitFor();
    await row.getByRole('button', { name: revoke }).click();
    await page.waitForFunction((n) => [...document.querySelectorAll('tr')].find((r) => r.cells[0].innerText === n).querySelectorAll('.chip').length === 1, username);
    assert.deepEqual((await userOf(username)).roles, [{ role: 'auditor', place: 'malan' }]);

    await row.getByRole('button', { name: disable, exact: true }).click();
    await row.getByText(disabled, { exact: true }).waitFor();
    assert.ok(!await signsIn(username, PASSWORD));
    await checkAccess(page);
    await row.getByRole('button', { name: enable, exact: true }).click();
    await row.getByText(disabled, { exact: true }).waitFor({ state: 'detached' });
    assert.ok(await signsIn(username, PASSWORD));
    await close(page);
  });
}

test('a user is added by the keyboard alone, after a refusal', async () => {
  const page = await openAs('admin', '/users', { locale: 'zh-CN' });
  await tabTo(page, page.getByRole('button', { name: '新增用户' }));
  await page.keyboard.press('Enter');
  const type = async (name, text) => {
    await tabTo(page, page.locator(`dialog [name=${name}]`));
    await page.keyboard.press('Control+A');
    await page.keyboard.type(text);
  };
  await type('username', 'keeper'); // there is one
  await type('display_name', '王五');
  await type('password', PASSWORD);
  await tabTo(page, page.locator('dialog [name=role]'));
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await tabTo(page, page.locator('dialog [type=submit]'));
  await page.keyboard.press('Enter');
  await page.locator('dialog .notice.bad').waitFor();
  await checkAccess(page);
  await type('username', 'wangwu');
  await page.keyboard.press('Enter');
  await page.locator('dialog').waitFor({ state: 'detached' });
  await page.getByRole('rowheader', { name: 'wangwu' }).waitFor();
  assert.equal((await userOf('wangwu')).roles[0].role, 'auditor');
  assert.ok(await page.getByRole('button', { name: '新增用户' }).evaluate((e) => e === document.activeElement), 'back where it began');
  await close(page, [/status of 409/]);
});

test('a dialog is open, and has the focus, before the next key', async () => {
  const page = await openAs('admin', '/users', { locale: 'zh-CN' });
  const focused = await page.getByRole('button', { name: '新增用户' }).evaluate(async (button) => {
    button.click();
    for (let i = 0; i < 10; i++) await null; // no other event comes between
    return document.activeElement.name;
  });
  assert.equal(focused, 'username');
  await close(page);
});

const WORDS = [
  { size: 'desk', locale: 'zh-CN', n: '1', addPlace: '新增地点', addStore: '新增库房', addItem: '新增物资', edit: '修改' },
  { size: 'phone', locale: 'en', n: '2', addPlace: 'Add a place', addStore: 'Add a store', addItem: 'Add an item', edit: 'Edit' },
];

for (const { size, locale, n, addPlace, addStore, addItem, edit } of WORDS) {
  test(`a place, a store in it, an item with packs: ${size}, ${locale}`, async () => {
    const page = await openAs('admin', '/places', { size, locale });
    const names = (zh, en) => ({ name_zh: zh, name_en: en });
    await page.getByRole('button', { name: addPlace }).click();
    await checkAccess(page);
    await fillIn(page, { code: `nanta-${n}`, kind: 'community', parent: 'malan', ...names(HOSTILE, HOSTILE) });
    await save(page);
    const row = page.getByRole('row').filter({ hasText: `nanta-${n}` });
    await row.waitFor();
    assert.ok((await row.innerText()).includes(HOSTILE));
    assert.equal((await get('places', { limit: 200 })).find((p) => p.code === `nanta-${n}`).parent, 'malan');

    await page.getByRole('button', { name: addStore }).click();
    await fillIn(page, { code: `nt${n}`, place: `nanta-${n}`, ...names(`南塔库${n}`, `Nanta store ${n}`) });
    await save(page);
    await row.getByRole('button', { name: `(NT${n})` }).click();
    await fillIn(page, names(`南塔社区库${n}`, `Nanta community store ${n}`));
    await save(page);
    await row.getByRole('button', { name: locale === 'en' ? `Nanta community store ${n}` : `南塔社区库${n}` }).waitFor();
    await row.getByRole('button', { name: edit }).click();
    await fillIn(page, names(`南塔${n}`, `Nanta ${n}`));
    await save(page);
    await row.getByText(locale === 'en' ? `Nanta ${n}` : `南塔${n}`, { exact: true }).waitFor();
    await checkAccess(page);

    await goTo(page, '/items');
    await page.getByRole('button', { name: addItem }).click();
    await fillIn(page, { code: `swab-${n}`, category: 'testing', unit: '支', unit_en: 'piece', ...names(`采样拭子${n}`, `Swab ${n}`), packs: '盒' });
    await page.locator('dialog button[type=submit]').click();
    await page.locator('dialog .notice.bad').waitFor();
    await fillIn(page, { packs: '盒=50 箱=2000' });
    await save(page);
    const item = async () => (await get('items', { limit: 200 })).find((i) => i.code === `swab-${n}`);
    assert.deepEqual((await item()).packs, [{ name: '盒', quantity: 50 }, { name: '箱', quantity: 2000 }]);
    await page.getByRole('row').filter({ hasText: `swab-${n}` }).getByRole('button', { name: edit }).click();
    assert.equal(await page.locator('dialog [name=packs]').inputValue(), '盒=50 箱=2000');
    await fillIn(page, { packs: '盒=40' });
    await page.locator('dialog button[type=submit]').click();
    await page.locator('dialog .notice.bad', { hasText: '箱' }).waitFor();
    await fillIn(page, { packs: '盒=40 箱=2000 包=10' });
    await save(page);
    assert.deepEqual((await item()).packs.map((p) => `${p.name}=${p.quantity}`).sort(), ['包=10', '盒=40', '箱=2000']);
    await checkAccess(page);
    await close(page);
  });
}

const ACCOUNT = [
  { size: 'phone', locale: 'zh-CN', username: 'someone', change: '修改密码', changed: /密码已修改/, add: '新建令牌', revoke: '吊销 报表', signOut: '退出' },
  { size: 'desk', locale: 'en', username: 'somebody', change: 'Change password', changed: /The password is changed/, add: 'New token', revoke: 'Revoke 报表', signOut: 'Sign out' },
];

for (const { size, locale, username, change, changed, add, revoke, signOut } of ACCOUNT) {
  test(`one's own password and tokens: ${size}, ${locale}`, async () => {
    const page = await openAs(username, '/account', { size, locale });
    const set = async (current, next) => {
      await page.locator('[name=current]').fill(current);
      await page.locator('[name=new]').fill(next);
      await page.getByRole('button', { name: change }).click();
    };
    await set('wrong', ANOTHER);
    await page.locator('.notice.bad').waitFor();
    await set(PASSWORD, ANOTHER);
    await page.getByText(changed).waitFor();
    assert.equal(await page.locator('[name=new]').inputValue(), '');
    assert.ok(await signsIn(username, ANOTHER));
    assert.ok(!await signsIn(username, PASSWORD));

    await page.getByRole('button', { name: add }).click();
    await fillIn(page, { name: '报表', until: '2099-12-31T12:00' });
    await save(page);
    const secret = await page.locator('.secret').innerText();
    await checkAccess(page);
    const script = new Client(world.url);
    script.bearer = secret;
    assert.equal((await script.get('/api/v1/session')).status, 200);
    await page.reload();
    await page.getByRole('button', { name: revoke }).waitFor();
    assert.equal(await page.locator('.secret').count(), 0, 'shown once');
    assert.match(await page.locator('main').innerText(), /2099|\/99/);
    await page.getByRole('button', { name: revoke }).click();
    await page.getByRole('button', { name: revoke }).waitFor({ state: 'detached' });
    assert.equal((await script.get('/api/v1/session')).status, 401);
    script.close();
    await page.getByRole('button', { name: signOut }).click();
    await page.locator('.sign-in').waitFor();
    checkFaults(page, [/status of 4(01|03|22)/]);
    await putBack(page);
  });
}

for (const [size, locale] of [['phone', 'zh-CN'], ['desk', 'en']]) {
  test(`every page of an administrator's is accessible: ${size}, ${locale}`, async () => {
    const page = await openAs('admin', '/users', { size, locale });
    for (const path of ['/users', '/places', '/items', '/account']) {
      await goTo(page, path);
      await settled(page);
      await checkAccess(page);
    }
    await close(page);
  });
}
