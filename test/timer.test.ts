import { describe, expect, it } from 'vitest';
import { monotonicTime, periodOf, Timer, whenOf } from '../lib/timer.ts';
import { FakeHome } from './support/batches.ts';
import { runtime } from './support/runtimes.ts';

const failing = (name: string, code: string): unknown => expect.objectContaining({ name, code });

describe('when a timer fires', () => {
  it.each([0, 1.5, -3, Infinity, -Infinity, 0n, -1n, 2n ** 70n])('may be %d', (when) => {
    expect(whenOf(when)).toBe(when);
  });

  it.each([undefined, null, '5', {}, true])('is not %o', (when) => {
    expect(() => whenOf(when)).toThrow(failing('TypeError', 'ERR_INVALID_ARG_TYPE'));
  });

  it('is not NaN', () => {
    expect(() => whenOf(Number.NaN)).toThrow(failing('RangeError', 'ERR_OUT_OF_RANGE'));
  });
});

describe('the period of a timer', () => {
  it.each([0, 0.001, 1000, Infinity])('may be %d', (every) => {
    expect(periodOf(every)).toBe(every);
  });

  it.each([-1, -0.001, -Infinity, Number.NaN])('is not %d', (every) => {
    expect(() => periodOf(every)).toThrow(failing('RangeError', 'ERR_OUT_OF_RANGE'));
  });

  it.each([undefined, null, '5', 5n, {}])('is not %o', (every) => {
    expect(() => periodOf(every)).toThrow(failing('TypeError', 'ERR_INVALID_ARG_TYPE'));
  });
});

describe('the monotonic time', () => {
  it('is that of process.hrtime in Node, and never goes back', () => {
    const before = process.hrtime.bigint();
    const [first, second] = [monotonicTime(), monotonicTime()];
    const after = process.hrtime.bigint();
    expect(first).toBeLessThanOrEqual(second);
    if (runtime === 'node') expect([before <= first, second <= after]).toEqual([true, true]);
  });
});

describe('a timer', () => {
  it('without a period ends with what it tells', () => {
    const home = new FakeHome();
    const timer = new Timer(home, 1, 0, undefined);
    expect([timer.kind, timer.count, timer.closed]).toEqual(['timer', 0, false]);
    home.tell([timer, 1]);
    expect([timer.count, timer.closed]).toEqual([1, true]);
    home.tell();
    expect([timer.count, timer.closed]).toEqual([0, true]);
  });

  it('with a period goes on', () => {
    const home = new FakeHome();
    const timer = new Timer(home, 1, 0.5, undefined);
    home.tell([timer, 7]);
    expect([timer.count, timer.closed]).toEqual([7, false]);
  });

  it('checks what it is set to before it looks whether it is closed', () => {
    const timer = new Timer(new FakeHome(), 1, 0, undefined);
    timer.close();
    expect(() => timer.set(Number.NaN)).toThrow(failing('RangeError', 'ERR_OUT_OF_RANGE'));
    expect(() => timer.set(1, -1)).toThrow(failing('RangeError', 'ERR_OUT_OF_RANGE'));
    expect(() => timer.set(1)).toThrow(failing('FdError', 'ERR_FDPOLL_CLOSED'));
  });

  it('of a poller that does not exist cannot be set, and stays as it is', () => {
    const home = new FakeHome();
    const timer = new Timer(home, 1, 0, undefined);
    expect(() => timer.set(1, 1000)).toThrow();
    home.tell([timer, 1]);
    expect(timer.closed).toBe(true);
  });
});
