// pages.ts - every page: its address, who it is for, and the file that draws it (loaded when needed).
// A part of the address in {…} reaches the page as its args, in order.
import type { ComponentType } from 'preact';
import type { PageProps } from './page-props';
import type { Words } from './words/words';
import type { Role } from './session';

type Load = () => Promise<{ default: ComponentType<PageProps> }>;

export interface Page {
  path: string;
  roles: Role[] | 'all';
  title: keyof typeof titles;
  stays?: true; // what stands in its address may change under it: it is not drawn anew
  menu?: string; // its sign in the menu; without one it is reached from other pages
  load: Load;
}

export const titles = {
  stock: ['库存', 'Stock'], slipIn: ['入库', 'Stock in'], slipOut: ['出库', 'Stock out'], outbox: ['待上传', 'Outbox'],
  today: ['今日单据', 'Today'], slip: ['单据', 'Slip'],
  levels: ['各库存量', 'Levels'], alerts: ['预警', 'Alerts'], alertRules: ['预警规则', 'Alert rules'], thresholds: ['阈值', 'Thresholds'], readiness: ['平急转换', 'Readiness'],
  channels: ['消息通道', 'Channels'], channel: ['消息通道', 'Channel'],
  check: ['核对', 'Check'],
  ledger: ['台账', 'Ledger'], history: ['单据查询', 'Slips'], compliance: ['合规摘要', 'Compliance'], events: ['审计记录', 'Audit trail'],
  users: ['用户', 'Users'], places: ['地点与库房', 'Places & stores'], items: ['物资', 'Items'], account: ['我的', 'Account'],
} satisfies Words;

const keeper: Role[] = ['storekeeper'];
const coordinator: Role[] = ['coordinator'];
const auditor: Role[] = ['auditor'];
const admin: Role[] = ['admin'];
const readers: Role[] = ['storekeeper', 'coordinator', 'auditor'];

export const pages: Page[] = [
  { path: '/stock', roles: keeper, title: 'stock', menu: '▦', load: () => import('./pages/stock') },
  { path: '/in', roles: keeper, title: 'slipIn', menu: '↓', load: () => import('./pages/slip-in') },
  { path: '/out', roles: keeper, title: 'slipOut', menu: '↑', load: () => import('./pages/slip-out') },
  { path: '/today', roles: keeper, title: 'today', menu: '☰', load: () => import('./pages/today') },
  { path: '/outbox', roles: keeper, title: 'outbox', load: () => import('./pages/outbox') },
  { path: '/slips/{store}/{number}', roles: readers, title: 'slip', load: () => import('./pages/slip') },
  { path: '/levels', roles: coordinator, title: 'levels', menu: '▤', load: () => import('./pages/levels') },
  { path: '/alerts', roles: coordinator, title: 'alerts', menu: '⚠', load: () => import('./pages/alerts') },
  { path: '/alert-rules', roles: coordinator, title: 'alertRules', load: () => import('./pages/alert-rules') },
  { path: '/thresholds', roles: coordinator, title: 'thresholds', menu: '⇅', load: () => import('./pages/thresholds') },
  { path: '/readiness', roles: coordinator, title: 'readiness', menu: '◐', load: () => import('./pages/readiness') },
  { path: '/channels', roles: ['coordinator', 'admin'], title: 'channels', menu: '➤', load: () => import('./pages/channels') },
  { path: '/channels/{id}', roles: 'all', title: 'channel', load: () => import('./pages/channel') },
  { path: '/ledgers', roles: readers, title: 'ledger', stays: true, menu: '≣', load: () => import('./pages/ledger') },
  { path: '/ledgers/{store}/{item}', roles: readers, title: 'ledger', stays: true, load: () => import('./pages/ledger') },
  { path: '/check', roles: readers, title: 'check', stays: true, menu: '☑', load: () => import('./pages/check') },
  { path: '/check/{code}', roles: readers, title: 'check', stays: true, load: () => import('./pages/check') },
  { path: '/history', roles: auditor, title: 'history', menu: '⌕', load: () => import('./pages/history') },
  { path: '/compliance', roles: auditor, title: 'compliance', stays: true, menu: '☑', load: () => import('./pages/compliance') },
  { path: '/events/{store}', roles: auditor, title: 'events', stays: true, load: () => import('./pages/events') },
  { path: '/events', roles: auditor, title: 'events', stays: true, menu: '✓', load: () => import('./pages/events') },
  { path: '/users', roles: admin, title: 'users', menu: '☺', load: () => import('./pages/users') },
  { path: '/places', roles: admin, title: 'places', menu: '⌂', load: () => import('./pages/places') },
  { path: '/items', roles: admin, title: 'items', menu: '▣', load: () => import('./pages/items') },
  { path: '/account', roles: 'all', title: 'account', menu: '☻', load: () => import('./pages/account') },
];

// The page of an address, with its args; null: there is none.
export function findPage(parts: string[]): { page: Page; args: string[] } | null {
  for (const page of pages) {
    const pattern = page.path.split('/').slice(1);
    if (pattern.length !== parts.length) continue;
    if (pattern.every((p, i) => p.startsWith('{') || p === parts[i]))
      return { page, args: parts.filter((_, i) => pattern[i].startsWith('{')) };
  }
  return null;
}
