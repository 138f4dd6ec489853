import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished } from 'vitest';

/** The built library, as users load it: Workers and child processes run no TypeScript. */
export const library: string = new URL('../../dist/index.js', import.meta.url).href;

export const fixture = (name: string): URL => {
  if (!existsSync(fileURLToPath(library))) throw new Error('these tests need the built library: npm run compile');
  return new URL(`../fixtures/${name}`, import.meta.url);
};

export const fixturePath = (name: string): string => fileURLToPath(fixture(name));

let started = 0;

/** A test has started a Worker by itself. */
export const noteWorker = (): void => void started++;

/** How many Workers this process has started with `startWorker`, or noted. */
export const workersStarted = (): number => started;

export interface StartedWorker {
  readonly worker: Worker;
  readonly first: unknown;
  /** Its exit code. The event can come in the same turn as the first message, and who listens after it listens for ever. */
  readonly ended: Promise<number>;
}

/** A Worker on a fixture, after its first message; it is terminated when the test ends. */
export const startWorker = async (name: string, data: object = {}): Promise<StartedWorker> => {
  started++;
  const worker = new Worker(fixture(name), { workerData: { library, ...data } });
  const ended = new Promise<number>((resolve) => worker.once('exit', resolve));
  onTestFinished(async () => void (await worker.terminate()));
  const first = await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the Worker ended with ${code} before its first message`)));
  });
  return { worker, first, ended };
};

/** Another thread that acts while this one is blocked. */
export interface Helper {
  /** Writes one byte after so many milliseconds. */
  write(fd: number, delay: number): void;
  /** Wakes so many times after so many milliseconds. */
  wake(handle: number, delay: number, count?: number): void;
}

export const startHelper = async (): Promise<Helper> => {
  const control = new SharedArrayBuffer(40);
  const state = new Int32Array(control, 0, 2);
  const command = new Float64Array(control, 8, 4);
  const { first } = await startWorker('helper.mjs', { control });
  expect(first).toBe('ready');
  // Not every runtime stops a Worker that is blocked.
  onTestFinished(() => tell(2, 0, 0, 0));
  const tell = (kind: number, argument: number, delay: number, count: number): void => {
    command.set([kind, argument, delay, count]);
    Atomics.store(state, 0, 1);
    Atomics.notify(state, 0);
  };
  return {
    write: (fd, delay) => tell(0, fd, delay, 1),
    wake: (handle, delay, count = 1) => tell(1, handle, delay, count),
  };
};

/** How many threads this process has, where the system tells. */
export const threadCount = (): number =>
  process.platform === 'linux' ? readdirSync('/proc/self/task').length : Number.NaN;
