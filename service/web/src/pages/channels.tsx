// channels.tsx - the channels of the places that one looks after, and what could not be delivered.
import { Channels } from '../channels/list';
import { Deliveries } from '../channels/deliveries';
import { words } from '../i18n';
import { channels } from '../words/channels';

const t = words(channels);

export default function Page() {
  return (
    <>
      <p>{t('intro')}</p>
      <Channels own={false} />
      <h2>{t('notDelivered')}</h2>
      <Deliveries only="dead" />
    </>
  );
}
