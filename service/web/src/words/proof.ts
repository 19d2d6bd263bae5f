// Words of paper codes, of checking them, and of evidence.
import type { Words } from './words';

export const proof = {
  codeIs: ['核对码', 'Paper code'],
  intro: ['扫描纸质单据上的二维码，或输入旁边的核对码。本机会自行验算：这张单据当时确实在账内，之后没有被改动。', 'Scan the QR code on a printed slip, or type the code beside it. This device works out by itself that the slip was in the log then, and has not been changed since.'],
  check: ['核对', 'Check'], codeHint: ['如 XT-CK-20261128-0001.12.345.9f86d081884c7d65', 'such as XT-CK-20261128-0001.12.345.9f86d081884c7d65'],
  scan: ['扫码', 'Scan'],
  good: ['✓ 核对无误', '✓ It checks out'],
  goodText: ['纸面上的证明与系统中的记录一致：这是该库房审计记录的第 {seq} 条，打印时共有 {size} 条，此后没有改动。请再逐项比对纸面与下面的内容。',
    'The proof on paper fits the record: it is event {seq} of this store\'s log, which had {size} when the paper was printed, and nothing was changed since. Now compare the paper with what follows, line by line.'],
  bad: ['✕ 核对不符', '✕ It does not check out'],
  'bad.code': ['这不是核对码。它由四段组成：单据编号.序号.条数.16 位校验值。', 'This is no paper code. One has four parts: slip number.event.size.16 digits.'],
  'bad.gone': ['系统中没有这条记录，或记录比打印时还少。如果没有抄错，说明记录曾被删去，或这张纸不是本系统打印的。请联系审计员。', 'There is no such record, or the log is shorter than when the paper was printed. Unless it was mistyped, something was deleted, or the paper is not of this system. Tell an auditor.'],
  'bad.slip': ['这条记录属于另一张单据：{number}。纸面上的编号与证明不是一回事。', 'That record is of another slip, {number}: number and proof on the paper do not belong together.'],
  'bad.root': ['按现在的记录验算，结果与纸面不同。如果没有抄错，说明打印之后记录被改动过，或这张纸是伪造的。请联系审计员。', 'Worked out from the record as it is now, the result is another than on paper. Unless it was mistyped, the log was changed after printing, or the paper is forged. Tell an auditor.'],
  'bad.insecure': ['本页不是以 https 打开的，浏览器不能验算。请改用 https 地址。', 'This page was not opened by https, so the browser cannot work it out. Use the https address.'],
  computed: ['本机算得 {root}', 'Worked out here: {root}'],
  reversedSince: ['此单据后来已被冲销：', 'This slip was reversed later: '],
  forPaper: ['核对纸质单据', 'Check a printed slip'],

  evidence: ['证据', 'Evidence'], evidenceFrom: ['自', 'From'], evidenceTo: ['至', 'To'],
  download: ['下载证据文件', 'Download the evidence'],
  evidenceHint: ['一个 zip：所选日期的全部记录，以及它们确在审计记录之中的证明。不填日期即为全部。', 'A zip: all records of those dates, and the proof that they are in the log. Without dates: all of it.'],
  newest: ['最新签名检查点', 'Newest signed checkpoint'], none: ['还没有签发过。', 'None was signed yet.'], sign: ['立即签发', 'Sign one now'],
  signed: ['签发时间', 'Signed'], size: ['记录条数', 'Events'], root: ['校验值', 'Root'], key: ['公钥', 'Public key'], keep: ['保存检查点', 'Save the checkpoint'],
  keepHint: ['请把检查点和公钥存到本系统之外（如邮件、U 盘、纸面）。以后无论谁改动了已有记录，都会与它对不上。', 'Keep the checkpoint and the key outside this system (mail, a stick, paper). Whoever changes a record later can no longer make it fit.'],
  verifyHint: ['以后在任何装有 taizhang 的电脑上核对，不需要网络：', 'To check it later, on any computer with taizhang, without a network:'],
} satisfies Words;
