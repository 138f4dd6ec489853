import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { backends, eventfd, memfd, Poller, READABLE, Socket, WRITABLE } from '../../lib/index.ts';
import { describeEachDriver, expectTold } from '../support/driven.ts';
import { expectFdError } from '../support/expect.ts';
import { addressOf, closing, connection, listen, openPipe, pair, say } from '../support/sockets.ts';

const linux = process.platform === 'linux';
const pollable = backends().find((info) => info.usable && info.capabilities.pollable)?.name;

const owned = (fd: number): number => {
  onTestFinished(() => closeSync(fd));
  return fd;
};

const opened = (path: string, flags: number | string = 'r'): number => owned(openSync(path, flags));

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'fdpoll-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
};

interface Polled {
  readonly of: number | Socket | Poller;
  /** Makes it readable. */
  readonly come: () => void;
}

const datagrams = (address: string): Polled => {
  const receiver = closing(Socket.listen(address, { type: 'dgram' }));
  const sender = closing(new Socket('inet', 'dgram'));
  sender.connect(addressOf(receiver));
  return { of: receiver, come: () => say(sender) };
};

/** What every backend polls: how it is made, and how it comes to be readable. */
const kinds: readonly (readonly [string, () => Polled])[] = [
  ['a pipe', () => (({ read, write }) => ({ of: read, come: () => void writeSync(write, 'x') }))(openPipe())],
  ['a unix stream', () => (([a, b]) => ({ of: a, come: () => say(b) }))(pair())],
  ['a connection of TCP', () => (([client, server]) => ({ of: server, come: () => say(client) }))(connection())],
  [
    'a listener of TCP',
    () => {
      const listener = listen();
      return { of: listener, come: () => void closing(Socket.connect(addressOf(listener))) };
    },
  ],
  ['datagrams of UDP', () => datagrams('127.0.0.1:0')],
  [
    'datagrams of unix',
    () => {
      const [a, b] = Socket.pair('dgram');
      return { of: closing(a), come: () => say(closing(b)) };
    },
  ],
  ...(pollable
    ? ([
        [
          'another poller',
          () => {
            const inner = closing(new Poller({ backend: pollable }));
            const [a] = pair();
            return { of: inner, come: () => inner.add(a, WRITABLE) };
          },
        ],
      ] as const)
    : []),
  ...(linux
    ? ([
        ['an eventfd', () => ((fd) => ({ of: fd, come: () => void writeSync(fd, one) }))(owned(eventfd()))],
        [
          'a terminal',
          () => {
            const terminal = opened('/dev/ptmx', constants.O_RDWR | constants.O_NOCTTY);
            // What is written to the master is echoed to it.
            return { of: terminal, come: () => void writeSync(terminal, 'x') };
          },
        ],
      ] as const)
    : []),
];
const one = Buffer.from(new BigUint64Array([1n]).buffer);

/** What no backend polls. */
const unpollable: readonly (readonly [string, () => number])[] = [
  ['a regular file', () => opened(join(folder(), 'file'), 'w+')],
  ['a directory', () => opened(folder())],
  ...(linux
    ? ([
        ['/dev/null', () => opened('/dev/null', 'r+')],
        ['/dev/zero', () => opened('/dev/zero')],
        ['a memfd', () => owned(memfd('fdpoll-kinds'))],
      ] as const)
    : []),
];

describeEachDriver('of the kinds of descriptors', (driver) => {
  it.each(kinds)('%s is silent, then readable', async (_, make) => {
    const driven = driver.driven();
    const { of, come } = make();
    driven.poller.add(of, READABLE);
    await driven.expectNothing();
    come();
    for (let round = 0; round < 2; round++) await expectTold(driven, [of, READABLE]);
    expect(driven.poller.delete(of)).toBe(true);
    await driven.expectNothing();
  });

  it.each(unpollable)('%s is refused by EPERM, and the others go on', async (_, open) => {
    const driven = driver.driven();
    const [a, b] = pair();
    driven.poller.add(a, READABLE);
    await driven.expectNothing();
    const fd = open();
    for (const interest of [READABLE, WRITABLE, 0]) {
      expect(expectFdError(() => driven.poller.add(fd, interest), 'EPERM').fd).toBe(fd);
      expect([driven.poller.has(fd), driven.poller.size, driven.poller.delete(fd)]).toEqual([false, 1, false]);
    }
    await driven.expectNothing();
    say(b);
    await expectTold(driven, [a, READABLE]);
  });
});
