// slip-form.tsx - an in slip or an out slip, on a phone, in as few taps as there can be. What is typed
// survives a reload; what is handed in goes to the outbox.
import type { ComponentType } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { api, asProblem, call, noReception, type Problem } from '../api';
import { words } from '../i18n';
import { database, type Entry, type Kind } from '../outbox/database';
import { fromSlip, goodQuantity, newLine, quantityOf, REASONS, toSlip, type Draft, type DraftLine } from '../outbox/draft';
import { baseUnits, copy, take, type Shelves, type Taken } from '../outbox/foresee';
import { useKnown } from '../outbox/known';
import { useLevels, usePlaces, useStores, type Ledger } from '../outbox/levels';
import { recall, remember } from '../outbox/memory';
import { add, correct, mayChange, useOutbox } from '../outbox/outbox';
import { lastReceiver, recent } from '../outbox/people';
import { flush } from '../outbox/send';
import { go, href } from '../router';
import { user } from '../session';
import { keeper } from '../words/keeper';
import { EntryCard } from './entry';
import { useLoad } from './load';
import { Loading, Notice } from './notice';
import { Chips, PartyCell, PartyDialog } from './party';
import type { ScanProps } from './scan';
import { quantityId, SlipLine } from './slip-line';
import { StoreChoice } from './store-choice';
import { Tiles } from './tiles';
import './keeper.css';

const t = words(keeper);
const SELDOM = 600_000;
const NOTHING_ASKED = new URLSearchParams();

const empty = (kind: Kind): Draft => ({
  reason: recall(`reason/${kind}`, REASONS[kind][0]), business_date: '', counterparty: '', receiver: '',
  handler: recall('handler', user.get()?.display_name ?? ''), document: '', note: '', lines: [],
});

// The draft, kept on the device until it is handed in; one that corrects an entry is not.
function useDraft(kind: Kind, entry: Entry | null) {
  const name = `draft/${kind}`;
  const [draft, setDraft] = useState<Draft>(() => {
    if (entry?.command.does === 'post') return fromSlip(entry.command.slip);
    const kept = { ...empty(kind), ...recall<Partial<Draft>>(name, {}) };
    return { ...kept, lines: kept.lines.map((l) => newLine(l.item, l)) };
  });
  return [draft, (next: (now: Draft) => Draft) => setDraft((now) => {
    const made = next(now);
    if (!entry) remember(name, made);
    return made;
  })] as const;
}

// What each line will take, one after the other; null: nothing can be said of it.
function foreseeLines(kind: Kind, draft: Draft, shelves: Shelves, today: string): (Taken | null)[] {
  if (kind === 'in') return draft.lines.map(() => null);
  const at = copy(shelves);
  return draft.lines.map((l) => {
    const quantity = baseUnits(at, { ...l, quantity: quantityOf(l.quantity) });
    if (!(quantity > 0)) return null;
    return take(at, { item: l.item, quantity, lot: l.lot }, draft.business_date || today, draft.reason === 'scrap');
  });
}

function useRecent(store: string, kind: Kind) {
  const mine = useOutbox(store);
  const posted = useKnown(`recent/${store}/${kind}`, async () =>
    (await call(api.GET('/api/v1/stores/{store}/slips', { params: { path: { store }, query: { kind, limit: 50 } } }))).items, [], SELDOM);
  const own = mine.flatMap((e) => (e.command.does === 'post' ? [e.command.slip] : [])).reverse();
  return [...own, ...(posted.data ?? [])];
}

function Reasons({ kind, value, onChange }: { kind: Kind; value: Draft['reason']; onChange: (reason: Draft['reason']) => void }) {
  return (
    <fieldset class="reasons" aria-label={t('reason')}>
      {REASONS[kind].map((r) => (
        <label key={r} class="reason"><input type="radio" name="reason" checked={value === r} onChange={() => onChange(r)} />{t(`reason.${r}`)}</label>
      ))}
    </fieldset>
  );
}

function Text({ label, name, value, most, list, onChange }: {
  label: string; name: string; value: string; most: number; list?: string[]; onChange: (text: string) => void;
}) {
  return (
    <label>{label}
      <input name={name} autocomplete="off" maxLength={most} placeholder={t('optional')} list={list && `${name}-list`} value={value} onInput={(e) => onChange(e.currentTarget.value)} />
      {list && <datalist id={`${name}-list`}>{list.map((x) => <option key={x} value={x} />)}</datalist>}
    </label>
  );
}

// The camera's code comes when it is asked for.
function ScanButton(props: Omit<ScanProps, 'onClose'>) {
  const [Scan, setScan] = useState<ComponentType<ScanProps> | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const close = () => setScan(null);
  return (
    <>
      <button type="button" class="outline" onClick={() => import('./scan').then((m) => setScan(() => m.Scan), () => setProblem(noReception()))}>
        <svg class="sign" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" aria-hidden="true"><path d="M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M4 12h16" /></svg> {t('scan')}
      </button>
      {problem && <Notice problem={problem} />}
      {Scan && <Scan {...props} onClose={close} onCode={(code) => {
        close();
        props.onCode(code);
      }} />}
    </>
  );
}

