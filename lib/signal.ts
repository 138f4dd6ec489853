import { constants } from 'node:os';
import { type Home, Source } from './source.ts';
import { wrongType, wrongValue } from './validate.ts';

// A handler that returns from a fault that the program itself made comes back to it for ever.
const FAULTS: readonly string[] = ['SIGSEGV', 'SIGBUS', 'SIGFPE', 'SIGILL'];

/** The number of a signal that can be a source. @internal */
export function signalNumber(signal: unknown): number {
  if (typeof signal !== 'string') throw wrongType('signal', 'the name of a signal', signal);
  const number = Object.hasOwn(constants.signals, signal) ? constants.signals[signal as NodeJS.Signals] : undefined;
  if (number === undefined) {
    throw Object.assign(new TypeError(`Unknown signal: ${signal}`), { code: 'ERR_UNKNOWN_SIGNAL' });
  }
  if (signal === 'SIGCHLD') throw wrongValue('signal', "another one: addProcess tells a child's end", signal);
  if (signal === 'SIGKILL' || signal === 'SIGSTOP') throw wrongValue('signal', 'one that can be caught', signal);
  if (FAULTS.includes(signal)) throw wrongValue('signal', 'no fault of the program itself', signal);
  return number;
}

/**
 * Whether what was there before is to hear of the signal, too. Deno has handlers of its own, which end the process as long
 * as nobody listens: they are listeners' only when there are some. @internal
 */
export function passesOn(signal: NodeJS.Signals): boolean {
  return process.versions.deno === undefined || process.listenerCount(signal) > 0;
}

/** A signal of this process. It does not keep the process alive. While it is open the default action does not happen. */
export class Signal<T = unknown> extends Source<T> {
  /** Tells the sources of `events.source(i)` apart. */
  readonly kind = 'signal';
  /** Its name. */
  readonly signal: NodeJS.Signals;

  /** @internal */
  constructor(home: Home<T>, id: number, signal: NodeJS.Signals) {
    super(home, id);
    this.signal = signal;
  }

  /** How often it came since it was told last: at least once; 0 when the current batch has it not. */
  get count(): number {
    return this.payload ?? 0;
  }

  /** @internal */
  override get keeps(): boolean {
    return false;
  }

  /** @internal */
  protected override endsWith(): boolean {
    return false;
  }
}
