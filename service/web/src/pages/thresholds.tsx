// thresholds.tsx - minimum and target of both levels, edited in place over many ledgers, saved at once.
import { useState } from 'preact/hooks';
import { api, asProblem, call, Problem, type Schemas } from '../api';
import { nameOf, pick, words } from '../i18n';
import { inTurns, useStoreLedgers, type Ledger } from '../live/stock';
import { Done, Loading, Notice } from '../parts/notice';
import { desk } from '../words/desk';

type Levels = Schemas['Thresholds'];

const t = words(desk);
const levels = ['normal', 'emergency'] as const;
const ends = ['minimum', 'target'] as const;
type Cell = `${(typeof levels)[number]}.${(typeof ends)[number]}`;

const keyOf = (store: string, item: string) => `${store} ${item}`;
const setTo = (ledger: Ledger, cell: Cell) => {
  const [level, end] = cell.split('.') as [keyof Levels, (typeof ends)[number]];
  return String(ledger.thresholds[level]?.[end] ?? '');
};

// What to send, or null when a level is half filled in.
function asked(ledger: Ledger, edits: Partial<Record<Cell, string>>): Levels | null {
  const result: Levels = { normal: null, emergency: null };
  for (const level of levels) {
    const [minimum, target] = ends.map((end) => edits[`${level}.${end}`] ?? setTo(ledger, `${level}.${end}`));
    if (minimum === '' && target === '') continue;
    if (minimum === '' || target === '' || Number(target) < Number(minimum)) return null;
    result[level] = { minimum: Number(minimum), target: Number(target) };
  }
  return result;
}

export default function Thresholds() {
  const stores = useStoreLedgers();
  const [edits, setEdits] = useState<Record<string, Partial<Record<Cell, string>>>>({});
  const [problems, setProblems] = useState<Record<string, Problem>>({});
  const [saved, setSaved] = useState(0);
  const [busy, setBusy] = useState(false);

  if (!stores.data) return stores.problem ? <Notice problem={stores.problem} retry={stores.reload} /> : <Loading />;
  const rows = stores.data.flatMap(({ store, ledgers }) => ledgers.map((ledger) => ({ store, ledger, key: keyOf(store.code, ledger.item) })));
  const isChanged = (key: string, ledger: Ledger) =>
    Object.entries(edits[key] ?? {}).some(([cell, text]) => text !== setTo(ledger, cell as Cell));
  const changed = rows.filter(({ key, ledger }) => isChanged(key, ledger));

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
    setEdits(Object.fromEntries(Object.entries(edits).filter(([key]) => failed[key])));
    setBusy(false);
    stores.reload();
  }

  return (
    <form onSubmit={(event) => { event.preventDefault(); void save(); }}>
      <p>{t('levelEmptyHint')}</p>
      <div class="scroll" tabIndex={0} role="region" aria-label={t('minimum')}>
        <table class="grid">
          <thead>
            <tr><th rowSpan={2}>{t('store')}</th><th rowSpan={2}>{t('item')}</th>{levels.map((l) => <th key={l} colSpan={2} scope="colgroup">{t(l)}</th>)}</tr>
            <tr>{levels.flatMap((l) => ends.map((e) => <th key={l + e} class="number">{t(e)}</th>))}</tr>
          </thead>
          <tbody>
            {rows.map(({ store, ledger, key }) => (
              <tr key={key} class={isChanged(key, ledger) ? 'changed' : ''}>
                <td>{nameOf(store)}</td>
                <th scope="row">{nameOf(ledger)} <small>{pick(ledger.unit, ledger.unit_en)}</small>
                  {problems[key] && <div class="status out" role="alert">✕ {problems[key].text}</div>}
                </th>
                {levels.flatMap((level) => ends.map((end) => {
                  const cell: Cell = `${level}.${end}`;
                  return (
                    <td key={cell}>
                      <input type="number" inputMode="numeric" min={0} step={1} class="number"
                        aria-label={`${nameOf(store)} ${nameOf(ledger)} ${t(level)} ${t(end)}`}
                        value={edits[key]?.[cell] ?? setTo(ledger, cell)}
                        onInput={(e) => { const text = e.currentTarget.value; setSaved(0); setEdits((all) => ({ ...all, [key]: { ...all[key], [cell]: text } })); }} />
                    </td>
                  );
                }))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {saved > 0 && <Done>{t('saved', { n: saved })}</Done>}
      <button type="submit" class="wide" aria-busy={busy} disabled={busy || changed.length === 0}>
        {changed.length ? t('saveAll', { n: changed.length }) : t('noChange')}
      </button>
    </form>
  );
}
