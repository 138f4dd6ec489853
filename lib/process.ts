import { constants } from 'node:os';
import { type Home, Source } from './source.ts';

// How native/core/process.h packs it.
const UNKNOWN = -1;
const KILLED_BY = 256;

function signalName(number: number): NodeJS.Signals | undefined {
  const found = Object.entries(constants.signals).find(([, its]) => its === number);
  return found?.[0] as NodeJS.Signals | undefined;
}

/**
 * The end of a process, told once. Nothing is reaped: whoever waits for its children goes on doing so. How it ended is
 * known of children, on Linux 6.15 or later also of others that were waited for; else both are undefined.
 */
export class Process<T = unknown> extends Source<T> {
  /** Tells the sources of `events.source(i)` apart. */
  readonly kind = 'process';
  /** The number of the process. */
  readonly pid: number;
  #status = UNKNOWN;

  /** @internal */
  constructor(home: Home<T>, id: number, pid: number) {
    super(home, id);
    this.pid = pid;
  }

  /** 0 to 255 when it has exited. */
  get exitCode(): number | undefined {
    return this.#status >= 0 && this.#status < KILLED_BY ? this.#status : undefined;
  }

  /** The signal that has ended it. */
  get signalCode(): NodeJS.Signals | undefined {
    return this.#status >= KILLED_BY ? signalName(this.#status - KILLED_BY) : undefined;
  }

  /** @internal */
  protected override endsWith(payload: number): boolean {
    this.#status = payload;
    return true;
  }
}
