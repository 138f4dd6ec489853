import { describe, expect, it } from 'vitest';
import type { FdError, Message, Socket } from '../../lib/index.ts';
import { systemNumber } from '../../lib/socket_kinds.ts';
import { checkDescriptorsAfterEachTest } from '../support/descriptors.ts';
import { expectFdError, thrownBy } from '../support/expect.ts';
import { bound, linux, nextMessage, pairOf, switchOn, twoBound } from '../support/messages.ts';
import { addressOf, bytes, connection, portOf } from '../support/sockets.ts';

const mapped = (socket: Socket) => `[::ffff:127.0.0.1]:${portOf(socket)}`;

/** A server's answer from the address that it was asked at: sent as the contract says. */
const answer = (server: Socket, to: Message): number =>
  server.sendMessage(bytes('answer'), { address: to.address, pktinfo: to.pktinfo });

/** A dual-stack socket on every address. */
const dual = (): Socket => {
  const socket = bound('[::]:0');
  switchOn(socket, 'IPPROTO_IPV6', 'IPV6_RECVPKTINFO');
  return socket;
};

const sameKinds: [kind: string, level: string, options: string[], address: string][] = [
  ['inet', 'IPPROTO_IP', ['IP_RECVTTL', 'IP_RECVTOS'], '127.0.0.1:0'],
  ['inet6', 'IPPROTO_IPV6', ['IPV6_RECVHOPLIMIT', 'IPV6_RECVTCLASS'], '[::1]:0'],
];

