import { type BackendName, openBackend } from './backends.ts';
import { Batch, closedBatch } from './batch.ts';
import { native } from './binding.ts';
import { closedError, fromAnswer, orThrow, startedError } from './errors.ts';
import { Events } from './events.ts';
import { Batches, Hosting, type HostingKind, hostingOf, type Receiver } from './hosting.ts';
import { CLOSED_HANDLE, TABLE_FULL } from './native.ts';
import { type AddOptions, modeToAdd, modeToModify, type PollerOptions } from './poller_options.ts';
import { dismiss, enlist, leavePollers } from './registry.ts';
import { handleOf, SocketHandle } from './socket_handle.ts';
import { SourcePoller } from './source_poller.ts';
import { Sources } from './sources.ts';
import {
  checkFunction,
  type Descriptor,
  fdOf,
  integer,
  interestOf,
  maybeFd,
  optionsOf,
  outOfRange,
  timeoutOf,
} from './validate.ts';
import { Waker } from './waker.ts';

const SLOT_SPAN = 2 ** 24; // how native/binding/poller_binding.cc packs its numbers
const GONE = -1;

// The net for pollers that were forgotten open.
const forgotten: FinalizationRegistry<{ handle: number; reference: WeakRef<Poller<unknown>> }> =
  new FinalizationRegistry(({ handle, reference }) => {
    native.closePoller(handle);
    dismiss(reference);
  });

/**
 * Waits for many descriptors at once. Belongs to the thread that made it; only its `waker` crosses.
 *
 * ```ts
 * const poller = new Poller<Socket>();
 * poller.add(socket, READABLE, { data: socket });
 * for (const event of poller.wait(1000)) serve(event.data);
 * ```
 */
export class Poller<T = unknown> extends SourcePoller<T> implements Disposable {
  readonly #backend: BackendName;
  readonly #waker: Waker;
  readonly #hostingKind: HostingKind;
  #hosting: Hosting<T> | undefined; // while started
  #referenced = true;
  readonly #sources: Sources<T>;
  #batch: Batch<T>;
  #events: Events<T> | undefined;
  readonly #reference: WeakRef<Poller<unknown>>;
  #handle: number;

