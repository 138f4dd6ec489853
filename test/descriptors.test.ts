import { fstatSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { native } from '../lib/binding.ts';
import { READABLE } from '../lib/constants.ts';
import { close, dup, pipe } from '../lib/descriptors.ts';
import { Poller } from '../lib/poller.ts';
import { failed } from './support/answers.ts';
import { expectFdError, expectOutOfRange, expectWrongType } from './support/expect.ts';
import { closedNumber, closing, openPipe } from './support/sockets.ts';

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
