// reversal.tsx - undoing a slip: why, in one tap or in words.
import { useState } from 'preact/hooks';
import { asProblem, type Problem } from '../api';
import { words } from '../i18n';
import type { Slip } from '../outbox/database';
import { add } from '../outbox/outbox';
import { flush } from '../outbox/send';
import { keeper } from '../words/keeper';
import { Dialog } from './dialog';
import { Notice } from './notice';

const t = words(keeper);
const REASONS = ['wrongQuantity', 'wrongItem', 'wrongParty', 'twice'] as const;

export function ReversalDialog({ slip, onClose }: { slip: Slip; onClose: () => void }) {
  const [note, setNote] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  async function reverse(event: SubmitEvent) {
    event.preventDefault();
    setBusy(true);
    try {
      await add(slip.store, { does: 'reverse', slip, note: note.trim() });
      void flush();
      onClose();
    } catch (error) {
      setProblem(asProblem(error));
      setBusy(false);
    }
  }
  return (
    <Dialog title={t('reverseTitle', { number: slip.number })} onClose={onClose}>
      <form onSubmit={reverse}>
        <p>{t('reverseText')}</p>
        <ul class="chips">
          {REASONS.map((r) => <li key={r}><button type="button" class="choice" aria-pressed={note === t(r)} onClick={() => setNote(t(r))}>{t(r)}</button></li>)}
        </ul>
        <label>{t('reverseWhy')}
          <input required maxLength={1000} autocomplete="off" value={note} onInput={(e) => setNote(e.currentTarget.value)} />
        </label>
        {problem && <Notice problem={problem} />}
        <button type="submit" class="wide" disabled={busy} aria-busy={busy}>{t('reverse')}</button>
      </form>
    </Dialog>
  );
}
