// alert-rules.tsx - when alerts open, close and are escalated: a rule for each cause, here or as above.
import { useState } from 'preact/hooks';
import { CAUSES, causeName, causes, type Cause, type Figure } from '../alerts/causes';
import { api, call, type Schemas } from '../api';
import { nameOf, number, words } from '../i18n';
import { allPlaces } from '../live/stock';
import { useAction } from '../parts/action';
import { FormDialog } from '../parts/form-dialog';
import { useLoad } from '../parts/load';
import { Done, Loading, Notice } from '../parts/notice';
import { PlaceSelect, worksHere } from '../parts/place-select';
import { inTree } from '../parts/tree';
import type { PageProps } from '../page-props';
import { ask } from '../router';
import { alerts } from '../words/alerts';
import '../parts/desk.css';

type Rule = Schemas['AlertRule'];

const t = words(alerts);

const LIMITS: Record<Figure, { min: number; max: number }> = {
  days: { min: 1, max: 3650 }, window_days: { min: 1, max: 366 }, clear_percent: { min: 0, max: 100 },
  rearm_percent: { min: 0, max: 100 }, escalate_minutes: { min: 0, max: 525_600 },
};

function duration(minutes: number): string {
  if (minutes && minutes % 1440 === 0) return t('days', { n: number(minutes / 1440) });
  return minutes && minutes % 60 === 0 ? t('hours', { n: number(minutes / 60) }) : t('minutes', { n: number(minutes) });
}

// The rule as sentences.
const says = (rule: Rule) => [
  t(`rule.${rule.cause}`, { days: rule.days ?? 0, window_days: rule.window_days ?? 0 }),
  rule.clear_percent ? t('clearsAt', { n: 100 + rule.clear_percent }) : '',
  rule.rearm_percent ? t('rearmsAt', { n: rule.rearm_percent }) : '',
  rule.escalate_minutes === null ? t('neverEscalates') : t('escalatesAfter', { time: duration(rule.escalate_minutes) }),
];

function Edit({ rule, place, onClose, onDone }: { rule: Rule; place: string; onClose: () => void; onDone: () => void }) {
  const { figures } = CAUSES[rule.cause];
  const meaning = (figure: Figure) => t(figure === 'days' ? `means.${rule.cause as 'expiring'}` : `means.${figure}`);
  return (
    <FormDialog title={t('ruleTitle', { place, cause: causeName(rule.cause) })} onClose={onClose} submit={async ({ enabled, ...given }) => {
      const body = { enabled: enabled === 'on', ...Object.fromEntries(figures.map((f) => [f, given[f] === '' ? null : Number(given[f])])) };
      await call(api.PUT('/api/v1/places/{place}/alert-rules/{cause}', { params: { path: { place: rule.place, cause: rule.cause } }, body }));
      onDone();
    }}>
      <label>{t('enabled')}
        <select name="enabled"><option value="on">{t('on')}</option><option value="off" selected={!rule.enabled}>{t('off')}</option></select>
      </label>
      {figures.map((figure) => (
        <label key={figure} class="explained">
          <span>{t(`figure.${figure}`)}<small>{meaning(figure)}</small></span>
          <input name={figure} type="number" inputMode="numeric" step={1} {...LIMITS[figure]} required={figure !== 'escalate_minutes'} defaultValue={String(rule[figure] ?? '')} />
        </label>
      ))}
    </FormDialog>
  );
}

function Card({ rule, from, onEdit, onInherit }: { rule: Rule; from: string; onEdit: () => void; onInherit?: () => void }) {
  const name = causeName(rule.cause);
  return (
    <li class={`card ${rule.enabled ? 'ok' : 'off'}`}>
      <div>
        <strong>{name}</strong>{' '}
        <span class={`status ${rule.enabled ? 'ok' : ''}`}><span aria-hidden="true">{rule.enabled ? '●' : '○'}</span> {t(rule.enabled ? 'on' : 'off')}</span>{' '}
        <small>{from}</small>
        <p>{says(rule).map((sentence) => sentence && <>{sentence} </>)}</p>
      </div>
      <div class="answers">
        <button type="button" class="plain" aria-label={`${t('change')} ${name}`} onClick={onEdit}>{t('change')}</button>
        {onInherit && <button type="button" class="plain" aria-label={`${t('inherit')} ${name}`} onClick={onInherit}>{t('inherit')}</button>}
      </div>
    </li>
  );
}

function Rules({ place, placeName }: { place: string; placeName: (code: string) => string }) {
  const rules = useLoad(() => call(api.GET('/api/v1/alert-rules', { params: { query: { place } } })).then((page) => page.items), [place]);
  const [editing, setEditing] = useState<Rule | null>(null);
  const [done, setDone] = useState('');
  const { problem, run } = useAction();
  const inherit = async (cause: Cause) => {
    setDone('');
    await run(async () => {
      await call(api.DELETE('/api/v1/places/{place}/alert-rules/{cause}', { params: { path: { place, cause } } }));
      setDone(t('ruleInherited'));
    });
    rules.reload();
  };
  const from = (r: Rule) => (r.is_default ? t('ruleDefault') : r.inherited_from ? t('ruleFrom', { place: placeName(r.inherited_from) }) : t('ruleOwn'));

  if (!rules.data) return rules.problem ? <Notice problem={rules.problem} retry={rules.reload} /> : <Loading />;
  return (
    <>
      {problem && <Notice problem={problem} />}
      {done && <Done>{done}</Done>}
      <ul class="cards">
        {causes.map((cause) => rules.data!.find((r) => r.cause === cause)).map((r) => r && (
          <Card key={r.cause} rule={r} from={from(r)} onEdit={() => { setDone(''); setEditing(r); }}
            onInherit={r.is_default || r.inherited_from ? undefined : () => void inherit(r.cause)} />
        ))}
      </ul>
      {editing && (
        <Edit rule={editing} place={placeName(place)} onClose={() => { setEditing(null); rules.reload(); }} onDone={() => setDone(t('ruleSaved'))} />
      )}
    </>
  );
}

export default function AlertRules({ query }: PageProps) {
  const places = useLoad(allPlaces, []);
  if (!places.data) return places.problem ? <Notice problem={places.problem} retry={places.reload} /> : <Loading />;
  const own = places.data.filter(worksHere);
  const place = query.get('place') ?? inTree(own)[0]?.place.code;
  return (
    <>
      <p>{t('rulesHint')}</p>
      <div class="cells"><PlaceSelect places={own} value={place} onChange={(code) => ask({ place: code })} /></div>
      {place && <Rules key={place} place={place} placeName={(code) => { const p = places.data!.find((x) => x.code === code); return p ? nameOf(p) : code; }} />}
    </>
  );
}
