import dgram from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { close, fromNodeSocket, Socket } from '../lib/index.ts';
import { checkDescriptorsAfterEachTest } from './support/descriptors.ts';
import { receive } from './support/duplex.ts';
import { expectFdError, expectWrongType } from './support/expect.ts';
import { collect } from './support/net_client.ts';
import { lacks } from './support/runtimes.ts';
import { addressOf, bytes, closing, connection, listen, pair, portOf } from './support/sockets.ts';

const listening = async (server: net.Server, ...where: unknown[]): Promise<net.Server> => {
  server.listen(...(where as [number, string]));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  await once(server, 'listening');
  return server;
};

const netPair = async (): Promise<[net.Socket, net.Socket]> => {
  const server = await listening(net.createServer(), 0, '127.0.0.1');
  const client = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
  const [[peer]] = (await Promise.all([once(server, 'connection'), once(client, 'connect')])) as [
    [net.Socket],
    unknown,
  ];
  onTestFinished(() => {
    client.destroy();
    peer.destroy();
  });
  return [client, peer];
};

const untold = lacks('descriptors of its own sockets');

const refusing = (): void => {
  it('says ENOTSUP of what is open', async () => {
    const [client, peer] = await netPair();
    const server = await listening(net.createServer(), 0, '127.0.0.1');
    const udp = dgram.createSocket('udp4');
    onTestFinished(() => new Promise<void>((resolve) => udp.close(resolve)));
    udp.bind(0, '127.0.0.1');
    await once(udp, 'listening');
    for (const socket of [client, peer, server, udp]) expectFdError(() => fromNodeSocket(socket), 'ENOTSUP', 'dup');
  });
};

const giving = (): void => {
  checkDescriptorsAfterEachTest();

  it('gives a socket on the same open file, which closes without the other', async () => {
    const [client, peer] = await netPair();
    const socket = fromNodeSocket(client);
    expect(socket).toMatchObject({ family: 'inet', type: 'stream' });
    expect(socket.remoteAddress).toEqual({ family: 'inet', host: '127.0.0.1', port: client.remotePort });
    expect(socket.send(bytes('from ours '))).toBe(10);
    client.write('from theirs');
    expect((await collect(peer, 21)).toString()).toBe('from ours from theirs');
    socket.close();
    peer.write('still open');
    expect((await collect(client, 10)).toString()).toBe('still open');
  });

  it('keeps the file open when Node closes its own', async () => {
    const [client, peer] = await netPair();
    const socket = closing(fromNodeSocket(client));
    client.destroy();
    await once(client, 'close');
    peer.write('to ours');
    expect((await receive(socket, 7)).toString()).toBe('to ours');
  });

  it('takes servers, unix sockets, datagram sockets, and what is beneath TLS', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fdp-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'socket');
    const server = await listening(net.createServer(), path);
    const listener = closing(fromNodeSocket(server));
    expect(listener).toMatchObject({ family: 'unix', listening: true, localAddress: { family: 'unix', path } });

    const udp = dgram.createSocket('udp4');
    onTestFinished(() => new Promise<void>((resolve) => udp.close(resolve)));
    udp.bind(0, '127.0.0.1');
    await once(udp, 'listening');
    const datagrams = closing(fromNodeSocket(udp));
    expect(datagrams).toMatchObject({ family: 'inet', type: 'dgram' });
    expect(portOf(datagrams)).toBe(udp.address().port);

    const pem = (name: string): Buffer => readFileSync(new URL(`fixtures/${name}.pem`, import.meta.url));
    const secure = tls.createServer({ key: pem('tls_key'), cert: pem('tls_certificate') });
    await listening(secure, 0, '127.0.0.1');
    const { port } = secure.address() as net.AddressInfo;
    const client = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
    const [peer] = (await once(secure, 'secureConnection')) as [tls.TLSSocket];
    onTestFinished(() => {
      client.destroy();
      peer.destroy();
    });
    expect(closing(fromNodeSocket(client)).remoteAddress).toMatchObject({ port });
  });
};

describe(untold ? `fromNodeSocket: ${untold}` : 'fromNodeSocket', untold ? refusing : giving);

describe('fromNodeSocket of what is not open', () => {
  checkDescriptorsAfterEachTest();

  it('says EBADF where there is no descriptor', async () => {
    expectFdError(() => fromNodeSocket(new net.Socket()), 'EBADF', 'dup');
    expectFdError(() => fromNodeSocket(net.createServer()), 'EBADF', 'dup');
    const [client] = await netPair();
    client.destroy();
    expectFdError(() => fromNodeSocket(client), 'EBADF', 'dup');
    const udp = dgram.createSocket('udp4');
    await new Promise<void>((resolve) => udp.close(resolve));
    expectFdError(() => fromNodeSocket(udp), 'EBADF', 'dup');
  });

  it('refuses what is no socket of Node', () => {
    for (const wrong of [undefined, null, 3, {}, 'socket', () => {}, pair()[0]])
      expectWrongType(() => fromNodeSocket(wrong as unknown as net.Socket));
  });
});

describe('a descriptor that is given to net.Socket', () => {
  checkDescriptorsAfterEachTest();

  const refused = lacks('net.Socket on a descriptor');
  it.each(['tcp', 'unix'])(`${refused ? 'is refused' : 'works as one of its own'}: %s`, async (kind) => {
    const [ours, theirs] = kind === 'tcp' ? connection() : pair();
    const fd = ours.detach();
    const stream = new net.Socket({ fd, readable: true, writable: true });
    onTestFinished(() => void stream.destroy());
    if (refused) {
      const failed = once(stream, 'error');
      stream.write('from net');
      expect((await failed)[0]).toMatchObject({ message: 'Socket is closed' });
      close(fd);
      return;
    }
    stream.write('from net');
    expect((await receive(theirs, 8)).toString()).toBe('from net');
    theirs.send(bytes('to net'));
    expect((await collect(stream, 6)).toString()).toBe('to net');
    stream.destroy();
    await once(stream, 'close');
  });

  it('also serves as a listener', async () => {
    const listener = listen();
    const address = addressOf(listener);
    const server = await listening(net.createServer(), { fd: listener.detach() });
    const client = closing(Socket.connect(address));
    const [peer] = (await once(server, 'connection')) as [net.Socket];
    onTestFinished(() => void peer.destroy());
    peer.write('accepted by net');
    expect((await receive(client, 15)).toString()).toBe('accepted by net');
  });
});
