import { constants } from 'node:os';
import { systemError } from './errors.ts';
import { watchedPoller } from './hidden_poller.ts';
import { type Descriptor, fdOf, interestOf, optionsOf, timeoutOf, wrongType } from './validate.ts';
import { waitFor } from './wait_for.ts';

/** How long `ready` waits. */
export interface ReadyOptions {
  /** Milliseconds, fractions allowed; 0 or less only looks. Default Infinity. */
  timeout?: number;
  /** Ends the waiting: the promise is rejected with its reason, an AbortError unless told otherwise. */
  signal?: AbortSignal;
}

const LONGEST = 2 ** 31 - 1; // of a timer of Node's

function signalOf(signal: unknown): AbortSignal | undefined {
  if (signal === undefined || signal instanceof AbortSignal) return signal;
  throw wrongType('options.signal', 'an AbortSignal', signal);
}

/**
 * Waits for one descriptor without blocking the thread, on a poller that all calls of the thread share. Several may
 * wait for the same descriptor, each for its own interest. It keeps the process alive.
 * @returns the flags that hold; 0 when the time is over.
 * @throws (rejects) FdError EBADF when it is closed, before or meanwhile; EPERM for what is always ready (regular files,
 * directories). Closed by others than `close` and `Socket.close`, it may wait for ever.
 */
export function ready(descriptor: Descriptor, interest: number, options?: ReadyOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const { timeout = Number.POSITIVE_INFINITY, signal: its } = optionsOf(options);
    const [fd, end] = [fdOf(descriptor), performance.now() + timeoutOf(timeout)];
    interestOf(interest);
    const signal = signalOf(its);
    signal?.throwIfAborted();

    let timer: NodeJS.Timeout | undefined;
    const cleanUp = (): void => {
      watch.stop();
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    const settle = (flags: number): void => {
      cleanUp();
      resolve(flags);
    };
    const abort = (): void => {
      cleanUp();
      reject(signal?.reason);
    };
    const left = (): void => {
      cleanUp();
      reject(systemError('poll', constants.errno.EBADF, { fd }));
    };
    // Node's timers take whole milliseconds, not too many, and may be early by one.
    const tick = (): void => {
      const rest = end - performance.now();
      if (rest <= 0) settle(0);
      else timer = setTimeout(tick, Math.min(Math.ceil(rest), LONGEST));
    };

    const watch = watchedPoller().watch(descriptor, interest, { happened: settle, left });
    if (timeout <= 0) return settle(waitFor(fd, interest, 0));
    if (timeout !== Number.POSITIVE_INFINITY) tick();
    signal?.addEventListener('abort', abort);
  });
}
