// Words of administration and of one's own account.
import type { Words } from './words';

export const admin = {
  addUser: ['新增用户', 'Add a user'], displayName: ['姓名', 'Name'], initialPassword: ['初始密码', 'First password'],
  newPassword: ['新密码', 'New password'], newPasswordHint: ['留空则不变', 'Empty: unchanged'],
  roles: ['角色与范围', 'Roles and places'], role: ['角色', 'Role'], grant: ['授权', 'Grant'], grantTo: ['为 {name} 授权', 'A role for {name}'],
  revoke: ['撤销 {role}@{place}', 'Revoke {role} at {place}'], disabled: ['已停用', 'Disabled'],
  disable: ['停用', 'Disable'], enable: ['启用', 'Enable'], editUser: ['修改 {name}', 'Edit {name}'],
  passwordRule: ['至少 10 个字符，且不能与用户名相同', 'At least 10 characters, and not the user name'],
  code: ['代码', 'Code'], nameZh: ['中文名', 'Chinese name'], nameEn: ['英文名', 'English name'],
  kind: ['类型', 'Kind'], parent: ['上级', 'Lies in'], root: ['（最上级）', '(top)'],
  addPlace: ['新增地点', 'Add a place'], addStore: ['新增库房', 'Add a store'], stores: ['库房', 'Stores'], places: ['地点', 'Places'],
  'kind.district': ['区', 'District'], 'kind.street': ['街乡', 'Street'], 'kind.community': ['社区', 'Community'],
  'kind.grid': ['网格', 'Grid'], 'kind.group': ['工作组', 'Working group'],
  addItem: ['新增物资', 'Add an item'], category: ['类别', 'Category'], unitZh: ['单位', 'Unit'], unitEn: ['单位（英）', 'Unit (English)'],
  packs: ['包装', 'Packs'], packsHint: ['如 盒=50 箱=2000', 'such as 盒=50 箱=2000'],
  'category.protection': ['防护', 'Protection'], 'category.testing': ['检测', 'Testing'],
  'category.disinfection': ['消毒', 'Disinfection'], 'category.isolation': ['隔离', 'Isolation'],
  badPacks: ['包装请写成 名称=数量，以空格分隔。', 'Write packs as name=quantity, with spaces between.'],
  packStays: ['包装“{name}”只能改数量，不能删除。', 'Pack “{name}” can be set anew, but not be removed.'],
  changePassword: ['修改密码', 'Change password'], currentPassword: ['原密码', 'Current password'],
  passwordChanged: ['密码已修改，其他设备上的登录已退出。', 'The password is changed; other devices are signed out.'],
  tokens: ['接口令牌', 'API tokens'], addToken: ['新建令牌', 'New token'], tokenName: ['用途', 'For what'], tokenUntil: ['有效至', 'Until'],
  tokenOnce: ['令牌只显示这一次，请立即保存：', 'This is shown only once. Keep it now:'], never: ['长期', 'No end'],
  revokeIt: ['吊销', 'Revoke'], revokeToken: ['吊销 {name}', 'Revoke {name}'], language: ['语言', 'Language'],
} satisfies Words;
