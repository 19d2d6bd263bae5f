// Words of channels: the ways on which people are told of alerts.
import type { Words } from './words';

export const channels = {
  intro: ['预警可以发到群机器人、邮箱或其他系统。先新增通道，试发一次，再选择要接收什么。', 'Alerts can be sent to group robots, mail boxes and other systems. Add a channel, send a test, then choose what it is told of.'],
  mine: ['我的消息通道', 'My channels'], mineHint: ['预警可以直接发给您本人：只会收到您有权查看的。', 'Alerts can be sent to you in person: only those that you may see.'],
  addChannel: ['新增通道', 'Add a channel'], editChannel: ['修改通道', 'Change the channel'], kind: ['类型', 'Kind'], name: ['名称', 'Name'],
  'kind.wecom': ['企业微信群机器人', 'WeCom group robot'], 'kind.dingtalk': ['钉钉群机器人', 'DingTalk group robot'],
  'kind.feishu': ['飞书群机器人', 'Feishu group robot'], 'kind.email': ['电子邮件', 'E-mail'], 'kind.webhook': ['其他系统（Webhook）', 'Another system (webhook)'],
  'where.wecom': ['在企业微信群里点右上角“…”→ 消息推送（群机器人）→ 新建，复制它的 Webhook 地址。', 'In the WeCom group: “…” at the top right → message push (group robot) → new. Copy its webhook address.'],
  'where.dingtalk': ['在钉钉群里打开群设置 → 机器人 → 添加机器人 → 自定义，安全设置选“加签”，复制 Webhook 地址和以 SEC 开头的密钥。', 'In the DingTalk group: settings → robots → add → custom. Choose signing (加签) as its security. Copy the webhook address and the secret that begins with SEC.'],
  'where.feishu': ['在飞书群里打开设置 → 群机器人 → 添加机器人 → 自定义机器人，复制 Webhook 地址；开启了“签名校验”的，再复制密钥。', 'In the Feishu group: settings → bots → add → custom bot. Copy the webhook address and, if signature verification is on, the secret.'],
  'where.email': ['填写收件人的邮箱地址。', 'Give the mail address of whoever is to be told.'],
  'where.webhook': ['填写对方系统接收消息的网址，并把下面的密钥交给对方：对方凭它核对消息来自本系统。', 'Give the address at which the other system takes messages, and hand it the secret below: by it the other system knows that messages are ours.'],
  address: ['Webhook 地址', 'Webhook address'], mail: ['邮箱', 'Mail address'], secret: ['密钥', 'Secret'], optional: ['选填', 'optional'],
  newAddress: ['留空则不变', 'Empty: unchanged'], language: ['消息语言', 'Language of messages'], chinese: ['中文', 'Chinese'], english: ['英文', 'English'],
  keptAt: ['所属', 'Belongs to'], yours: ['本人', 'Yourself'], has: ['有', 'Yes'], hasNot: ['无', 'None'],
  state: ['状态', 'State'], working: ['正常', 'Working'], paused: ['已暂停', 'Paused'], trouble: ['{n} 条没有送达', '{n} not delivered'], queued: ['{n} 条待发', '{n} waiting'],
  lastDelivered: ['最近送达', 'Last delivered'], never: ['还没有', 'Never'], lastError: ['最近的问题', 'Latest trouble'],
  test: ['试发', 'Send a test'], tested: ['已送达，用时 {ms} 毫秒。请到对方那里看一眼：', 'Delivered in {ms} ms. Have a look at the other end:'], testFailed: ['没有送达：{why}', 'Not delivered: {why}'],
  pause: ['暂停', 'Pause'], resume: ['恢复', 'Resume'], removeTitle: ['移除“{name}”？', 'Remove “{name}”?'],
  removeText: ['它的订阅和地址将一并删除，待发的消息不再发送。', 'Its subscriptions and its address go with it; what waits is not sent any more.'],
  unknown: ['没有这个通道，或它不归您管理。', 'There is no such channel, or it is not yours to keep.'],

  subscriptions: ['接收什么', 'What it is told of'], subscribe: ['添加订阅', 'Add a subscription'],
  noSubscription: ['还没有订阅：这个通道不会收到任何消息。', 'None yet: this channel is told of nothing.'],
  about: ['内容', 'About'], anyCause: ['所有预警', 'All alerts'], checkpoint: ['签名检查点（存证用）', 'Signed checkpoints (as evidence)'], when: ['何时', 'When'],
  'on.opened': ['一有就发', 'At once'], 'on.escalated': ['上报到此地点时才发', 'When escalated to this place'],
  endSubscription: ['移除订阅 {what}', 'Remove {what}'],

  deliveries: ['发送记录', 'What was sent'], notDelivered: ['没有送达的消息', 'Not delivered'], all: ['全部', 'All'], at: ['时间', 'When'],
  'status.waiting': ['待发', 'Waiting'], 'status.delivered': ['已送达', 'Delivered'], 'status.dead': ['已放弃', 'Given up'],
  'about.alert': ['{n} 条预警', '{n} alert(s)'], 'about.checkpoint': ['{n} 个检查点', '{n} checkpoint(s)'],
  attempts: ['第 {n} 次', 'attempt {n}'], nextAt: ['{at} 再发', 'next at {at}'], resend: ['重发', 'Send again'], resendIt: ['重发 {at} 的消息', 'Send again: the message of {at}'],
} satisfies Words;
