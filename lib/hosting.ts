import { AsyncResource } from 'node:async_hooks';
import type { BackendName } from './backends.ts';
import type { Batch } from './batch.ts';
import { isNode, native } from './binding.ts';
import { closedError, fromAnswer } from './errors.ts';
import type { Events } from './events.ts';
import { FdError } from './fd_error.ts';
import { BAD_ARGUMENT, CLOSED_HANDLE } from './native.ts';
import { oneOf, outOfRange } from './validate.ts';

/** `loop`: a watch on Node's own event loop. `thread`: a helper thread that waits. */
export type HostingKind = 'loop' | 'thread';

const KINDS: ReadonlyMap<string, number> = new Map([
  ['loop', 0],
  ['thread', 1],
]);

/**
 * How a poller of this backend is to be hosted: as asked for, else on the loop where that can be.
 * @throws FdError ERR_FDPOLL_BACKEND_UNAVAILABLE for `loop` where it cannot be.
 * @internal
 */
export function hostingOf(asked: unknown, backend: BackendName): HostingKind {
  const loop = backend === 'epoll' && isNode();
  if (asked === undefined) return loop ? 'loop' : 'thread';
  if (oneOf('options.hosting', KINDS, asked) === 1) return 'thread';
  if (loop) return 'loop';
  throw new FdError(
    'ERR_FDPOLL_BACKEND_UNAVAILABLE',
    `hosting 'loop' is unavailable for backend '${backend}': ` +
      "it takes epoll under Node, whose event loop can watch an epoll set. 'thread' is there everywhere",
  );
}

// Deno may call back twice without running microtasks and ticks in between.
const turnPasses: Promise<void> | undefined = process.versions.deno === undefined ? undefined : Promise.resolve();

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

/** Throws where nobody catches: an uncaughtException. */
function throwUncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

function failure(answer: number): Error {
  // By a hook of node:async_hooks, inside of the call that starts it.
  if (answer === CLOSED_HANDLE) return closedError('poller');
  if (answer !== BAD_ARGUMENT) return fromAnswer(answer);
  return outOfRange('events', "whole: this poller's columns were transferred to another thread", 'a detached buffer');
}

/** What a hosting knows of its poller. */
interface Hosted<T> {
  readonly handle: number;
  readonly kind: HostingKind;
  readonly batch: Batch<T>;
  readonly events: Events<T>;
  readonly receiver: Receiver<T>;
  readonly close: () => void;
}

/** Where the batches go. @internal */
export interface Receiver<T> {
  /** What it returns may be a promise, which holds the next batch back. */
  receive(events: Events<T>): unknown;
  /** The backend has failed. True when somebody is told of it; else it is an uncaughtException. */
  fail?(error: Error): boolean;
  /** There will be no more. */
  end?(): void;
}

/**
 * One start of a poller, up to its stop. Begins held: nothing is collected before `resume`.
 *
 *     resume ──▶ waiting ──▶ deliver ──▶ callback ──┬─▶ waiting
 *                                                   └─▶ held by its promise ──▶ resume
 *
 * While it lasts the addon holds it, and so the poller, strongly.
 * @internal
 */
export class Hosting<T> {
  readonly #hosted: Hosted<T>;
  #begun = false;
  #wanted = false;
  #alive = false;
  #held = true;
  #over = false;

  constructor(hosted: Hosted<T>) {
    this.#hosted = hosted;
    const { handle, kind, batch } = hosted;
    const thread = kind === 'thread';
    const deliver = (answer: number) => this.#deliver(answer);
    // The context of start() is that of every callback. On the loop the addon sees to it; a thread-safe function loses
    // what AsyncLocalStorage has in some runtimes.
    const bound = thread ? AsyncResource.bind(deliver, 'fdpoll.Poller') : deliver;
    const answer = native.hostPoller(handle, thread, bound, batch.buffer);
    if (answer < 0) throw failure(answer);
  }

