// place-select.tsx - a place to choose, in the order of the tree; in a form by the name "place".
import type { Schemas } from '../api';
import { nameOf, words } from '../i18n';
import { inTree } from './tree';

const t = words({});

export function PlaceSelect({ places, value, onChange, name = 'place' }: {
  places: Schemas['Place'][]; value?: string; onChange?: (code: string) => void; name?: string;
}) {
  return (
    <label>{t('place')}
      <select name={name} required value={value} onChange={onChange && ((e) => onChange(e.currentTarget.value))}>
        {inTree(places).map(({ place, depth }) => <option key={place.code} value={place.code}>{'　'.repeat(depth)}{nameOf(place)} ({place.code})</option>)}
      </select>
    </label>
  );
}

// Where stores lie and people work: grids and groups only receive.
export const worksHere = (place: Schemas['Place']) => place.granted !== false && place.kind !== 'grid' && place.kind !== 'group';
