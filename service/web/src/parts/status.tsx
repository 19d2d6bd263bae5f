// status.tsx - ok, low, out: by colour, shape and word.
import { words } from '../i18n';

const t = words({});
const signs = { ok: '●', low: '▲', out: '✕' } as const;
const names = { ok: 'ok', low: 'low', out: 'outOfStock' } as const;

export const Status = ({ status }: { status: keyof typeof signs }) => (
  <span class={`status ${status}`}><span aria-hidden="true">{signs[status]}</span> {t(names[status])}</span>
);
