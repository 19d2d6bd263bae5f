// age.tsx - how old it is what is shown, and a way to ask anew.
import { useEffect, useState } from 'preact/hooks';
import { locale, words } from '../i18n';
import type { Known } from '../outbox/known';
import { keeper } from '../words/keeper';

const t = words(keeper);

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [['day', 86_400], ['hour', 3_600], ['minute', 60]];

function ago(at: number): string {
  const seconds = (Date.now() - at) / 1000;
  const [unit, size] = STEPS.find(([, s]) => seconds >= s) ?? [];
  return unit ? new Intl.RelativeTimeFormat(locale()).format(-Math.floor(seconds / size!), unit) : t('justNow');
}

export function Age({ of, busy }: { of: Known<unknown>; busy?: boolean }) {
  const [, tick] = useState({});
  useEffect(() => {
    const clock = setInterval(() => tick({}), 30_000);
    return () => clearInterval(clock);
  }, []);
  return (
    <p class={`age ${of.problem ? 'stale' : ''}`} aria-busy={busy}>
      <span role="status">{of.problem && <><span aria-hidden="true">⚠</span> {of.problem.code === 'no_reception' ? t('asLastKnown') : of.problem.text} · </>}
        {of.at > 0 && t('updated', { age: ago(of.at) })}</span>
      <button type="button" class="plain" onClick={of.reload}>{t('refresh')}</button>
    </p>
  );
}
