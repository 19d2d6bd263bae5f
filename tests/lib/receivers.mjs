// receivers.mjs - the other ends of channels, on loopback: a mail server, and HTTPS endpoints that check
// signatures as the providers publish them and answer as they do.
//
//   const receivers = await startReceivers();
//     receivers.settings                      of a service that may reach them: outgoing_…, smtp_…
//     receivers.address('dingtalk')           a URL of its own, or a mail address
//     receivers.secret('dingtalk')            what it is signed with, or ''
//     receivers.behave(address, what)         from now on it answers: {status, headers, body} | 'hang' |
//                                             'drop' | 'long'; undefined: as a provider does again
//     receivers.at(address)                   messages that it took: {id, kind, headers, body, text}; text is
//                                             what a person reads. Of mail: what tests/lib/smtp.py says
//     receivers.asked(address)                requests that came, taken or not
//     await receivers.stop()
//
// A provider's endpoint answers 200 with a code when the signature is wrong, the webhook's 401.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { makeCertificate } from './certificate.mjs';
import { publicFile, root, start } from './process.mjs';

const MAX_AGE_S = 300;

const hmac = (key, text) => createHmac('sha256', key).update(text).digest('base64');
const same = (a, b) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
const fresh = (seconds) => Math.abs(Date.now() / 1000 - seconds) < MAX_AGE_S;

// Each: what is wrong with a request, as the provider's answer; or nothing, and the message's text.
const providers = {
  wecom: {
    secret: () => '',
    ok: { errcode: 0, errmsg: 'ok' },
    judge({ body, raw }) {
      if (body.msgtype !== 'text') return { errcode: 40008, errmsg: 'invalid message type' };
      if (Buffer.byteLength(body.text.content) > 2048) return { errcode: 40058, errmsg: 'text exceed max length 2048' };
      return raw.length > 20000 && { errcode: 40058, errmsg: 'too long' };
    },
    text: (body) => body.text.content,
  },
  dingtalk: {
    secret: () => `SEC${randomBytes(32).toString('hex')}`,
    ok: { errcode: 0, errmsg: 'ok' },
    judge({ query, secret, body }) {
      const at = query.get('timestamp') ?? '';
      // https://open.dingtalk.com/document/robots/customize-robot-security-settings
      const good = /^\d{13}$/.test(at) && fresh(at / 1000) && same(query.get('sign') ?? '', hmac(secret, `${at}\n${secret}`));
      if (!good) return { errcode: 310000, errmsg: 'sign not match' };
      return body.msgtype !== 'text' && { errcode: 40035, errmsg: 'bad msgtype' };
    },
    text: (body) => body.text.content,
  },
  feishu: {
    secret: () => randomBytes(16).toString('base64url'),
    ok: { StatusCode: 0, StatusMessage: 'success', code: 0, data: {}, msg: 'success' },
    judge({ body, secret }) {
      const at = body.timestamp ?? '';
      // https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot: the key is what is signed
      const good = /^\d{10}$/.test(at) && fresh(Number(at)) && same(body.sign ?? '', hmac(`${at}\n${secret}`, ''));
      if (!good) return { code: 19021, msg: 'sign match fail or timestamp is not within one hour from current time' };
      return body.msg_type !== 'post' && { code: 9499, msg: 'Bad Request', data: {} };
    },
    text: (body) => Object.values(body.content.post)[0].content
      .map((line) => line.map((piece) => piece.text).join('')).join('\n'),
  },
  webhook: {
    secret: () => `whsec_${randomBytes(32).toString('base64')}`,
    ok: {},
    judge({ headers, secret, raw }) {
      const [id, at, given] = ['id', 'timestamp', 'signature'].map((name) => headers[`webhook-${name}`] ?? '');
      // https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
      const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
      const good = id && fresh(Number(at)) && given.split(' ').some((one) => same(one, `v1,${hmac(key, `${id}.${at}.${raw}`)}`));
      return !good && { status: 401 };
    },
    text: (body) => JSON.stringify(body.data),
  },
};

