import fc from 'fast-check';
import { expect } from 'vitest';
import { monotonicTime, Poller, type Timer } from '../../lib/index.ts';
import { describeEachBackend } from '../support/backends.ts';
import { holds } from '../support/properties.ts';

/** When it may fire at the earliest, and which arming it was. */
interface Armed {
  at: bigint;
  every: bigint;
  order: number;
}

const microseconds = fc.integer({ min: -100, max: 3000 });
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('add' as const),
      after: microseconds,
      every: fc.constantFrom(0, 0, 0, 0.5, 2),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('set' as const),
      which: fc.nat(),
      after: microseconds,
      every: fc.constantFrom(undefined, 0, 1),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('close' as const), which: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), timeout: fc.constantFrom(0, 0, 0.2, 1) }) },
);

class Timers {
  readonly poller: Poller<number>;
  readonly #all: Timer<number>[] = [];
  readonly #armed: Map<Timer<number>, Armed> = new Map();
  readonly #closed: Set<Timer<number>> = new Set();
  readonly #periods: Map<Timer<number>, number> = new Map();
  #order = 0;

  constructor(poller: Poller<number>) {
    this.poller = poller;
  }

  pick(which: number): Timer<number> | undefined {
    return this.#all[which % Math.max(1, this.#all.length)];
  }

  #arm(timer: Timer<number>, at: bigint, every: number): void {
    this.#periods.set(timer, every);
    this.#armed.set(timer, { at, every: BigInt(every * 1_000_000), order: this.#order++ });
  }

  add(after: number, every: number): void {
    const at = monotonicTime() + BigInt(after) * 1000n;
    const timer = this.poller.addTimer(at, { every, data: this.#all.length });
    this.#all.push(timer);
    this.#arm(timer, at, every);
  }

  set(timer: Timer<number>, after: number, every: number | undefined): void {
    const at = monotonicTime() + BigInt(after) * 1000n;
    if (this.#closed.has(timer)) {
      expect(() => timer.set(at, every)).toThrow(/closed/);
      return;
    }
    timer.set(at, every);
    this.#arm(timer, at, every ?? this.#periods.get(timer) ?? 0);
    expect(timer.closed).toBe(false);
  }

  close(timer: Timer<number>): void {
    timer.close();
    this.#closed.add(timer);
    this.#armed.delete(timer);
    expect(timer.closed).toBe(true);
  }

  /** How many fire once and have not. */
  get left(): number {
    return [...this.#armed.values()].filter(({ every }) => every === 0n).length;
  }

  wait(timeout: number): void {
    const events = this.poller.wait(timeout);
    const now = monotonicTime();
    let last: Armed | undefined;
    const seen = new Set<unknown>();
    for (let i = 0; i < events.length; i++) {
      const timer = events.source(i) as Timer<number>;
      const armed = this.#armed.get(timer);
      if (armed === undefined) throw new Error('a timer that is not armed');
      expect(seen.has(timer), 'one event of a timer in a batch').toBe(false);
      seen.add(timer);
      expect(events.fds[i]).toBe(-1);
      expect(this.#all[events.data(i)], 'the label').toBe(timer);
      expect(now >= armed.at, `${armed.at - now} ns early`).toBe(true);
      // The deadlines of those that repeat move on.
      if (armed.every === 0n) {
        expect(timer.count).toBe(1);
        const inOrder = last === undefined || last.at < armed.at || (last.at === armed.at && last.order < armed.order);
        expect(inOrder, 'the order of deadlines').toBe(true);
        last = armed;
        this.#armed.delete(timer);
        expect(timer.closed).toBe(true);
      } else {
        // No more often than there was time for.
        const most = (now - armed.at) / armed.every + 1n;
        expect(BigInt(timer.count) >= 1n && BigInt(timer.count) <= most, `${timer.count} of ${most}`).toBe(true);
        armed.at += armed.every * BigInt(timer.count);
      }
    }
  }
}

describeEachBackend('timers', (backend) => {
  holds(
    'are never early, come in order, once each, and never after they were closed, however they are armed',
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      using poller = new Poller<number>({ backend: backend.name });
      const timers = new Timers(poller);
      for (const each of steps) {
        if (each.kind === 'add') timers.add(each.after, each.every);
        else if (each.kind === 'wait') timers.wait(each.timeout);
        else {
          const timer = timers.pick(each.which);
          if (timer === undefined) continue;
          if (each.kind === 'set') timers.set(timer, each.after, each.every);
          else timers.close(timer);
        }
      }
      const deadline = performance.now() + 2000;
      while (timers.left > 0 && performance.now() < deadline) timers.wait(10);
      expect(timers.left, 'timers that never fired').toBe(0);
    }),
    100,
  );
});
