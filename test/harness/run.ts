// The program around the bundle of one test file: runs it and writes what happened, line by line, to a file, so that
// a crash tells where it was. scripts/test-runtime.mjs makes the bundles and reads the lines.
import { appendFileSync } from 'node:fs';
import { startTests, type Task, type VitestRunner } from '@vitest/runner';
import { exclusionOf } from '../support/runtimes.ts';

export type Line =
  | { readonly kind: 'begin'; readonly name: string }
  | { readonly kind: 'end'; readonly name: string; readonly state: string; readonly errors: readonly string[] }
  | { readonly kind: 'excluded'; readonly name: string; readonly reason: string }
  | { readonly kind: 'stray'; readonly error: string }
  | { readonly kind: 'done' };

interface Failure {
  readonly stack?: string | undefined;
  readonly message?: string | undefined;
  readonly diff?: string | undefined;
}

const report = process.env.FDPOLL_HARNESS_REPORT ?? '';
const pattern = process.env.FDPOLL_HARNESS_PATTERN;
const write = (line: Line): void => appendFileSync(report, `${JSON.stringify(line)}\n`);

const nameOf = (task: Task): string => {
  const names: string[] = [];
  for (let at: Task | undefined = task; at !== undefined && at !== task.file; at = at.suite ?? task.file)
    names.unshift(at.name);
  return names.join(' > ');
};

const textOf = ({ message = '', stack = '', diff }: Failure): string =>
  [stack.includes(message) ? stack : `${message}\n${stack}`, ...(diff === undefined ? [] : [diff])].join('\n');

const errorsOf = (task: Task): string[] => (task.result?.errors ?? []).map(textOf);

/** Marks what this runtime is not to run. */
const exclude = (file: string, tasks: readonly Task[]): void => {
  for (const task of tasks) {
    if (task.type === 'suite') exclude(file, task.tasks);
    else if (task.mode !== 'skip') {
      const name = nameOf(task);
      const reason = exclusionOf(file, name);
      if (reason === undefined) continue;
      task.mode = 'skip';
      write({ kind: 'excluded', name, reason });
    }
  }
};

const failedSuites = (tasks: readonly Task[]): Task[] =>
  tasks.flatMap((task) =>
    task.type === 'suite' ? [...(task.result?.errors ? [task] : []), ...failedSuites(task.tasks)] : [],
  );

/** Runs the tests that `load` defines; `file` is their path from the root of the repository. */
export const run = async (file: string, load: () => Promise<unknown>): Promise<void> => {
  const stray = (error: unknown): void =>
    write({ kind: 'stray', error: error instanceof Error ? textOf(error) : String(error) });
  process.on('uncaughtException', stray);
  process.on('unhandledRejection', stray);
  const runner: VitestRunner = {
    importFile: load,
    onCollected: ([collected]) => exclude(file, collected?.tasks ?? []),
    onBeforeRunTask: (test) => {
      if (test.mode === 'run') write({ kind: 'begin', name: nameOf(test) });
    },
    onAfterRunTask: (test) => {
      write({ kind: 'end', name: nameOf(test), state: test.result?.state ?? 'none', errors: errorsOf(test) });
    },
    // What a test tells beside its result is for verbose reporters, which this is none.
    onTestAnnotate: (_, annotation) => Promise.resolve(annotation),
    config: {
      root: process.cwd(),
      setupFiles: [],
      name: undefined,
      passWithNoTests: false,
      testNamePattern: pattern === undefined ? undefined : new RegExp(pattern),
      allowOnly: false,
      sequence: { seed: 1, hooks: 'stack', setupFiles: 'list' },
      chaiConfig: undefined,
      maxConcurrency: 1,
      testTimeout: 20_000,
      hookTimeout: 20_000,
      retry: 0,
      includeTaskLocation: false,
      tags: [],
      tagsFilter: undefined,
      strictTags: false,
    },
  };
  const [tested] = await startTests([file], runner);
  if (tested !== undefined) {
    for (const task of [...(tested.result?.errors ? [tested] : []), ...failedSuites(tested.tasks)])
      write({ kind: 'end', name: nameOf(task) || '(the file)', state: 'fail', errors: errorsOf(task) });
  }
  // What strays a turn later is still of these tests.
  await new Promise((resolve) => setTimeout(resolve, 0));
  write({ kind: 'done' });
  process.exit(0);
};
