// users.tsx - people, and which role each has where.
import { useState } from 'preact/hooks';
import { api, call, type Schemas } from '../api';
import { nameOf, words } from '../i18n';
import { useAction } from '../parts/action';
import { FormDialog } from '../parts/form-dialog';
import { everything, useLoad } from '../parts/load';
import { Loading, Notice } from '../parts/notice';
import { PlaceSelect, worksHere } from '../parts/place-select';
import { admin } from '../words/admin';
import '../parts/desk.css';

type User = Schemas['User'];
type Role = Schemas['Role'];

const t = words(admin);
const roleNames = ['storekeeper', 'coordinator', 'auditor', 'admin'] as const;

const RoleSelect = () => (
  <label>{t('role')}
    <select name="role" required>{roleNames.map((r) => <option key={r} value={r}>{t(`role.${r}`)}</option>)}</select>
  </label>
);

export default function Users() {
  const users = useLoad(() => everything((cursor) => call(api.GET('/api/v1/users', { params: { query: { cursor } } }))), []);
  const places = useLoad(() => everything((cursor) => call(api.GET('/api/v1/places', { params: { query: { cursor, limit: 200 } } }))), []);
  const [dialog, setDialog] = useState<{ what: 'add' | 'edit' | 'grant'; user?: User } | null>(null);
  const { problem, run } = useAction();
  const known = (places.data ?? []).filter(worksHere);
  const placeName = (code: string) => { const p = places.data?.find((q) => q.code === code); return p ? nameOf(p) : code; };
  const close = () => { setDialog(null); users.reload(); };

  const revoke = async (username: string, { role, place }: Role) => {
    await run(() => call(api.DELETE('/api/v1/users/{username}/grants/{role}/{place}', { params: { path: { username, role, place } } })));
    users.reload();
  };
  const change = async (username: string, body: Schemas['UserChange']) => {
    await run(() => call(api.PATCH('/api/v1/users/{username}', { params: { path: { username } }, body })));
    users.reload();
  };

  if (!users.data) return users.problem ? <Notice problem={users.problem} retry={users.reload} /> : <Loading />;
  return (
    <>
      <p><button type="button" onClick={() => setDialog({ what: 'add' })}>{t('addUser')}</button></p>
      {problem && <Notice problem={problem} />}
      <div class="scroll" tabIndex={0} role="region" aria-label={t('roles')}>
        <table>
          <thead><tr><th>{t('username')}</th><th>{t('displayName')}</th><th>{t('roles')}</th><th></th></tr></thead>
          <tbody>
            {users.data.map((u) => (
              <tr key={u.username}>
                <th scope="row">{u.username}</th>
                <td><bdi>{u.display_name}</bdi>{u.disabled && <> <mark>{t('disabled')}</mark></>}</td>
                <td class="wraps">
                  {u.roles.map((r) => (
                    <span class="chip" key={r.role + r.place}>
                      {t(`role.${r.role}`)} · {placeName(r.place)}
                      <button type="button" class="plain" aria-label={t('revoke', { role: t(`role.${r.role}`), place: placeName(r.place) })}
                        onClick={() => void revoke(u.username, r)}>✕</button>
                    </span>
                  ))}
                  <button type="button" class="plain" aria-label={t('grantTo', { name: u.username })} onClick={() => setDialog({ what: 'grant', user: u })}>＋</button>
                </td>
                <td class="number">
                  <button type="button" class="plain" aria-label={t('editUser', { name: u.username })} onClick={() => setDialog({ what: 'edit', user: u })}>{t('edit')}</button>
                  <button type="button" class="plain" onClick={() => void change(u.username, { disabled: !u.disabled })}>{t(u.disabled ? 'enable' : 'disable')}</button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {dialog?.what === 'add' && (
        <FormDialog title={t('addUser')} onClose={close} submit={({ username, display_name, password, role, place }) =>
          call(api.POST('/api/v1/users', { body: { username, display_name, password, roles: [{ role: role as Role['role'], place }] } }))}>
          <label>{t('username')}<input name="username" maxLength={64} autocapitalize="none" autocomplete="off" required /></label>
          <label>{t('displayName')}<input name="display_name" maxLength={100} required /></label>
          <label>{t('initialPassword')}<input name="password" type="password" minLength={10} autocomplete="new-password" required /></label>
          <RoleSelect /><PlaceSelect places={known} />
        </FormDialog>
      )}
      {dialog?.what === 'edit' && dialog.user && (
        <FormDialog title={t('editUser', { name: dialog.user.username })} onClose={close} submit={({ display_name, password }) =>
          call(api.PATCH('/api/v1/users/{username}', { params: { path: { username: dialog.user!.username } },
            body: { display_name, ...(password ? { password } : {}) } }))}>
          <label>{t('displayName')}<input name="display_name" maxLength={100} defaultValue={dialog.user.display_name} required /></label>
          <label>{t('newPassword')}<input name="password" type="password" minLength={10} autocomplete="new-password" placeholder={t('newPasswordHint')} /></label>
        </FormDialog>
      )}
      {dialog?.what === 'grant' && dialog.user && (
        <FormDialog title={t('grantTo', { name: dialog.user.username })} onClose={close} submit={({ role, place }) =>
          call(api.POST('/api/v1/users/{username}/grants', { params: { path: { username: dialog.user!.username } }, body: { role: role as Role['role'], place } }))}>
          <RoleSelect /><PlaceSelect places={known} />
        </FormDialog>
      )}
    </>
  );
}
