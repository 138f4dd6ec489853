import { native } from './binding.ts';
import { fromAnswer } from './errors.ts';
import { type Home, Source } from './source.ts';
import { outOfRange, timeoutOf, wrongType } from './validate.ts';

/**
 * When a timer fires: a number of milliseconds from now, with fractions down to nanoseconds; or a bigint, a point in
 * time of `monotonicTime()` in nanoseconds.
 */
export type When = number | bigint;

/** @internal */
export function whenOf(when: unknown): When {
  if (typeof when === 'bigint') return when;
  if (typeof when !== 'number') throw wrongType('when', 'a number of milliseconds or a bigint of nanoseconds', when);
  return timeoutOf(when);
}

/** A period in milliseconds; 0 for none. @internal */
export function periodOf(every: unknown): number {
  if (typeof every !== 'number') throw wrongType('every', 'a number of milliseconds', every);
  if (!(every >= 0)) throw outOfRange('every', 'a number of milliseconds, 0 for none', every);
  return every;
}

/** CLOCK_MONOTONIC in nanoseconds, which a timer's point in time is read on; under Node also `process.hrtime.bigint()`. */
export function monotonicTime(): bigint {
  return native.monotonicTime();
}

/**
 * Fires once, or again and again. Never early; deadlines within 50 µs (of more than a hundred: 250 µs) share a wake-up. One that fires once closes itself
 * when it has been told, and `set` arms it again.
 */
export class Timer<T = unknown> extends Source<T> {
  /** Tells the sources of `events.source(i)` apart. */
  readonly kind = 'timer';
  #every: number;
  readonly #data: T | undefined;

  /** @internal */
  constructor(home: Home<T>, id: number, every: number, data: T | undefined) {
    super(home, id);
    this.#every = every;
    this.#data = data;
  }

  /** How often it has expired since it was told last, 1 and what was missed; 0 when the current batch has it not. */
  get count(): number {
    return this.payload ?? 0;
  }

  /**
   * Arms it anew, also when it has fired and closed itself. A period that is left out stays as it is; 0 is none.
   * @throws FdError ERR_FDPOLL_CLOSED when `close` was called on it or its poller.
   */
  set(when: When, every: number = this.#every): void {
    const [point, period] = [whenOf(when), periodOf(every)];
    this.checkOpen();
    const { handle, batch } = this.home;
    const answer = native.setTimer(handle, this.id, point, period);
    if (answer < -1) throw fromAnswer(answer);
    this.#every = period;
    if (answer === 0) {
      this.revive(this.id);
      return;
    }
    const id = native.addTimer(handle, point, period);
    if (id < 0) throw fromAnswer(id);
    this.revive(id);
    batch.takeSource(this, this.#data);
  }

  /** @internal */
  protected override endsWith(): boolean {
    return this.#every === 0;
  }
}
