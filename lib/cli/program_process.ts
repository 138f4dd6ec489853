import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket as NetSocket } from 'node:net';
import { killChild } from './children.ts';

/** A program loads a runtime first, and may be at work for some seconds. */
const ANSWER_MS = 30_000;
/** And some to end by itself, and to remove what it has made. */
const END_MS = 2_000;
const CONTROL_FD = 3;

/** What a program says that it could not do. */
export class ProgramError extends Error {
  /** The name of the errno, where it was a system call. */
  readonly code: string | undefined;

  constructor(message: string, code?: string) {
    super(message);
    this.code = code;
  }
}

/**
 * A program of `programs/` that is asked for something and answers, one JSON object a line, over its descriptor 3. It ends
 * when that closes: nothing is left behind however this process ends.
 */
export class ProgramProcess {
  readonly #child: ChildProcess;
  readonly #control: NetSocket;
  #text = '';
  #ended = false;
  #asked: Promise<unknown> = Promise.resolve();
  #wake: () => void = () => {};

  constructor(path: string, args: readonly string[] = []) {
    this.#child = spawn(process.execPath, [path, ...args], {
      stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
      // A Ctrl-C on the terminal is ours to handle; it must not end the programs under a measurement.
      detached: true,
    });
    // A failed start shows as the end of the control socket; without a listener it would also end this process.
    this.#child.on('error', () => this.#end());
    const control = this.#child.stdio[CONTROL_FD];
    if (!control) throw new Error(`${path} cannot be started: there is no control socket`);
    this.#control = control as NetSocket;
    this.#control.setEncoding('utf8');
    this.#control.on('data', (text: string) => {
      this.#text += text;
      this.#wake();
    });
    this.#control.on('error', () => {});
    this.#control.on('close', () => this.#end());
  }

  /** One request at a time: others wait for their turn. */
  async ask<T>(request: object): Promise<T> {
    const asked = this.#asked.then(() => {
      this.#control.write(`${JSON.stringify(request)}\n`);
      return this.reply<T>();
    });
    this.#asked = asked.catch(() => {});
    return await asked;
  }

  /** What it says next, unasked. */
  async reply<T>(): Promise<T> {
    const late = performance.now() + ANSWER_MS;
    const timer = setTimeout(() => this.#wake(), ANSWER_MS + 1);
    try {
      while (!this.#text.includes('\n')) {
        if (this.#ended) throw new ProgramError('the process has ended');
        if (performance.now() >= late) {
          // What it may still say would be taken for the answer to something else.
          killChild(this.#child);
          throw new ProgramError(`the process did not answer within ${ANSWER_MS / 1000} s`);
        }
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      clearTimeout(timer);
    }
    const end = this.#text.indexOf('\n');
    const reply = JSON.parse(this.#text.slice(0, end)) as T & { readonly error?: string; readonly code?: string };
    this.#text = this.#text.slice(end + 1);
    if (reply.error !== undefined) throw new ProgramError(reply.error, reply.code);
    return reply;
  }

  async close(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child;
    const running = pid !== undefined && exitCode === null && signalCode === null;
    this.#control.destroy();
    if (!running) return;
    const stuck = setTimeout(() => killChild(this.#child), END_MS);
    await once(this.#child, 'exit');
    clearTimeout(stuck);
  }

  #end(): void {
    this.#ended = true;
    this.#wake();
  }
}
