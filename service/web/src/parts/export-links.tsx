// export-links.tsx - the list that is shown, to take away whole.
import { words } from '../i18n';
import { audit } from '../words/audit';

const t = words(audit);

export function ExportLinks({ path, query }: { path: string; query: Record<string, string | undefined> }) {
  const given = new URLSearchParams(Object.entries(query).filter((q): q is [string, string] => !!q[1]));
  const suffix = given.toString() && `?${given}`;
  return (
    <p class="no-print buttons">
      <span>{t('exportAs')}</span>
      {['xlsx', 'csv', 'ndjson'].map((kind) => (
        <a key={kind} href={`/api/v1${path}.${kind}${suffix}`} download>{{ xlsx: 'Excel', csv: 'CSV', ndjson: 'NDJSON' }[kind]}</a>
      ))}
    </p>
  );
}
