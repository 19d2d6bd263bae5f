// notice.tsx - what a person is told: that something loads, went wrong, or was done.
import type { ComponentChildren } from 'preact';
import type { Problem } from '../api';
import { pick, words } from '../i18n';

const t = words({});

export const Loading = () => <p aria-busy="true" role="status">{t('loading')}</p>;
export const Nothing = () => <p class="nothing">{t('nothing')}</p>;

export function Notice({ problem, retry }: { problem: Problem; retry?: () => void }) {
  return (
    <div class="notice bad" role="alert">
      <p>{problem.text}</p>
      {problem.document.errors && (
        <ul>{problem.document.errors.map((e) => (
          <li key={e.field + e.code}><code>{e.field}</code> {pick(e.detail, e.detail_en ?? e.detail)}</li>
        ))}</ul>
      )}
      {retry && <button type="button" onClick={retry}>{t('retry')}</button>}
    </div>
  );
}

export const Done = ({ children }: { children: ComponentChildren }) => <div class="notice good" role="status">{children}</div>;
