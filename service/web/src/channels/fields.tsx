// fields.tsx - what is asked of whoever adds a channel, or changes one.
import { useState } from 'preact/hooks';
import { words } from '../i18n';
import { channels } from '../words/channels';
import { KINDS, newSecret, type Channel, type Kind } from './kinds';

const t = words(channels);

// of: the channel that is changed; what is left empty stays then.
export function ChannelFields({ kind, of }: { kind: Kind; of?: Channel }) {
  const { secret } = KINDS[kind];
  const mail = kind === 'email';
  const [made] = useState(newSecret);
  const secretHint = of ? t('newAddress') : secret === 'may' ? t('optional') : '';
  return (
    <>
      <label>{t('name')}<input name="name" maxLength={100} required defaultValue={of?.name} /></label>
      <label>{t(mail ? 'mail' : 'address')}
        <input name="address" type={mail ? 'email' : 'url'} maxLength={2000} autocomplete="off" autocapitalize="none" required={!of} placeholder={of ? t('newAddress') : mail ? 'name@example.com' : 'https://…'} />
      </label>
      {secret !== 'none' && (
        <label>{t('secret')}
          <input key={kind} name="secret" maxLength={200} autocomplete="off" autocapitalize="none" required={!of && secret === 'must'}
            placeholder={secretHint} defaultValue={!of && secret === 'must' ? made : ''} />
        </label>
      )}
      <label>{t('language')}
        <select name="language"><option value="zh">{t('chinese')}</option><option value="en" selected={of?.language === 'en'}>{t('english')}</option></select>
      </label>
    </>
  );
}
