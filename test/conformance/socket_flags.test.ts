import { describe, expect, it } from 'vitest';
import { constants, PRIORITY, READABLE, Socket, waitFor, write } from '../../lib/index.ts';
import { connectedTo, datagramSocket, linux } from '../support/datagrams.ts';
import { checkDescriptorsAfterEachTest } from '../support/descriptors.ts';
import { expectFdError } from '../support/expect.ts';
import { addressOf, bytes, closing, connection, pair, say } from '../support/sockets.ts';

const { MSG_PEEK = 0, MSG_DONTWAIT = 0, MSG_TRUNC = 0, MSG_OOB = 0, MSG_MORE = 0, MSG_NOSIGNAL = 0 } = constants;

const hear = (socket: Socket, flags = 0, size = 64): string => {
  expect(waitFor(socket, READABLE, 2000)).not.toBe(0);
  const buffer = Buffer.alloc(size);
  return buffer.toString('latin1', 0, socket.recv(buffer, 0, size, flags));
};

describe.skipIf(!linux)('MSG_MORE (Linux)', () => {
  checkDescriptorsAfterEachTest();

  it('corks a stream: several sends leave as one segment, with the first that does not say it', () => {
    const [client, server] = connection();
    client.setOption('TCP_NODELAY', true);
    const segments = (): number => Number(client.tcpInfo().dataSegsOut);
    const before = segments();
    expect(client.send(bytes('head'), 0, 4, MSG_MORE)).toBe(4);
    expect(client.send(bytes('er, '), 0, 4, MSG_MORE)).toBe(4);
    expect([segments() - before, server.recv(Buffer.alloc(8))]).toEqual([0, -1]);
    say(client, 'body');
    expect(hear(server)).toBe('header, body');
    expect(segments() - before).toBe(1);
  });

  it('gathers a datagram, with a message and its flags as well', () => {
    const server = datagramSocket();
    const client = connectedTo(server);
    expect(client.send(bytes('one '), 0, 4, MSG_MORE)).toBe(4);
    expect(client.sendMessage(bytes('data'), { flags: MSG_MORE })).toBe(4);
    expect(server.recv(Buffer.alloc(8))).toBe(-1);
    client.send(bytes('gram'));
    expect(hear(server)).toBe('one datagram');
    expect(server.recv(Buffer.alloc(8))).toBe(-1);
  });
});

describe('flags together', () => {
  checkDescriptorsAfterEachTest();

  it('peek into the middle of what comes, by offset, and take nothing', () => {
    const [a, b] = pair();
    say(a, 'abcdef');
    const buffer = Buffer.alloc(8, '.');
    expect(b.recv(buffer, 2, 3, MSG_PEEK | MSG_DONTWAIT)).toBe(3);
    expect(buffer.toString()).toBe('..abc...');
    expect(hear(b)).toBe('abcdef');
  });

  it.skipIf(!linux)('throw away what MSG_TRUNC is told of a stream, and touch no buffer (Linux: TCP)', () => {
    const [client, server] = connection();
    say(client, 'abcdef');
    expect(waitFor(server, READABLE, 2000)).toBe(READABLE);
    const buffer = Buffer.alloc(4, '.');
    expect(server.recv(buffer, 0, 4, MSG_TRUNC)).toBe(4);
    expect(buffer.toString()).toBe('....');
    expect(hear(server)).toBe('ef');
  });

  it('tell the urgent byte apart, or leave it in the stream with SO_OOBINLINE', () => {
    const [client, server] = connection();
    say(client, 'ab');
    expect(client.send(bytes('!'), 0, 1, MSG_OOB)).toBe(1);
    expect(waitFor(server, PRIORITY, 2000)).toBe(PRIORITY);
    expect(hear(server)).toBe('ab');
    expect(server.atMark()).toBe(true);
    const urgent = Buffer.alloc(1);
    expect([server.recv(urgent, 0, 1, MSG_OOB), urgent.toString()]).toEqual([1, '!']);
    expectFdError(() => server.recv(Buffer.alloc(1), 0, 1, MSG_OOB), 'EINVAL', 'recv');

    const [sender, inline] = connection();
    inline.setOption('SO_OOBINLINE', true);
    expect(sender.send(bytes('c?'), 0, 2, MSG_OOB)).toBe(2);
    expect(waitFor(inline, PRIORITY, 2000)).toBe(PRIORITY);
    expect(hear(inline)).toBe('c');
    expect([inline.atMark(), hear(inline)]).toEqual([true, '?']);
  });

  it('never need MSG_NOSIGNAL: whatever sends says EPIPE, and the process lives', () => {
    const signals: string[] = [];
    const note = (signal: string): number => signals.push(signal);
    process.on('SIGPIPE', note);
    for (const send of [
      (socket: Socket) => socket.send(bytes('x')),
      (socket: Socket) => socket.send(bytes('x'), 0, 1, MSG_NOSIGNAL),
      (socket: Socket) => socket.sendMessage([bytes('x')]),
      (socket: Socket) => write(socket, bytes('x')),
    ]) {
      const [a, b] = pair();
      b.close();
      expectFdError(() => send(a), 'EPIPE');
    }
    process.off('SIGPIPE', note);
    expect(signals).toEqual([]);
  });
});

describe('a seqpacket socket', () => {
  checkDescriptorsAfterEachTest();

  it('keeps messages apart, empty ones too; the end is 0 as well and stays', () => {
    if (process.platform === 'darwin') {
      expectFdError(() => Socket.pair('seqpacket'), 'EPROTONOSUPPORT');
      return;
    }
    const [a, b] = Socket.pair('seqpacket').map(closing) as [Socket, Socket];
    expect([a.type, b.type]).toEqual(['seqpacket', 'seqpacket']);
    expect([a.send(bytes('abc')), a.send(Buffer.alloc(0)), a.send(bytes('de'))]).toEqual([3, 0, 2]);
    const buffer = Buffer.alloc(2);
    expect(b.recvMessage(buffer)).toMatchObject({ bytes: 2, truncated: true });
    expect([b.recv(buffer), b.recv(buffer), b.recv(buffer)]).toEqual([0, 2, -1]);
    a.close();
    expect([b.recv(buffer), b.recv(buffer)]).toEqual([0, 0]);
    expectFdError(() => b.send(bytes('x')), 'EPIPE', 'send');
  });

  it('listens, accepts and is connected as a stream is', () => {
    if (process.platform === 'darwin') {
      expectFdError(() => new Socket('unix', 'seqpacket'), 'EPROTONOSUPPORT', 'socket');
      return;
    }
    if (!linux) {
      expect(closing(new Socket('unix', 'seqpacket')).type).toBe('seqpacket');
      return;
    }
    const listener = closing(Socket.listen('unix:', { type: 'seqpacket' }));
    expect(listener.listening).toBe(true);
    expect(addressOf(listener)).toEqual({ family: 'unix', path: expect.stringMatching(/^\0[0-9a-f]{5}$/) });
    const client = closing(Socket.connect(addressOf(listener), { type: 'seqpacket' }));
    const server = closing(listener.accept() ?? expect.fail('somebody waits'));
    expect([server.type, client.remoteAddress]).toEqual(['seqpacket', listener.localAddress]);
    client.send(bytes('whole'));
    client.shutdown('write');
    expect([hear(server), hear(server)]).toEqual(['whole', '']);
  });
});
