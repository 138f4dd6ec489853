import type { Batch } from './batch.ts';
import { native } from './binding.ts';
import { ERROR, PRIORITY, READ_CLOSED, READABLE, WRITABLE, WRITE_CLOSED } from './constants.ts';
import { closedError, fromAnswer } from './errors.ts';
import { BAD_ARGUMENT, CLOSED_HANDLE, TABLE_FULL } from './native.ts';
import type { Source } from './sources.ts';
import { INT32_MAX, integer, outOfRange, wrongType } from './validate.ts';

const EACH = 16384;

/** One event, on its own: it stays as it is when the batch goes on. */
export class Event<T = unknown> {
  /** -1 for a source. */
  readonly fd: number;
  /** What happened: `READABLE`, `WRITABLE` and the others, or-ed. */
  readonly flags: number;
  /** Bytes to read or connections to accept, where the kernel tells; else -1. */
  readonly available: number;
  /** The label that it was added with. */
  readonly data: T;
  /** The timer, signal, process or watch; undefined for a descriptor. */
  readonly source: Source | undefined;

  constructor(fd: number, flags: number, available: number, data: T, source?: Source) {
    this.fd = fd;
    this.flags = flags;
    this.available = available;
    this.data = data;
    this.source = source;
  }

  /** `READABLE` is among the flags. */
  get readable(): boolean {
    return (this.flags & READABLE) !== 0;
  }
  /** `WRITABLE` is among the flags. */
  get writable(): boolean {
    return (this.flags & WRITABLE) !== 0;
  }
  /** `PRIORITY` is among the flags. */
  get priority(): boolean {
    return (this.flags & PRIORITY) !== 0;
  }
  /** `READ_CLOSED` is among the flags. */
  get readClosed(): boolean {
    return (this.flags & READ_CLOSED) !== 0;
  }
  /** `WRITE_CLOSED` is among the flags. */
  get writeClosed(): boolean {
    return (this.flags & WRITE_CLOSED) !== 0;
  }
  /** `ERROR` is among the flags. */
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
  /** The descriptor of event i; -1 for a source. */
  readonly fds: Int32Array;
  /** What happened to it; 0 when it was removed or closed since the wait. */
  readonly flags: Uint32Array;
  /** Bytes to read or connections to accept, where the kernel tells (kqueue); else -1. */
  readonly available: Int32Array;

  /** Where in the slab the bytes of event i begin, after `receive`. */
  readonly offsets: Uint32Array;
  /** What `receive` read for event i: positive: bytes, 0 the end, -1 not read or nothing there, below: the negative errno. */
  readonly lengths: Int32Array;
  /** What `send` sent for event i: bytes taken, -1 nothing or no room, below: the negative errno. */
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

  /** How many events the batch has, silenced ones too. */
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

  /** The timer, signal, process or watch of event i; undefined for a descriptor. */
  source(i: number): Source | undefined {
    return this.#batch.sourceOf(i) as Source | undefined;
  }

  /**
   * Receives from every readable stream `Socket` of the batch that is no listener, in one crossing: at most `each` bytes
   * of each, packed into `slab`; `offsets` and `lengths` say where and how many. When the slab has no room for `each`
   * more bytes it stops, and the next call goes on from there.
   * @returns how many events were read: bytes, ends and errors; 0 when none is left.
   */
  receive(slab: Uint8Array, each: number = EACH): number {
    const whole = typeof each === 'number' && (each | 0) === each;
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
    if (answer < TABLE_FULL) return fromAnswer(answer);
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
      if (flags === 0) continue;
      yield new Event(this.fds[i] as number, flags, this.available[i] as number, this.data(i), this.source(i));
    }
  }
}
