import { openSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { close, constants, dup, eventfd, FdError, Poller, Socket, type SocketType } from '../../lib/index.ts';
import { linux } from '../support/datagrams.ts';
import { checkDescriptorsAfterEachTest, isCloseOnExec } from '../support/descriptors.ts';
import { expectFdError } from '../support/expect.ts';
import { addressOf, closing, listen, openPipe } from '../support/sockets.ts';

type Kind = readonly [family: string | number, type: SocketType, protocol: string | number, number: number];

// Protocol numbers as the kernel tells them: 0 where a family has one only.
const KINDS: readonly Kind[] = [
  ['inet', 'stream', 0, 6],
  ['inet', 'dgram', 0, 17],
  ['inet6', 'stream', 'tcp', 6],
  ['inet6', 'dgram', 'udp', 17],
  ['inet', 'raw', 'icmp', 1],
  ['inet6', 'raw', 'icmpv6', 58],
  ['inet', 'stream', 'mptcp', 262],
  ['unix', 'stream', 0, 0],
  ['unix', 'dgram', 0, 0],
  ['unix', 'seqpacket', 0, 0],
  ['netlink', 'raw', 'netlink-route', 0],
  ['netlink', 'dgram', 'netlink-generic', 16],
  ['packet', 'raw', 0x0003, 3],
  ['packet', 'dgram', 0x0800, 0x0800],
  ['vsock', 'stream', 0, 0],
  ['can', 'raw', 'can-raw', 1],
  ['bluetooth', 'raw', 'bluetooth-hci', 1],
  [44, 'raw', 0, 0], // AF_XDP, which has no name that getsockname(2) could tell
];

const opened = ([family, type, protocol]: Kind): Socket | undefined => {
  try {
    return new Socket(family as number, type, { protocol });
  } catch (error) {
    // What this machine or this user lacks: nothing to adopt.
    expect(error).toBeInstanceOf(FdError);
    expect((error as FdError).syscall).toBe('socket');
    return undefined;
  }
};

describe('Socket.fromFd', () => {
  checkDescriptorsAfterEachTest();

  it('knows of every kind what it is', () => {
    const seen: string[] = [];
    for (const kind of KINDS) {
      const socket = opened(kind);
      if (socket === undefined) continue;
      const [family, type, , number] = kind;
      const adopted = Socket.fromFd(socket.detach());
      expect([adopted.family, adopted.type, linux ? adopted.protocol : number]).toEqual([family, type, number]);
      expect([adopted.listening, isCloseOnExec(adopted.fd)]).toEqual([false, true]);
      seen.push(`${family} ${type}`);
      adopted.close();
    }
    expect(seen).toEqual(expect.arrayContaining(['inet stream', 'inet dgram', 'inet6 stream', 'unix stream']));
    if (linux) expect(seen).toEqual(expect.arrayContaining(['unix seqpacket', 'netlink raw', 'netlink dgram']));
  });

  it('knows that a socket listens, and at which address', () => {
    for (const address of ['127.0.0.1:0', '[::1]:0']) {
      const listener = listen(address);
      const adopted = closing(Socket.fromFd(dup(listener)));
      expect([adopted.listening, adopted.localAddress]).toEqual([true, addressOf(listener)]);
    }
    const bound = closing(Socket.listen('127.0.0.1:0', { type: 'dgram' }));
    expect(closing(Socket.fromFd(dup(bound))).listening).toBe(false);
  });

  it('of a packet socket says the protocol that it was opened with, which is not the one of getsockopt', () => {
    if (!linux || process.getuid?.() !== 0) {
      expectFdError(() => new Socket('packet', 'raw'), linux ? 'EPERM' : 'EAFNOSUPPORT', 'socket');
      return;
    }
    const socket = closing(new Socket('packet', 'raw', { protocol: 0x86dd }));
    expect(socket.getOption(constants.SOL_SOCKET ?? 1, constants.SO_PROTOCOL ?? 38, 4).readInt32LE()).toBe(0);
    expect(closing(Socket.fromFd(dup(socket))).protocol).toBe(0x86dd);
  });

  it('refuses what is no socket, which stays the caller’s', () => {
    const pipe = openPipe();
    const poller = closing(new Poller());
    const file = openSync('/', 'r');
    const others = linux ? [eventfd(), openSync('/dev/null', 'r')] : [openSync('/dev/null', 'r')];
    const pollers = poller.fd >= 0 ? [poller.fd] : [];
    for (const fd of [pipe.read, pipe.write, file, ...others, ...pollers]) {
      expect(expectFdError(() => Socket.fromFd(fd), 'ENOTSOCK').fd).toBe(fd);
      const copy = dup(fd);
      close(copy);
    }
    for (const fd of [file, ...others]) close(fd);
  });
});