class Receivers {
  #endpoints = new Map(); // path → {kind, secret, taken, asked, behaviour}
  #held = new Set();
  #mails = [];
  #count = 0;

  async start() {
    this.certificate = await makeCertificate('receiver');
    this.server = createServer({ cert: this.certificate.pem, key: readFileSync(this.certificate.key) },
      (request, answer) => this.#take(request, answer));
    this.server.listen(0, '127.0.0.1').unref();
    await once(this.server, 'listening');
    this.port = this.server.address().port;
    this.smtp = await this.startMail([this.certificate.cert, this.certificate.key]);
    this.settings = {
      outgoing_private: 1, outgoing_ca: this.certificate.cert, smtp_url: `smtp://127.0.0.1:${this.smtp.port}`,
      smtp_user: 'taizhang', smtp_password: 'pass word', smtp_from: 'taizhang@stores.example',
    };
  }

  // Debian's Python has aiosmtpd; another one need not.
  async startMail(files = []) {
    const child = start('/usr/bin/python3', [publicFile(join(root, 'tests/lib/smtp.py')), ...files],
      { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout });
    const { port } = JSON.parse((await once(lines, 'line'))[0]);
    lines.on('line', (line) => this.#mails.push(JSON.parse(line)));
    for (const handle of [child, child.stdout]) handle.unref();
    return { child, port };
  }

  address(kind) {
    const number = this.#count++;
    if (kind === 'email') return `keeper-${number}@receiver.test`;
    const path = `/${kind}/${number}`;
    this.#endpoints.set(path, { kind, secret: providers[kind].secret(), taken: [], asked: 0 });
    return `https://127.0.0.1:${this.port}${path}?access_token=a-secret-of-${number}`;
  }

  #of(address) {
    return this.#endpoints.get(new URL(address).pathname);
  }

  secret(address) {
    return address.includes('://') ? this.#of(address).secret : '';
  }

  behave(address, behaviour) {
    this.#of(address).behaviour = behaviour;
  }

  at(address) {
    return address.includes('://') ? this.#of(address).taken : this.#mails.filter((mail) => mail.to.includes(address));
  }

  asked(address) {
    return this.#of(address).asked;
  }

  async #take(request, answer) {
    const url = new URL(request.url, 'https://receiver.test');
    const endpoint = this.#endpoints.get(url.pathname);
    const parts = [];
    for await (const part of request) parts.push(part);
    const send = (status, body, headers = {}) => {
      answer.writeHead(status, { 'Content-Type': 'application/json', ...headers });
      answer.end(typeof body === 'string' ? body : JSON.stringify(body ?? {}));
    };
    if (!endpoint) return send(404);
    endpoint.asked += 1;
    const { behaviour, kind, secret } = endpoint;
    if (behaviour === 'drop') return request.socket.destroy();
    if (behaviour === 'hang') return this.#held.add(request.socket);
    if (behaviour === 'long') return send(200, { ...providers[kind].ok, more: 'x'.repeat(100000) });
    if (behaviour) return send(behaviour.status ?? 200, behaviour.body, behaviour.headers);
    const raw = Buffer.concat(parts).toString();
    const body = JSON.parse(raw);
    const wrong = providers[kind].judge({ body, raw, secret, headers: request.headers, query: url.searchParams });
    if (wrong) return send(wrong.status ?? 200, wrong);
    endpoint.taken.push({
      kind, body, headers: request.headers, id: request.headers['webhook-id'], text: providers[kind].text(body),
    });
    return send(200, providers[kind].ok);
  }

  async stop() {
    this.smtp.child.kill();
    for (const socket of this.#held) socket.destroy();
    this.server.close();
    this.server.closeAllConnections();
  }
}

export async function startReceivers() {
  const receivers = new Receivers();
  await receivers.start();
  return receivers;
}
