import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { beginTurn, endTurn, IdleTimer } from '../lib/idle_timer.ts';

const pass = (ms: number): void => void vi.advanceTimersByTime(ms);

describe('an idle timer', () => {
  let expired: number[];
  let timer: IdleTimer;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const begin = performance.now();
    expired = [];
    timer = new IdleTimer(() => void expired.push(performance.now() - begin));
  });
  afterEach(() => {
    timer.stop();
    vi.useRealTimers();
  });

  it('tells once for each quiet', () => {
    timer.set(100);
    pass(99);
    expect(expired).toEqual([]);
    pass(500);
    expect(expired).toEqual([100]);
    timer.touch();
    pass(500);
    expect(expired).toEqual([100, 699]);
  });

  it('is put off by activity', () => {
    timer.set(100);
    for (let i = 0; i < 10; i++) {
      pass(60);
      timer.touch();
    }
    expect(expired).toEqual([]);
    pass(100);
    expect(expired).toEqual([700]);
  });

  it('keeps one timer of Node however often it is set, switched off and touched', () => {
    const made = vi.spyOn(globalThis, 'setTimeout');
    for (let request = 0; request < 100; request++) {
      timer.set(5000);
      timer.touch();
      timer.set(0);
    }
    expect(made).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(1);
    pass(10_000);
    expect(expired).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is heard when it is made shorter, and when it is made longer', () => {
    timer.set(5000);
    timer.set(100);
    pass(100);
    expect(expired).toEqual([100]);
    timer.set(100);
    timer.set(300);
    pass(299);
    expect(expired).toHaveLength(1);
    pass(1);
    expect(expired).toEqual([100, 400]);
  });

  it('takes limits beyond those of a timer of Node, and fractions', () => {
    timer.set(2 ** 32);
    pass(2 ** 32 - 1);
    expect(expired).toEqual([]);
    pass(1);
    expect(expired).toHaveLength(1);
    timer.set(0.5);
    pass(1);
    expect(expired).toHaveLength(2);
  });

  it('does nothing once it is stopped', () => {
    timer.set(100);
    timer.stop();
    expect(vi.getTimerCount()).toBe(0);
    timer.touch();
    pass(1000);
    expect(expired).toEqual([]);
  });

  it('asks for the time once within a batch of events', () => {
    const asked = vi.spyOn(performance, 'now');
    timer.set(100);
    beginTurn();
    asked.mockClear();
    for (let i = 0; i < 10; i++) timer.touch();
    expect(asked).toHaveBeenCalledTimes(1);
    endTurn();
    timer.touch();
    timer.touch();
    expect(asked).toHaveBeenCalledTimes(3);
  });
});
