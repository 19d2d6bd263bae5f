// client.mjs - one HTTP client with its own kept-alive connections.
//
//   const client = new Client(service.url);
//   await client.signIn('keeper', PASSWORD)        keeps the cookie; throws unless 200
//   await client.get('/api/v1/items', { kind: 'in' })
//   await client.post(path, body, { key: 'k1' })   key: the Idempotency-Key; put, patch, delete likewise
//   await client.request('POST', path, { body, key, headers })   body: object → JSON; string, Buffer as is
//      → { status, headers, text, body }           body: parsed when it is JSON
//   client.bearer = 'tzt_…'; client.cookie = '…'
//   client.another(url)                           the same person on a connection of their own
//   client.close()
//   await exchange(port, bytes)   writes bytes to a raw socket, gives all that comes until it closes
//   newKey()                      a fresh idempotency key
import http from 'node:http';
import https from 'node:https';
import { connect } from 'node:net';
import { randomUUID } from 'node:crypto';

export const newKey = () => randomUUID();

export class Client {
  constructor(url, { maxSockets = 1, ca } = {}) {
    this.url = url;
    this.transport = url.startsWith('https:') ? https : http;
    this.agent = new this.transport.Agent({ keepAlive: true, maxSockets, ca });
  }

  close() {
    this.agent.destroy();
  }

  // The same person on a connection of their own, perhaps to another process.
  another(url = this.url) {
    return Object.assign(new Client(url), { cookie: this.cookie, bearer: this.bearer });
  }

  async signIn(username, password) {
    const answer = await this.post('/api/v1/session', { username, password });
    if (answer.status !== 200) throw new Error(`sign-in of ${username}: ${answer.status} ${answer.text}`);
    [this.cookie] = answer.headers['set-cookie'][0].split(';');
    return answer;
  }

  request(method, path, { body, key, headers = {} } = {}) {
    const raw = typeof body === 'string' || Buffer.isBuffer(body);
    const data = body === undefined ? undefined : raw ? body : JSON.stringify(body);
    const send = {
      ...(data === undefined ? {}
        : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(data) }),
      ...(key === undefined ? {} : { 'Idempotency-Key': key }),
      ...(this.cookie ? { Cookie: this.cookie } : {}),
      ...(this.bearer ? { Authorization: `Bearer ${this.bearer}` } : {}),
      ...headers,
    };
    return new Promise((resolve, reject) => {
      const request = this.transport.request(this.url + path, { method, agent: this.agent, headers: send },
        (answer) => collect(answer).then(resolve, reject));
      request.on('error', reject);
      request.end(data);
    });
  }

  get(path, query = {}) {
    const search = new URLSearchParams(query).toString();
    return this.request('GET', search ? `${path}?${search}` : path);
  }

  post(path, body = {}, options = {}) {
    return this.request('POST', path, { body, ...options });
  }

  put(path, body, options = {}) {
    return this.request('PUT', path, { body, ...options });
  }

  patch(path, body, options = {}) {
    return this.request('PATCH', path, { body, ...options });
  }

  delete(path, options = {}) {
    return this.request('DELETE', path, options);
  }
}

async function collect(answer) {
  const parts = [];
  for await (const part of answer) parts.push(part);
  const text = Buffer.concat(parts).toString();
  const json = /^application\/(problem\+)?json\b/.test(answer.headers['content-type'] ?? '');
  return {
    status: answer.statusCode, headers: answer.headers, text,
    body: json && text ? JSON.parse(text) : undefined,
  };
}

export function exchange(port, bytes) {
  return new Promise((resolve, reject) => {
    const parts = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (part) => parts.push(part));
    socket.on('error', (error) => (error.code === 'ECONNRESET' ? undefined : reject(error)));
    socket.on('close', () => resolve(Buffer.concat(parts).toString()));
  });
}
