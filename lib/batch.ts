import type { Source } from './source.ts';

const COLUMNS = 7;
// How native/binding/poller_binding.cc packs its answer.
const COUNT_MASK = 2 ** 24 - 1;
const WOKEN = 1 << 24;
const SOURCES = 1 << 25;

/**
 * The memory of one poller's batches: columns that the addon fills at each wait, all of one ArrayBuffer, and the
 * caller's objects by slot.
 *
 *     event i   0   1   2          slot     0     1     2    ...
 *     fds       7   9   4          data     'c'   'a'   'b'
 *     flags     1   3   1          owners   ·     sock  ·
 *     slots     1   2   0 ───────▶
 *
 * @internal
 */
export class Batch<T> {
  readonly buffer: ArrayBuffer;
  readonly fds: Int32Array;
  readonly flags: Uint32Array;
  readonly available: Int32Array;
  readonly slots: Int32Array;
  readonly offsets: Uint32Array;
  readonly lengths: Int32Array;
  readonly sent: Int32Array;
  readonly data: (T | undefined)[] = [];
  /** The objects whose descriptors are registered, so that none is collected while it is. */
  readonly owners: (object | undefined)[] = [];
  /** The poller's sources by slot. An event of one has the descriptor -1. */
  readonly sources: Map<number, Source<T>> = new Map();
  length = 0;
  woken = false;
  /** Counts waits: what a source had to tell is over with the next. */
  turn = 0;
  /** How many events of this batch iterating has given out. */
  taken = 0;
  /** Slots that were removed while in this batch: `data(i)` still answers until the next wait. */
  readonly #leaving: Set<number> = new Set();

  constructor(capacity: number) {
    const bytes = capacity * Int32Array.BYTES_PER_ELEMENT;
    this.buffer = new ArrayBuffer(COLUMNS * bytes);
    this.fds = new Int32Array(this.buffer, 0, capacity);
    this.flags = new Uint32Array(this.buffer, bytes, capacity);
    this.available = new Int32Array(this.buffer, 2 * bytes, capacity);
    this.slots = new Int32Array(this.buffer, 3 * bytes, capacity);
    this.offsets = new Uint32Array(this.buffer, 4 * bytes, capacity);
    this.lengths = new Int32Array(this.buffer, 5 * bytes, capacity);
    this.sent = new Int32Array(this.buffer, 6 * bytes, capacity);
  }

  take(slot: number, data: T | undefined, owner: object | undefined): void {
    this.data[slot] = data;
    this.owners[slot] = owner;
    // A hosted poller may have freed the slot in a wait with nothing to tell: it is this one's by now.
    if (this.#leaving.size > 0 && this.#leaving.delete(slot)) this.sources.delete(slot);
  }

  takeSource(source: Source<T>, data: T | undefined): void {
    this.take(source.slot, data, undefined);
    this.sources.set(source.slot, source);
  }

  /** A source ends with this batch: its data stays until the next wait. */
  leave(slot: number): void {
    this.#leaving.add(slot);
  }

  /** It does not end after all. */
  stay(slot: number): void {
    this.#leaving.delete(slot);
  }

  /** Removed outside of the batch: nothing refers to the slot any more. */
  forget(slot: number): void {
    this.data[slot] = undefined;
    this.owners[slot] = undefined;
    if (this.sources.size > 0) this.sources.delete(slot);
  }

  /** Removed inside of the batch. */
  silence(event: number, slot: number): void {
    this.flags[event] = 0;
    this.owners[slot] = undefined;
    this.#leaving.add(slot);
  }

  /** A dead registration of this slot was replaced by a new one: its event, if there is one, is nobody's. */
  silenceReplaced(slot: number): void {
    for (let i = 0; i < this.length; i++) if (this.slots[i] === slot) this.flags[i] = 0;
  }

  beforeWait(): void {
    this.taken = 0;
    this.turn++;
    if (this.#leaving.size === 0) return;
    for (const slot of this.#leaving) {
      this.data[slot] = undefined;
      this.sources.delete(slot);
    }
    this.#leaving.clear();
  }

  /** After a wait: the answer of the addon that is no failure. */
  begin(answer: number): void {
    this.length = answer & COUNT_MASK;
    this.woken = (answer & WOKEN) !== 0;
    if ((answer & SOURCES) !== 0) this.#tellSources();
  }

  /** What was not taken from place `from` on will be told again: sources that ended with it have not. */
  untell(from: number): void {
    for (let i = from; i < this.length; i++) if (this.fds[i] === -1 && this.flags[i] !== 0) this.sourceOf(i)?.untold();
  }

  sourceOf(i: number): Source<T> | undefined {
    return i < this.length && this.fds[i] === -1 ? this.sources.get(this.slots[i] as number) : undefined;
  }

  /** The addon passes what a source has to tell in the column `available`, which is -1 for whoever reads it. */
  #tellSources(): void {
    const { fds, available } = this;
    for (let i = 0; i < this.length; i++) {
      if (fds[i] !== -1) continue;
      const payload = available[i] as number;
      available[i] = -1;
      this.sourceOf(i)?.told(payload);
    }
  }

  clear(): void {
    this.length = 0;
    this.woken = false;
    this.turn++;
    this.sources.clear();
    this.data.length = 0;
    this.owners.length = 0;
  }
}

const none: Batch<never> = new Batch(0);

/**
 * What a closed poller has, all of them the same, since nobody reads it. A closed poller may stay in memory for
 * long: see Poller.close. @internal
 */
export function closedBatch<T>(): Batch<T> {
  return none as Batch<unknown> as Batch<T>;
}
