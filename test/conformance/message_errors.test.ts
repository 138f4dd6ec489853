import { describe, expect, it } from 'vitest';
import {
  type AddressObject,
  ERROR,
  FdError,
  type Message,
  PRIORITY,
  READABLE,
  Socket,
  waitFor,
} from '../../lib/index.ts';
import { systemNumber } from '../../lib/socket_kinds.ts';
import { checkDescriptorsAfterEachTest } from '../support/descriptors.ts';
import { expectFdError } from '../support/expect.ts';
import { bound, linux, nextMessage, pairOf, switchOn } from '../support/messages.ts';
import { addressOf, bytes, closing, connection, drain, pair, say } from '../support/sockets.ts';

/** An address of this machine where nobody listens. */
const closedPort = (address = '127.0.0.1:0'): AddressObject => {
  const socket = Socket.listen(address, { type: 'dgram' });
  const free = addressOf(socket);
  socket.close();
  return free;
};

/** The next entry of the error queue. */
const queued = (socket: Socket, buffer: Buffer = Buffer.alloc(100)): Message => {
  expect(waitFor(socket, READABLE, 2000) & ERROR, 'the error queue announces itself').toBe(ERROR);
  const message = socket.recvMessage(buffer, { flags: systemNumber('MSG_ERRQUEUE') });
  return message ?? expect.fail('the error queue is empty');
};

const kinds: [kind: string, address: string, level: string, option: string, type: number, code: number][] = [
  ['inet', '127.0.0.1:0', 'IPPROTO_IP', 'IP_RECVERR', 3, 3],
  ['inet6', '[::1]:0', 'IPPROTO_IPV6', 'IPV6_RECVERR', 1, 4],
];

describe.runIf(linux)('the error queue (Linux)', () => {
  checkDescriptorsAfterEachTest();

  it.each(kinds)('of %s tells which datagram met what', (kind, address, level, option, type, code) => {
    const [socket, nobody] = [bound(address), closedPort(address)];
    switchOn(socket, level, option);
    socket.sendTo(bytes('to nobody'), nobody);
    const buffer = Buffer.alloc(100);
    const message = queued(socket, buffer);
    expect(buffer.toString('latin1', 0, message.bytes)).toBe('to nobody');
    expect(message.address).toEqual(nobody);
    expect(message.flags & systemNumber('MSG_ERRQUEUE')).not.toBe(0);
    expect(message.error).toBeInstanceOf(FdError);
    expect(message.error).toMatchObject({ code: 'ECONNREFUSED', syscall: 'recvmsg', fd: socket.fd });
    expect(message.error).toMatchObject('host' in nobody ? { address: nobody.host, port: nobody.port } : {});
    expect(message.extendedError).toMatchObject({ origin: kind === 'inet' ? 'icmp' : 'icmp6', type, code, info: 0 });
    expect(message.extendedError?.offender).toMatchObject({ host: 'host' in nobody ? nobody.host : '' });
    expect(message.zerocopy).toBeUndefined();
    expect(socket.recvMessage(buffer, { flags: systemNumber('MSG_ERRQUEUE') })).toBeUndefined();
  });

  it('leaves the socket in order: errors are taken there, or thrown once', () => {
    const socket = bound();
    const other = bound();
    switchOn(socket, 'IPPROTO_IP', 'IP_RECVERR');
    socket.sendTo(bytes('x'), closedPort());
    expect(waitFor(socket, READABLE, 2000) & ERROR).toBe(ERROR);
    expectFdError(() => socket.recvFrom(Buffer.alloc(8)), 'ECONNREFUSED', 'recvfrom');
    expect(socket.recvFrom(Buffer.alloc(8))).toBeUndefined();
    queued(socket);
    other.sendTo(bytes('hello'), addressOf(socket));
    expect(nextMessage(socket)).toMatchObject({ text: 'hello', address: addressOf(other) });
  });

  it('that is empty is undefined at once, also with a timeout', () => {
    const socket = bound();
    switchOn(socket, 'IPPROTO_IP', 'IP_RECVERR');
    socket.timeout = Infinity;
    const flags = systemNumber('MSG_ERRQUEUE');
    expect(socket.recvMessage(Buffer.alloc(8), { flags })).toBeUndefined();
    expect(socket.recvFrom(Buffer.alloc(8), flags)).toBeUndefined();
    expect(socket.recv(Buffer.alloc(8), 0, 8, flags)).toBe(-1);
  });

  it('of a local error names its own: a datagram that may not be cut up tells the MTU', () => {
    const socket = bound();
    switchOn(socket, 'IPPROTO_IP', 'IP_RECVERR');
    const [doNotCut, probe] = [10, 3]; // IP_MTU_DISCOVER, IP_PMTUDISC_PROBE
    socket.setOption(systemNumber('IPPROTO_IP'), doNotCut, probe);
    let error: unknown;
    try {
      socket.sendTo(Buffer.alloc(65_507), closedPort());
    } catch (thrown) {
      error = thrown;
    }
    // The loopback's MTU is 65536, or whatever it was set to: then it goes, and nobody listens.
    const message = queued(socket);
    if (error === undefined) expect(message.error?.code).toBe('ECONNREFUSED');
    else {
      expect(error).toMatchObject({ code: 'EMSGSIZE', syscall: 'sendto' });
      expect(message.extendedError).toMatchObject({ origin: 'local', info: expect.any(Number) });
      expect(message.extendedError).not.toHaveProperty('offender');
    }
  });

  it('tells which sends without a copy are done', () => {
    const [client, server] = connection();
    switchOn(client, 'SOL_SOCKET', 'SO_ZEROCOPY');
    for (let i = 0; i < 2; i++) {
      expect(client.send(Buffer.alloc(30_000), 0, 30_000, systemNumber('MSG_ZEROCOPY'))).toBeGreaterThan(0);
    }
    drain(server);
    let next = 0;
    while (next < 2) {
      const message = queued(client);
      expect(message).toMatchObject({ bytes: 0, zerocopy: { from: next, copied: expect.any(Boolean) } });
      expect(message.error).toBeUndefined();
      expect(message.extendedError).toBeUndefined();
      next = (message.zerocopy?.to ?? next) + 1;
    }
    expect(next).toBe(2);
  });

  it('tells when a datagram left, which is no error', () => {
    const [socket, other] = [bound(), bound()];
    const [timestamping, software, transmit] = [37, 16, 2]; // SO_TIMESTAMPING, linux/net_tstamp.h
    socket.setOption(systemNumber('SOL_SOCKET'), timestamping, software | transmit);
    socket.sendTo(bytes('x'), addressOf(other));
    const message = queued(socket);
    expect(message.extendedError).toMatchObject({ origin: 'timestamping' });
    expect(message.error).toBeUndefined();
    expect(message.control).toContainEqual(expect.objectContaining({ level: 1, type: timestamping }));
  });
});

