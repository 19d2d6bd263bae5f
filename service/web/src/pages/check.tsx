// check.tsx - a printed slip held against the log: its code is typed, scanned, or stands in the address.
import type { ComponentType } from 'preact';
import { useState } from 'preact/hooks';
import { noReception, type Problem } from '../api';
import { number, words } from '../i18n';
import { namesOf, useItems } from '../outbox/levels';
import { fields } from '../parts/action';
import { useLoad } from '../parts/load';
import { Done, Loading, Notice } from '../parts/notice';
import type { ScanText } from '../parts/scan';
import { slipAddress, SlipView } from '../parts/slip-view';
import type { PageProps } from '../page-props';
import { checkPaper } from '../proof/check';
import { codeIn, readPaperCode, type PaperCode } from '../proof/code';
import { go } from '../router';
import { proof } from '../words/proof';
import '../parts/desk.css';

const t = words(proof);
const open = (text: string) => go(`/check/${encodeURIComponent(codeIn(text))}`);

// The camera's code comes when it is asked for.
function ScanButton() {
  const [Scan, setScan] = useState<ComponentType<Parameters<typeof ScanText>[0]> | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [message, setMessage] = useState('');
  return (
    <>
      <button type="button" class="secondary" onClick={() => import('../parts/scan').then((m) => setScan(() => m.ScanText), () => setProblem(noReception()))}>{t('scan')}</button>
      {problem && <Notice problem={problem} />}
      {Scan && <Scan label={t('codeIs')} message={message} onClose={() => setScan(null)} onText={(text) => {
        if (!readPaperCode(text)) return setMessage(t('bad.code'));
        setScan(null);
        open(text);
      }} />}
    </>
  );
}

const Bad = ({ children }: { children: preact.ComponentChildren }) => (
  <div class="notice bad" role="alert"><p><strong>{t('bad')}</strong></p><p>{children}</p></div>
);

function Checked({ code }: { code: PaperCode }) {
  const { data: verdict, problem, reload } = useLoad(() => checkPaper(code), [code.number, code.seq, code.size, code.root]);
  const names = namesOf(useItems().data);
  if (problem) return <Notice problem={problem} retry={reload} />;
  if (!verdict) return <Loading />;
  const slip = 'slip' in verdict ? verdict.slip : null;
  return (
    <>
      {verdict.is === 'good' && (
        <Done>
          <p><strong>{t('good')}</strong></p>
          <p>{t('goodText', { seq: number(code.seq), size: number(code.size) })}</p>
          {verdict.reversedBy && <p>▲ {t('reversedSince')}<a href={slipAddress(code.store, verdict.reversedBy)}>{verdict.reversedBy}</a></p>}
        </Done>
      )}
      {verdict.is === 'slip' && <Bad>{t('bad.slip', { number: verdict.number })}</Bad>}
      {verdict.is === 'root' && <Bad>{t('bad.root')}<br /><small>{t('codeIs')} {code.root} · {t('computed', { root: verdict.root })}</small></Bad>}
      {(verdict.is === 'gone' || verdict.is === 'insecure') && <Bad>{t(`bad.${verdict.is}`)}</Bad>}
      {slip && <SlipView slip={slip} names={names} />}
    </>
  );
}

export default function Check({ args: [given] }: PageProps) {
  const code = given ? readPaperCode(given) : null;
  return (
    <div class="narrow">
      <p>{t('intro')}</p>
      <form key={given} onSubmit={(event) => open(fields(event).code)}>
        <div class="cells"><label>{t('codeIs')}<input name="code" required maxLength={200} autocomplete="off" autocapitalize="none" spellcheck={false} defaultValue={given} aria-describedby="code-hint" /></label></div>
        <small id="code-hint">{t('codeHint')}</small>
        <p class="buttons"><button type="submit">{t('check')}</button><ScanButton /></p>
      </form>
      {given && !code && <Bad>{t('bad.code')}</Bad>}
      {code && <Checked key={given} code={code} />}
    </div>
  );
}
