import { type Batch, closedBatch } from './batch.ts';
import { native } from './binding.ts';
import { closedError, fromAnswer } from './errors.ts';
import { CLOSED_HANDLE } from './native.ts';
import { Process } from './process.ts';
import { passesOn, Signal, signalNumber } from './signal.ts';
import type * as base from './source.ts';
import type { Home } from './source.ts';
import { periodOf, Timer, type When, whenOf } from './timer.ts';
import { INT32_MAX, integer, optionsOf, UINT32_MAX, wrongType, wrongValue } from './validate.ts';
import { Watch } from './watch.ts';
import { kindsOf, type WatchKind } from './watch_changes.ts';

/** What `events.source(i)` gives. */
export type Source = Timer | Signal | Process | Watch;

/** What every source takes. */
export interface SourceOptions<T> {
  /** Your label; `events.data(i)` gives it back. */
  data?: T;
}

/** What `addTimer` takes. */
export interface TimerOptions<T> extends SourceOptions<T> {
  /** Its period in milliseconds, with fractions, from the first time on. Default 0: it fires once. */
  every?: number;
}

/** What `addWatch` takes. */
export interface WatchOptions<T> extends SourceOptions<T> {
  /** What to report. Default: all that changes something, not `open`, `access`, `close-nowrite`. `gone` and `overflow` always. */
  events?: readonly WatchKind[];
  /** More of the system's own bits: `constants.IN_ONLYDIR`, `IN_DONT_FOLLOW`, `IN_EXCL_UNLINK`, ... */
  mask?: number;
}

/** The sources of one poller. @internal */
export class Sources<T> implements Home<T> {
  readonly handle: number;
  #batch: Batch<T>;
  readonly #changed: () => void;
  #keeping = 0;
  #closed = false;

  /** `changed` is called when there are more or fewer of those that keep a process alive. */
  constructor(handle: number, batch: Batch<T>, changed: () => void) {
    this.handle = handle;
    this.#batch = batch;
    this.#changed = changed;
  }

  get batch(): Batch<T> {
    return this.#batch;
  }

  /** How many keep a started poller alive. */
  get keeping(): number {
    return this.#keeping;
  }

  keep(difference: number): void {
    this.#keeping += difference;
    this.#changed();
  }

  remove(source: base.Source<T>): void {
    if (this.#closed) return;
    const event = native.closeSource(this.handle, source.id);
    if (event >= 0) this.batch.silence(event, source.slot);
    // One that has ended has no slot of its own any more.
    else if (!source.ended) this.batch.forget(source.slot);
    if (source.keeps && !source.ended) this.keep(-1);
  }

  close(): void {
    this.#closed = true;
    for (const source of this.#batch.sources.values()) source.orphan();
    this.#batch = closedBatch();
  }

  addTimer(when: When, options?: TimerOptions<T>): Timer<T> {
    const { every = 0, data } = optionsOf(options);
    const [point, period] = [whenOf(when), periodOf(every)];
    const id = this.#checked(native.addTimer(this.handle, point, period));
    return this.#took(new Timer(this, id, period, data), data);
  }

  addSignal(signal: NodeJS.Signals, options?: SourceOptions<T>): Signal<T> {
    const { data } = optionsOf(options);
    const id = this.#checked(native.addSignal(this.handle, signalNumber(signal), passesOn(signal)));
    return this.#took(new Signal<T>(this, id, signal), data);
  }

  addProcess(pid: number, options?: SourceOptions<T>): Process<T> {
    const { data } = optionsOf(options);
    const id = this.#checked(native.addProcess(this.handle, integer('pid', pid, 1, INT32_MAX)));
    return this.#took(new Process<T>(this, id, pid), data);
  }

  addWatch(path: string, options?: WatchOptions<T>): Watch<T> {
    const { events, mask = 0, data } = optionsOf(options);
    if (typeof path !== 'string') throw wrongType('path', 'a string', path);
    if (path === '' || path.includes('\0')) throw wrongValue('path', 'a path, without NUL', path);
    const [kinds, bits] = [kindsOf(events), integer('options.mask', mask, 0, UINT32_MAX)];
    if ((kinds | bits) === 0) throw wrongValue('options.events', 'what to report', events);
    const id = this.#checked(native.addWatch(this.handle, path, kinds, bits), path);
    return this.#took(new Watch<T>(this, id, path), data);
  }

  #checked(answer: number, path?: string): number {
    if (answer >= 0) return answer;
    if (answer === CLOSED_HANDLE || this.#closed) throw closedError('poller');
    throw fromAnswer(answer, path === undefined ? undefined : { path });
  }

  #took<S extends base.Source<T>>(source: S, data: T | undefined): S {
    this.batch.takeSource(source, data);
    if (source.keeps) this.keep(1);
    return source;
  }
}
