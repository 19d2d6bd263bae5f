// thresholds.tsx - minimum and target of both levels, edited in place over many ledgers, saved at once.
import { useEffect, useState } from 'preact/hooks';
import { api, asProblem, call, Problem, type Schemas } from '../api';
import { nameOf, pick, words } from '../i18n';
import { inTurns, useStoreLedgers, type Ledger, type StoreLedgers } from '../live/stock';
import { Done, Loading, Notice } from '../parts/notice';
import { desk } from '../words/desk';
import '../parts/desk.css';

type Levels = Schemas['Thresholds'];

const t = words(desk);
const levels = ['normal', 'emergency'] as const;
const ends = ['minimum', 'target'] as const;
type Cell = `${(typeof levels)[number]}.${(typeof ends)[number]}`;
type Edits = Partial<Record<Cell, string>>;

const cells = levels.flatMap((level) => ends.map((end) => ({ level, end, cell: `${level}.${end}` as Cell })));

const keyOf = (store: string, item: string) => `${store} ${item}`;
const setTo = (ledger: Ledger, cell: Cell) => {
  const [level, end] = cell.split('.') as [keyof Levels, (typeof ends)[number]];
  return String(ledger.thresholds[level]?.[end] ?? '');
};

// What to send, or null when a level is half filled in.
function asked(ledger: Ledger, edits: Edits): Levels | null {
  const result: Levels = { normal: null, emergency: null };
  for (const level of levels) {
    const [minimum, target] = ends.map((end) => edits[`${level}.${end}`] ?? setTo(ledger, `${level}.${end}`));
    if (minimum === '' && target === '') continue;
    if (minimum === '' || target === '' || Number(target) < Number(minimum)) return null;
    result[level] = { minimum: Number(minimum), target: Number(target) };
  }
  return result;
}

const rowsOf = (stores: StoreLedgers[]) =>
  stores.flatMap(({ store, ledgers }) => ledgers.map((ledger) => ({ store, ledger, key: keyOf(store.code, ledger.item) })));
const isChanged = (edits: Edits | undefined, ledger: Ledger) =>
  Object.entries(edits ?? {}).some(([cell, text]) => text !== setTo(ledger, cell as Cell));

export default function Thresholds() {
  const stores = useStoreLedgers();
  const [edits, setEdits] = useState<Record<string, Edits>>({});
  const [problems, setProblems] = useState<Record<string, Problem>>({});
  const [saved, setSaved] = useState(0);
  const [busy, setBusy] = useState(false);

  // What has been saved is no edit any more: once it comes back, and not before, or the old would flash up.
  useEffect(() => {
    const kept = new Set(rowsOf(stores.data ?? []).filter(({ key, ledger }) => isChanged(edits[key], ledger)).map(({ key }) => key));
    setEdits((all) => Object.fromEntries(Object.entries(all).filter(([key]) => kept.has(key))));
  }, [stores.data]);

  if (!stores.data) return stores.problem ? <Notice problem={stores.problem} retry={stores.reload} /> : <Loading />;
  const rows = rowsOf(stores.data);
  const changed = rows.filter(({ key, ledger }) => isChanged(edits[key], ledger));

  function edit(key: string, cell: Cell, text: string) {
    setSaved(0);
    setEdits((all) => ({ ...all, [key]: { ...all[key], [cell]: text } }));
  }

  async function save() {
    setBusy(true);
    const failed: typeof problems = {};
    await inTurns(changed, async ({ store, ledger, key }) => {
      const body = asked(ledger, edits[key]);
      try {
        if (!body) throw new Problem({ status: 422, code: 'both_or_none', detail: desk.bothOrNone[0], detail_en: desk.bothOrNone[1] });
        await call(api.PUT('/api/v1/stores/{store}/ledgers/{item}/thresholds', { params: { path: { store: store.code, item: ledger.item } }, body }));
      } catch (error) {
        failed[key] = asProblem(error);
      }
    });
    setProblems(failed);
    setSaved(changed.length - Object.keys(failed).length);
    setBusy(false);
    stores.reload();
  }

  return (
    <form onSubmit={(event) => { event.preventDefault(); void save(); }}>
      <p>{t('levelEmptyHint')}</p>
      <div class="scroll edits" tabIndex={0} role="region" aria-label={t('minimum')}>
        <table>
          <thead>
            <tr><th rowSpan={2}>{t('item')}</th>{levels.map((l) => <th key={l} colSpan={2} scope="colgroup">{t(l)}</th>)}</tr>
            <tr>{cells.map(({ cell, end }) => <th key={cell} class="number">{t(end)}</th>)}</tr>
          </thead>
          {stores.data.map(({ store, ledgers }) => (
            <tbody key={store.code}>
              <tr><th scope="rowgroup" colSpan={5}>{nameOf(store)} <small>{store.code}</small></th></tr>
              {ledgers.map((ledger) => {
                const key = keyOf(store.code, ledger.item);
                return [
                  <tr key={key} class={isChanged(edits[key], ledger) ? 'changed' : ''}>
                    <th scope="row" class="inner">{nameOf(ledger)} <small>{pick(ledger.unit, ledger.unit_en)}</small></th>
                    {cells.map(({ level, end, cell }) => (
                      <td key={cell}>
                        <input type="number" inputMode="numeric" min={0} step={1} class="number"
                          aria-label={`${nameOf(store)} ${nameOf(ledger)} ${t(level)} ${t(end)}`} aria-invalid={problems[key] ? true : undefined}
                          value={edits[key]?.[cell] ?? setTo(ledger, cell)}
                          onInput={(e) => edit(key, cell, e.currentTarget.value)} />
                      </td>
                    ))}
                  </tr>,
                  problems[key] && <tr key={`${key} refused`} class="refused"><td colSpan={5} role="alert"><span class="status out">✕ {problems[key].text}</span></td></tr>,
                ];
              })}
            </tbody>
          ))}
        </table>
      </div>
      <div class="save-bar">
        {saved > 0 && <Done>{t('saved', { n: saved })}</Done>}
        <button type="submit" class="wide" aria-busy={busy} disabled={busy || changed.length === 0}>
          {changed.length ? t('saveAll', { n: changed.length }) : t('noChange')}
        </button>
      </div>
    </form>
  );
}
