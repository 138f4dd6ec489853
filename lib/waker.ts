import { native } from './binding.ts';
import { integer } from './validate.ts';

/**
 * Wakes a poller from any thread: post `handle` to a Worker and take it up there with `Waker.from`. Calls between two
 * waits become one wake-up, and none is lost: the running or the next `wait` returns with `events.woken`.
 */
export class Waker {
  readonly #handle: number;

  private constructor(handle: number) {
    this.#handle = handle;
  }

  /** A plain number that may cross threads, never given out twice: it finds nothing once its poller is closed. */
  get handle(): number {
    return this.#handle;
  }

  /** False when the poller is gone. */
  wake(): boolean {
    return native.wake(this.#handle) === 1;
  }

  /** The waker of a handle that another thread posted. Of a number that is none, `wake()` is false. */
  static from(handle: number): Waker {
    return new Waker(integer('handle', handle, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER));
  }
}
