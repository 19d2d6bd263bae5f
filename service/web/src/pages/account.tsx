// account.tsx - one's own: password, tokens, language, signing out.
import { useState } from 'preact/hooks';
import { api, call } from '../api';
import { Channels } from '../channels/list';
import { LanguageSwitch } from '../parts/language-switch';
import { dateTime, words } from '../i18n';
import { fields, useAction } from '../parts/action';
import { FormDialog } from '../parts/form-dialog';
import { everything, useLoad } from '../parts/load';
import { Done, Loading, Notice, Nothing } from '../parts/notice';
import { signOut, user } from '../session';
import { admin } from '../words/admin';
import { channels } from '../words/channels';
import '../parts/desk.css';

const t = words({ ...channels, ...admin });

function Password() {
  const { busy, problem, run } = useAction();
  const [done, setDone] = useState(false);
  return (
    <form onSubmit={async (event) => {
      const form = event.currentTarget;
      const { current, new: next } = fields(event);
      const ok = await run(() => call(api.PUT('/api/v1/session/password', { body: { current, new: next } })));
      setDone(ok);
      if (ok) form.reset();
    }}>
      <h2>{t('changePassword')}</h2>
      <input type="text" autocomplete="username" value={user.get()?.username} hidden readOnly />
      <div class="cells">
        <label>{t('currentPassword')}<input name="current" type="password" autocomplete="current-password" required /></label>
        <label>{t('newPassword')}<input name="new" type="password" autocomplete="new-password" minLength={10} required aria-describedby="password-rule" /></label>
      </div>
      <small id="password-rule">{t('passwordRule')}</small>
      {problem && <Notice problem={problem} />}
      {done && <Done>{t('passwordChanged')}</Done>}
      <button type="submit" class="wide" aria-busy={busy} disabled={busy}>{t('changePassword')}</button>
    </form>
  );
}

function Tokens() {
  const tokens = useLoad(() => everything((cursor) =>
    call(api.GET('/api/v1/tokens', { params: { query: { cursor } } }))), []);
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const { problem, run } = useAction();
  const revoke = async (id: number) => {
    await run(() => call(api.DELETE('/api/v1/tokens/{id}', { params: { path: { id } } })));
    tokens.reload();
  };
  return (
    <section>
      <h2>{t('tokens')}</h2>
      {(problem ?? tokens.problem) && <Notice problem={(problem ?? tokens.problem)!} />}
      {secret && <Done><p>{t('tokenOnce')}</p><code class="secret">{secret}</code></Done>}
      {tokens.data === null ? !tokens.problem && <Loading /> : tokens.data.length === 0 ? <Nothing /> : (
        <div class="cells">
          {tokens.data.map((token) => (
            <div key={token.id}>
              <span>{token.name}<br /><small>{t('tokenUntil')} {token.expires_at ? dateTime(token.expires_at) : t('never')}</small></span>
              <button type="button" class="plain push" aria-label={t('revokeToken', { name: token.name })} onClick={() => void revoke(token.id)}>{t('revokeIt')}</button>
            </div>
          ))}
        </div>
      )}
      <button type="button" class="secondary" onClick={() => setAdding(true)}>{t('addToken')}</button>
      {adding && (
        <FormDialog title={t('addToken')} onClose={() => setAdding(false)} submit={async ({ name, until }) => {
          const made = await call(api.POST('/api/v1/tokens', {
            body: { name, ...(until ? { expires_at: new Date(until).toISOString() } : {}) } }));
          setSecret(made.secret ?? null);
          tokens.reload();
        }}>
          <label>{t('tokenName')}<input name="name" maxLength={100} required /></label>
          <label>{t('tokenUntil')}<input name="until" type="datetime-local" /></label>
        </FormDialog>
      )}
    </section>
  );
}

export default function Account() {
  const { busy, problem, run } = useAction();
  const who = user.get();
  return (
    <div class="narrow">
      <div class="cells">
        <div><span>{t('username')}</span><span class="push">{who?.display_name} ({who?.username})</span></div>
        <div><span>{t('roles')}</span><span class="push">{who?.roles.map((r) => `${t(`role.${r.role}`)} · ${r.place}`).join('，')}</span></div>
        <div><span>{t('language')}</span><span class="push"><LanguageSwitch /></span></div>
      </div>
      <Password />
      <Tokens />
      {who && who.roles.length > 0 && <section><h2>{t('mine')}</h2><p><small>{t('mineHint')}</small></p><Channels own /></section>}
      {problem && <Notice problem={problem} />}
      <button type="button" class="wide secondary" aria-busy={busy} disabled={busy} onClick={() => void run(signOut)}>{t('signOut')}</button>
    </div>
  );
}