  /** Throws `ERR_FDPOLL_BACKEND_UNAVAILABLE` for a backend that is absent or refused by the system. */
  constructor(options?: PollerOptions) {
    const { backend, maxEvents = 1024, hosting } = optionsOf(options);
    const opened = openBackend(backend, integer('options.maxEvents', maxEvents, 1, 2 ** 20));
    let kind: HostingKind;
    try {
      kind = hostingOf(hosting, opened.name);
    } catch (error) {
      native.closePoller(opened.handle);
      throw error;
    }
    const batch = new Batch<T>(maxEvents);
    const sources: Sources<T> = new Sources(opened.handle, batch, () => this.#keepAlive());
    super(sources);
    this.#hostingKind = kind;
    this.#backend = opened.name;
    this.#handle = opened.handle;
    this.#batch = batch;
    this.#sources = sources;
    this.#events = new Events(this.#batch, this.#handle);
    this.#waker = Waker.from(orThrow(native.pollerWaker(this.#handle)));
    this.#reference = enlist(this as Poller<unknown>);
    forgotten.register(this, { handle: this.#handle, reference: this.#reference }, this);
  }

  /** The backend's name. */
  get backend(): BackendName {
    return this.#backend;
  }

  /** Wakes this poller, from any thread. */
  get waker(): Waker {
    return this.#waker;
  }

  /**
   * The kernel's own descriptor, to be watched by another poller; -1 where the backend has none, and once closed.
   * @throws FdError EMFILE when the poller has timers and nothing is left to make it readable for them.
   */
  get fd(): number {
    const answer = native.pollerFd(this.#handle, true);
    if (answer <= TABLE_FULL) throw fromAnswer(answer);
    return Math.max(-1, answer);
  }

  /** How many descriptors are registered, parked and spent ones too; sources are not counted. */
  get size(): number {
    return Math.max(0, native.pollerSize(this.#handle));
  }

  /** `close` was called. */
  get closed(): boolean {
    return this.#handle === GONE;
  }

  /**
   * Registers a descriptor. An interest of 0 parks it: nothing is reported until `modify`. A number that was closed
   * behind our back and used again replaces the dead entry.
   * @throws FdError EEXIST when it is registered, EBADF when it is closed, EPERM when it can never be ready or
   * not ready (regular files, directories), ENOTSUP for a mode or interest that the backend lacks, EINVAL for what the
   * kernel refuses with `exclusive`; on select also ERANGE for descriptors from FD_SETSIZE on.
   */
  add(descriptor: Descriptor, interest: number, options?: AddOptions<T>): void {
    const fd = fdOf(descriptor);
    const checked = optionsOf(options);
    const mode = modeToAdd(checked);
    const { data } = checked;
    const answer =
      descriptor instanceof SocketHandle
        ? native.pollerAdd(this.#handle, fd, interestOf(interest), mode, handleOf(descriptor))
        : native.pollerAdd(this.#handle, fd, interestOf(interest), mode);
    if (answer < 0) throw this.#failure(answer, fd);
    const slot = answer % SLOT_SPAN;
    if (answer !== slot) this.#batch.silenceReplaced(slot);
    this.#batch.take(slot, data, typeof descriptor === 'object' ? descriptor : undefined);
    this.#hosting?.keepAlive(this.#referenced);
  }

  /**
   * Changes interest, mode or label; what is left out keeps its value. Fires again for a condition that already holds,
   * and re-arms a one-shot. When nothing changes in level mode, no system call is made.
   * @throws FdError ENOENT when it is not registered, EINVAL when it is registered as exclusive (delete and add), EBADF
   * when it was closed behind our back, ENOTSUP as in `add`.
   */
  modify(descriptor: Descriptor, interest: number, options?: Pick<AddOptions<T>, 'mode' | 'data'>): void {
    const fd = fdOf(descriptor);
    const checked = optionsOf(options);
    const mode = modeToModify(checked);
    const { data } = checked;
    const answer = native.pollerModify(this.#handle, fd, interestOf(interest), mode);
    if (answer < 0) throw this.#failure(answer, fd);
    if ('data' in checked) this.#batch.data[answer] = data;
  }

  /** False when it was not registered. What is left of it in the current batch falls silent. */
  delete(descriptor: Descriptor): boolean {
    const fd = maybeFd(descriptor);
    if ((fd | 0) !== fd || fd < 0) return this.#absent();
    const answer = native.pollerDelete(this.#handle, fd);
    if (answer < 0) {
      if (answer === CLOSED_HANDLE) throw closedError('poller');
      return false;
    }
    const slot = answer % SLOT_SPAN;
    if (answer === slot) this.#batch.forget(slot);
    else this.#batch.silence(Math.floor(answer / SLOT_SPAN) - 1, slot);
    this.#keepAlive();
    return true;
  }

  /** Whether it is registered; also true for one that was closed behind our back, until `delete`. */
  has(descriptor: Descriptor): boolean {
    const fd = maybeFd(descriptor);
    if ((fd | 0) !== fd || fd < 0) return this.#absent();
    const answer = native.pollerHas(this.#handle, fd);
    if (answer < 0) throw closedError('poller');
    return answer === 1;
  }

  /**
   * Blocks this thread until something happens: milliseconds with fractions, 0 or less only looks, Infinity (the default)
   * waits for ever. Never early; a signal does not cut it short. The same Events object every time. In a Worker it
   * ends when the Worker is terminated.
   */
  wait(timeout: number = Number.POSITIVE_INFINITY): Events<T> {
    if (this.#hosting !== undefined) throw startedError();
    const batch = this.#batch;
    batch.beforeWait();
    const answer = native.pollerWait(this.#handle, timeout, batch.buffer);
    if (answer < 0) throw this.#waitFailure(answer, timeout);
    batch.begin(answer);
    return this.#events as Events<T>;
  }

  /**
   * Calls back with each batch from the runtime's own event loop, until `stop` or `close`. The same Events object every
   * time. A promise that the callback returns holds the next batch back. What it throws or rejects with is an
   * uncaughtException; the poller stays started, and edge-triggered and one-shot events that iterating had not yet
   * given out come again. While something is registered, or a source is open that is no signal, it keeps the process
   * alive, unless `unref` was called.
   * @throws FdError ERR_FDPOLL_STARTED when it is started already; ELOOP when pollers nest so deep that none is left
   * for the event loop; EMFILE.
   */
  start(callback: (events: Events<T>) => void | Promise<void>): this {
    checkFunction('callback', callback);
    this.#host({ receive: (events) => callback(events) }).resume();
    return this;
  }

  /** Ends `start` or an iteration; `wait` works again. Fine when nothing was started. */
  stop(): void {
    this.#hosting?.end();
    this.#hosting = undefined;
  }

  /** A started poller with something registered keeps the process alive: the default. */
  ref(): this {
    return this.#refer(true);
  }

  /** It does not, also when it is started later. */
  unref(): this {
    return this.#refer(false);
  }

  /**
   * `for await (const events of poller)`: the same Events object every time, collected when the loop comes back for
   * it. `break`, `stop()` and `close()` end it.
   * @throws FdError ERR_FDPOLL_STARTED when it is started already.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Events<T>> {
    const batches = new Batches<T>(() => this.stop());
    batches.hosting = this.#host(batches);
    return batches;
  }

  /** Forgets every registration and frees the kernel's object. Twice is fine; anything else throws from then on. */
  close(): void {
    if (this.#handle === GONE) return;
    this.stop();
    forgotten.unregister(this);
    dismiss(this.#reference);
    const fd = native.pollerFd(this.#handle, false);
    if (fd >= 0) leavePollers(fd);
    native.closePoller(this.#handle);
    this.#sources.close();
    this.#handle = GONE;
    // Whoever still holds the events sees an empty batch. Here they are let go: making a WeakRef keeps a poller in
    // memory until control returns to the event loop, which in a loop on wait() is never.
    this.#batch.clear();
    this.#batch = closedBatch();
    this.#events = undefined;
  }

  /** The same as `close`, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  #host(receiver: Receiver<T>): Hosting<T> {
    if (this.closed) throw closedError('poller');
    if (this.#hosting !== undefined) throw startedError();
    const hosting: Hosting<T> = new Hosting({
      handle: this.#handle,
      kind: this.#hostingKind,
      batch: this.#batch,
      events: this.#events as Events<T>,
      receiver,
      close: () => this.close(),
    });
    this.#hosting = hosting;
    this.#keepAlive();
    return hosting;
  }

  #refer(on: boolean): this {
    if (this.closed) throw closedError('poller');
    this.#referenced = on;
    this.#keepAlive();
    return this;
  }

  #keepAlive(): void {
    if (this.#hosting === undefined) return;
    this.#hosting.keepAlive(this.#referenced && (this.#sources.keeping > 0 || this.size > 0));
  }

  #absent(): false {
    if (this.closed) throw closedError('poller');
    return false;
  }

  #failure(answer: number, fd: number): Error {
    return answer === CLOSED_HANDLE ? closedError('poller') : fromAnswer(answer, { fd });
  }

  #waitFailure(answer: number, timeout: number): Error {
    this.#batch.length = 0;
    if (answer === CLOSED_HANDLE) return closedError('poller');
    if (answer <= TABLE_FULL) return fromAnswer(answer);
    timeoutOf(timeout);
    return outOfRange('events', "whole: this poller's columns were transferred to another thread", 'a detached buffer');
  }
}
