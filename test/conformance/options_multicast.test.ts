import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { READABLE, Socket, waitFor } from '../../lib/index.ts';
import { checkDescriptorsAfterEachTest } from '../support/descriptors.ts';
import { expectFdError } from '../support/expect.ts';
import { loopback } from '../support/interfaces.ts';
import { runtimeCommand } from '../support/runtimes.ts';
import { bytes, closing, pair, portOf } from '../support/sockets.ts';
import { fixturePath, library } from '../support/threads.ts';

const onLinux = process.platform === 'linux';
const GROUP = '239.255.7.7';
const GROUP6 = 'ff15::7:7';
const { name: device, index } = loopback;

const receiver = (): Socket => closing(Socket.listen('0.0.0.0:0', { type: 'dgram' }));
const receiver6 = (): Socket => closing(Socket.listen('[::]:0', { type: 'dgram' }));

/** Sends to the group over the loopback interface; what the receiver gets, '' for nothing. */
const over = (socket: Socket): ((text: string) => string) => {
  const options = { IP_MULTICAST_IF: '127.0.0.1', IP_MULTICAST_TTL: 0, IP_MULTICAST_LOOP: true };
  const sender = closing(Socket.connect(`${GROUP}:${portOf(socket)}`, { type: 'dgram', options }));
  const buffer = Buffer.alloc(32);
  return (text) => {
    sender.send(bytes(text));
    return waitFor(socket, READABLE, 50) === 0 ? '' : buffer.toString('utf8', 0, socket.recv(buffer));
  };
};

describe('a multicast group of IPv4', () => {
  checkDescriptorsAfterEachTest();

  it.each([
    ['by index', index],
    ['by name', device],
    ['by address', '127.0.0.1'],
  ])('is joined and left on an interface %s', (_, how) => {
    const socket = receiver();
    const send = over(socket);
    expect(send('before')).toBe('');
    socket.addMembership(GROUP, { interface: how });
    expect(send('while')).toBe('while');
    socket.dropMembership(GROUP, { interface: how });
    expect(send('after')).toBe('');
  });

  it('is joined once, and left once', () => {
    const socket = receiver();
    socket.addMembership(GROUP, { interface: device });
    expectFdError(() => socket.addMembership(GROUP, { interface: device }), 'EADDRINUSE', 'setsockopt');
    socket.dropMembership(GROUP, { interface: device });
    expectFdError(() => socket.dropMembership(GROUP, { interface: device }), 'EADDRNOTAVAIL', 'setsockopt');
  });

  it('can be of one source, or of all but one', () => {
    const socket = receiver();
    const on = { interface: '127.0.0.1' };
    // The address that the sender has, wherever the route to the group leads.
    const probe = closing(Socket.connect(`${GROUP}:9`, { type: 'dgram', options: { IP_MULTICAST_IF: '127.0.0.1' } }));
    const source = (probe.localAddress as { host: string }).host;
    const send = over(socket);
    socket.addMembership(GROUP, { ...on, source: '10.255.255.254' });
    expect(send('from another')).toBe('');
    socket.addMembership(GROUP, { ...on, source });
    expect(send('from the source')).toBe('from the source');
    socket.dropMembership(GROUP, { ...on, source });
    expect(send('not any more')).toBe('');
    socket.dropMembership(GROUP, { ...on, source: '10.255.255.254' });
    socket.addMembership(GROUP, on);
    socket.blockSource(GROUP, source, on);
    expect(send('blocked')).toBe('');
    socket.unblockSource(GROUP, source, on);
    expect(send('unblocked')).toBe('unblocked');
  });

  it('that is none is an error of the system', () => {
    const socket = receiver();
    expectFdError(() => socket.addMembership('127.0.0.1', { interface: device }), 'EINVAL', 'setsockopt');
    expectFdError(() => socket.addMembership(GROUP, { interface: 2 ** 31 - 1 }), onLinux ? 'ENODEV' : 'EADDRNOTAVAIL');
    expectFdError(() => socket.addMembership(GROUP, { interface: 'nosuch0' }), 'ENODEV', 'if_nametoindex');
    expectFdError(() => pair()[0].addMembership(GROUP), onLinux ? 'ENOTSUP' : 'ENOPROTOOPT');
  });

  it('may be joined by a socket of IPv6 that takes IPv4 too', () => {
    const socket = receiver6();
    if (!onLinux) {
      expectFdError(() => socket.addMembership(GROUP, { interface: device }), 'EINVAL');
      return;
    }
    socket.addMembership(GROUP, { interface: device });
    expect(over(socket)('mapped')).toBe('mapped');
  });
});

describe('a multicast group of IPv6', () => {
  checkDescriptorsAfterEachTest();

  it('is joined once, and left once', () => {
    const socket = receiver6();
    socket.addMembership(GROUP6, { interface: index });
    expectFdError(() => socket.addMembership(GROUP6, { interface: device }), 'EADDRINUSE', 'setsockopt');
    socket.dropMembership(GROUP6, { interface: device });
    expectFdError(() => socket.dropMembership(GROUP6, { interface: device }), 'EADDRNOTAVAIL', 'setsockopt');
  });

  it('may name its interface as a zone', () => {
    const socket = receiver6();
    socket.addMembership(`ff02::7:7%${device}`);
    expectFdError(() => socket.addMembership('ff02::7:7', { interface: device }), 'EADDRINUSE', 'setsockopt');
    socket.dropMembership(`ff02::7:7%${device}`);
  });
});

const SET_UP = `set -e
ip link set lo up
ip link add d0 type veth peer name d1
ip link set d0 up
ip link set d1 up
ip addr add 10.9.9.1/24 dev d0
ip -6 addr add fd00::1/64 dev d0 nodad
`;

describe('multicast in a network of its own', () => {
  checkDescriptorsAfterEachTest();

  it('reaches members, of both families, and no others', () => {
    const fixture = [...runtimeCommand(), fixturePath('multicast.mjs')];
    const env = { ...process.env, FDPOLL_LIBRARY: library, NODE_OPTIONS: '' };
    const run = (command: string, args: readonly string[]) => spawnSync(command, args, { env, encoding: 'utf8' });
    const delivered = ['joined', '', 'unblocked', 'from the source', ''];
    if (!onLinux) {
      const { stdout, stderr } = run(fixture[0] as string, [fixture[1] as string, device]);
      expect(stderr).toBe('');
      expect(JSON.parse(stdout)).toEqual({ inet: delivered, inet6: delivered });
      return;
    }
    // The loopback interface of Linux delivers no multicast of IPv6.
    const prepared = run('unshare', ['-rn', 'sh', '-c', SET_UP]);
    if (prepared.status !== 0) {
      // No namespace, or no such devices in it, for this user: then there is nothing to deliver over.
      expect(String(prepared.error ?? prepared.stderr)).toMatch(
        /not permitted|denied|ENOENT|not found|Unknown device/i,
      );
      return;
    }
    const { stdout, stderr } = run('unshare', ['-rn', 'sh', '-c', `${SET_UP}exec "$@"`, 'sh', ...fixture, 'd0']);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({ inet: delivered, inet6: delivered });
  });
});