interface FormProps {
  kind: Kind; store: string; today: string; entry: Entry | null; asked: URLSearchParams; ledgers: Ledger[]; shelves: Shelves;
  onDone: (id: number) => void;
}

function Form({ kind, store, today, entry, asked, ledgers, shelves, onDone }: FormProps) {
  const [draft, change] = useDraft(kind, entry);
  const [choosing, setChoosing] = useState(draft.lines.length === 0);
  const [picking, setPicking] = useState(false);
  const [checked, setChecked] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const focusOn = useRef('');
  const busy = useRef(false);
  const places = usePlaces();
  const slips = useRecent(store, kind);
  const set = (next: Partial<Draft>) => change((now) => ({ ...now, ...next }));
  const setLine = (id: number, next: Partial<DraftLine>) =>
    change((now) => ({ ...now, lines: now.lines.map((l) => (l.id === id ? { ...l, ...next } : l)) }));
  const lines = draft.lines.filter((l) => ledgers.some((x) => x.item === l.item));
  const taken = foreseeLines(kind, { ...draft, lines }, shelves, today);
  const party = kind === 'in' ? t('from') : t('to');
  const short = taken.some((x) => x && x.lots.length === 0);

  useEffect(() => {
    if (!focusOn.current) return;
    document.getElementById(focusOn.current)?.focus();
    focusOn.current = '';
  });

  function addItem(item: string, more: Partial<DraftLine> = {}, another = false) {
    if (!ledgers.some((l) => l.item === item)) return;
    change((now) => {
      const same = another ? undefined : now.lines.find((l) => l.item === item && (!more.lot || l.lot === more.lot || !l.lot));
      const line = same ?? newLine(item, { pack: recall(`pack/${kind}/${item}`, ''), ...more });
      focusOn.current = quantityId(line);
      if (!same) return { ...now, lines: [...now.lines, line] };
      return { ...now, lines: now.lines.map((l) => (l === same ? { ...l, ...more } : l)) };
    });
    setChoosing(false);
  }

  // Asked for once: a reload does not ask again, the same tile does.
  useEffect(() => {
    const item = asked.get('item');
    if (!item) return;
    addItem(item);
    history.replaceState(null, '', href(`/${kind}`));
  }, [asked]);

  function removeLine(line: DraftLine) {
    const rest = lines.filter((l) => l !== line);
    set({ lines: rest });
    if (rest.length === 0) setChoosing(true);
    focusOn.current = rest.length ? quantityId(rest[rest.length - 1]) : 'choose-item';
  }

  function setParty(counterparty: string) {
    setPicking(false);
    const auto = lastReceiver(slips, draft.counterparty);
    const receiver = draft.receiver && draft.receiver !== auto ? draft.receiver : lastReceiver(slips, counterparty);
    set({ counterparty, ...(kind === 'out' && { receiver }) });
  }

  async function submit() {
    if (busy.current) return;
    setChecked(true);
    const bad = lines.find((l) => !goodQuantity(l, baseUnits(shelves, { ...l, quantity: 1 })));
    if (bad || !lines.length) {
      document.getElementById(bad ? quantityId(bad) : 'choose-item')?.focus();
      return;
    }
    busy.current = true;
    const command = { does: 'post', slip: toSlip(kind, { ...draft, lines }, today) } as const;
    try {
      const done = entry ? await correct(entry.id, command) : await add(store, command);
      void flush();
      remember(`reason/${kind}`, kind === 'in' ? draft.reason : null);
      remember('handler', draft.handler || null);
      for (const l of lines) remember(`pack/${kind}/${l.item}`, l.pack || null);
      if (entry) {
        go('/outbox');
        return;
      }
      change((now) => ({ ...empty(kind), lines: now.lines.filter((l) => !lines.some((x) => x.id === l.id)) })); // what came meanwhile stays
      setChecked(false);
      setChoosing(true);
      setProblem(null);
      onDone(Number(done));
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      busy.current = false;
    }
  }

  // No <form>: Enter in a field, which scanners and habits send, must not hand in half a slip.
  return (
    <section class="slip-form" aria-label={t(kind === 'in' ? 'slipIn' : 'slipOut')}>
      {lines.map((line, i) => (
        <SlipLine key={line.id} kind={kind} line={line} ledger={ledgers.find((l) => l.item === line.item)!} shelves={shelves} taken={taken[i]} today={today}
          checked={checked} change={(next) => setLine(line.id, next)} onRemove={() => removeLine(line)} onAnother={() => addItem(line.item, { pack: line.pack }, true)} />
      ))}
      {choosing && <Tiles ledgers={ledgers} shelves={shelves} chosen={lines.map((l) => l.item)} onChoose={addItem} />}
      {checked && lines.length === 0 && <p class="short" role="alert">✕ {t('noLines')}</p>}
      <div class="adding">
        <button type="button" id="choose-item" class="outline" aria-expanded={choosing} onClick={() => setChoosing(!choosing)}>＋ {t('addItem')}</button>
        <ScanButton shelf={ledgers} onCode={(code) => code.item && addItem(code.item, { ...(code.lot && { lot: code.lot }), ...(kind === 'in' && code.expires && { expires: code.expires }) })} />
      </div>
      <Reasons kind={kind} value={draft.reason} onChange={(reason) => set({ reason })} />
      <div class="cells">
        <PartyCell label={party} value={draft.counterparty} onOpen={() => setPicking(true)} onClear={() => setParty('')} />
        {!draft.counterparty && <Chips label={t('recently')} names={recent(slips, kind, 'counterparty', 4)} onChoose={setParty} />}
        {kind === 'out' && <Text label={t('receiver')} name="receiver" value={draft.receiver} most={100} list={recent(slips, kind, 'receiver', 20)} onChange={(receiver) => set({ receiver })} />}
        <Text label={t('handler')} name="handler" value={draft.handler} most={100} list={recent(slips, kind, 'handler', 20)} onChange={(handler) => set({ handler })} />
        <label>{t('date')}
          <input type="date" name="business_date" max={today} required value={draft.business_date || today}
            onInput={(e) => set({ business_date: e.currentTarget.value === today ? '' : e.currentTarget.value })} />
        </label>
      </div>
      <details class="more" open={!!(draft.document || draft.note)}>
        <summary>{t('moreFields')}</summary>
        <div class="cells">
          <Text label={t('document')} name="document" value={draft.document} most={100} onChange={(document) => set({ document })} />
          <Text label={t('note')} name="note" value={draft.note} most={1000} onChange={(note) => set({ note })} />
        </div>
      </details>
      {problem && <Notice problem={problem} />}
      <div class="submit">
        <button type="button" onClick={submit} class={`wide ${short ? 'anyway' : ''}`}>
          {entry ? t('resubmit') : short ? t('submitAnyway') : kind === 'in' ? t('submitIn') : t('submitOut')}
          {lines.length > 0 && <small> · {t('count', { count: lines.length })}</small>}
        </button>
      </div>
      {picking && <PartyDialog title={party} recent={recent(slips, kind, 'counterparty', 9)} places={places.data ?? []} onChoose={setParty} onClose={() => setPicking(false)} />}
    </section>
  );
}

