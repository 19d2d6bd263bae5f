// Words of the auditor's pages.
import type { Words } from './words';

export const audit = {
  from: ['自', 'From'], to: ['至', 'To'], show: ['查看', 'Show'], chooseLedger: ['请选择库房与物资。', 'Choose a store and an item.'],
  ledgerTitle: ['{store} {item}台账', '{item} ledger of {store}'], unitIs: ['单位：{unit}', 'Unit: {unit}'],
  number: ['凭证号', 'Slip'], summary: ['摘要', 'Summary'], broughtForward: ['上月结转', 'Brought forward'], opening: ['期初结存', 'Opening balance'],
  monthTotal: ['本月合计', 'Total of the month'], runningTotal: ['累计', 'Total so far'], month: ['{month} 月', '{month}'],
  late: ['补', 'late'], lateHint: ['补录：{at} 入账', 'Late: posted {at}'], order: ['按业务日期排列；序号为入账顺序。', 'In order of business date; the sequence is the order of posting.'],
  allDates: ['全部日期', 'All dates'], seq: ['序号', 'Seq'], exportAs: ['导出', 'Export'], fewer: ['收起', 'Less'], kind: ['类型', 'Kind'], all: ['全部', 'All'], postedBy: ['制单人', 'Posted by'],
  postedAt: ['入账时间', 'Posted at'], reversedBy: ['被 {slip} 冲销', 'Reversed by {slip}'], reverses: ['冲销 {slip}', 'Reverses {slip}'], lines: ['明细', 'Lines'],
  systemLog: ['系统日志', 'System log'], type: ['事件', 'Event'], actor: ['操作人', 'Who'], source: ['来源', 'From where'], at: ['时间', 'When'],
  hash: ['叶哈希', 'Leaf hash'], checkHash: ['核对哈希', 'Check the hash'], hashFits: ['✓ 与记录相符', '✓ fits the record'], hashWrong: ['✕ 与记录不符！', '✕ does not fit the record!'],
  record: ['原始记录', 'The record'], openSlip: ['打开单据 {slip}', 'Open slip {slip}'], entries: ['{n} 笔', '{n} entries'], system: ['系统', 'System'],
  // Of a store's log.
  'type.slip_posted': ['记账', 'Slip posted'], 'type.slip_reversed': ['冲销', 'Slip reversed'], 'type.thresholds_set': ['设阈值', 'Thresholds set'],
  'type.readiness_set': ['平急转换', 'Readiness set'], 'type.alert_opened': ['预警开启', 'Alert opened'], 'type.alert_closed': ['预警关闭', 'Alert closed'],
  'type.alert_acknowledged': ['预警确认', 'Alert acknowledged'], 'type.alert_snoozed': ['预警暂缓', 'Alert snoozed'],
  'type.alert_rearmed': ['预警再次触发', 'Alert re-armed'], 'type.alert_escalated': ['预警升级', 'Alert escalated'],
  'type.alert_rules_applied': ['预警规则生效', 'Alert rules applied'],
  // Of the system's log.
  'system.sign_in': ['登录', 'Sign-in'], 'system.sign_in_refused': ['登录被拒', 'Sign-in refused'], 'system.sign_out': ['退出登录', 'Sign-out'],
  'system.password_changed': ['改密码', 'Password changed'], 'system.token_added': ['发令牌', 'Token added'], 'system.token_revoked': ['吊销令牌', 'Token revoked'],
  'system.user_added': ['新增用户', 'User added'], 'system.user_changed': ['修改用户', 'User changed'],
  'system.grant_added': ['授权', 'Role granted'], 'system.grant_removed': ['撤销授权', 'Role removed'],
  'system.place_added': ['新增地点', 'Place added'], 'system.place_changed': ['修改地点', 'Place changed'],
  'system.store_added': ['新增库房', 'Store added'], 'system.store_changed': ['修改库房', 'Store changed'],
  'system.item_added': ['新增物资', 'Item added'], 'system.item_changed': ['修改物资', 'Item changed'],
  'system.readiness_set': ['平急转换', 'Readiness set'], 'system.alert_rule_set': ['设预警规则', 'Alert rule set'],
  'system.alert_rule_removed': ['删预警规则', 'Alert rule removed'], 'system.channel_added': ['新增通知渠道', 'Channel added'],
  'system.channel_changed': ['修改通知渠道', 'Channel changed'], 'system.channel_removed': ['删除通知渠道', 'Channel removed'],
  'system.subscription_added': ['新增订阅', 'Subscription added'], 'system.subscription_removed': ['取消订阅', 'Subscription removed'],
  'system.delivery_retried': ['重发通知', 'Delivery retried'], 'system.log_key_added': ['新增签名密钥', 'Signing key added'],
} satisfies Words;
