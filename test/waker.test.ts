import { describe, expect, it } from 'vitest';
import { Poller } from '../lib/poller.ts';
import { Waker } from '../lib/waker.ts';
import { expectOutOfRange, expectWrongType } from './support/expect.ts';
import { closing } from './support/sockets.ts';

describe('Waker.from', () => {
  it.each([
    0,
    123456,
    -1,
    -(2 ** 31),
    2 ** 31,
    2 ** 53 - 1,
  ])('takes %d, and wakes nobody by a handle that is none', (handle) => {
    const waker = Waker.from(handle);
    expect(waker.handle).toBe(handle);
    expect(waker.wake()).toBe(false);
  });

  it.each([2 ** 53, -(2 ** 53), 0.5, Number.NaN, Infinity])('refuses %d', (handle) => {
    expect(expectOutOfRange(() => Waker.from(handle)).message).toMatch(/"handle"/);
  });

  it.each(['1', null, undefined, 1n, {}])('refuses %o', (handle) => {
    expect(expectWrongType(() => Waker.from(handle as unknown as number)).message).toMatch(/"handle"/);
  });

  it('wakes the poller whose handle it is, until that is closed', () => {
    const poller = closing(new Poller());
    const waker = Waker.from(poller.waker.handle);
    expect(waker).not.toBe(poller.waker);
    expect(waker.wake()).toBe(true);
    expect(poller.wait(0).woken).toBe(true);
    poller.close();
    expect(waker.wake()).toBe(false);
    expect(poller.waker.wake()).toBe(false);
  });
});
