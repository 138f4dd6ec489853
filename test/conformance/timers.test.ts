import { expect, it } from 'vitest';
import { type Event, monotonicTime, READABLE, type Timer } from '../../lib/index.ts';
import { describeEachDriver } from '../support/driven.ts';
import { openPipe, poke } from '../support/sockets.ts';

const datas = (events: readonly Event<string>[]): string[] => events.map((event) => event.data);

describeEachDriver('a timer', (driver) => {
  it('fires once, not before its time, and closes itself', async () => {
    const { poller, next, expectNothing } = driver.driven<string>();
    const begin = performance.now();
    const timer = poller.addTimer(12.5, { data: 'due' });
    expect({ kind: timer.kind, closed: timer.closed, count: timer.count }).toEqual({
      kind: 'timer',
      closed: false,
      count: 0,
    });
    const [event, ...more] = await next();
    expect(performance.now() - begin).toBeGreaterThanOrEqual(12.5);
    expect(more).toEqual([]);
    expect(event).toMatchObject({ fd: -1, flags: READABLE, available: -1, data: 'due' });
    expect(event?.source).toBe(timer);
    expect({ closed: timer.closed, count: timer.count }).toEqual({ closed: true, count: 1 });
    await expectNothing();
  });

  it.each([0.05, 0.3, 0.999, 1, 2.000001])('of %d ms is never early', async (ms) => {
    const { poller, next } = driver.driven();
    for (let round = 0; round < 5; round++) {
      const begin = monotonicTime();
      poller.addTimer(ms);
      await next();
      expect(Number(monotonicTime() - begin)).toBeGreaterThanOrEqual(ms * 1e6);
    }
  });

  it('of nothing, or of a time that is over, fires at once', async () => {
    const { poller, next } = driver.driven<string>();
    poller.addTimer(0, { data: 'now' });
    poller.addTimer(-5, { data: 'before' });
    poller.addTimer(Number.NEGATIVE_INFINITY, { data: 'long ago' });
    poller.addTimer(monotonicTime() - 1_000_000n, { data: 'a point that is over' });
    poller.addTimer(-1n, { data: 'before there was a clock' });
    poller.addTimer(-(2n ** 70n), { data: 'before everything' });
    const got: string[] = [];
    while (got.length < 6) got.push(...datas(await next()));
    expect(got.sort()).toEqual([
      'a point that is over',
      'before',
      'before everything',
      'before there was a clock',
      'long ago',
      'now',
    ]);
  });

  it('of a point in time fires there', async () => {
    const { poller, next } = driver.driven<string>();
    const point = monotonicTime() + 8_000_001n;
    poller.addTimer(point, { data: 'there' });
    expect(datas(await next())).toEqual(['there']);
    expect(monotonicTime()).toBeGreaterThanOrEqual(point);
  });

  it.each([
    Number.POSITIVE_INFINITY,
    2n ** 63n - 1n,
    2n ** 70n,
    1e300,
  ])('of %s never fires, until it is set', async (when) => {
    const { poller, next, expectNothing } = driver.driven<string>();
    const timer = poller.addTimer(when, { data: 'at last' });
    await expectNothing();
    timer.set(1);
    expect(datas(await next())).toEqual(['at last']);
  });

  it('fires again and again with a period, without drift, and counts what was missed', async () => {
    const { poller, next } = driver.driven<string>();
    const begin = performance.now();
    const timer = poller.addTimer(5, { every: 10, data: 'tick' });
    await next();
    let seen = timer.count;
    expect(seen).toBeGreaterThan(0);
    expect(timer.closed).toBe(false);
    // Three more times pass, and nobody looks.
    const later = performance.now() + 31;
    while (performance.now() < later) {}
    await next();
    expect(timer.count).toBeGreaterThanOrEqual(3);
    seen += timer.count;
    await next();
    seen += timer.count;
    // The n-th was at 5 + 10 (n - 1), however late it was told.
    expect(performance.now() - begin).toBeGreaterThanOrEqual(5 + 10 * (seen - 1));
    timer.close();
    expect(timer.closed).toBe(true);
  });

  it('counts up to 2^31 - 1', async () => {
    const { poller, next } = driver.driven();
    const timer = poller.addTimer(0n, { every: 0.000001 });
    await next();
    expect(timer.count).toBe(2 ** 31 - 1);
    timer.close();
  });

  it('comes in the order of the deadlines, and those of the same in the order of arming', async () => {
    const { poller, next } = driver.driven<string>();
    const point = monotonicTime() + 3_000_000n;
    poller.addTimer(point + 2n, { data: 'third' });
    poller.addTimer(point, { data: 'first' });
    poller.addTimer(point, { data: 'second' });
    const got: string[] = [];
    while (got.length < 3) got.push(...datas(await next()));
    expect(got).toEqual(['first', 'second', 'third']);
  });

  it('is put off, brought forward, and loses its period, by set', async () => {
    const { poller, next, expectNothing } = driver.driven<string>();
    const late = poller.addTimer(1, { data: 'late' });
    const soon = poller.addTimer(60_000, { every: 60_000, data: 'soon' });
    late.set(20);
    soon.set(2);
    const begin = performance.now();
    expect(datas(await next())).toEqual(['soon']);
    expect(soon.closed).toBe(false);
    expect(datas(await next())).toEqual(['late']);
    expect(performance.now() - begin).toBeGreaterThanOrEqual(18);
    soon.set(1, 0);
    expect(datas(await next())).toEqual(['soon']);
    expect(soon.closed).toBe(true);
    await expectNothing();
  });

  it('is armed again by set after it has fired, within its batch and later', async () => {
    const { poller, next, expectNothing } = driver.driven<string>();
    const timer = poller.addTimer(1, { data: 'again' });
    for (let round = 0; round < 3; round++) {
      const [event] = await next();
      expect(event?.source).toBe(timer);
      timer.set(1);
      expect(timer.closed).toBe(false);
    }
    expect(datas(await next())).toEqual(['again']);
    await expectNothing();
    // Its slot may be somebody else's by now.
    const other = poller.addTimer(60_000, { data: 'other' });
    timer.set(1);
    const [event] = await next();
    expect([event?.data, event?.source]).toEqual(['again', timer]);
    expect([timer.closed, other.closed]).toEqual([true, false]);
  });

  it('that is closed is silent, also within the batch that has it', async () => {
    const { poller, next, expectNothing } = driver.driven<string>();
    const timer = poller.addTimer(1, { data: 'never' });
    timer.close();
    timer.close();
    await expectNothing();
    const point = monotonicTime() + 1_000_000n;
    const timers: Timer<string>[] = ['a', 'b', 'c'].map((data) => poller.addTimer(point, { data }));
    let got = 0;
    while (got === 0) {
      for (const event of await next()) {
        got++;
        void event;
      }
      for (const each of timers) each.close();
    }
    await expectNothing();
    expect(timers.every((each) => each.closed)).toBe(true);
    expect(() => timer.set(1)).toThrow(expect.objectContaining({ code: 'ERR_FDPOLL_CLOSED' }));
  });

  it('is one of thousands that all come, each once', async () => {
    const { poller, next } = driver.driven<number>();
    const asked = Array.from({ length: 5000 }, (_, i) => 1 + ((i * 7919) % 40_000) / 1000);
    const begun = performance.now();
    for (const [i, ms] of asked.entries()) poller.addTimer(ms, { data: i });
    const seen = new Uint8Array(asked.length);
    for (let count = 0; count < asked.length; ) {
      for (const event of await next()) {
        expect(performance.now() - begun).toBeGreaterThanOrEqual(asked[event.data] as number);
        seen[event.data] = (seen[event.data] as number) + 1;
        count++;
      }
    }
    expect(seen.every((times) => times === 1)).toBe(true);
  });

  it('does not starve a descriptor that is always ready, and is not starved by it', async () => {
    const { poller, next } = driver.driven<string>(2);
    const pipe = openPipe();
    poke(pipe.write);
    poller.add(pipe.read, READABLE, { data: 'pipe' });
    const timers = ['a', 'b', 'c', 'd', 'e'].map((data) => poller.addTimer(0, { every: 0.0001, data }));
    const seen: Record<string, number> = {};
    for (let round = 0; round < 60; round++) for (const { data } of await next()) seen[data] = (seen[data] ?? 0) + 1;
    for (const name of ['pipe', 'a', 'b', 'c', 'd', 'e']) expect(seen[name], name).toBeGreaterThan(2);
    for (const timer of timers) timer.close();
  });

  it('is not counted by size, and is closed with its poller', () => {
    const { poller } = driver.driven();
    const timer = poller.addTimer(60_000);
    expect(poller.size).toBe(0);
    poller.close();
    expect(timer.closed).toBe(true);
    expect(timer.count).toBe(0);
    expect(() => timer.set(1)).toThrow(expect.objectContaining({ code: 'ERR_FDPOLL_CLOSED' }));
    expect(() => poller.addTimer(1)).toThrow(expect.objectContaining({ code: 'ERR_FDPOLL_CLOSED' }));
    timer.close();
  });

  it.each([
    ['NaN', () => [Number.NaN], 'ERR_OUT_OF_RANGE'],
    ['a string', () => ['1'], 'ERR_INVALID_ARG_TYPE'],
    ['nothing', () => [], 'ERR_INVALID_ARG_TYPE'],
    ['a negative period', () => [1, { every: -1 }], 'ERR_OUT_OF_RANGE'],
    ['a period of NaN', () => [1, { every: Number.NaN }], 'ERR_OUT_OF_RANGE'],
    ['a period that is a bigint', () => [1, { every: 1n }], 'ERR_INVALID_ARG_TYPE'],
    ['options that are none', () => [1, 5], 'ERR_INVALID_ARG_TYPE'],
  ])('of %s is refused', (_, args, code) => {
    const { poller } = driver.driven();
    const add = poller.addTimer.bind(poller) as unknown as (...args: unknown[]) => void;
    expect(() => add(...args())).toThrow(expect.objectContaining({ code }));
  });
});
