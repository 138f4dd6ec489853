import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Address, READABLE, Socket, waitFor } from '../../lib/index.ts';
import { runFixture } from '../support/children.ts';
import { checkDescriptorsAfterEachTest, openDescriptors } from '../support/descriptors.ts';
import {
  expectClosed,
  expectFdError,
  expectOutOfRange,
  expectUnknownValue,
  expectWrongType,
} from '../support/expect.ts';
import {
  acceptOne,
  addressOf,
  bytes,
  closing,
  connect,
  connection,
  drain,
  fill,
  listen,
  pair,
  portOf,
  say,
} from '../support/sockets.ts';

const linux = process.platform === 'linux';

const datagram = (address: Address = '127.0.0.1:0'): Socket => closing(Socket.listen(address, { type: 'dgram' }));

const hear = (socket: Socket): string => {
  expect(waitFor(socket, READABLE, 2000)).toBe(READABLE);
  const buffer = Buffer.alloc(256);
  return buffer.toString('utf8', 0, socket.recv(buffer));
};

describe('acceptAll', () => {
  checkDescriptorsAfterEachTest();

  it('gives all connections that wait, then none', () => {
    const listener = listen();
    const clients = Array.from({ length: 5 }, () => connect(addressOf(listener)));
    const servers = listener.acceptAll().map(closing);
    expect(servers.map((server) => server.remoteAddress)).toEqual(clients.map(addressOf));
    expect(listener.acceptAll()).toEqual([]);
  });

  it('gives no more than its budget, and the others later', () => {
    const listener = listen();
    for (let i = 0; i < 5; i++) connect(addressOf(listener));
    const counts = [2, 2, 2, 2].map((budget) => listener.acceptAll(budget).map(closing).length);
    expect(counts).toEqual([2, 2, 1, 0]);
  });

  it('does not wait, whatever the timeout', () => {
    const listener = listen();
    listener.timeout = Number.POSITIVE_INFINITY;
    expect(listener.acceptAll()).toEqual([]);
    connect(addressOf(listener));
    expect(listener.acceptAll().map(closing).length).toBe(1);
  });

  it('refuses a budget that is none', () => {
    const listener = listen();
    for (const wrong of ['1', null, {}, 1n]) expectWrongType(() => listener.acceptAll(wrong as number));
    for (const wrong of [0, -1, 0.5, Number.NaN, 2 ** 31]) expectOutOfRange(() => listener.acceptAll(wrong));
  });

  it('gives what it has when descriptors run out, and throws when it has none', async () => {
    const { code, stdout, stderr } = await runFixture('accept_all_limit.mjs', [], { descriptors: 40 });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({ first: 2, second: 'EMFILE', third: 1 });
  });

  it('after close is ERR_FDPOLL_CLOSED', () => {
    const listener = listen();
    listener.close();
    expectClosed(() => listener.acceptAll());
  });
});

