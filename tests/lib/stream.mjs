// stream.mjs - one event stream (GET /api/v1/stream) of a signed-in client.
//
//   const stream = await openStream(client, { id, query, headers });   answered 200, id: as Last-Event-ID
//     stream.events        so far: { id, event, data }, data parsed
//     stream.of('slip')    the data of those of one kind
//     stream.id            the last id, as a browser keeps it
//     stream.retry, stream.signs   the last retry:, the number of signs of life
//     await stream.has(n => …)     waits until it is true of the stream
//     stream.pause(); stream.resume()   the client reads nothing meanwhile
//     await stream.ended   → true: the answer came to its end, false: it was cut
//     stream.close()
import http from 'node:http';
import https from 'node:https';
import { until } from './process.mjs';

export const STREAM = '/api/v1/stream';

class Stream {
  constructor(request, answer) {
    this.request = request;
    this.headers = answer.headers;
    this.events = [];
    this.signs = 0;
    this.text = '';
    answer.setEncoding('utf8');
    answer.on('data', (part) => this.#take(part));
    answer.on('error', () => {}); // 'close' tells
    this.answer = answer;
    this.ended = new Promise((resolve) => { answer.on('close', () => resolve(answer.complete)); });
  }

  #take(part) {
    this.text += part;
    const blocks = this.text.split('\n\n');
    this.text = blocks.pop();
    for (const block of blocks) this.#block(block.split('\n'));
  }

  #block(lines) {
    const fields = {};
    for (const line of lines) {
      const [, name, value] = /^([a-z]*): ?(.*)$/.exec(line) ?? [];
      if (name === undefined) throw new Error(`not an event's line: ${line}`);
      fields[name] = value;
    }
    if ('' in fields) this.signs++;
    if (fields.retry) this.retry = Number(fields.retry);
    if (fields.id) this.id = fields.id;
    if (fields.data) this.events.push({ id: fields.id, event: fields.event, data: JSON.parse(fields.data) });
  }

  of(kind) {
    return this.events.filter((e) => e.event === kind).map((e) => e.data);
  }

  has(what, seconds) {
    return until(`the stream: ${what}`, () => what(this), seconds);
  }

  pause() {
    this.answer.pause();
  }

  resume() {
    this.answer.resume();
  }

  close() {
    this.request.destroy();
  }
}

export function openStream(client, { id, query = {}, headers = {} } = {}) {
  const search = new URLSearchParams(query).toString();
  const { get } = client.url.startsWith('https:') ? https : http;
  return new Promise((resolve, reject) => {
    const request = get(`${client.url}${STREAM}${search ? `?${search}` : ''}`, {
      agent: false,
      headers: {
        ...(client.cookie ? { Cookie: client.cookie } : {}),
        ...(client.bearer ? { Authorization: `Bearer ${client.bearer}` } : {}),
        ...(id === undefined ? {} : { 'Last-Event-ID': id }),
        ...headers,
      },
    }, (answer) => {
      if (answer.statusCode !== 200) {
        request.destroy();
        reject(new Error(`stream: ${answer.statusCode}`));
        return;
      }
      resolve(new Stream(request, answer));
    });
    request.on('error', reject);
  });
}
