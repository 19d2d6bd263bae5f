// entry.tsx - a slip of the outbox: what it says, what became of it, and what can be done about it.
import { useState } from 'preact/hooks';
import { Problem, type ProblemDocument } from '../api';
import { dateTime, number, words } from '../i18n';
import type { Command, Entry, NewSlip } from '../outbox/database';
import { cutDown } from '../outbox/draft';
import { useNames } from '../outbox/levels';
import { correct, drop, mayChange } from '../outbox/outbox';
import { flush, sending } from '../outbox/send';
import { go, href } from '../router';
import { useSignal } from '../signal';
import { keeper } from '../words/keeper';
import { Dialog } from './dialog';
import { Notice } from './notice';

const t = words(keeper);
const signs = { waiting: '◔', posted: '●', refused: '✕' } as const;

function Lines({ command }: { command: Command }) {
  const names = useNames();
  return (
    <ul class="lines">
      {command.slip.lines.map((l, i) => (
        <li key={i}><span>{names(l.item).name}{l.lot && <small> <bdi>{l.lot}</bdi></small>}</span>
          <b>{number(l.quantity)} {(command.does === 'post' && l.pack) || names(l.item).unit}</b></li>
      ))}
    </ul>
  );
}

// Not enough of something: what there is instead.
function Shortage({ entry, slip, problem }: { entry: Entry; slip: NewSlip; problem: ProblemDocument }) {
  const names = useNames();
  const { line = 0, available = 0 } = problem;
  const { name, unit } = names(slip.lines[line]?.item ?? problem.item ?? '');
  const better = cutDown(slip, line, available);
  return (
    <>
      <div class="notice bad" role="alert"><p>{t('shortNow', { item: name, available: number(available), unit })}</p></div>
      {better.lines.length > 0 && (
        <button type="button" class="wide" onClick={() => void correct(entry.id, { does: 'post', slip: better }).then(flush)}>
          {available > 0 ? t('takeAvailable', { count: number(available), unit }) : t('withoutLine', { item: name })}
        </button>
      )}
    </>
  );
}

function Refusal({ entry }: { entry: Entry }) {
  const { command, problem } = entry;
  if (!problem) return null;
  if (problem.code === 'insufficient_stock' && command.does === 'post')
    return <Shortage entry={entry} slip={command.slip} problem={problem} />;
  return <Notice problem={new Problem(problem)} />;
}

function Actions({ entry }: { entry: Entry }) {
  const [asking, setAsking] = useState(false);
  const { command } = entry;
  return (
    <p class="entry-actions">
      {command.does === 'post' && <button type="button" class="outline" onClick={() => go(`/${command.slip.kind}`, { correct: entry.id })}>{t('correctIt')}</button>}
      {entry.state === 'refused' && entry.problem?.code !== 'insufficient_stock' && (
        <button type="button" class="outline" onClick={() => void correct(entry.id, command).then(flush)}>{t('againAsIs')}</button>
      )}
      <button type="button" class="outline secondary" onClick={() => setAsking(true)}>{t('dropIt')}</button>
      {asking && (
        <Dialog title={t('dropTitle')} onClose={() => setAsking(false)}>
          <p>{t('dropText')}</p>
          <p class="entry-actions">
            <button type="button" class="secondary" onClick={() => void drop(entry.id)}>{t('dropIt')}</button>
            <button type="button" onClick={() => setAsking(false)}>{t('keepIt')}</button>
          </p>
        </Dialog>
      )}
    </p>
  );
}

export function EntryCard({ entry }: { entry: Entry }) {
  const busy = useSignal(sending);
  const { command, state, slip } = entry;
  const onTheWay = state === 'waiting' && busy;
  return (
    <article id={`entry-${entry.id}`} class={`entry ${state}`}>
      <header>
        <strong>{command.does === 'reverse' ? t('reversalOf', { number: command.slip.number }) : t(command.slip.kind)}</strong>
        {command.does === 'post' && command.slip.counterparty && <bdi>{command.slip.counterparty}</bdi>}
        <span class={`state ${state}`} role="status"><span aria-hidden="true">{onTheWay ? '⇡' : signs[state]}</span> {t(onTheWay ? 'sendingNow' : state)}</span>
      </header>
      <Lines command={command} />
      {slip ? (
        <p class="entry-actions">
          <a href={href(`/slips/${slip.store}/${slip.number}`)}>{slip.number}</a>
          <button type="button" class="outline" aria-label={`${t('print')} ${slip.number}`} onClick={() => go(`/slips/${slip.store}/${slip.number}`, { print: 1 })}>{t('print')}</button>
        </p>
      ) : <p class="when"><small>{t('writtenAt', { time: dateTime(entry.written_at) })}</small></p>}
      {state === 'waiting' && entry.problem && <p class="when"><small>{t('lastTry', { why: new Problem(entry.problem).text })}</small></p>}
      {state === 'refused' && <Refusal entry={entry} />}
      {mayChange(entry) && <Actions entry={entry} />}
    </article>
  );
}
