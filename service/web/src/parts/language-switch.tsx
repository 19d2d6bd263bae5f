// language-switch.tsx - 中文 or English, kept on the device.
import { language, setLanguage } from '../i18n';
import { useSignal } from '../signal';

export function LanguageSwitch() {
  const now = useSignal(language);
  return (
    <button type="button" class="plain" lang={now === 'zh' ? 'en' : 'zh-CN'} onClick={() => setLanguage(now === 'zh' ? 'en' : 'zh')}>
      {now === 'zh' ? 'English' : '中文'}
    </button>
  );
}
