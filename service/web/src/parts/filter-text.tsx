// filter-text.tsx - a filter that is typed: it asks when the field is left or Enter is pressed. What is
// half typed is kept here, or rows that come in meanwhile would take it away.
import { useEffect, useState } from 'preact/hooks';
import { words } from '../i18n';
import { audit } from '../words/audit';

const t = words(audit);

export function FilterText({ label, value = '', onAsk }: { label: string; value?: string; onAsk: (value: string) => void }) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  return (
    <label>{label}
      <input placeholder={t('all')} value={typed} onInput={(e) => setTyped(e.currentTarget.value)}
        onChange={(e) => onAsk(e.currentTarget.value.trim())} />
    </label>
  );
}
