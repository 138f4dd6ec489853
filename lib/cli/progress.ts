import { SingleBar } from 'cli-progress';

/** One line on a terminal that says what is measured and how long it will take; nothing where the stream is none. */
export class Progress {
  readonly #bar: SingleBar | undefined;
  readonly #durations: readonly number[];
  readonly #totalMs: number;
  #doneMs = 0;
  #sliceMs = 0;
  #shown = false;

  /** `durations` are those of the parts that `begin` names, in milliseconds. */
  constructor(stream: NodeJS.WriteStream, durations: readonly number[]) {
    this.#durations = durations;
    this.#totalMs = sum(durations);
    if (!stream.isTTY) return;
    this.#bar = new SingleBar({
      stream,
      format: '{bar} {percentage} %  {left} s left  {label}',
      barsize: 20,
      barCompleteChar: '=',
      barIncompleteChar: '-',
      clearOnComplete: true,
      // Signals are the command's: it ends its children first.
      gracefulExit: false,
      linewrap: false,
    });
  }

  /** A part may have taken less than its duration, when something was left out. */
  begin(part: number): void {
    this.#doneMs = sum(this.#durations.slice(0, part));
    this.#sliceMs = 0;
  }

  step(label: string, sliceMs: number): void {
    this.#doneMs = Math.min(this.#doneMs + this.#sliceMs, this.#totalMs);
    this.#sliceMs = sliceMs;
    const payload = { label, left: Math.ceil((this.#totalMs - this.#doneMs) / 1000) };
    if (this.#shown) this.#bar?.update(this.#doneMs, payload);
    else this.#bar?.start(this.#totalMs, this.#doneMs, payload);
    this.#shown = true;
  }

  /** Clears the line, so that something else can be written. The next step shows it again. */
  hide(): void {
    if (this.#shown) this.#bar?.stop();
    this.#shown = false;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