// The slip just handed in, and what becomes of it.
function Last({ id }: { id: number }) {
  const box = useRef<HTMLElement>(null);
  const entry = useOutbox().find((e) => e.id === id);
  useEffect(() => {
    box.current?.focus();
    scrollTo(0, 0);
  }, [id]);
  return <section ref={box} tabIndex={-1} aria-label={t('submitted')} class="last">{entry && <EntryCard entry={entry} />}</section>;
}

function Filled({ kind, entry, asked }: { kind: Kind; entry: Entry | null; asked: URLSearchParams }) {
  const stores = useStores();
  const store = entry?.store ?? stores.at?.code;
  const levels = useLevels(store, stores.today, entry?.id);
  const [last, setLast] = useState(0);
  return (
    <>
      {last > 0 && <Last id={last} />}
      {entry && <p class="notice good">{t(entry.state === 'refused' ? 'correcting' : 'correctingWaiting')}</p>}
      <StoreChoice stores={stores} fixed={entry?.store} />
      {store && !levels.data && (levels.problem ? <><p class="nothing">{t('neverKnown')}</p><Notice problem={levels.problem} retry={levels.reload} /></> : <Loading />)}
      {store && levels.data && (
        <Form key={store} {...{ kind, store, entry, asked }} today={stores.today} ledgers={levels.data} shelves={levels.shelves!} onDone={setLast} />
      )}
    </>
  );
}

function Correcting({ kind, id }: { kind: Kind; id: number }) {
  const { data } = useLoad(async () => ({ entry: await (await database()).get('entries', id) }), [id]);
  if (!data) return <Loading />;
  const { entry } = data;
  if (entry && entry.user === user.get()?.username && mayChange(entry) && entry.command.does === 'post')
    return <Filled kind={kind} entry={entry} asked={NOTHING_ASKED} />;
  return <p class="nothing">{t('notFoundOnDevice')}</p>;
}

export function SlipForm({ kind, query }: { kind: Kind; query: URLSearchParams }) {
  const id = Number(query.get('correct'));
  return id ? <Correcting key={id} kind={kind} id={id} /> : <Filled kind={kind} entry={null} asked={query} />;
}