describe.runIf(linux)('the control data of a datagram (Linux)', () => {
  checkDescriptorsAfterEachTest();

  it('is none unless the socket asks for it', () => {
    const [server, client] = twoBound();
    client.sendTo(bytes('x'), addressOf(server));
    const message = server.recvMessage(Buffer.alloc(8)) ?? expect.fail('no message');
    expect(Object.keys(message).sort()).toEqual(['address', 'bytes', 'controlTruncated', 'fds', 'flags', 'truncated']);
    expect(message).toMatchObject({ flags: 0, fds: [] });
  });

  it('tells the interface and both addresses of IPv4, and a reply goes back from there', () => {
    const server = bound('0.0.0.0:0');
    switchOn(server, 'IPPROTO_IP', 'IP_PKTINFO');
    const client = bound();
    for (const host of ['127.0.0.1', '127.1.2.3']) {
      client.sendTo(bytes('x'), `${host}:${portOf(server)}`);
      const message = nextMessage(server);
      expect(message.pktinfo).toEqual({ interface: 1, local: host, destination: host });
      expect(answer(server, message)).toBe(6);
      expect(nextMessage(client).address).toEqual({ family: 'inet', host, port: portOf(server) });
    }
  });

  it('of a broadcast has an address to answer from that is not the broadcast’s', () => {
    const server = bound('0.0.0.0:0');
    switchOn(server, 'IPPROTO_IP', 'IP_PKTINFO');
    const client = bound();
    switchOn(client, 'SOL_SOCKET', 'SO_BROADCAST');
    client.sendTo(bytes('x'), `127.255.255.255:${portOf(server)}`);
    const message = nextMessage(server);
    expect(message.pktinfo).toEqual({ interface: 1, local: '127.0.0.1', destination: '127.255.255.255' });
    answer(server, message);
    expect(nextMessage(client).address).toMatchObject({ host: '127.0.0.1' });
  });

  it('tells the same of IPv6', () => {
    const server = dual();
    const client = bound('[::1]:0');
    client.sendTo(bytes('x'), `[::1]:${portOf(server)}`);
    const message = nextMessage(server);
    expect(message.pktinfo).toEqual({ interface: 1, local: '::1', destination: '::1' });
    expect(answer(server, message)).toBe(6);
    expect(nextMessage(client)).toMatchObject({ text: 'answer', address: { host: '::1' } });
  });

  it('tells the same of IPv4 on a socket for both, in mapped form', () => {
    const server = dual();
    switchOn(server, 'IPPROTO_IP', 'IP_PKTINFO');
    const client = bound();
    const host = '127.9.9.9';
    client.sendTo(bytes('x'), `${host}:${portOf(server)}`);
    const message = nextMessage(server);
    expect(message.address).toMatchObject({ family: 'inet6', host: '::ffff:127.0.0.1' });
    expect(message.pktinfo).toEqual({ interface: 1, local: `::ffff:${host}`, destination: `::ffff:${host}` });
    expect(answer(server, message)).toBe(6);
    expect(nextMessage(client).address).toMatchObject({ host });
    // Plain IPv4, or only the interface, will do as well.
    server.sendMessage(bytes('x'), { address: message.address, pktinfo: { interface: 0, local: host } });
    expect(nextMessage(client).address).toMatchObject({ host });
    server.sendMessage(bytes('x'), { address: message.address, pktinfo: { interface: 1 } });
    expect(nextMessage(client).address).toMatchObject({ host: '127.0.0.1' });
  });

  it.each(sameKinds)('carries ttl and tos both ways over %s', (_kind, level, options, address) => {
    const [server, client] = twoBound(address);
    for (const option of options) switchOn(server, level, option);
    client.sendMessage(bytes('x'), { address: addressOf(server), ttl: 7, tos: 0x28 });
    expect(nextMessage(server)).toMatchObject({ ttl: 7, tos: 0x28 });
    client.sendMessage(bytes('x'), { address: addressOf(server), ttl: 1 });
    expect(nextMessage(server)).toMatchObject({ ttl: 1, tos: 0 });
    client.sendTo(bytes('x'), addressOf(server));
    expect(nextMessage(server)).toMatchObject({ ttl: 64, tos: 0 });
  });

  it('carries ttl and tos to an IPv4 peer of an inet6 socket, by address or connected', () => {
    const server = bound();
    for (const option of ['IP_RECVTTL', 'IP_RECVTOS']) switchOn(server, 'IPPROTO_IP', option);
    const client = bound('[::]:0');
    client.sendMessage(bytes('x'), { address: mapped(server), ttl: 9, tos: 0x10 });
    expect(nextMessage(server)).toMatchObject({ ttl: 9, tos: 0x10 });
    client.connect(mapped(server));
    client.sendMessage(bytes('x'), { ttl: 8, tos: 0x18 });
    expect(nextMessage(server)).toMatchObject({ ttl: 8, tos: 0x18 });
  });

  it.each(['SO_TIMESTAMPNS', 'SO_TIMESTAMP'])('tells with %s when it came, in nanoseconds', (option) => {
    const [server, client] = twoBound();
    switchOn(server, 'SOL_SOCKET', option);
    const before = BigInt(Date.now() - 1) * 1_000_000n;
    client.sendTo(bytes('x'), addressOf(server));
    const { timestamp = 0n } = nextMessage(server);
    expect(timestamp).toBeGreaterThan(before);
    expect(timestamp).toBeLessThan(BigInt(Date.now() + 1) * 1_000_000n);
  });

  it('cuts one message into datagrams of a size, and tells the size of those that came as one', () => {
    const [server, client] = twoBound();
    client.sendMessage(Buffer.from('aaaabbbbcc'), { address: addressOf(server), segmentSize: 4 });
    expect([nextMessage(server).text, nextMessage(server).text, nextMessage(server).text]).toEqual([
      'aaaa',
      'bbbb',
      'cc',
    ]);
    switchOn(server, 'IPPROTO_UDP', 'UDP_GRO');
    client.sendMessage(Buffer.from('aaaabbbbcc'), { address: addressOf(server), segmentSize: 4 });
    expect(nextMessage(server)).toMatchObject({ text: 'aaaabbbbcc', segmentSize: 4 });
  });

  it('that has no name goes and comes as it stands', () => {
    const [server, client] = twoBound();
    switchOn(server, 'SOL_SOCKET', 'SO_RXQ_OVFL');
    switchOn(server, 'IPPROTO_IP', 'IP_RECVTTL');
    const control = [{ level: systemNumber('IPPROTO_IP'), type: 2, data: new Int32Array([33]) }];
    client.sendMessage(bytes('x'), { address: addressOf(server), control });
    expect(nextMessage(server).ttl).toBe(33);
    // The kernel counts what it drops when the receive buffer is full, and tells from then on.
    for (let i = 0; i < 500; i++) client.sendTo(Buffer.alloc(60_000), addressOf(server));
    while (server.recv(Buffer.alloc(8)) > 0);
    client.sendMessage(bytes('x'), { address: addressOf(server), control });
    const [item] = nextMessage(server).control ?? [];
    expect(item).toMatchObject({ level: systemNumber('SOL_SOCKET'), type: systemNumber('SO_RXQ_OVFL') });
    expect(item?.data).toHaveLength(4);
    expect(Buffer.from(item?.data ?? []).readUInt32LE()).toBeGreaterThan(0);
  });
});

