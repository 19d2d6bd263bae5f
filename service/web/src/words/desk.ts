// Words of the coordinator's pages.
import type { Words } from './words';

export const desk = {
  all: ['全部', 'All'], status: ['状态', 'Status'], everywhere: ['全部地点', 'Everywhere'], everything: ['全部物资', 'All items'],
  storesLow: ['偏低库房', 'Stores low'], storesOut: ['缺货库房', 'Stores out'], storeCount: ['库房数', 'Stores'],
  attention: ['需要关注', 'Needs attention'], allWell: ['目前没有缺货、偏低、过期或临期的物资。', 'Nothing is out, low, expired or about to expire.'],
  byStore: ['各库房', 'By store'], tree: ['各级存量', 'Levels by place'], live: ['实时', 'Live'],
  daysOfCover: ['可用天数', 'Days of cover'], earliestExpiry: ['最早到期', 'Earliest expiry'], expired: ['已过期 {n}', '{n} expired'],
  expiring: ['30 天内到期 {n}', '{n} expire within 30 days'], dailyUse: ['日均领用', 'Daily use'], chart: ['走势', 'Chart'],
  saveAll: ['保存 {n} 项修改', 'Save changes ({n})'], saved: ['已保存 {n} 项。', '{n} saved.'], noChange: ['没有修改', 'No changes'],
  levelEmptyHint: ['最低与目标都留空表示不设阈值。', 'Leave both empty for no threshold.'],
  bothOrNone: ['最低与目标须同时填写，目标不低于最低。', 'Give both, the target not below the minimum.'],
  switchTo: ['转为{level}', 'Switch to {level}'], switchTitle: ['{place}：转为{level}', '{place}: switch to {level}'],
  switchEffect: ['将影响该地点及以下的 {n} 个库房，阈值随即改用“{level}”一档。', 'This affects {n} store(s) at or below this place: the thresholds of level “{level}” then count.'],
  switchReason: ['转换事由', 'Reason'], switched: ['{place} 已转为{level}，{n} 个库房随之转换。', '{place} is now at {level}; {n} store(s) followed.'],
  readiness: ['平/急', 'Readiness'], balanceOverTime: ['结存走势', 'Balance over time'], perDay: ['每日收发', 'In and out by day'],
  chartTable: ['查看数据', 'Show the figures'], day: ['日期', 'Day'], chartLabel: ['{item}：{from} 至 {to} 的结存由 {first} 变为 {last}，最低阈值 {minimum}', '{item}: balance from {first} to {last} between {from} and {to}, minimum {minimum}'],
  none: ['无', 'none'], openLedger: ['打开台账', 'Open the ledger'],
} satisfies Words;
