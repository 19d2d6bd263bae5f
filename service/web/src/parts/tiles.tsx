// tiles.tsx - the items of a store to choose from, each with what is on hand.
import { nameOf, number, pick, words } from '../i18n';
import { onShelf, type Shelves } from '../outbox/foresee';
import { levelOf, type Ledger } from '../outbox/levels';
import { keeper } from '../words/keeper';
import { ItemIcon } from './item-icon';
import { Status } from './status';

const t = words(keeper);

export function Tiles({ ledgers, shelves, chosen, onChoose }: {
  ledgers: Ledger[]; shelves: Shelves; chosen: string[]; onChoose: (item: string) => void;
}) {
  return (
    <ul class="tiles small" aria-label={t('chooseItem')}>
      {ledgers.map((l) => {
        const onHand = onShelf(shelves, l.item);
        return (
          <li key={l.item} class={`tile ${levelOf(l, onHand)}`}>
            <button type="button" class="main" aria-pressed={chosen.includes(l.item)} onClick={() => onChoose(l.item)}>
              <ItemIcon item={l.item} />
              <span class="name">{nameOf(l)}</span>
              <span class="balance"><b>{number(onHand)}</b> {pick(l.unit, l.unit_en)}</span>
              {levelOf(l, onHand) !== 'ok' && <Status status={levelOf(l, onHand)} />}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
