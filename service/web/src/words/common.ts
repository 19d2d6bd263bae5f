// Words that every area uses.
import type { Words } from './words';

export const common = {
  app: ['台账', 'Ledgers'],
  signIn: ['登录', 'Sign in'], signOut: ['退出', 'Sign out'],
  username: ['用户名', 'User name'], password: ['密码', 'Password'],
  save: ['保存', 'Save'], cancel: ['取消', 'Cancel'], close: ['关闭', 'Close'], back: ['返回', 'Back'], more: ['更多', 'More'],
  edit: ['修改', 'Edit'], add: ['新增', 'Add'], remove: ['移除', 'Remove'], search: ['搜索', 'Search'], print: ['打印', 'Print'],
  loading: ['加载中…', 'Loading…'], nothing: ['暂无内容', 'Nothing here'], retry: ['重试', 'Try again'], offline: ['离线', 'Offline'],
  noReception: ['网络不通，请稍候重试。', 'No connection. Try again in a moment.'],
  store: ['库房', 'Store'], item: ['物资', 'Item'], place: ['地点', 'Place'], quantity: ['数量', 'Quantity'], unit: ['单位', 'Unit'],
  lot: ['批次', 'Lot'], expires: ['有效期至', 'Expires'], date: ['日期', 'Date'], note: ['备注', 'Note'], reason: ['事由', 'Reason'],
  in: ['入库', 'In'], out: ['出库', 'Out'], balance: ['结存', 'Balance'], onHand: ['库存', 'On hand'],
  counterparty: ['往来单位', 'Counterparty'], receiver: ['领用人', 'Receiver'], handler: ['经手人', 'Handler'], document: ['单据依据', 'Document'],
  minimum: ['最低', 'Minimum'], target: ['目标', 'Target'], normal: ['平时', 'Normal'], emergency: ['应急', 'Emergency'],
  ok: ['正常', 'OK'], low: ['偏低', 'Low'], outOfStock: ['缺货', 'Out'],
  'reason.purchase': ['采购', 'Purchase'], 'reason.donation': ['捐赠', 'Donation'], 'reason.allocation': ['调拨', 'Allocation'],
  'reason.return': ['退回', 'Return'], 'reason.opening': ['期初', 'Opening'], 'reason.count_gain': ['盘盈', 'Count gain'],
  'reason.transfer': ['移库', 'Transfer'], 'reason.issue': ['领用', 'Issue'], 'reason.scrap': ['报废', 'Scrap'],
  'reason.count_loss': ['盘亏', 'Count loss'], 'reason.reversal': ['冲销', 'Reversal'],
  'role.storekeeper': ['库管员', 'Storekeeper'], 'role.coordinator': ['协调员', 'Coordinator'],
  'role.auditor': ['审计员', 'Auditor'], 'role.admin': ['管理员', 'Administrator'],
} satisfies Words;
