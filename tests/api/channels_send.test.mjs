// Channels, each against a receiver that checks what arrives: what people read, signatures, failures,
// and what may not be reached. Through `taizhang channel try`, which sends as the service does.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createHash } from 'node:crypto';
import { write } from '../lib/files.mjs';
import { until } from '../lib/process.mjs';
import { startReceivers } from '../lib/receivers.mjs';
import { cli } from '../lib/service.mjs';

const ROBOTS = ['wecom', 'dingtalk', 'feishu'];
const LINK = 'https://taizhang.example/alerts?store=XT&x=1';

const alert = (step, more = {}) => ({
  id: 7, store: 'XT', store_name_zh: '西塔 <b>库', store_name_en: 'Xita & store', item: 'n95', item_name_zh: 'N95口罩',
  item_name_en: 'N95 respirator', unit: '只', unit_en: 'pcs', cause: 'low_stock', step, escalation: 0, escalated_to: null,
  value: 12, bound: 345, window_days: null, on_hand: 12, minimum: 345, target: 678, suggested_quantity: 666,
  opened_at: '2026-11-28T09:30:00+08:00', ...more,
});
const message = {
  id: '0b2f6f4e-6f0c-4b8e-9a53-0f6f7c3f1e11', at_ms: 1795824000000, kind: 'alert',
  content: {
    alerts: [alert('escalated', { escalated_to: 'malan', escalated_to_zh: '马兰街道', escalated_to_en: 'Malan' }), alert('closed')],
    more: 3, counts: { opened: 3, escalated: 1, closed: 1 }, stores: 1, link: LINK,
  },
};
const NOTE = `taizhang.invalid/XT\n5000\n${createHash('sha256').digest('base64')}\n\n— taizhang.invalid/XT c2lnbmF0dXJl\n`;
const checkpoint = {
  id: 'c-1', at_ms: 1795824000000, kind: 'checkpoint',
  content: { store: 'XT', origin: 'taizhang.invalid/XT', size: 5000, root: 'x', note: NOTE },
};

let receivers;

before(async () => { receivers = await startReceivers(); });
after(() => receivers.stop());

const secretFlags = (secret) => (secret ? ['--secret-file', write('secret', `${secret}\n`)] : []);

async function attempt(kind, address, { language = 'zh', message: sent, secret = receivers.secret(address), settings = {} } = {}) {
  const at = Date.now();
  const result = await cli(['channel', 'try', '--kind', kind, '--address-file', write('address', address), '--language', language,
    ...secretFlags(secret), ...(sent ? ['--message', write('message.json', JSON.stringify(sent))] : [])],
  { settings: { ...receivers.settings, ...settings } });
  const text = result.stdout + result.stderr;
  assert.doesNotMatch(text, /a-secret-of/, 'a robot’s URL is a secret');
  if (secret) assert.ok(!text.includes(secret));
  return { ...result, seconds: (Date.now() - at) / 1000 };
}

async function delivered(kind, address, options) {
  const count = receivers.at(address).length;
  const result = await attempt(kind, address, options);
  assert.equal(result.code, 0, result.stderr);
  assert.match(result.stdout, /delivered in \d+ ms/);
  await until('the message at its receiver', () => receivers.at(address).length > count);
  return receivers.at(address).at(-1);
}

async function fails(kind, address, pattern, options) {
  const count = receivers.at(address).length;
  const result = await attempt(kind, address, options);
  assert.equal(result.code, 1, result.stdout);
  assert.match(result.stderr, pattern);
  assert.equal(receivers.at(address).length, count);
  return result;
}