describe('Socket.listenAll', () => {
  checkDescriptorsAfterEachTest();

  it('listens on every address of a host, with one port for all', () => {
    const sockets = Socket.listenAll(['127.0.0.1:0', '[::1]:0', '127.0.0.2:0']).map(closing);
    const port = portOf(sockets[0] as Socket);
    expect(sockets.map(addressOf)).toEqual([
      { family: 'inet', host: '127.0.0.1', port },
      { family: 'inet6', host: '::1', port },
      { family: 'inet', host: '127.0.0.2', port },
    ]);
    for (const socket of sockets) {
      connect(addressOf(socket));
      acceptOne(socket);
    }
  });

  it('takes the wildcards of both families side by side', () => {
    const sockets = Socket.listenAll(['0.0.0.0:0', '[::]:0']).map(closing);
    connect(`127.0.0.1:${portOf(sockets[0] as Socket)}`);
    acceptOne(sockets[0] as Socket);
    connect(`[::1]:${portOf(sockets[0] as Socket)}`);
    acceptOne(sockets[1] as Socket);
  });

  it('passes its options on, and takes unix paths too', () => {
    const folder = mkdtempSync(join(tmpdir(), 'fdp-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const sockets = Socket.listenAll(['127.0.0.1:0', `unix:${folder}/socket`], { backlog: 7 }).map(closing);
    expect(sockets.map((socket) => socket.family)).toEqual(['inet', 'unix']);
  });

  it('leaves none when one fails', () => {
    const taken = listen('[::1]:0');
    const before = openDescriptors();
    expectFdError(() => Socket.listenAll(['127.0.0.1:0', addressOf(taken)]), 'EADDRINUSE', 'bind');
    expectFdError(() => Socket.listenAll(['127.0.0.1:0', '192.0.2.1:0']), 'EADDRNOTAVAIL', 'bind');
    expect(openDescriptors()).toEqual(before);
  });

  it('refuses what is no list of addresses', () => {
    expectUnknownValue(() => Socket.listenAll([]));
    for (const wrong of ['127.0.0.1:0', null, undefined, {}, 1])
      expectWrongType(() => Socket.listenAll(wrong as unknown as string[]));
    expectWrongType(() => Socket.listenAll([null as unknown as string]));
    expectUnknownValue(() => Socket.listenAll(['localhost:0']));
  });
});

describe('a datagram socket', () => {
  checkDescriptorsAfterEachTest();

  it('hears only its peer while it is connected, and everyone again after disconnect', () => {
    const [ours, friend, stranger] = [datagram(), datagram(), datagram()];
    friend.connect(addressOf(ours));
    stranger.connect(addressOf(ours));
    expect(ours.connect(addressOf(friend))).toBe(true);
    expect(ours.remoteAddress).toEqual(addressOf(friend));
    stranger.send(bytes('from a stranger'));
    friend.send(bytes('from a friend'));
    expect(hear(ours)).toBe('from a friend');
    expect(ours.recv(Buffer.alloc(64))).toBe(-1);
    ours.send(bytes('answer'));
    expect(hear(friend)).toBe('answer');

    ours.disconnect();
    expect(ours.remoteAddress).toBeUndefined();
    expectFdError(() => ours.send(bytes('to whom?')), 'EDESTADDRREQ', 'send');
  });

  it('hears strangers again after disconnect, on the port that it was bound to', () => {
    const [friend, stranger] = [datagram(), datagram()];
    // A port that is asked for is kept; one that the system chose Linux takes back.
    const address = `127.0.0.2:${portOf(friend)}`;
    const ours = datagram(address);
    ours.connect(addressOf(friend));
    ours.disconnect();
    expect(addressOf(ours)).toMatchObject({ host: '127.0.0.2', port: portOf(friend) });
    stranger.connect(address);
    stranger.send(bytes('heard'));
    expect(hear(ours)).toBe('heard');
  });

  it('remembers the peer of its last connect, not an earlier one', () => {
    const [ours, first, second] = [datagram(), datagram(), datagram()];
    ours.connect(addressOf(first));
    expect(ours.remoteAddress).toEqual(addressOf(first));
    ours.connect(addressOf(second));
    expect(ours.remoteAddress).toEqual(addressOf(second));
  });

  it('can be disconnected although it is not connected, and not once it is closed', () => {
    const socket = datagram();
    socket.disconnect();
    socket.close();
    expectClosed(() => socket.disconnect());
  });

  it('receives an empty datagram as 0 bytes, which is no end', () => {
    const [ours, theirs] = [datagram(), datagram()];
    theirs.connect(addressOf(ours));
    expect(theirs.send(Buffer.alloc(0))).toBe(0);
    theirs.send(bytes('after it'));
    expect(hear(ours)).toBe('');
    expect(hear(ours)).toBe('after it');
    expect(ours.recv(Buffer.alloc(1))).toBe(-1);
  });

  it('cuts a long datagram; with MSG_TRUNC its length is told', async () => {
    const { systemNumber } = await import('../../lib/socket_kinds.ts');
    const [ours, theirs] = [datagram(), datagram()];
    theirs.connect(addressOf(ours));
    theirs.send(Buffer.alloc(100, 'l'));
    theirs.send(Buffer.alloc(100, 'l'));
    waitFor(ours, READABLE, 2000);
    expect(ours.recv(Buffer.alloc(10))).toBe(10);
    expect(ours.recv(Buffer.alloc(10), 0, 10, systemNumber('MSG_TRUNC'))).toBe(linux ? 100 : 10);
    expect(ours.recv(Buffer.alloc(10))).toBe(-1);
  });
});

describe('reset', () => {
  checkDescriptorsAfterEachTest();

  it('closes at once, and the peer gets ECONNRESET', () => {
    const [client, server] = connection();
    client.reset();
    expect(client.closed).toBe(true);
    waitFor(server, READABLE, 2000);
    expectFdError(() => server.recv(Buffer.alloc(1)), 'ECONNRESET', 'recv');
  });

  it('drops what was not sent', () => {
    const [client, server] = connection();
    const sent = fill(client);
    client.reset();
    waitFor(server, READABLE, 2000);
    let heard = 0;
    expectFdError(() => {
      const buffer = Buffer.alloc(65536);
      for (let n = 1; n > 0; n = server.recv(buffer)) heard += n;
    }, 'ECONNRESET');
    expect(heard).toBeLessThan(sent);
  });

  it('closes sockets that have no such thing, and can be called twice', () => {
    const [a, b] = pair();
    a.reset();
    a.reset();
    b.reset();
    expect([a.closed, b.closed]).toEqual([true, true]);
  });
});

describe('a connection from a chosen address', () => {
  checkDescriptorsAfterEachTest();

  it('comes from there', () => {
    const listener = listen();
    const client = closing(Socket.connect(addressOf(listener), { localAddress: '127.0.0.9:0', timeout: 2000 }));
    const server = acceptOne(listener);
    expect(server.remoteAddress).toMatchObject({ host: '127.0.0.9', port: portOf(client) });
  });

  it('that is not here is EADDRNOTAVAIL from bind, and leaves no descriptor', () => {
    const before = openDescriptors();
    expectFdError(() => Socket.connect('127.0.0.1:9', { localAddress: '192.0.2.1:0' }), 'EADDRNOTAVAIL', 'bind');
    expect(openDescriptors()).toEqual(before);
  });
});

describe('half a close', () => {
  checkDescriptorsAfterEachTest();

  it('of the writing half ends what the peer reads, and leaves the other direction', () => {
    const [client, server] = connection();
    say(client, 'question');
    client.shutdown('write');
    waitFor(server, READABLE, 2000);
    expect(drain(server)).toEqual({ text: 'question', ended: true });
    say(server, 'answer');
    waitFor(client, READABLE, 2000);
    expect(drain(client)).toEqual({ text: 'answer', ended: false });
    expectFdError(() => client.send(bytes('more')), 'EPIPE', 'send');
  });

  it('of the reading half ends what is read here', () => {
    const [a] = pair();
    a.shutdown('read');
    expect(a.recv(Buffer.alloc(1))).toBe(0);
  });
});
