// places.tsx - the tree of places, and the stores in it.
import { useState } from 'preact/hooks';
import { api, call, type Schemas } from '../api';
import { nameOf, words } from '../i18n';
import { FormDialog } from '../parts/form-dialog';
import { everything, useLoad } from '../parts/load';
import { Loading, Notice } from '../parts/notice';
import { inTree } from '../parts/tree';
import { admin } from '../words/admin';
import '../parts/desk.css';

type Place = Schemas['Place'];
type Store = Schemas['Store'];

const t = words(admin);
const kinds = ['district', 'street', 'community', 'grid', 'group'] as const;

const Names = ({ of }: { of?: Place | Store }) => (
  <>
    <label>{t('nameZh')}<input name="name_zh" maxLength={100} defaultValue={of?.name_zh} required /></label>
    <label>{t('nameEn')}<input name="name_en" maxLength={100} defaultValue={of?.name_en} required /></label>
  </>
);

type Asking = { what: 'place' | 'store' } | { what: 'rename place'; place: Place } | { what: 'rename store'; store: Store };

export default function Places() {
  const places = useLoad(() => everything((cursor) => call(api.GET('/api/v1/places', { params: { query: { cursor, limit: 200 } } }))), []);
  const stores = useLoad(() => everything((cursor) => call(api.GET('/api/v1/stores', { params: { query: { cursor, limit: 200 } } }))), []);
  const [asking, setAsking] = useState<Asking | null>(null);
  const close = () => { setAsking(null); places.reload(); stores.reload(); };
  const problem = places.problem ?? stores.problem;

  if (!places.data || !stores.data) return problem ? <Notice problem={problem} retry={close} /> : <Loading />;
  const tree = inTree(places.data);
  const parents = tree.filter(({ place }) => place.granted !== false && place.kind !== 'grid' && place.kind !== 'group');
  return (
    <>
      {problem && <Notice problem={problem} />}
      <p class="buttons">
        <button type="button" onClick={() => setAsking({ what: 'place' })}>{t('addPlace')}</button>
        <button type="button" onClick={() => setAsking({ what: 'store' })}>{t('addStore')}</button>
      </p>
      <div class="scroll" tabIndex={0} role="region" aria-label={t('places')}>
        <table>
          <thead><tr><th>{t('place')}</th><th>{t('code')}</th><th>{t('kind')}</th><th>{t('stores')}</th><th></th></tr></thead>
          <tbody>
            {tree.map(({ place, depth }) => (
              <tr key={place.code}>
                <th scope="row"><span class={`depth-${Math.min(depth, 4)}`}>{nameOf(place)}</span></th>
                <td>{place.code}</td>
                <td>{t(`kind.${place.kind}`)}</td>
                <td>{stores.data!.filter((s) => s.place === place.code).map((s) => (
                  <button type="button" class="plain" key={s.code} onClick={() => setAsking({ what: 'rename store', store: s })}>{nameOf(s)} ({s.code})</button>
                ))}</td>
                <td>{place.granted !== false && (
                  <button type="button" class="plain" aria-label={`${t('edit')} ${nameOf(place)}`} onClick={() => setAsking({ what: 'rename place', place })}>{t('edit')}</button>
                )}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {asking?.what === 'place' && (
        <FormDialog title={t('addPlace')} onClose={close} submit={({ code, kind, parent, name_zh, name_en }) =>
          call(api.POST('/api/v1/places', { body: { code, kind: kind as Place['kind'], name_zh, name_en, ...(parent ? { parent } : {}) } }))}>
          <label>{t('code')}<input name="code" maxLength={32} pattern="[A-Za-z0-9][A-Za-z0-9_\-]*" autocapitalize="none" required /></label>
          <label>{t('kind')}<select name="kind">{kinds.map((k) => <option key={k} value={k}>{t(`kind.${k}`)}</option>)}</select></label>
          <label>{t('parent')}
            <select name="parent">
              {parents.map(({ place }) => <option key={place.code} value={place.code}>{nameOf(place)}</option>)}
              <option value="">{t('root')}</option>
            </select>
          </label>
          <Names />
        </FormDialog>
      )}
      {asking?.what === 'store' && (
        <FormDialog title={t('addStore')} onClose={close} submit={({ code, place, name_zh, name_en }) =>
          call(api.POST('/api/v1/stores', { body: { code: code.toUpperCase(), place, name_zh, name_en } }))}>
          <label>{t('code')}<input name="code" maxLength={16} pattern="[A-Za-z0-9]+" autocapitalize="characters" required /></label>
          <label>{t('place')}<select name="place" required>{parents.map(({ place }) => <option key={place.code} value={place.code}>{nameOf(place)}</option>)}</select></label>
          <Names />
        </FormDialog>
      )}
      {asking?.what === 'rename place' && (
        <FormDialog title={`${t('edit')} ${asking.place.code}`} onClose={close} submit={({ name_zh, name_en }) =>
          call(api.PATCH('/api/v1/places/{place}', { params: { path: { place: asking.place.code } }, body: { name_zh, name_en } }))}>
          <Names of={asking.place} />
        </FormDialog>
      )}
      {asking?.what === 'rename store' && (
        <FormDialog title={`${t('edit')} ${asking.store.code}`} onClose={close} submit={({ name_zh, name_en }) =>
          call(api.PATCH('/api/v1/stores/{store}', { params: { path: { store: asking.store.code } }, body: { name_zh, name_en } }))}>
          <Names of={asking.store} />
        </FormDialog>
      )}
    </>
  );
}