  get over(): boolean {
    return this.#over;
  }

  /** Goes on: the next batch may come. */
  resume(): void {
    if (this.#over) return;
    this.#begun = true;
    this.#held = false;
    this.#refer();
    const answer = native.holdPoller(this.#hosted.handle, false);
    if (answer < 0) this.#fail(answer);
  }

  hold(): void {
    this.#held = true;
    if (!this.#over) native.holdPoller(this.#hosted.handle, true);
  }

  /** Whether it keeps the process alive, once it has begun. */
  keepAlive(alive: boolean): void {
    this.#wanted = alive;
    this.#refer();
  }

  end(): void {
    if (this.#over) return;
    this.#over = true;
    native.unhostPoller(this.#hosted.handle);
    this.#hosted.receiver.end?.();
  }

  /** A call into the addon only when something changes. */
  #refer(): void {
    const alive = this.#begun && this.#wanted;
    if (this.#over || this.#alive === alive) return;
    this.#alive = alive;
    native.keepAlivePoller(this.#hosted.handle, alive);
  }

  #deliver(answer: number): void {
    if (answer < 0) {
      this.#fail(answer);
      return;
    }
    const { batch, events, receiver } = this.#hosted;
    batch.beforeWait();
    batch.begin(answer);
    try {
      const result = receiver.receive(events);
      if (isThenable(result)) this.#holdUntil(result);
      else if (turnPasses !== undefined && !this.#held) this.#holdUntil(turnPasses);
    } catch (error) {
      this.#rearm();
      // Deno would forget what it was, when it comes out of the addon.
      if (turnPasses === undefined) throw error;
      throwUncaught(error);
      this.#holdUntil(turnPasses);
    }
  }

  #holdUntil(promise: PromiseLike<unknown>): void {
    this.hold();
    promise.then(
      () => this.#goOn(),
      (error: unknown) => {
        this.#rearm();
        throwUncaught(error);
        // After it, since Deno calls back into what it is ending, and tells of that instead.
        queueMicrotask(() => this.#goOn());
      },
    );
  }

  #goOn(): void {
    try {
      this.resume();
    } catch (error) {
      throwUncaught(error);
    }
  }

  /** What the callback had not come to is to be reported again. */
  #rearm(): void {
    if (this.#over) return;
    const { batch, handle } = this.#hosted;
    batch.untell(batch.taken);
    native.rearmPoller(handle, batch.taken);
  }

  #fail(answer: number): void {
    const error = failure(answer);
    const told = this.#hosted.receiver.fail?.(error) ?? false;
    this.#hosted.close();
    if (!told) throw error;
  }
}

type Result<T> = IteratorResult<Events<T>, undefined>;

/**
 * The iteration of a hosted poller: a batch is collected only while somebody waits in `next()`.
 * @internal
 */
export class Batches<T> implements AsyncIterableIterator<Events<T>>, Receiver<T> {
  hosting: Hosting<T> | undefined;
  readonly #stop: () => void;
  readonly #waiting: { resolve(result: Result<T>): void; reject(error: unknown): void }[] = [];

  constructor(stop: () => void) {
    this.#stop = stop;
  }

  receive(events: Events<T>): void {
    this.#waiting.shift()?.resolve({ done: false, value: events });
    if (this.#waiting.length === 0) this.hosting?.hold();
  }

  fail(error: Error): boolean {
    const told = this.#waiting.length > 0;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
    return told;
  }

  end(): void {
    for (const { resolve } of this.#waiting.splice(0)) resolve({ done: true, value: undefined });
  }

  next(): Promise<Result<T>> {
    return new Promise((resolve, reject) => {
      if (this.hosting === undefined || this.hosting.over) return resolve({ done: true, value: undefined });
      this.#waiting.push({ resolve, reject });
      this.hosting.resume();
    });
  }

  return(): Promise<Result<T>> {
    if (this.hosting?.over === false) this.#stop();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