describe('what people read', () => {
  const facts = { zh: ['N95口罩', '12', '345', '678', '666', '只', '另有 3 条'], en: ['N95 respirator', '12', '345', '678', '666', 'pcs', '3 more'] };
  const words = {
    zh: ['【升级至马兰街道】西塔 <b>库 XT', '【解除】西塔 <b>库 XT', '库存偏低，结存 12 只，最低 345，目标 678，建议补充 666'],
    en: ['[escalated to Malan] Xita & store XT', '[closed] Xita & store XT', 'low stock, on hand 12 pcs, minimum 345, target 678, suggested 666'],
  };

  for (const kind of [...ROBOTS, 'email'])
    test(`${kind}: store, item, levels, suggestion and link, in both languages`, async () => {
      const address = receivers.address(kind);
      for (const language of ['zh', 'en']) {
        const taken = await delivered(kind, address, { language, message });
        for (const part of [...facts[language], ...words[language]]) assert.ok(taken.text.includes(part), `${part} in ${taken.text}`);
        assert.equal(taken.text.trimEnd().split('\n').at(-1), LINK);
        if (kind === 'email') assertMail(taken, address, language);
      }
    });

  const subjects = {
    zh: '【台账预警】西塔 <b>库 XT：升级 1，新增 3，解除 1', en: '[taizhang] Xita & store XT: 1 escalated, 3 new, 1 closed',
  };
  const html = {
    zh: /<html lang="zh-CN">.*<td>西塔 &lt;b&gt;库 XT<\/td><td>N95口罩<\/td><td>库存偏低<\/td><td align="right">12<\/td>/s,
    en: /<html lang="en">.*<td>Xita &amp; store XT<\/td>.*href="https:\/\/taizhang\.example\/alerts\?store=XT&amp;x=1"/s,
  };

  // Two parts that say the same, in seven bits and short lines, signed in, over TLS, and always the same id.
  function assertMail(mail, address, language) {
    assert.deepEqual(mail.defects, []);
    assert.deepEqual([mail.type, ...mail.parts], ['multipart/alternative', 'text/plain', 'text/html']);
    assert.deepEqual([mail.tls, mail.user, mail.from, ...mail.to], [true, 'taizhang', 'taizhang@stores.example', address]);
    assert.equal(mail.headers['message-id'], `<${message.id}@stores.example>`);
    assert.equal(Date.parse(mail.headers.date), message.at_ms);
    assert.equal(mail.headers.from, '台账 <taizhang@stores.example>');
    assert.equal(mail.headers.subject, subjects[language]);
    assert.equal(mail.headers['auto-submitted'], 'auto-generated');
    assert.match(mail.html, html[language]);
    const raw = Buffer.from(mail.raw, 'base64').toString('latin1');
    assert.doesNotMatch(raw, /[^\r\n\x20-\x7e]/);
    for (const line of raw.split('\r\n')) assert.ok(line.length <= 78 || /boundary=/.test(line), line);
  }

  test('a checkpoint’s note arrives whole', async () => {
    for (const kind of ['email', 'wecom']) {
      const { text } = await delivered(kind, receivers.address(kind), { message: checkpoint });
      assert.ok(`${text.trimEnd()}\n`.endsWith(NOTE), text);
    }
  });

  test('a webhook gets the content as it is, under an identity that stays', async () => {
    const address = receivers.address('webhook');
    const first = await delivered('webhook', address, { message });
    const again = await delivered('webhook', address, { message });
    assert.equal(first.id, message.id);
    assert.equal(again.id, message.id);
    assert.deepEqual(first.body, { type: 'alert', timestamp: '2026-11-28T00:00:00Z', data: message.content });
    assert.deepEqual(again.body, first.body);
    assert.equal(first.headers['content-type'], 'application/json; charset=utf-8');
    assert.match(first.headers['user-agent'], /^taizhang\//);
  });

  test('many alerts fit into what a robot takes', async () => {
    const address = receivers.address('wecom');
    const content = { ...message.content, alerts: Array(20).fill(alert('opened')), more: 980, counts: { opened: 1000 } };
    const { text } = await delivered('wecom', address, { message: { ...message, content } });
    assert.ok(Buffer.byteLength(text) > 1800);
    assert.equal(text.match(/【新增】/g).length + Number(/另有 (\d+) 条/.exec(text)[1]), 1000);
  });

  test('a test message says who sent it', async () => {
    for (const kind of ['email', 'webhook']) assert.match((await delivered(kind, receivers.address(kind))).text, /taizhang channel try/);
  });
});

describe('failures', () => {
  test('HTTP 200 with a code is one, and says why', async () => {
    const address = receivers.address('feishu');
    receivers.behave(address, { body: { code: 19024, msg: 'Key Words Not Found' } });
    assert.match((await fails('feishu', address, /code 19024: Key Words Not Found/)).stderr, /trying again will not help/);
    receivers.behave(address, { body: '<html>welcome</html>' });
    await fails('feishu', address, /makes no sense/);
  });

  test('a wrong signature, or none, is refused by each that signs', async () => {
    for (const kind of ['dingtalk', 'feishu']) await fails(kind, receivers.address(kind), /sign/, { secret: 'SECwrong' });
    await fails('dingtalk', receivers.address('dingtalk'), /sign/, { secret: '' });
    await fails('webhook', receivers.address('webhook'), /HTTP 401/, { secret: `whsec_${Buffer.alloc(32).toString('base64')}` });
  });

  test('throttling tells how long to wait', async () => {
    const throttled = {
      dingtalk: [{ body: { errcode: 130101, errmsg: 'send too fast' } }, 600],
      webhook: [{ status: 429, headers: { 'Retry-After': '17' } }, 17],
    };
    for (const [kind, [behaviour, seconds]] of Object.entries(throttled)) {
      const address = receivers.address(kind);
      receivers.behave(address, behaviour);
      const { stderr } = await fails(kind, address, new RegExp(`asks to wait ${seconds} s`));
      assert.doesNotMatch(stderr, /will not help/);
    }
  });

  test('an answer that is none, is cut off, too long, too late, or a redirect', async () => {
    const inside = receivers.address('webhook');
    const Location = { headers: { Location: inside } };
    const behaviours = [[{ status: 500 }, /HTTP 500/], ['drop', /not delivered: \S/], ['long', /too long/], ['hang', /超时/],
      [{ status: 302, ...Location }, /redirect.*HTTP 302/], [{ status: 307, ...Location }, /redirect.*HTTP 307/]];
    for (const [behaviour, pattern] of behaviours) {
      const address = receivers.address('webhook');
      receivers.behave(address, behaviour);
      const { seconds } = await fails('webhook', address, pattern, { settings: { outgoing_timeout: behaviour === 'hang' ? 700 : 10000 } });
      if (behaviour === 'hang') assert.ok(seconds > 0.6, `${seconds} s`);
    }
    assert.equal(receivers.asked(inside), 0);
  });

  test('a certificate that nobody vouches for, or of another name', async () => {
    const address = receivers.address('webhook');
    await fails('webhook', address, /证书不可信/, { settings: { outgoing_ca: '' } });
    await fails('webhook', address.replace('127.0.0.1', 'localhost'), /证书不可信/);
    await fails('email', receivers.address('email'), /证书不可信/, { settings: { outgoing_ca: '' } });
    assert.equal(receivers.asked(address), 0);
  });

  test('a mail server that refuses: for good, for now, the sign-in; and a slow one', async () => {
    await fails('email', 'unknown@receiver.test', /said: 550 5\.1\.1 no such mailbox\n.*will not help/s);
    assert.doesNotMatch((await fails('email', 'full@receiver.test', /said: 552 5\.2\.2/)).stderr, /will not help/);
    const { stderr } = await fails('email', receivers.address('email'), /said: 535/, { settings: { smtp_password: 'wrong' } });
    assert.doesNotMatch(stderr, /will not help|wrong/);
    const late = await attempt('email', 'slow@receiver.test', { settings: { outgoing_timeout: 1000 } });
    assert.match(late.stderr, /超时/); // though the server may keep it: a repeat has the same Message-ID
  });

  test('a mail server without STARTTLS gets neither mail nor password', async () => {
    const plain = await receivers.startMail();
    await fails('email', receivers.address('email'), /STARTTLS/, { settings: { smtp_url: `smtp://127.0.0.1:${plain.port}` } });
    plain.child.kill();
  });
});

test('nothing inside is reached, however it is spelled', async () => {
  const settings = { outgoing_private: 0 };
  const address = receivers.address('webhook');
  const { port, pathname } = new URL(address);
  const secret = receivers.secret(address);
  const hosts = ['127.0.0.1', '0x7f.1', 'localhost', '[::ffff:127.0.0.1]', '169.254.169.254'];
  for (const host of hosts) {
    const { code, stderr } = await attempt('webhook', `https://${host}:${port}${pathname}`, { secret, settings });
    assert.equal(code, 1, host);
    assert.match(stderr, /an address inside/, host);
  }
  const plain = await attempt('webhook', `http://127.0.0.1:${port}${pathname}`, { secret, settings });
  assert.match(plain.stderr, /https:\/\//);
  assert.equal(receivers.asked(address), 0);
});

test('what is entered wrongly is named', async () => {
  const { code, stderr } = await attempt('webhook', 'https://me@example.org/', { secret: 'short' });
  assert.equal(code, 1);
  assert.match(stderr, /^address: .*\n.*user name/m);
  assert.match(stderr, /^secret: .*\n.*whsec_/m);
  const fax = await cli(['channel', 'try', '--kind', 'fax', '--address', '123']);
  assert.equal(fax.code, 1);
  assert.match(fax.stderr, /fax/);
  for (const args of [['try'], ['try', '--kind', 'wecom'], ['send', '--kind', 'wecom', '--address', 'https://a.example'],
    ['try', '--kind', 'wecom', '--address', 'https://a.example', '--language', 'fr']])
    assert.equal((await cli(['channel', ...args])).code, 2);
  const lost = await cli(['channel', 'try', '--kind', 'wecom', '--address', 'https://a.example', '--message', write('m', '{"id":1}')]);
  assert.equal(lost.code, 1);
  assert.match(lost.stderr, /not a message/);
});
