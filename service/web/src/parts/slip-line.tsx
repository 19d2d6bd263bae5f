// slip-line.tsx - one line of a slip: how many of an item, in which pack; its lot; and for what goes
// out, what will be taken and whether there is enough.
import { nameOf, number, pick, words } from '../i18n';
import type { Kind } from '../outbox/database';
import { goodQuantity, quantityOf, type DraftLine } from '../outbox/draft';
import { onShelf, type Shelves, type Taken } from '../outbox/foresee';
import type { Ledger } from '../outbox/levels';
import { keeper } from '../words/keeper';
import { ItemIcon } from './item-icon';

const t = words(keeper);
export const quantityId = (line: DraftLine) => `quantity-${line.id}`;

function Amount({ line, ledger, name, unit, bad, change }: {
  line: DraftLine; ledger: Ledger; name: string; unit: string; bad: boolean; change: (next: Partial<DraftLine>) => void;
}) {
  const quantity = quantityOf(line.quantity) || 0;
  const step = (by: number) => change({ quantity: String(Math.max(1, quantity + by)) });
  const pack = ledger.packs.find((p) => p.name === line.pack);
  return (
    <div class="amount">
      <button type="button" class="step" aria-label={t('less', { item: name })} disabled={quantity <= 1} onClick={() => step(-1)}>−</button>
      <input id={quantityId(line)} inputmode="numeric" autocomplete="off" enterkeyhint="done" placeholder="0" maxLength={12} aria-label={t('quantityOf', { item: name })}
        aria-invalid={bad || undefined} aria-describedby={`about-${line.id}`} value={line.quantity} onInput={(e) => change({ quantity: e.currentTarget.value })} />
      <button type="button" class="step" aria-label={t('moreOf', { item: name })} onClick={() => step(1)}>＋</button>
      <select aria-label={t('packOf', { item: name })} value={line.pack} onChange={(e) => change({ pack: e.currentTarget.value })}>
        <option value="">{unit}</option>
        {ledger.packs.map((p) => <option key={p.name} value={p.name}>{p.name}×{number(p.quantity)}</option>)}
      </select>
      {pack && quantity > 0 && <output class="conversion">{t('equals', { count: number(quantity * pack.quantity), unit })}</output>}
    </div>
  );
}

function LotIn({ line, ledger, name, today, change }: {
  line: DraftLine; ledger: Ledger; name: string; today: string; change: (next: Partial<DraftLine>) => void;
}) {
  const known = ledger.lots.filter((l) => l.lot);
  function setLot(lot: string) {
    const same = known.filter((l) => l.lot === lot);
    change({ lot, ...(same.length === 1 && !line.expires && { expires: same[0].expires ?? '' }) });
  }
  return (
    <div class="lot">
      <label><span>{t('lot')}</span>
        <input list={`lots-${line.id}`} autocomplete="off" maxLength={64} placeholder={t('optional')} aria-label={t('lotOf', { item: name })}
          value={line.lot} onInput={(e) => setLot(e.currentTarget.value)} />
      </label>
      <datalist id={`lots-${line.id}`}>{known.map((l) => <option key={`${l.lot}${l.expires}`} value={l.lot!} />)}</datalist>
      <label><span>{t('expires')}</span>
        <input type="date" min={today} max="2100-01-01" aria-label={t('expiresOf', { item: name })} value={line.expires} onInput={(e) => change({ expires: e.currentTarget.value })} />
      </label>
    </div>
  );
}

const lotText = (l: { lot: string | null; expires: string | null }) =>
  [l.lot ?? t('noLot'), l.expires && t('until', { date: l.expires })].filter(Boolean).join(' · ');

function LotOut({ line, shelves, name, change }: {
  line: DraftLine; shelves: Shelves; name: string; change: (next: Partial<DraftLine>) => void;
}) {
  const named = (shelves.get(line.item)?.lots ?? []).filter((l) => l.lot && l.balance > 0);
  if (named.length === 0 && !line.lot) return null;
  const missing = line.lot && !named.some((l) => l.lot === line.lot);
  return (
    <div class="lot">
      <label><span>{t('lot')}</span>
        <select aria-label={t('lotOf', { item: name })} value={line.lot} onChange={(e) => change({ lot: e.currentTarget.value })}>
          <option value="">{t('fefo')}</option>
          {named.map((l) => <option key={`${l.lot}${l.expires}`} value={l.lot!}>{lotText(l)} · {number(l.balance)}</option>)}
          {missing && <option value={line.lot}>{line.lot}</option>}
        </select>
      </label>
    </div>
  );
}

function Foreseen({ taken, quantity, unit, onUse }: { taken: Taken; quantity: number; unit: string; onUse: (count: number) => void }) {
  if (taken.available >= quantity)
    return <>{t('willTake', { lots: taken.lots.map((l) => t('lotPart', { lot: lotText(l), count: number(l.quantity) })).join(t('semicolon')) })}</>;
  return (
    <span class="short">
      <span><span aria-hidden="true">▲ </span>{t('short', { available: number(taken.available), missing: number(quantity - taken.available), unit })}
        {taken.expired > 0 && <>。{t('shortExpired', { count: number(taken.expired), unit })}</>}</span>
      {taken.available > 0 && <button type="button" class="plain" onClick={() => onUse(taken.available)}>{t('use', { count: number(taken.available), unit })}</button>}
    </span>
  );
}

export function SlipLine({ kind, line, ledger, shelves, taken, today, checked, change, onRemove, onAnother }: {
  kind: Kind; line: DraftLine; ledger: Ledger; shelves: Shelves; today: string; checked: boolean;
  taken: Taken | null; // what will be; null: not to be told yet
  change: (next: Partial<DraftLine>) => void; onRemove: () => void; onAnother: () => void;
}) {
  const [name, unit] = [nameOf(ledger), pick(ledger.unit, ledger.unit_en)];
  const packQuantity = ledger.packs.find((p) => p.name === line.pack)?.quantity ?? 1;
  const quantity = quantityOf(line.quantity) * packQuantity;
  const bad = checked && !goodQuantity(line, packQuantity);
  return (
    <fieldset class="line" aria-label={name}>
      <div class="head">
        <ItemIcon item={line.item} /><strong>{name}</strong>
        <small>{t('left', { count: number(onShelf(shelves, line.item)), unit })}</small>
        <button type="button" class="plain" aria-label={t('removeLine', { item: name })} onClick={onRemove}>✕</button>
      </div>
      <Amount {...{ line, ledger, name, unit, bad, change }} />
      <p class="about" id={`about-${line.id}`} aria-live="polite">
        {bad ? <span class="short">✕ {quantity >= 1 ? t('tooMuch') : t('badQuantity')}</span>
          : taken && <Foreseen taken={taken} quantity={quantity} unit={unit} onUse={(count) => change({ quantity: String(count), pack: '' })} />}
      </p>
      {kind === 'in' ? <LotIn {...{ line, ledger, name, today, change }} /> : <LotOut {...{ line, shelves, name, change }} />}
      {kind === 'in' && line.lot && <button type="button" class="plain another" onClick={onAnother}>＋ {t('anotherLot')}</button>}
    </fieldset>
  );
}
