// slip-paper.tsx - a slip as it is printed: A5 on its side, one page for each who keeps a copy. In
// Chinese whatever the language of the page, as the paper forms are.
import type { Slip } from '../outbox/database';
import { common } from '../words/common';
import { PaperCodeLine, PaperCodeQr } from './paper-code';
import { capitals } from './slip-numerals';
import './slip.css';

const COPIES = ['存根', '记账', '保管'];
const SIGNATURES = ['经手人', '领用人', '审批人', '记账'];

export interface PaperNames { store: string; item: (code: string) => { name_zh: string; unit_zh: string } }
interface Paper { slip: Slip; names: PaperNames; code: string | null } // code: null when none is to be had

// One unit for all lines is worth naming.
function Total({ slip, names }: { slip: Slip; names: PaperNames }) {
  const total = slip.lines.reduce((n, l) => n + l.quantity, 0);
  const units = new Set(slip.lines.map((l) => names.item(l.item).unit_zh));
  const unit = units.size === 1 ? [...units][0] : '';
  return <><th colSpan={4}>合计（大写）　{capitals(total)}{unit}</th><td class="number">{total}</td><td colSpan={2}>{unit}</td></>;
}

function Copy({ slip, names, code, copy }: Paper & { copy: string }) {
  const signed: Record<string, string> = { 经手人: slip.handler, 领用人: slip.receiver, 记账: slip.posted_by };
  return (
    <section class="slip-paper" lang="zh-CN" aria-label={copy}>
      <header>
        <PaperCodeQr code={code} number={slip.number} />
        <div>
          <h1>防疫物资{slip.kind === 'in' ? '入库单' : '出库单'}</h1>
          <p>{names.store}</p>
        </div>
        <p class="copy">{copy}联<br /><b>{slip.number}</b></p>
      </header>
      <dl>
        <div><dt>日期</dt><dd>{slip.business_date}</dd></div>
        <div><dt>事由</dt><dd>{common[`reason.${slip.reason}`][0]}</dd></div>
        <div><dt>{slip.kind === 'in' ? '来源' : '领用单位'}</dt><dd><bdi>{slip.counterparty}</bdi></dd></div>
        <div><dt>单据依据</dt><dd><bdi>{slip.document}</bdi></dd></div>
      </dl>
      <table>
        <thead><tr><th>序</th><th>物资</th><th>批次</th><th>有效期至</th><th class="number">数量</th><th>单位</th><th class="number">结存</th></tr></thead>
        <tbody>
          {slip.lines.map((l, i) => (
            <tr key={`${l.item}${l.ledger_seq}`}>
              <td>{i + 1}</td><td>{names.item(l.item).name_zh}</td><td><bdi>{l.lot}</bdi></td><td>{l.expires}</td>
              <td class="number">{l.quantity}</td><td>{names.item(l.item).unit_zh}</td><td class="number">{l.balance_after}</td>
            </tr>
          ))}
        </tbody>
        <tbody><tr>{<Total slip={slip} names={names} />}</tr></tbody>
      </table>
      <footer>
        {(slip.note || slip.reverses) && <p>备注　{slip.reverses && `冲销 ${slip.reverses}　`}<bdi>{slip.note}</bdi></p>}
        <ul>{SIGNATURES.map((s) => <li key={s}><span>{s}</span><bdi>{signed[s]}</bdi></li>)}</ul>
        <PaperCodeLine code={code} />
      </footer>
    </section>
  );
}

export const SlipPaper = (props: Paper) =>
  <div class="papers">{COPIES.map((copy) => <Copy key={copy} copy={copy} {...props} />)}</div>;
