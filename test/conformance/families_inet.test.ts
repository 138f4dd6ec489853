import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { constants, interfaceIndex, interfaceName, READABLE, Socket, waitFor } from '../../lib/index.ts';
import { linux } from '../support/datagrams.ts';
import { checkDescriptorsAfterEachTest, openDescriptors } from '../support/descriptors.ts';
import { expectFdError, expectUnknownValue } from '../support/expect.ts';
import { acceptOne, addressOf, bytes, closing, connect, listen, say } from '../support/sockets.ts';

const loopback = linux ? 'lo' : 'lo0';
const root = process.getuid?.() === 0;

/** ICMP echo request with a checksum, as RFC 792 has it. */
const echoRequest = (): Buffer => Buffer.from([8, 0, 0xf7, 0xff, 0, 0, 0, 0]);

const received = (socket: Socket, buffer: Buffer): number => {
  expect(waitFor(socket, READABLE, 2000)).toBe(READABLE);
  return socket.recv(buffer);
};

describe('an inet6 address', () => {
  checkDescriptorsAfterEachTest();

  it('may name its interface, or give its index, in a string or in the host', () => {
    const index = interfaceIndex(loopback);
    for (const zone of [loopback, String(index)]) {
      const listener = listen(`[::1%${zone}]:0`);
      expect(addressOf(listener)).toMatchObject({ family: 'inet6', host: '::1' });
      const { port } = addressOf(listener) as { port: number };
      connect({ family: 'inet6', host: `::1%${zone}`, port });
      expect(acceptOne(listener).family).toBe('inet6');
    }
    expect(interfaceName(index)).toBe(loopback);
  });

  it('of an interface that is not there is refused, and opens nothing', () => {
    const before = openDescriptors();
    expectUnknownValue(() => Socket.listen('[fe80::1%nosuch0]:0'));
    expectFdError(() => Socket.listen('[fe80::1%2147483647]:0'), linux ? 'ENODEV' : 'ENXIO', 'bind');
    expect(openDescriptors()).toEqual(before);
  });

  it('that is link-local and of nobody here names itself in the error', () => {
    const error = expectFdError(() => Socket.listen(`[fe80::dead%${loopback}]:0`), 'EADDRNOTAVAIL', 'bind');
    expect(error.port).toBe(0);
    expect(error.address).toMatch(/^fe80::dead/);
  });

  it.skipIf(!linux)('carries flow information to where it is asked for (Linux)', () => {
    const listener = listen('[::1]:0');
    const client = closing(new Socket('inet6', 'stream'));
    client.setOption('IPV6_FLOWINFO_SEND', true);
    client.connect({ ...(addressOf(listener) as { family: 'inet6'; host: string; port: number }), flowInfo: 0x12345 });
    expect(client.remoteAddress).toMatchObject({ host: '::1', flowInfo: 0x12345 });
    acceptOne(listener);
  });
});

describe('a raw ICMP socket', () => {
  checkDescriptorsAfterEachTest();

  it('sends and hears an echo with its IP header, or says what it takes to have one', () => {
    if (!root) {
      expect(expectFdError(() => new Socket('inet', 'raw', { protocol: 'icmp' }), 'EPERM', 'socket').message).toMatch(
        /privileges/,
      );
      return;
    }
    const socket = closing(new Socket('inet', 'raw', { protocol: 'icmp' }));
    expect([socket.family, socket.type, socket.protocol]).toEqual(['inet', 'raw', 1]);
    expect(socket.sendTo(echoRequest(), '127.0.0.1:0')).toBe(8);
    const buffer = Buffer.alloc(128);
    const types: (number | undefined)[] = [];
    while (!types.includes(0)) {
      expect(received(socket, buffer)).toBe(28);
      types.push(buffer[20]);
    }
    expect(buffer[0]).toBe(0x45);
  });

  it.skipIf(!linux)('of the type dgram needs no privileges but the group, and says which setting that is', () => {
    const [from = 1, to = 0] = readFileSync('/proc/sys/net/ipv4/ping_group_range', 'utf8').split('\t').map(Number);
    const groups = [process.getegid?.() ?? 0, ...(process.getgroups?.() ?? [])];
    if (!groups.some((group) => group >= from && group <= to)) {
      for (const [family, protocol] of [
        ['inet', 'icmp'],
        ['inet6', 'icmpv6'],
      ] as const) {
        const error = expectFdError(() => new Socket(family, 'dgram', { protocol }), 'EACCES', 'socket');
        expect(error.message).toMatch(/net\.ipv4\.ping_group_range/);
      }
      return;
    }
    const socket = closing(new Socket('inet', 'dgram', { protocol: 'icmp' }));
    expect(socket.sendTo(echoRequest(), '127.0.0.1:0')).toBe(8);
    const buffer = Buffer.alloc(128);
    expect(received(socket, buffer)).toBe(8);
    expect(buffer[0]).toBe(0);
  });
});

describe('Multipath TCP', () => {
  checkDescriptorsAfterEachTest();
  const mptcp = { protocol: 'mptcp' } as const;

  it('connects over loopback and says that it is; or the system lacks it', () => {
    if (!linux) {
      expectFdError(() => new Socket('inet', 'stream', mptcp), 'EPROTONOSUPPORT', 'socket');
      return;
    }
    const listener = closing(Socket.listen('127.0.0.1:0', mptcp));
    const client = closing(Socket.connect(addressOf(listener), { ...mptcp, timeout: 2000 }));
    const server = acceptOne(listener);
    expect([listener.protocol, client.protocol, server.protocol]).toEqual([262, 262, 262]);
    expect([client.getOption('TCP_IS_MPTCP'), server.getOption('TCP_IS_MPTCP')]).toEqual([true, true]);
    say(client, 'over many ways');
    const buffer = Buffer.alloc(64);
    expect(received(server, buffer)).toBe(14);
    expect(client.tcpInfo().state).toBe(constants.TCP_ESTABLISHED);
  });

  it.skipIf(!linux)('falls back to TCP with a peer that does not speak it, on either side (Linux)', () => {
    const listener = closing(Socket.listen('127.0.0.1:0', mptcp));
    connect(addressOf(listener));
    const server = acceptOne(listener);
    expect([server.protocol, server.getOption('TCP_IS_MPTCP')]).toEqual([constants.IPPROTO_TCP, false]);

    const plain = listen();
    const client = closing(Socket.connect(addressOf(plain), { ...mptcp, timeout: 2000 }));
    expect(client.getOption('TCP_IS_MPTCP')).toBe(false);
    expect(client.send(bytes('x'))).toBe(1);
    expect(received(acceptOne(plain), Buffer.alloc(4))).toBe(1);
  });
});
