import { closeSync, constants, existsSync, mkdtempSync, openSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FdError, READABLE, WRITABLE } from '../../lib/index.ts';
import { describeEachBackend } from '../support/backends.ts';
import { expectEvents, expectFdError, thrownBy } from '../support/expect.ts';
import { closedNumber, openPipeAt, pair, poke, say } from '../support/sockets.ts';

const linux = process.platform === 'linux';
const O_PATH = 0o10000000;

const opened = (path: string, flags: number | string = 'r'): number => {
  const fd = openSync(path, flags);
  onTestFinished(() => closeSync(fd));
  return fd;
};

const temporaryFile = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'fdpoll-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'file');
};

const sharedMemory = (): string => {
  const path = `/dev/shm/fdpoll-${process.pid}`;
  onTestFinished(() => unlinkSync(path));
  return path;
};

/** What no backend polls, and how to open it. */
const unpollable: readonly (readonly [string, () => number])[] = [
  ['a regular file', () => opened(temporaryFile(), 'w+')],
  ['a directory', () => opened(tmpdir())],
  ...(linux
    ? ([
        ['/dev/null', () => opened('/dev/null', 'r+')],
        ['/dev/zero', () => opened('/dev/zero')],
        ['a file in shared memory', () => opened(sharedMemory(), 'w+')],
      ] as const)
    : []),
];

describeEachBackend('errors', (backend) => {
  it('EBADF for a number that is not open, and nothing is added', () => {
    const poller = backend.poller();
    const number = closedNumber();
    for (const interest of [READABLE, WRITABLE, READABLE | WRITABLE, 0]) {
      const error = expectFdError(() => poller.add(number, interest), 'EBADF');
      expect(error.fd).toBe(number);
    }
    expect(poller.has(number)).toBe(false);
    expect(poller.size).toBe(0);
  });

  it('EBADF for numbers that no process can have open', () => {
    const poller = backend.poller();
    if (!backend.differs('descriptors of any number'))
      for (const number of [1_000_000, 2 ** 30, 2 ** 31 - 1])
        expectFdError(() => poller.add(number, READABLE), 'EBADF');
    expect(poller.size).toBe(0);
  });

  if (linux)
    it('EBADF for a path descriptor', () => {
      const poller = backend.poller();
      for (const path of ['/', '/dev/null', '/proc/self/status'])
        expectFdError(() => poller.add(opened(path, O_PATH), READABLE), 'EBADF');
      expect(poller.size).toBe(0);
    });

  it.each(unpollable)('EPERM for %s, and nothing is added', (_, open) => {
    const poller = backend.poller();
    const fd = open();
    for (const interest of [READABLE, WRITABLE, 0]) {
      const error = expectFdError(() => poller.add(fd, interest), 'EPERM');
      expect(error.fd).toBe(fd);
    }
    expectFdError(() => poller.add(fd, READABLE, { mode: 'oneshot' }), 'EPERM');
    expect(poller.has(fd)).toBe(false);
    expect(poller.size).toBe(0);
    expect(poller.delete(fd)).toBe(false);
  });

  const special = ['/proc/self/mounts', '/sys/class/net/lo/operstate', '/proc/pressure/cpu', '/dev/ptmx'];
  for (const path of special.filter((file) => linux && existsSync(file)))
    it(`none for ${path}, which can be polled though it looks like a file`, () => {
      const poller = backend.poller();
      const fd = opened(path, path.startsWith('/dev') ? constants.O_RDWR | constants.O_NOCTTY : 'r');
      poller.add(fd, READABLE);
      expect(poller.size).toBe(1);
      expect(poller.delete(fd)).toBe(true);
    });

  it('leave everything as it was: a refused add does not touch the registration', () => {
    const poller = backend.poller<string>();
    const [a, b] = pair();
    poller.add(a, READABLE, { data: 'kept', mode: 'level' });
    expectFdError(() => poller.add(a, WRITABLE, { data: 'lost', mode: 'oneshot' }), 'EEXIST');
    say(b);
    expectEvents(poller, [[a, READABLE]]);
    expectEvents(poller, [[a, READABLE]]);
    expect(poller.wait(0).data(0)).toBe('kept');
  });

  it('leave everything as it was: a refused modify does not touch the registration', () => {
    const poller = backend.poller<string>();
    const [a, b] = pair();
    poller.add(a, READABLE, { data: 'kept' });
    expect(() => poller.modify(a, -1, { data: 'lost' })).toThrow();
    expect(() => poller.modify(a, WRITABLE, { mode: 'sideways' as 'level', data: 'lost' })).toThrow();
    say(b);
    expectEvents(poller, [[a, READABLE]]);
    expect(poller.wait(0).data(0)).toBe('kept');
  });

  it('leave room: the number works when it is open later', () => {
    const poller = backend.poller();
    const number = closedNumber();
    expectFdError(() => poller.add(number, READABLE), 'EBADF');
    const { read, write } = openPipeAt(number);
    poller.add(read, READABLE);
    poke(write);
    expectEvents(poller, [[read, READABLE]]);
  });

  describe('in shape', () => {
    it('are like those of Node: class, name, code, negative errno, syscall, message', () => {
      const poller = backend.poller();
      const error = thrownBy(() => poller.add(closedNumber(), READABLE));
      expect(error).toBeInstanceOf(FdError);
      expect(error).toBeInstanceOf(Error);
      const { name, code, errno, syscall, message, stack } = error as FdError;
      expect(name).toBe('FdError');
      expect(code).toBe('EBADF');
      expect(errno).toBe(-9);
      expect(syscall).toMatch(/^[a-z_0-9]+$/);
      expect(message).toBe(`${syscall} EBADF: bad file descriptor`);
      expect(stack).toContain('errors.test.ts');
    });

    it('say in the message what happened', () => {
      const poller = backend.poller();
      const [a] = pair();
      poller.add(a, READABLE);
      expect(expectFdError(() => poller.add(a, READABLE), 'EEXIST').message).toMatch(/ EEXIST: file already exists/);
      expect(expectFdError(() => poller.modify(closedNumber(), 1), 'ENOENT').message).toMatch(
        / ENOENT: no such file or directory/,
      );
    });
  });
});
