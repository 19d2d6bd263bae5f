// paper-code.tsx - the paper code as a QR code and as text; or that the paper has none.
import { encode } from 'uqr';
import { paperLink } from '../proof/code';

export function Qr({ text, label }: { text: string; label: string }) {
  const { data, size } = encode(text, { ecc: 'M', border: 2 });
  const path = data.map((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : '')).join('')).join('');
  return <svg class="qr" viewBox={`0 0 ${size} ${size}`} shape-rendering="crispEdges" role="img" aria-label={label}><path d={path} /></svg>;
}

// code: null when there is none. In Chinese, as paper is. seq: which event it is of.
export const PaperCodeQr = ({ code, number }: { code: string | null; number: string }) =>
  <Qr text={code ? paperLink(code) : number} label={code ?? number} />;
export const PaperCodeLine = ({ code }: { code: string | null }) => (code
  ? <p class="paper-code">核对码　<code>{code}</code>　审计记录第 {code.split('.')[1]} 条；扫码或在“核对”页输入，可验明未被改动</p>
  : <p class="paper-code">打印时没有取得：本页没有核对码，不能作为证明。</p>);