describe('what cannot be sent', () => {
  checkDescriptorsAfterEachTest();

  it('on a unix socket is ENOPROTOOPT: the kernel would drop it', () => {
    const [a, b] = pairOf('dgram');
    for (const message of [{ ttl: 1 }, { tos: 1 }, { pktinfo: { interface: 1 } }, { segmentSize: 1 }])
      expectFdError(() => a.sendMessage(bytes('x'), message), 'ENOPROTOOPT', 'sendmsg');
    expect(b.recvMessage(Buffer.alloc(8))).toBeUndefined();
  });

  it('on an internet socket is ENOPROTOOPT, descriptors too', () => {
    const [a, b] = twoBound();
    const [client] = connection();
    for (const message of [{ fds: [a.fd] }, { credentials: { pid: process.pid, uid: 0, gid: 0 } }]) {
      expectFdError(() => a.sendMessage(bytes('x'), { ...message, address: addressOf(b) }), 'ENOPROTOOPT');
      expectFdError(() => client.sendMessage(bytes('x'), message), 'ENOPROTOOPT');
    }
    expect(b.recvMessage(Buffer.alloc(8))).toBeUndefined();
  });

  it('is an address that this machine does not have', () => {
    const [a, b] = twoBound('0.0.0.0:0');
    const address = `127.0.0.1:${portOf(b)}`;
    const pktinfo = { interface: 0, local: '192.0.2.77' };
    const error = thrownBy(() => a.sendMessage(bytes('x'), { address, pktinfo })) as FdError;
    // No route leaves from there, or it is no source at all.
    expect(['EINVAL', 'ENETUNREACH', 'EADDRNOTAVAIL']).toContain(error.code);
    expect(error).toMatchObject({ syscall: 'sendmsg', address: '127.0.0.1' });
    expect(error.message).not.toContain('253');
  });
});

describe('credentials', () => {
  checkDescriptorsAfterEachTest();
  const mine = { pid: process.pid, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

  it('come with each message where the receiver asks for them, or are ENOTSUP to send', () => {
    const [a, b] = pairOf('dgram');
    if (!linux) {
      if (process.platform !== 'freebsd') {
        expectFdError(() => a.sendMessage(bytes('x'), { credentials: mine }), 'ENOTSUP', 'sendmsg');
      }
      return;
    }
    switchOn(b, 'SOL_SOCKET', 'SO_PASSCRED');
    a.send(bytes('x'));
    expect(nextMessage(b).credentials).toEqual(mine);
    a.sendMessage(bytes('x'), { credentials: mine });
    expect(nextMessage(b).credentials).toEqual(mine);
  });

  it.runIf(linux)('of others need privileges (Linux)', () => {
    const [a, b] = pairOf('dgram');
    switchOn(b, 'SOL_SOCKET', 'SO_PASSCRED');
    const others = { pid: 1, uid: 4_000_000_000, gid: 4_000_000_000 };
    let sent = 0;
    try {
      sent = a.sendMessage(bytes('x'), { credentials: others });
    } catch (error) {
      expect(error).toMatchObject({ code: 'EPERM', syscall: 'sendmsg' });
    }
    // Root may say what it likes, and unsigned numbers stay so.
    if (sent > 0) expect(nextMessage(b).credentials).toEqual(others);
    else expect(b.recvMessage(Buffer.alloc(8))).toBeUndefined();
  });

  it.runIf(linux)('keep messages of a stream apart (Linux)', () => {
    const [a, b] = pairOf('stream');
    switchOn(b, 'SOL_SOCKET', 'SO_PASSCRED');
    a.send(bytes('one'));
    a.send(bytes('two'));
    expect(nextMessage(b)).toMatchObject({ text: 'onetwo', credentials: mine });
  });

  it('of no control space are truncated, and the bytes are there', () => {
    const [a, b] = pairOf('dgram');
    if (linux) switchOn(b, 'SOL_SOCKET', 'SO_PASSCRED');
    a.send(bytes('x'));
    const message = nextMessage(b, 8, { controlSize: 0 });
    expect(message).toMatchObject({ text: 'x', controlTruncated: linux });
    expect(message.credentials).toBeUndefined();
  });
});
