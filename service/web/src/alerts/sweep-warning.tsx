// sweep-warning.tsx - nothing, as long as alerts are looked for; when that has stopped, a warning.
import { api, call } from '../api';
import { dateTime, words } from '../i18n';
import { useEvery, useLoad } from '../parts/load';
import { alerts } from '../words/alerts';

const t = words(alerts);
const AGAIN = 60_000; // ms

export function SweepWarning() {
  const { data, reload } = useLoad(() => call(api.GET('/api/v1/alert-sweep')), []);
  useEvery(AGAIN, reload);
  if (!data?.late) return null; // a database's first run may be due yet
  return (
    <div class="notice bad" role="alert">
      <p><span aria-hidden="true">⚠ </span>{data.last_run ? t('sweepLate', { at: dateTime(data.last_run) }) : t('sweepNever')}</p>
    </div>
  );
}
