import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { killChild } from './children.ts';

/** What programs/idle_server.ts is asked; each question has one answer. */
export type Question = 'memory' | 'switches' | { readonly hold: number };

export type Answer =
  | { readonly listening: true }
  | { readonly held: number }
  /** Bytes, after collecting garbage. */
  | { readonly resident: number; readonly heap: number }
  /** Voluntary context switches of all threads so far: how often one of them went to sleep. */
  | { readonly switches: number }
  | { readonly error: string };

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

const ANSWER_MS = 30_000;

/** A process that holds idle connections, so that its memory and its wake-ups are its own. */
export class IdleProcess {
  readonly #child: ChildProcess;
  #waiting: Waiting | undefined;
  #failure: Error | undefined;

  private constructor(program: string, subject: string, path: string) {
    this.#child = fork(program, [subject, path], {
      execArgv: ['--expose-gc'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      // A Ctrl-C on the terminal is ours to handle; it must not end the process under a measurement.
      detached: true,
    });
    this.#child.on('message', (answer: Answer) => {
      if ('error' in answer) this.#fail(new Error(`the process with the connections failed: ${answer.error}`));
      else this.#waiting?.resolve(answer);
    });
    this.#child.on('error', (error) => this.#fail(error));
    // Unlike exit, it comes after the last message.
    this.#child.on('disconnect', () => this.#fail(new Error('the process with the connections has ended')));
  }

  /** Starts one that listens at a unix path. Nothing is left of it when it fails. */
  static async start(program: string, subject: string, path: string): Promise<IdleProcess> {
    const started = new IdleProcess(program, subject, path);
    try {
      await started.#answer();
      return started;
    } catch (error) {
      await started.close();
      throw error;
    }
  }

  /** Waits until it holds as many connections. */
  async hold(count: number): Promise<void> {
    await this.#ask({ hold: count });
  }

  /** What is resident, and the JavaScript heap with what belongs to it, in bytes. */
  async memory(): Promise<{ resident: number; heap: number }> {
    const answer = await this.#ask('memory');
    if ('resident' in answer) return answer;
    throw new Error('the process with the connections did not say its memory');
  }

  /** How often one of its threads has gone to sleep so far. */
  async switches(): Promise<number> {
    const answer = await this.#ask('switches');
    if ('switches' in answer) return answer.switches;
    throw new Error('the process with the connections did not say its context switches');
  }

  async close(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child;
    const running = pid !== undefined && exitCode === null && signalCode === null;
    const exited = running ? once(this.#child, 'exit') : undefined;
    killChild(this.#child);
    await exited;
  }

  #ask(question: Question): Promise<Answer> {
    const answer = this.#answer();
    if (this.#failure === undefined) this.#child.send(question, (error) => error && this.#fail(error));
    return answer;
  }

  #answer(): Promise<Answer> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise<Answer>((resolve, reject) => {
      const timer = setTimeout(() => this.#fail(new Error(`no answer within ${ANSWER_MS / 1000} s`)), ANSWER_MS);
      const settled = () => {
        clearTimeout(timer);
        this.#waiting = undefined;
      };
      this.#waiting = {
        resolve: (answer) => {
          settled();
          resolve(answer);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      };
    });
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#waiting?.reject(this.#failure);
  }
}
