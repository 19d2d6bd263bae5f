// keeper.mjs - the storekeeper's steps in a browser, and what came of them in the ledger.
//
//   await stockUp(world, { n95: 100, glove: 50 })     an in slip by the API, of one lot each
//   await openForm(page, 'out', 'n95')                the form, with that item's line
//   await setParty(page, '第12微网格')                  through the dialog
//   await handIn(page)                                submit; → the card of the slip just written
//   await writeSlip(page, 'out', 'n95', 7, { party }) all of it
//   await shown(page, 'waiting', 2)                   waits until the outbox has so many cards in that state
//   await posted(world)                               all slips of XT in order: [{ number, kind, … }]
//   await reopen(page, '/outbox')                     a reload, at that page
import { newKey } from './client.mjs';
import { goTo, settled } from './browser.mjs';
import { until } from './process.mjs';

export const SLIPS = '/api/v1/stores/XT/slips';

export async function stockUp(world, quantities, more = {}) {
  const keeper = await world.client('keeper');
  const lines = Object.entries(quantities).map(([item, quantity]) => ({ item, quantity, lot: 'L1', expires: '2030-01-31' }));
  const answer = await keeper.post(SLIPS, { kind: 'in', reason: 'purchase', lines, ...more }, { key: newKey() });
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body;
}

export async function openForm(page, kind, item) {
  await goTo(page, `/${kind}?item=${item}`);
  await page.locator('.line .amount input').first().waitFor();
}

export async function setParty(page, name) {
  await page.locator('#party').click();
  await page.locator('dialog [type=search]').fill(name);
  await page.keyboard.press('Enter');
  await page.locator('dialog').waitFor({ state: 'detached' });
}

export async function handIn(page) {
  const before = await page.evaluate(() => document.querySelector('.last .entry')?.id ?? 'none');
  await page.locator('.submit button').click();
  const card = page.locator(`.last .entry:not(#${before})`);
  await card.waitFor();
  return card;
}

export async function writeSlip(page, kind, item, quantity, { party } = {}) {
  await openForm(page, kind, item);
  await page.locator('.amount input').fill(String(quantity));
  if (party) await setParty(page, party);
  return handIn(page);
}

export async function shown(page, state, count) {
  await goTo(page, '/outbox');
  await until(`${count} slips ${state}`, async () => await page.locator(`.entry.${state}`).count() === count, 60);
}

export async function posted(world) {
  const keeper = await world.client('keeper');
  return (await keeper.get(SLIPS, { limit: 200, order: 'asc' })).body.items;
}

export async function reopen(page, path) {
  await page.evaluate((hash) => { location.hash = hash; }, `#${path}`);
  await page.reload();
  await settled(page);
}
