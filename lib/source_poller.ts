import type { Process } from './process.ts';
import type { Signal } from './signal.ts';
import type { SourceOptions, Sources, TimerOptions, WatchOptions } from './sources.ts';
import type { Timer, When } from './timer.ts';
import type { Watch } from './watch.ts';

/** The part of a poller that reports more than descriptors. */
export class SourcePoller<T> {
  readonly #sources: Sources<T>;

  /** @internal */
  constructor(sources: Sources<T>) {
    this.#sources = sources;
  }

  /**
   * A timer: `when` in milliseconds from now, with fractions, or as a bigint a point in time of `monotonicTime()`.
   * Infinity arms it for never, until `set`. Thousands cost one heap and no descriptor.
   * @throws FdError ERR_FDPOLL_CLOSED; EMFILE where the event loop has to be woken for it, and nothing is left for that.
   */
  addTimer(when: When, options?: TimerOptions<T>): Timer<T> {
    return this.#sources.addTimer(when, options);
  }

  /**
   * A signal of this process, also while `wait` blocks. Any number of pollers and `process.on` may have the same one;
   * when the last has gone, what was there before comes back.
   * @throws TypeError for what is none or cannot be caught, for faults, and for SIGCHLD (see `addProcess`). FdError EMFILE:
   * each takes some descriptors.
   */
  addSignal(signal: NodeJS.Signals, options?: SourceOptions<T>): Signal<T> {
    return this.#sources.addSignal(signal, options);
  }

  /**
   * The end of any process that this one can see, children or not. One that has ended already and was not waited for
   * is told at once.
   * @throws FdError ESRCH when there is none; EINVAL for a thread; ENOSYS before Linux 5.3; EMFILE.
   */
  addProcess(pid: number, options?: SourceOptions<T>): Process<T> {
    return this.#sources.addProcess(pid, options);
  }

  /**
   * Changes of a file or of the entries of a directory: inotify, or EVFILT_VNODE, which of a directory tells `modify`
   * and no more.
   * @throws FdError ENOENT, EACCES, ENOSPC (Linux: fs.inotify.max_user_watches), EMFILE (fs.inotify.max_user_instances, or
   * descriptors), ENOTSUP where the build has neither.
   */
  addWatch(path: string, options?: WatchOptions<T>): Watch<T> {
    return this.#sources.addWatch(path, options);
  }
}
