import { native } from './binding.ts';
import { ERROR, PRIORITY, READ_CLOSED, READABLE, WRITABLE, WRITE_CLOSED } from './constants.ts';
import { closedError } from './errors.ts';
import { BAD_ARGUMENT, CLOSED_HANDLE } from './native.ts';
import { INT32_MAX, integer, outOfRange, wrongType } from './validate.ts';

const COLUMNS = 7;
const EACH = 16384;

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
  length = 0;
  woken = false;
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
    if (this.#leaving.size > 0) this.#leaving.delete(slot);
  }

  /** Removed outside of the batch: nothing refers to the slot any more. */
  forget(slot: number): void {
    this.data[slot] = undefined;
    this.owners[slot] = undefined;
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
    if (this.#leaving.size === 0) return;
    for (const slot of this.#leaving) this.data[slot] = undefined;
    this.#leaving.clear();
  }

  clear(): void {
    this.length = 0;
    this.woken = false;
    this.data.length = 0;
    this.owners.length = 0;
  }
}

/** One event, on its own: it stays as it is when the batch goes on. */
export class Event<T = unknown> {
  readonly fd: number;
  readonly flags: number;
  /** Bytes to read or connections to accept, where the kernel tells; else -1. */
  readonly available: number;
  readonly data: T;

  constructor(fd: number, flags: number, available: number, data: T) {
    this.fd = fd;
    this.flags = flags;
    this.available = available;
    this.data = data;
  }

  get readable(): boolean {
    return (this.flags & READABLE) !== 0;
  }
  get writable(): boolean {
    return (this.flags & WRITABLE) !== 0;
  }
  get priority(): boolean {
    return (this.flags & PRIORITY) !== 0;
  }
  get readClosed(): boolean {
    return (this.flags & READ_CLOSED) !== 0;
  }
  get writeClosed(): boolean {
    return (this.flags & WRITE_CLOSED) !== 0;
  }
  get error(): boolean {
    return (this.flags & ERROR) !== 0;
  }
}

/**
 * One batch of events, reused by the next wait. The columns keep their identity for the poller's life. Walk it by
 * index without allocating anything, or iterate for fresh `Event` objects.
 */
export class Events<T = unknown> implements Iterable<Event<T>> {
  readonly #batch: Batch<T>;
  readonly #poller: number;
  /** The descriptor of event i. */
  readonly fds: Int32Array;
  /** What happened to it; 0 when it was removed or closed since the wait. */
  readonly flags: Uint32Array;
  /** Bytes to read or connections to accept, where the kernel tells (kqueue); else -1. */
  readonly available: Int32Array;

  /** Where in the slab the bytes of event i begin, after `receive`. */
  readonly offsets: Uint32Array;
  /** What `receive` read for event i: > 0 bytes, 0 the end, -1 not read or nothing there, < -1 the negative errno. */
  readonly lengths: Int32Array;
  /** What `send` sent for event i: bytes taken, -1 nothing or no room, < -1 the negative errno. */
  readonly sent: Int32Array;

  /** @internal */
  constructor(batch: Batch<T>, poller: number) {
    this.#batch = batch;
    this.#poller = poller;
    this.offsets = batch.offsets;
    this.lengths = batch.lengths;
    this.sent = batch.sent;
    this.fds = batch.fds;
    this.flags = batch.flags;
    this.available = batch.available;
  }

  get length(): number {
    return this.#batch.length;
  }

  /** A waker was used. */
  get woken(): boolean {
    return this.#batch.woken;
  }

  /** The label of event i: an array read, never a crossing. */
  data(i: number): T {
    const batch = this.#batch;
    return (i < batch.length ? batch.data[batch.slots[i] as number] : undefined) as T;
  }

  /**
   * Receives from every readable stream `Socket` of the batch that is no listener, in one crossing: at most `each` bytes
   * of each, packed into `slab`; `offsets` and `lengths` say where and how many. When the slab has no room for `each`
   * more bytes it stops, and the next call goes on from there.
   * @returns how many events were read: bytes, ends and errors; 0 when none is left.
   */
  receive(slab: Uint8Array, each: number = EACH): number {
    const whole = (each | 0) === each;
    const answer = whole ? native.pollerReceive(this.#poller, this.#batch.buffer, slab, each) : BAD_ARGUMENT;
    if (answer >= 0 && each <= slab.byteLength) return answer;
    throw this.#failure(answer, slab, each);
  }

  /**
   * Sends what the last `receive` put into `slab` back to where it came from, in one crossing; `sent` says how much of
   * each went. What a socket had no room for is the caller's to finish.
   * @returns how many went whole.
   */
  send(slab: Uint8Array): number {
    const answer = native.pollerSend(this.#poller, this.#batch.buffer, slab);
    if (answer >= 0) return answer;
    throw this.#failure(answer, slab, 1);
  }

  #failure(answer: number, slab: Uint8Array, each: number): Error {
    if (answer === CLOSED_HANDLE) return closedError('poller');
    if (!(slab instanceof Uint8Array)) return wrongType('slab', 'a Uint8Array', slab);
    integer('each', each, 1, INT32_MAX);
    if (each > slab.byteLength) return outOfRange('each', `at most slab.byteLength, ${slab.byteLength}`, each);
    if (this.#batch.buffer.byteLength === 0)
      return outOfRange(
        'events',
        "whole: this poller's columns were transferred to another thread",
        'a detached buffer',
      );
    return outOfRange('slab', 'the slab of the last receive, of less than 4 GiB', `${slab.byteLength} bytes`);
  }

  /** Skips what was silenced, also by the loop's own body. */
  *[Symbol.iterator](): Generator<Event<T>, void, undefined> {
    for (let i = 0; i < this.length; i++) {
      const flags = this.flags[i] as number;
      this.#batch.taken = Math.max(this.#batch.taken, i + 1);
      if (flags !== 0) yield new Event(this.fds[i] as number, flags, this.available[i] as number, this.data(i));
    }
  }
}
