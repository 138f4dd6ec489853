import type { Batch } from './batch.ts';
import { closedError } from './errors.ts';

/** What a source knows of the poller that it belongs to. @internal */
export interface Home<T> {
  readonly batch: Batch<T>;
  /** Native calls take it. */
  readonly handle: number;
  /** Counts those that keep a started poller alive. */
  keep(difference: number): void;
  /** Takes it out of the poller. */
  remove(source: Source<T>): void;
}

const SLOT_SPAN = 2 ** 24;

/**
 * Something that a poller reports beside descriptors: a timer, a signal, the end of a process, changes of files. In a
 * batch its descriptor is -1 and its flags are `READABLE`. Closing a poller closes its sources.
 */
export abstract class Source<T = unknown> implements Disposable {
  abstract readonly kind: 'timer' | 'signal' | 'process' | 'watch';
  readonly #home: Home<T>;
  #id: number;
  #payload = 0;
  #turn = -1;
  #ended = false;
  #closed = false;

  /** @internal */
  constructor(home: Home<T>, id: number) {
    this.#home = home;
    this.#id = id;
  }

  /** Closed by `close`, with its poller, or by itself: one that fires once is, when it has been told. */
  get closed(): boolean {
    return this.#closed || this.#ended;
  }

  /** Nothing is reported any more, also by the rest of the current batch. Twice is fine. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#home.remove(this);
  }

  /** The same as `close`, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal */
  get id(): number {
    return this.#id;
  }

  /** @internal */
  get slot(): number {
    return this.#id % SLOT_SPAN;
  }

  /** It has ended by itself. @internal */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether it keeps a started poller, and so the process, alive. @internal */
  get keeps(): boolean {
    return true;
  }

  /** What was told in the current batch; undefined when nothing was. @internal */
  protected get payload(): number | undefined {
    return this.#turn === this.#home.batch.turn ? this.#payload : undefined;
  }

  /** @internal */
  protected get home(): Home<T> {
    return this.#home;
  }

  /** Whether it ends with what it tells. @internal */
  protected abstract endsWith(payload: number): boolean;

  /** The batch has an event of it. @internal */
  told(payload: number): void {
    this.#payload = payload;
    this.#turn = this.#home.batch.turn;
    if (this.endsWith(payload)) this.#end(true);
  }

  /** The event was not taken: it comes again. @internal */
  untold(): void {
    this.#turn = -1;
    if (this.#ended) this.#end(false);
  }

  /** It goes on under this id. @internal */
  protected revive(id: number): void {
    this.#id = id;
    if (this.#ended) this.#end(false);
  }

  /** Its poller was closed. @internal */
  orphan(): void {
    this.#closed = true;
    this.#turn = -1;
  }

  /** @internal */
  protected checkOpen(): void {
    if (this.#closed) throw closedError(this.kind);
  }

  #end(ended: boolean): void {
    this.#ended = ended;
    const { batch } = this.#home;
    if (ended) batch.leave(this.slot);
    else batch.stay(this.slot);
    if (this.keeps) this.#home.keep(ended ? -1 : 1);
  }
}
