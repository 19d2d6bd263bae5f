// badge.tsx - in the header: how many slips wait on this device, and how many were refused.
import { words } from '../i18n';
import { useOutbox } from '../outbox/outbox';
import { href } from '../router';

// Of its own: every page carries them.
const t = words({
  badgeWaiting: ['待上传 {count}', '{count} waiting'], badgeRefused: ['被拒 {count}', '{count} refused'],
  badgeLabel: ['待上传 {waiting}，被拒 {refused}', 'Outbox: {waiting} waiting, {refused} refused'],
});

export function OutboxBadge() {
  const mine = useOutbox();
  const waiting = mine.filter((e) => e.state === 'waiting').length;
  const refused = mine.filter((e) => e.state === 'refused').length;
  return (
    <span role="status">
      {waiting + refused > 0 && (
        <a class={`badge ${refused ? 'refused' : ''}`} href={href('/outbox')} aria-label={t('badgeLabel', { waiting, refused })}>
          {waiting > 0 && <span><span aria-hidden="true">◔ </span>{t('badgeWaiting', { count: waiting })}</span>}
          {refused > 0 && <span><span aria-hidden="true">✕ </span>{t('badgeRefused', { count: refused })}</span>}
        </a>
      )}
    </span>
  );
}
