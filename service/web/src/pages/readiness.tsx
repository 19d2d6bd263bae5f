// readiness.tsx - the tree of places with the level of each; switched with a reason.
import { useState } from 'preact/hooks';
import { api, call, type Schemas } from '../api';
import { nameOf, words } from '../i18n';
import { allPlaces, allStores } from '../live/stock';
import { FormDialog } from '../parts/form-dialog';
import { useLoad } from '../parts/load';
import { Done, Loading, Notice } from '../parts/notice';
import { inTree } from '../parts/tree';
import { desk } from '../words/desk';
import '../parts/desk.css';

type Place = Schemas['Place'];

const t = words(desk);
const other = (place: Place) => (place.readiness === 'normal' ? 'emergency' : 'normal');

export default function Readiness() {
  const places = useLoad(allPlaces, []);
  const stores = useLoad(allStores, []);
  const [asking, setAsking] = useState<Place | null>(null);
  const [done, setDone] = useState('');

  const problem = places.problem ?? stores.problem;
  if (!places.data || !stores.data) return problem ? <Notice problem={problem} retry={() => { places.reload(); stores.reload(); }} /> : <Loading />;
  const tree = inTree(places.data).filter(({ place }) => place.kind !== 'grid' && place.kind !== 'group');
  const storesBelow = (code: string): number =>
    stores.data!.filter((s) => s.place === code).length + places.data!.filter((p) => p.parent === code).reduce((n, p) => n + storesBelow(p.code), 0);

  return (
    <div class="narrow">
      {done && <Done>{done}</Done>}
      <div class="cells">
        {tree.map(({ place, depth }) => (
          <div key={place.code} class="row">
            <span class={`depth-${Math.min(depth, 4)}`}>{nameOf(place)}<br />
              <span class={`status ${place.readiness === 'emergency' ? 'out' : 'ok'}`}><span aria-hidden="true">{place.readiness === 'emergency' ? '◆' : '●'}</span> {t(place.readiness)}</span>
            </span>
            {place.granted !== false && (
              <button type="button" class="plain push" aria-label={t('switchTitle', { place: nameOf(place), level: t(other(place)) })} onClick={() => { setDone(''); setAsking(place); }}>
                {t('switchTo', { level: t(other(place)) })}
              </button>
            )}
          </div>
        ))}
      </div>
      {asking && (
        <FormDialog title={t('switchTitle', { place: nameOf(asking), level: t(other(asking)) })} onClose={() => { setAsking(null); places.reload(); }}
          submit={async ({ reason }) => {
            const answer = await call(api.PUT('/api/v1/places/{place}/readiness', {
              params: { path: { place: asking.code } }, body: { readiness: other(asking), reason } }));
            setDone(t('switched', { place: nameOf(asking), level: t(other(asking)), n: answer.stores }));
          }}>
          <p>{t('switchEffect', { n: storesBelow(asking.code), level: t(other(asking)) })}</p>
          <label>{t('switchReason')}<input name="reason" maxLength={500} required /></label>
        </FormDialog>
      )}
    </div>
  );
}
