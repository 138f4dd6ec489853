import { type BackendName, openBackend } from './backends.ts';
import { native } from './binding.ts';
import { closedError, fromAnswer, orThrow } from './errors.ts';
import { Batch, Events } from './events.ts';
import { CLOSED_HANDLE, TABLE_FULL } from './native.ts';
import { dismiss, enlist, leavePollers } from './registry.ts';
import { handleOf, SocketHandle } from './socket_handle.ts';
import {
  booleanOf,
  type Descriptor,
  fdOf,
  integer,
  interestOf,
  maybeFd,
  oneOf,
  optionsOf,
  outOfRange,
  timeoutOf,
} from './validate.ts';
import { Waker } from './waker.ts';

/**
 * When an event repeats. `level`: as long as the condition holds. `edge`: when something new arrives. `oneshot`: once,
 * then not until `modify`. `edge-oneshot`: both.
 */
export type Mode = 'level' | 'edge' | 'oneshot' | 'edge-oneshot';

export interface AddOptions<T> {
  /** Default `level`. What the backend lacks is refused with ENOTSUP. */
  mode?: Mode;
  /** Wake one of several pollers that share the descriptor, not all (epoll, Linux 4.5). Level or edge, no PRIORITY. */
  exclusive?: boolean;
  /** Your label; `events.data(i)` gives it back. */
  data?: T;
}

export interface PollerOptions {
  /** Default: the best that is usable here, see `backends()`. */
  backend?: BackendName;
  /** The most events that one wait delivers, 1 to 1048576. Default 1024. */
  maxEvents?: number;
}

const MODES: ReadonlyMap<string, number> = new Map([
  ['level', 0],
  ['edge', 1],
  ['oneshot', 2],
  ['edge-oneshot', 3],
]);
const EXCLUSIVE = 4;
const KEEP_MODE = 8;
// How native/binding/poller_binding.cc packs its numbers.
const SLOT_SPAN = 2 ** 24;
const COUNT_MASK = SLOT_SPAN - 1;
const WOKEN = 1 << 24;
const MAX_EVENTS = 2 ** 20;
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
 *     const poller = new Poller<Socket>();
 *     poller.add(socket, READABLE, { data: socket });
 *     const events = poller.wait(1000);
 *     for (let i = 0; i < events.length; i++) if (events.flags[i] & READABLE) serve(events.data(i));
 */
export class Poller<T = unknown> implements Disposable {
  readonly #backend: BackendName;
  readonly #waker: Waker;
  #batch: Batch<T>;
  #events: Events<T> | undefined;
  readonly #reference: WeakRef<Poller<unknown>>;
  #handle: number;

  /** Throws `ERR_FDPOLL_BACKEND_UNAVAILABLE` for a backend that is absent or refused by the system. */
  constructor(options?: PollerOptions) {
    const { backend, maxEvents = 1024 } = optionsOf(options) ?? {};
    const opened = openBackend(backend, integer('options.maxEvents', maxEvents, 1, MAX_EVENTS));
    this.#backend = opened.name;
    this.#handle = opened.handle;
    this.#batch = new Batch(maxEvents);
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

  /** The kernel's own descriptor, to be watched by another poller; -1 where the backend has none, and once closed. */
  get fd(): number {
    return Math.max(-1, native.pollerFd(this.#handle));
  }

  /** How many descriptors are registered, parked and spent ones too. */
  get size(): number {
    return Math.max(0, native.pollerSize(this.#handle));
  }

  get closed(): boolean {
    return this.#handle === GONE;
  }

  /**
   * Registers a descriptor. An interest of 0 parks it: nothing is reported until `modify`. A number that was closed
   * behind our back and used again replaces the dead entry.
   * @throws FdError EEXIST when it is registered, EBADF when it is closed, EPERM when it can never be ready or
   * not ready (regular files, directories), ENOTSUP for a mode or interest that the backend lacks, EINVAL for what the
   * kernel refuses with `exclusive`; on select also ERANGE for descriptors >= FD_SETSIZE.
   */
  add(descriptor: Descriptor, interest: number, options?: AddOptions<T>): void {
    const fd = fdOf(descriptor);
    const checked = optionsOf(options);
    let mode = checked?.mode === undefined ? 0 : oneOf('options.mode', MODES, checked.mode);
    if (checked?.exclusive !== undefined && booleanOf('options.exclusive', checked.exclusive)) mode |= EXCLUSIVE;
    const data = checked?.data;
    const answer =
      descriptor instanceof SocketHandle
        ? native.pollerAdd(this.#handle, fd, interestOf(interest), mode, handleOf(descriptor))
        : native.pollerAdd(this.#handle, fd, interestOf(interest), mode);
    if (answer < 0) throw this.#failure(answer, fd);
    const slot = answer % SLOT_SPAN;
    if (answer !== slot) this.#batch.silenceReplaced(slot);
    this.#batch.take(slot, data, typeof descriptor === 'object' ? descriptor : undefined);
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
    const mode = checked?.mode === undefined ? KEEP_MODE : oneOf('options.mode', MODES, checked.mode);
    const data = checked?.data;
    const answer = native.pollerModify(this.#handle, fd, interestOf(interest), mode);
    if (answer < 0) throw this.#failure(answer, fd);
    if (checked !== undefined && 'data' in checked) this.#batch.data[answer] = data;
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
   * Blocks this thread until something happens: milliseconds with fractions, <= 0 only looks, Infinity (the default)
   * waits for ever. Never early; a signal does not cut it short. The same Events object every time. In a Worker it
   * ends when the Worker is terminated.
   */
  wait(timeout: number = Number.POSITIVE_INFINITY): Events<T> {
    const batch = this.#batch;
    batch.beforeWait();
    const answer = native.pollerWait(this.#handle, timeout, batch.buffer);
    if (answer < 0) throw this.#waitFailure(answer, timeout);
    batch.length = answer & COUNT_MASK;
    batch.woken = (answer & WOKEN) !== 0;
    return this.#events as Events<T>;
  }

  /** Forgets every registration and frees the kernel's object. Twice is fine; anything else throws from then on. */
  close(): void {
    if (this.#handle === GONE) return;
    forgotten.unregister(this);
    dismiss(this.#reference);
    const fd = this.fd;
    if (fd >= 0) leavePollers(fd);
    native.closePoller(this.#handle);
    this.#handle = GONE;
    // Whoever still holds the events sees an empty batch. Here they are let go: making a WeakRef keeps a poller in
    // memory until control returns to the event loop, which in a loop on wait() is never.
    this.#batch.clear();
    this.#batch = new Batch(0);
    this.#events = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
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
