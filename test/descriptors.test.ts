import { fstatSync, readlinkSync, readSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { native } from '../lib/binding.ts';
import { READABLE } from '../lib/constants.ts';
import { close, dup, eventfd, memfd, pipe, setNonBlocking } from '../lib/descriptors.ts';
import { Poller } from '../lib/poller.ts';
import { read, write } from '../lib/read_write.ts';
import { waitFor } from '../lib/wait_for.ts';
import { failed } from './support/answers.ts';
import { checkDescriptorsAfterEachTest, isCloseOnExec } from './support/descriptors.ts';
import { expectFdError, expectOutOfRange, expectUnknownValue, expectWrongType } from './support/expect.ts';
import { bytes, closedNumber, closing, openPipe, pair, poke } from './support/sockets.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('close', () => {
  it('leaves every poller before the descriptor is closed', () => {
    const { read, end } = openPipe();
    const pollers = [closing(new Poller()), closing(new Poller())];
    for (const poller of pollers) poller.add(read, READABLE);
    const closeNow = native.close;
    vi.spyOn(native, 'close').mockImplementation((fd) => {
      expect(pollers.map((poller) => poller.has(fd))).toEqual([false, false]);
      return closeNow(fd);
    });
    end(read, close);
    expect(native.close).toHaveBeenCalledOnce();
    expect(() => fstatSync(read)).toThrow(/EBADF/);
  });

  it('of what is closed is EBADF, and says which descriptor', () => {
    const fd = closedNumber();
    expect(expectFdError(() => close(fd), 'EBADF', 'close').fd).toBe(fd);
  });

  it('takes a number, not an object that owns its descriptor', () => {
    for (const value of [{ fd: 3 }, '3', null, undefined])
      expect(expectWrongType(() => close(value as unknown as number)).message).toMatch(/^"fd"/);
    for (const fd of [-1, 2 ** 31, 0.5, Number.NaN]) expectOutOfRange(() => close(fd));
  });
});

describe('dup', () => {
  it('takes a number or an object, and names the descriptor in its errors', () => {
    const { read } = openPipe();
    for (const descriptor of [read, { fd: read }]) {
      const copy = dup(descriptor);
      expect(copy).not.toBe(read);
      expect(fstatSync(copy).ino).toBe(fstatSync(read).ino);
      close(copy);
    }
    const fd = closedNumber();
    expect(expectFdError(() => dup({ fd }), 'EBADF', 'dup').fd).toBe(fd);
    expectOutOfRange(() => dup(-1));
  });
});

describe('pipe', () => {
  it('gives the reading end first', () => {
    const [read, write] = pipe();
    expect(fstatSync(read).isFIFO() && fstatSync(write).isFIFO()).toBe(true);
    expect(read).not.toBe(write);
    close(read);
    close(write);
  });

  it('throws what the system says', () => {
    vi.spyOn(native, 'pipe').mockReturnValue(failed('pipe', 'EMFILE'));
    expectFdError(() => pipe(), 'EMFILE', 'pipe');
  });
});

describe('setNonBlocking', () => {
  checkDescriptorsAfterEachTest();

  it('sets and clears the mode of the open file, which its duplicates share', () => {
    const { read: fd, write: end } = openPipe();
    const copy = closing({ fd: dup(fd), close: () => close(copy.fd) });
    setNonBlocking(copy, false);
    poke(end);
    expect(readSync(fd, Buffer.alloc(8))).toBe(1);
    // It would block now, and says so again.
    setNonBlocking(fd, true);
    setNonBlocking(fd, true);
    expect(read(copy, Buffer.alloc(8))).toBe(-1);
  });

  it('takes what has a descriptor, and a boolean', () => {
    const [a] = pair();
    setNonBlocking(a, true);
    for (const on of [1, 'true', null, undefined])
      expect(expectWrongType(() => setNonBlocking(a, on as unknown as boolean)).message).toMatch(/^"on"/);
    const fd = closedNumber();
    expect(expectFdError(() => setNonBlocking(fd, true), 'EBADF', 'fcntl').fd).toBe(fd);
    for (const wrong of [-1, 2 ** 31, Number.NaN]) expectOutOfRange(() => setNonBlocking(wrong, true));
  });
});

/** What the call makes, closed after the test; on a system that has none, undefined after its error. */
const made = (make: () => number, syscall: string, systems: readonly NodeJS.Platform[]): number | undefined => {
  if (!systems.includes(process.platform)) {
    expectFdError(make, 'ENOSYS', syscall);
    return undefined;
  }
  const fd = make();
  closing({ close: () => close(fd) });
  return fd;
};

describe('eventfd', () => {
  checkDescriptorsAfterEachTest();
  const systems = ['linux', 'freebsd', 'netbsd'] as const;

  it('counts: writes add up, a read takes all, and then it would block', () => {
    const fd = made(() => eventfd(2 ** 32 - 1), 'eventfd', systems);
    if (fd === undefined) return;
    expect(waitFor(fd, READABLE, 0)).toBe(READABLE);
    const count = new BigUint64Array([1n]);
    expect(write(fd, count)).toBe(8);
    expect(read(fd, count)).toBe(8);
    expect(count[0]).toBe(2n ** 32n);
    expect(read(fd, count)).toBe(-1);
    expect(waitFor(fd, READABLE, 0)).toBe(0);
    expect(write(fd, new BigUint64Array([2n ** 64n - 2n]))).toBe(8);
    expect(write(fd, new BigUint64Array([1n]))).toBe(-1);
  });

  it('begins with 0, and is close-on-exec', () => {
    const fd = made(() => eventfd(), 'eventfd', systems);
    if (fd === undefined) return;
    expect(read(fd, new BigUint64Array(1))).toBe(-1);
    if (process.platform === 'linux') expect(isCloseOnExec(fd)).toBe(true);
  });

  it('takes unsigned 32 bits', () => {
    for (const value of [-1, 2 ** 32, 0.5, Number.NaN, Infinity]) expectOutOfRange(() => eventfd(value));
    for (const value of ['1', null, 1n, {}]) expectWrongType(() => eventfd(value as unknown as number));
  });
});

describe('memfd', () => {
  checkDescriptorsAfterEachTest();
  const systems = ['linux', 'freebsd'] as const;

  it('is an empty file with a name for those who look', () => {
    const fd = made(() => memfd('a name'), 'memfd_create', systems);
    if (fd === undefined) return;
    expect(fstatSync(fd).isFile()).toBe(true);
    expect(fstatSync(fd).size).toBe(0);
    expect(write(fd, bytes('content'))).toBe(7);
    const buffer = Buffer.alloc(16);
    expect(buffer.toString('utf8', 0, readSync(fd, buffer, 0, 16, 0))).toBe('content');
    if (process.platform !== 'linux') return;
    expect(readlinkSync(`/proc/self/fd/${fd}`)).toBe('/memfd:a name (deleted)');
    expect(isCloseOnExec(fd)).toBe(true);
  });

  it('may have any name but a long one and one with NUL', () => {
    const empty = made(() => memfd(''), 'memfd_create', systems);
    if (empty !== undefined) expectFdError(() => memfd('x'.repeat(300)), 'EINVAL', 'memfd_create');
    expect(expectUnknownValue(() => memfd('a\0b')).message).toMatch(/NUL/);
    for (const value of [null, undefined, 1, {}, Symbol('name')])
      expectWrongType(() => memfd(value as unknown as string));
  });
});
