// sign-in.tsx - the first page of everybody.
import { useState } from 'preact/hooks';
import { asProblem, type Problem } from '../api';
import { LanguageSwitch } from './language-switch';
import { words } from '../i18n';
import { entries } from '../outbox/outbox';
import { signIn } from '../session';
import { useSignal } from '../signal';
import { Notice } from './notice';

const t = words({
  purpose: ['社区防护物资出入库台账', 'Stock ledgers of community storerooms'],
  waiting: ['本机有 {count} 张单据待上传，登录后自动上传。', 'Slips waiting on this device: {count}. They are sent after signing in.'],
});

export function SignIn() {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const waiting = useSignal(entries).filter((e) => e.state === 'waiting').length;
  async function submit(event: SubmitEvent) {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    setProblem(null);
    try {
      await signIn(String(form.get('username')), String(form.get('password')));
    } catch (error) {
      setProblem(asProblem(error));
    }
    setBusy(false);
  }
  return (
    <main class="sign-in">
      <p class="right"><LanguageSwitch /></p>
      <h1>{t('app')}</h1>
      <p>{t('purpose')}</p>
      {waiting > 0 && <p class="notice good" role="status">{t('waiting', { count: waiting })}</p>}
      <form onSubmit={submit}>
        <div class="cells">
          <label>{t('username')}<input name="username" autocomplete="username" autocapitalize="none" required /></label>
          <label>{t('password')}<input name="password" type="password" autocomplete="current-password" required /></label>
        </div>
        {problem && <Notice problem={problem} />}
        <button type="submit" class="wide" aria-busy={busy} disabled={busy}>{t('signIn')}</button>
      </form>
    </main>
  );
}
