const LONGEST = 2 ** 31 - 1; // of a timer of Node's
const UNKNOWN = -1;

// The time within a batch of events, asked once. NaN outside of one, where it is asked each time.
let turn = Number.NaN;

/** A batch begins: until `endTurn`, activity counts as of now. @internal */
export function beginTurn(): void {
  turn = UNKNOWN;
}

/** @internal */
export function endTurn(): void {
  turn = Number.NaN;
}

function now(): number {
  if (turn > UNKNOWN) return turn;
  const time = performance.now();
  if (turn === UNKNOWN) turn = time;
  return time;
}

/**
 * Tells when nothing has happened for a while. Activity writes a time down and that is all: the one timer finds out
 * when it fires how long there was quiet, and goes on for what is left. Switching it off and on, as an HTTP server does
 * for each request, leaves that timer as it is.
 * @internal
 */
export class IdleTimer {
  readonly #expired: () => void;
  #limit = 0;
  #last = 0;
  #due = 0;
  #timer: NodeJS.Timeout | undefined = undefined;

  constructor(expired: () => void) {
    this.#expired = expired;
  }

  /** Milliseconds of quiet; 0: never. The quiet begins now. */
  set(limit: number): void {
    this.#limit = limit;
    this.touch();
    if (limit > 0 && this.#due > this.#last + limit) this.#arm(limit);
  }

  /** Something has happened. */
  touch(): void {
    if (this.#limit === 0) return;
    this.#last = now();
    if (this.#timer === undefined) this.#arm(this.#limit);
  }

  stop(): void {
    this.#limit = 0;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(left: number): void {
    clearTimeout(this.#timer);
    this.#due = performance.now() + left;
    this.#timer = setTimeout(() => this.#fire(), Math.min(Math.ceil(left), LONGEST)).unref();
  }

  #fire(): void {
    this.#timer = undefined;
    if (this.#limit === 0) return;
    const left = this.#last + this.#limit - performance.now();
    if (left > 0) this.#arm(left);
    else this.#expired();
  }
}
