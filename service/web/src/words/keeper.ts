// Words of the storekeeper's pages.
import type { Words } from './words';

export const keeper = {
  // Levels
  updated: ['更新于 {age}', 'Updated {age}'], refresh: ['刷新', 'Refresh'], justNow: ['刚刚', 'just now'],
  asLastKnown: ['网络不通，显示上次的库存', 'No connection: stock as last known'],
  neverKnown: ['本机还没有这个库房的库存数据，请在有网络时打开一次。', 'This device does not know this store\'s stock yet. Open this page once with reception.'],
  noStore: ['您还没有可管理的库房，请联系管理员。', 'You keep no store yet. Ask an administrator.'],
  earliest: ['最早到期 {date}', 'Expires {date}'], expiring: ['30 天内到期 {count}', '{count} expire in 30 days'], expired: ['已过期 {count}', '{count} expired'],
  waitingOut: ['含待上传 {count}', 'incl. waiting {count}'],
  summaryOut: ['缺货 {count} 种', '{count} out of stock'], summaryLow: ['偏低 {count} 种', '{count} low'], summaryOk: ['全部正常', 'All levels OK'],
  intoOf: ['{item} 入库', 'Stock in: {item}'],

  // Writing a slip
  chooseItem: ['选择物资', 'Choose items'], addItem: ['添加物资', 'Add an item'], scan: ['扫码', 'Scan'],
  removeLine: ['移除 {item}', 'Remove {item}'],
  less: ['减少 {item}', 'Less {item}'], moreOf: ['增加 {item}', 'More {item}'],
  quantityOf: ['{item} 数量', 'Quantity of {item}'], packOf: ['{item} 包装', 'Pack of {item}'], lotOf: ['{item} 批次', 'Lot of {item}'], expiresOf: ['{item} 有效期至', 'Expiry of {item}'],
  equals: ['= {count} {unit}', '= {count} {unit}'], left: ['结存 {count} {unit}', '{count} on hand'],
  fefo: ['先到期先出', 'First expired first'], willTake: ['将出：{lots}', 'Takes: {lots}'],
  semicolon: ['；', '; '], lotPart: ['{lot} × {count}', '{lot} × {count}'], noLot: ['无批号', 'no lot'], until: ['{date} 到期', 'exp. {date}'],
  short: ['可发 {available} {unit}，少 {missing} {unit}', '{available} can be issued, {missing} short'],
  shortExpired: ['另有 {count} {unit}已过期，只能报废', '{count} more have expired and can only be scrapped'],
  use: ['改为 {count} {unit}', 'Make it {count}'], anotherLot: ['再加一批', 'Another lot'],
  optional: ['选填', 'optional'], badQuantity: ['请填写正整数', 'Enter a whole number above 0'], tooMuch: ['数量过大', 'Too large'],
  noLines: ['请先选择物资', 'Choose an item first'],
  from: ['来源', 'From'], to: ['领用单位', 'Recipient'], choose: ['请选择', 'Choose'], recently: ['最近', 'Recent'],
  grids: ['网格', 'Grids'], groups: ['工作组', 'Groups'], above: ['上级与社区', 'Streets and communities'],
  searchOrType: ['搜索或输入名称', 'Search, or type a name'], useName: ['使用“{name}”', 'Use “{name}”'], clear: ['清除', 'Clear'],
  moreFields: ['单据依据、备注', 'Document, note'],
  submitIn: ['提交入库', 'Record stock in'], submitOut: ['提交出库', 'Record stock out'],
  submitAnyway: ['库存不足，仍要提交', 'Not enough: submit anyway'], count: ['共 {count} 项', '{count} item(s)'],
  resubmit: ['改正后提交', 'Submit the correction'], correcting: ['正在修改被拒的单据', 'Correcting a refused slip'], correctingWaiting: ['正在修改待上传的单据', 'Changing a slip that waits'],
  notFoundOnDevice: ['本机没有这张单据，或它已经上传。', 'This slip is not on this device, or has been sent.'],
  submitted: ['刚才的单据', 'The slip just written'],

  // Scanning
  scanTitle: ['扫码或输入', 'Scan or type'], codeLabel: ['物资代码、批号或条码', 'Item code, lot or barcode'], ok2: ['确定', 'OK'],
  aim: ['将条码或二维码对准取景框', 'Point the camera at the barcode or QR code'],
  noCamera: ['无法使用摄像头：{why}。请输入或拍照识别。', 'The camera cannot be used: {why}. Type the code, or take a photo.'],
  notAllowed: ['没有权限', 'permission denied'], insecure: ['需要 HTTPS', 'HTTPS is needed'], absent: ['没有找到', 'none found'],
  photo: ['拍照识别', 'From a photo'], nothingRead: ['没有识别到条码', 'No code was found'], unknownCode: ['不认识“{code}”', '“{code}” is not known here'],
  whichItem: ['这个条码是哪种物资？选择后本机会记住。', 'Which item is this barcode? This device will remember.'],

  // The outbox
  waiting: ['待上传', 'Waiting'], sendingNow: ['上传中', 'Sending'], posted: ['已入账', 'Posted'], refused: ['被拒', 'Refused'],
  sendNow: ['立即上传', 'Send now'], willSend: ['有网络时会自动上传，请勿清除浏览器数据。', 'Sent by itself as soon as there is reception. Do not clear the browser\'s data.'],
  othersWaiting: ['本机还有其他用户的 {count} 张单据待上传，需由 {users} 登录后上传。', 'Slips of other users wait on this device ({count}): {users} must sign in to send them.'],
  lastTry: ['上次未能上传：{why}', 'Last attempt: {why}'], writtenAt: ['{time} 填写', 'written {time}'],
  correctIt: ['修改', 'Correct'], dropIt: ['放弃', 'Drop'], dropTitle: ['放弃这张单据？', 'Drop this slip?'],
  dropText: ['它还没有入账，放弃后本机不再保留。', 'It has not been posted; this device will no longer keep it.'],
  keepIt: ['保留', 'Keep'], takeAvailable: ['改为 {count} {unit}并提交', 'Make it {count} and submit'], withoutLine: ['去掉{item}并提交', 'Submit without {item}'],
  shortNow: ['{item} 可发 {available} {unit}，少于所需。', '{item}: only {available} can be issued.'],
  againAsIs: ['再次提交', 'Submit again'], reversalOf: ['冲销 {number}', 'Reversal of {number}'], nothingWaits: ['没有待上传的单据', 'Nothing waits to be sent'],

  // Slips
  reverse: ['冲销', 'Reverse'], reverseTitle: ['冲销 {number}', 'Reverse {number}'], reverseWhy: ['冲销原因', 'Reason'],
  reverseText: ['将生成一张相反的单据，原单据保留。每张单据只能冲销一次。', 'An opposite slip is posted; this one stays. A slip is reversed only once.'],
  wrongQuantity: ['数量填错', 'Wrong quantity'], wrongItem: ['物资填错', 'Wrong item'], wrongParty: ['单位填错', 'Wrong party'], twice: ['重复录入', 'Recorded twice'],
  reversed: ['已冲销', 'Reversed'],
  slipIn: ['入库单', 'Stock-in slip'], slipOut: ['出库单', 'Stock-out slip'],
  number: ['编号', 'Number'], postedBy: ['记账', 'Posted by'], postedAt: ['入账时间', 'Posted at'], balanceAfter: ['结存', 'Balance'], noneToday: ['今天还没有单据', 'No slips yet today'],
  noCode: ['没有取得核对码（网络不通）：此纸不带证明。', 'No paper code (no connection): what is printed now carries no proof.'],
  lines: ['明细', 'Lines'], sequence: ['审计记录第 {seq} 条', 'Audit record {seq}'],
} satisfies Words;
