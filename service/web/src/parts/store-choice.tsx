// store-choice.tsx - which store is at hand; nothing to see for who keeps only one.
import { nameOf, words } from '../i18n';
import { chooseStore, type useStores } from '../outbox/levels';
import { keeper } from '../words/keeper';
import { Loading, Notice } from './notice';

const t = words(keeper);

export function StoreChoice({ stores, fixed }: { stores: ReturnType<typeof useStores>; fixed?: string }) {
  if (!stores.list) return stores.problem ? <Notice problem={stores.problem} retry={stores.reload} /> : <Loading />;
  if (!stores.at) return <p class="nothing">{t('noStore')}</p>;
  if (stores.list.length === 1) return null;
  return (
    <div class="cells no-print">
      <label>{t('store')}
        <select value={fixed ?? stores.at.code} disabled={!!fixed} onChange={(e) => chooseStore(e.currentTarget.value)}>
          {stores.list.map((s) => <option key={s.code} value={s.code}>{nameOf(s)}</option>)}
        </select>
      </label>
    </div>
  );
}
