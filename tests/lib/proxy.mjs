// proxy.mjs - stands between the service and PostgreSQL, to cut connections at a chosen moment.
//
//   const proxy = await startProxy(db);
//     await startService({ database: proxy.database })
//     proxy.cut('change_event')                     when a client next sends these bytes (a statement's
//                                                   name), PostgreSQL never sees them
//     proxy.cut('change_event', { after: 'COMMIT' })  PostgreSQL sees them, and its answers are kept from
//                                                   the client until they hold these bytes: then it ends
//     await proxy.done                              the cut was made
//     proxy.stop(); await proxy.start()            the database goes away, and comes back
import { chmodSync, mkdirSync } from 'node:fs';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { tempDir } from './process.mjs';

let count = 0;

class Proxy {
  #server;
  #sockets = new Set();
  #cut;

  constructor(db) {
    this.dir = join(tempDir(), `proxy${count++}`);
    this.target = join(/host=(\S+)/.exec(db.conninfo)[1], '.s.PGSQL.5432');
    const through = (conninfo) => conninfo.replace(/host=\S+/, `host=${this.dir}`);
    this.database = { conninfo: through(db.conninfo), ownerConninfo: through(db.ownerConninfo) };
  }

  async start() {
    mkdirSync(this.dir, { recursive: true });
    this.#server = createServer((client) => this.#join(client)).listen(join(this.dir, '.s.PGSQL.5432'));
    await once(this.#server, 'listening');
    chmodSync(this.dir, 0o755);
    chmodSync(join(this.dir, '.s.PGSQL.5432'), 0o777);
  }

  cut(when, { after } = {}) {
    this.done = new Promise((resolve) => { this.#cut = { when, after, resolve }; });
  }

  #join(client) {
    const server = connect(this.target);
    let cut; // made on this connection, as soon as the answer is there
    let kept = '';
    const end = () => [client, server].forEach((socket) => socket.destroy());
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', end);
      socket.on('close', () => { end(); this.#sockets.delete(socket); });
    }
    client.on('data', (part) => {
      if (this.#cut && part.includes(this.#cut.when)) {
        cut = this.#cut;
        this.#cut = undefined;
        if (!cut.after) {
          end();
          cut.resolve();
          return;
        }
      }
      server.write(part);
    });
    server.on('data', (part) => {
      if (!cut) {
        client.write(part);
        return;
      }
      kept += part.toString('latin1');
      if (kept.includes(cut.after)) {
        end();
        cut.resolve();
      }
    });
  }

  stop() {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

export async function startProxy(db) {
  const proxy = new Proxy(db);
  await proxy.start();
  return proxy;
}
