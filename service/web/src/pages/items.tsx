// items.tsx - what is kept, in which units and packs.
import { useState } from 'preact/hooks';
import { api, call, Problem, type Schemas } from '../api';
import { nameOf, number, pick, words } from '../i18n';
import { FormDialog } from '../parts/form-dialog';
import { everything, useLoad } from '../parts/load';
import { Loading, Notice } from '../parts/notice';
import { admin } from '../words/admin';
import '../parts/desk.css';

type Item = Schemas['Item'];

const t = words(admin);
const categories = ['protection', 'testing', 'disinfection', 'isolation'] as const;

const refuse = (code: string, [zh, en]: readonly [string, string], name = '') =>
  new Problem({ status: 422, code, detail: zh.replace('{name}', name), detail_en: en.replace('{name}', name) });

// "盒=50 箱=2000" → packs, those that there are among them
function packsOf(text: string, present: Schemas['Pack'][] = []): Schemas['Pack'][] {
  const packs = text.split(/[\s,，]+/).filter(Boolean).map((part) => {
    const [, name, quantity] = /^(.{1,16})[=＝](\d{1,7})$/.exec(part) ?? [];
    if (!name) throw refuse('bad_packs', admin.badPacks);
    return { name, quantity: Number(quantity) };
  });
  const gone = present.find((p) => !packs.some(({ name }) => name === p.name));
  if (gone) throw refuse('pack_stays', admin.packStays, gone.name);
  return packs;
}
const packsText = (packs: Schemas['Pack'][]) => packs.map((p) => `${p.name}=${p.quantity}`).join(' ');

const Names = ({ of }: { of?: Item }) => (
  <>
    <label>{t('nameZh')}<input name="name_zh" maxLength={100} defaultValue={of?.name_zh} required /></label>
    <label>{t('nameEn')}<input name="name_en" maxLength={100} defaultValue={of?.name_en} required /></label>
    <label>{t('packs')}<input name="packs" placeholder={t('packsHint')} defaultValue={of && packsText(of.packs)} /></label>
  </>
);

export default function Items() {
  const items = useLoad(() => everything((cursor) => call(api.GET('/api/v1/items', { params: { query: { cursor, limit: 200 } } }))), []);
  const [asking, setAsking] = useState<'add' | Item | null>(null);
  const close = () => { setAsking(null); items.reload(); };

  if (!items.data) return items.problem ? <Notice problem={items.problem} retry={items.reload} /> : <Loading />;
  return (
    <>
      <p><button type="button" onClick={() => setAsking('add')}>{t('addItem')}</button></p>
      <div class="scroll" tabIndex={0} role="region" aria-label={t('item')}>
        <table>
          <thead><tr><th>{t('item')}</th><th>{t('code')}</th><th>{t('category')}</th><th>{t('unit')}</th><th>{t('packs')}</th><th></th></tr></thead>
          <tbody>
            {items.data.map((item) => (
              <tr key={item.code}>
                <th scope="row">{nameOf(item)}</th><td>{item.code}</td><td>{t(`category.${item.category}`)}</td><td>{pick(item.unit, item.unit_en)}</td>
                <td>{item.packs.map((p) => `${p.name} ${number(p.quantity)}`).join('，')}</td>
                <td><button type="button" class="plain" aria-label={`${t('edit')} ${nameOf(item)}`} onClick={() => setAsking(item)}>{t('edit')}</button></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {asking === 'add' && (
        <FormDialog title={t('addItem')} onClose={close} submit={async ({ code, category, name_zh, name_en, unit, unit_en, packs }) =>
          call(api.POST('/api/v1/items', { body: { code, category: category as Item['category'], name_zh, name_en, unit, unit_en, packs: packsOf(packs) } }))}>
          <label>{t('code')}<input name="code" maxLength={64} pattern="[a-z0-9][a-z0-9\-]*" autocapitalize="none" required /></label>
          <label>{t('category')}<select name="category">{categories.map((c) => <option key={c} value={c}>{t(`category.${c}`)}</option>)}</select></label>
          <label>{t('unitZh')}<input name="unit" maxLength={16} required /></label>
          <label>{t('unitEn')}<input name="unit_en" maxLength={16} required /></label>
          <Names />
        </FormDialog>
      )}
      {asking && asking !== 'add' && (
        <FormDialog title={`${t('edit')} ${asking.code}`} onClose={close} submit={async ({ name_zh, name_en, packs }) =>
          call(api.PATCH('/api/v1/items/{item}', { params: { path: { item: asking.code } }, body: { name_zh, name_en, packs: packsOf(packs, asking.packs) } }))}>
          <Names of={asking} />
        </FormDialog>
      )}
    </>
  );
}