describe('a pending ICMP error', () => {
  checkDescriptorsAfterEachTest();

  /** A connected socket whose peer is gone, after the error has come. */
  const refused = (): { socket: Socket; peer: AddressObject } => {
    const peer = closedPort();
    const socket = bound();
    socket.connect(peer);
    socket.send(bytes('x'));
    expect(waitFor(socket, READABLE, 2000)).not.toBe(0);
    return { socket, peer };
  };

  it.each([
    ['recv', 'recv', (socket: Socket) => socket.recv(Buffer.alloc(8))],
    ['recvFrom', 'recvfrom', (socket: Socket) => socket.recvFrom(Buffer.alloc(8))],
    ['recvMessage', 'recvmsg', (socket: Socket) => socket.recvMessage(Buffer.alloc(8))],
  ] as const)('is thrown by %s once, and is gone', (_name, syscall, receive) => {
    const { socket } = refused();
    expectFdError(() => receive(socket), 'ECONNREFUSED', syscall);
    expect(receive(socket) ?? -1).toBe(-1);
  });

  it.each([
    ['send', 'send', (socket: Socket) => socket.send(bytes('again'))],
    ['sendMessage', 'sendmsg', (socket: Socket) => socket.sendMessage(bytes('again'))],
  ] as const)('is thrown by %s, whose datagram did not go: a retry sends it', (_name, syscall, send) => {
    const { socket, peer } = refused();
    const revived = bound(peer);
    expectFdError(() => send(socket), 'ECONNREFUSED', syscall);
    expect(revived.recvMessage(Buffer.alloc(8))).toBeUndefined();
    expect(send(socket)).toBe(5);
    expect(nextMessage(revived).text).toBe('again');
  });

  it('is thrown by a call that waits, with or without a message', () => {
    const { socket } = refused();
    socket.timeout = 2000;
    expectFdError(() => socket.recvMessage(Buffer.alloc(8)), 'ECONNREFUSED', 'recvmsg');
  });
});

describe('urgent data', () => {
  checkDescriptorsAfterEachTest();

  it('is one byte beside the stream, and atMark tells where', () => {
    const [client, server] = connection();
    const flags = systemNumber('MSG_OOB');
    say(client, 'before');
    expect(client.send(bytes('!'), 0, 1, flags)).toBe(1);
    say(client, 'after');
    expect(waitFor(server, PRIORITY, 2000)).toBe(PRIORITY);
    expect(server.atMark()).toBe(false);
    const buffer = Buffer.alloc(16);
    expect(server.recvMessage(buffer, { flags })).toMatchObject({ bytes: 1, flags });
    expect(buffer[0]).toBe('!'.charCodeAt(0));
    // Reads stop at the mark.
    expect(server.recv(buffer)).toBe(6);
    expect(server.atMark()).toBe(true);
    expect(waitFor(server, READABLE, 2000) & READABLE).toBe(READABLE);
    expect(drain(server).text).toBe('after');
    expect(server.atMark()).toBe(false);
  });

  it('goes as a message too, and is EINVAL when there is none', () => {
    const [client, server] = connection();
    const flags = systemNumber('MSG_OOB');
    expectFdError(() => server.recv(Buffer.alloc(8), 0, 8, flags), 'EINVAL', 'recv');
    expect(client.sendMessage(bytes('!'), { flags })).toBe(1);
    expect(waitFor(server, PRIORITY, 2000)).toBe(PRIORITY);
    expect(server.recvFrom(Buffer.alloc(8), flags)?.bytes).toBe(1);
  });

  it('has no mark on what is no stream', () => {
    const [a] = pairOf('dgram');
    const codes = ['EINVAL', 'ENOTTY', 'EOPNOTSUPP', 'ENOTSUP'];
    try {
      expect(a.atMark()).toBe(false);
    } catch (error) {
      expect(codes).toContain((error as FdError).code);
      expect(error).toMatchObject({ syscall: 'ioctl', fd: a.fd });
    }
    if (linux) expectFdError(() => bound().atMark(), 'ENOTTY', 'ioctl');
  });

  it('of a closed socket is asked in vain', () => {
    const [a] = pair();
    a.close();
    expect(() => a.atMark()).toThrow(/closed/);
    expect(closing(a).closed).toBe(true);
  });
});
