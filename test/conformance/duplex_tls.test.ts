import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import { expect, it, onTestFinished } from 'vitest';
import { type Poller, Socket, type SocketDuplex, type ToDuplexOptions } from '../../lib/index.ts';
import { all, closed, errorOf, pattern, serve, streamOf, streams, take } from '../support/duplex.ts';
import { describeEachHosting } from '../support/hosted.ts';
import { lacks } from '../support/runtimes.ts';
import { addressOf, listen } from '../support/sockets.ts';

const pem = (name: string): Buffer => readFileSync(new URL(`../fixtures/tls_${name}.pem`, import.meta.url));
const [key, cert] = [pem('key'), pem('certificate')];

/** Beneath TLS a stream leaves the end to it: the peer may have said its last while answers are on their way. */
const beneath = (poller: Poller): ToDuplexOptions => ({ poller, allowHalfOpen: true });

const securePair = (poller: Poller): [tls.TLSSocket, tls.TLSSocket, SocketDuplex, SocketDuplex] => {
  const [a, b] = streams(beneath(poller));
  const client = tls.connect({ socket: a, ca: cert, servername: 'localhost' });
  const server = new tls.TLSSocket(b, { isServer: true, key, cert });
  onTestFinished(() => {
    client.destroy();
    server.destroy();
  });
  return [client, server, a, b];
};

describeEachHosting('node:tls over streams of sockets', (host) => {
  const lost = lacks('all data before the end over TLS');
  it(
    lost
      ? `shakes hands and carries megabytes both ways: ${lost}`
      : 'shakes hands, carries megabytes both ways, and ends',
    async () => {
      const [client, server, a, b] = securePair(host.poller());
      if (lacks('TLS that is piped into itself'))
        server.on('data', (chunk) => server.write(chunk)).on('end', () => server.end());
      else server.pipe(server);
      await once(client, 'secureConnect');
      expect(client).toMatchObject({ authorized: true, encrypted: true });
      const data = pattern(3_000_000);
      if (lost) {
        client.write(data);
        expect((await take(client, data.length)).equals(data)).toBe(true);
        return;
      }
      client.end(data);
      expect((await all(client)).equals(data)).toBe(true);
      await Promise.all([a, b].map(closed));
    },
  );

  it('refuses a certificate that it does not know', async () => {
    const [a, b] = streams(beneath(host.poller()));
    const server = new tls.TLSSocket(b, { isServer: true, key, cert });
    server.on('error', () => {});
    const client = tls.connect({ socket: a, servername: 'localhost' });
    onTestFinished(() => void server.destroy());
    expect((await errorOf(client)).code).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
    await closed(a);
  });

  const unheard = host.differs('socket errors after the event');
  it(unheard ? `hears the end of a peer that resets: ${unheard}` : 'hears of a peer that resets', async () => {
    const [client, server, , b] = securePair(host.poller());
    server.on('error', () => {});
    await once(client, 'secureConnect');
    if (unheard) {
      client.resume();
      b.resetAndDestroy();
      await once(client, 'end');
      return;
    }
    const error = errorOf(client);
    b.resetAndDestroy();
    expect((await error).code).toBe('ECONNRESET');
  });

  const plain = lacks('HTTPS on given connections');
  it(plain ? `carries node:https as client: ${plain}` : 'carries node:https, as server and as client', async () => {
    const poller = host.poller();
    const server = https.createServer({ key, cert }, (incoming, response) => response.end(`secret ${incoming.url}`));
    const listener = listen();
    serve(listener, beneath(poller), (stream) => server.emit('connection', stream));
    const agent = new https.Agent({ keepAlive: true });
    agent.createConnection = () => {
      const socket = streamOf(Socket.connect(addressOf(listener)), beneath(poller));
      return tls.connect({ socket, ca: cert, servername: 'localhost' });
    };
    onTestFinished(() => agent.destroy());
    if (plain) {
      const [error] = (await once(https.request({ agent }).end(), 'error')) as [Error];
      expect(error.message).toContain('WRONG_VERSION_NUMBER');
      return;
    }
    for (const path of ['/a', '/b']) {
      const outgoing = https.request({ agent, path }).end();
      const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
      expect((await all(answer)).toString()).toBe(`secret ${path}`);
    }
    server.closeAllConnections();
  });
});
