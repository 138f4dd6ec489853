import { type ChildProcess, spawn } from 'node:child_process';
import { onTestFinished } from 'vitest';
import { runtimeCommand } from './runtimes.ts';
import { fixturePath, library } from './threads.ts';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Child {
  readonly process: ChildProcess;
  /** The first line that the child wrote: it is where it should be. */
  readonly firstLine: string;
  readonly ended: Promise<Ended>;
}

export interface ChildOptions {
  /** RLIMIT_NOFILE of the child. */
  readonly descriptors?: number;
  /** Flags of Node. */
  readonly flags?: readonly string[];
  /** The command that runs it: see namespaces.ts. */
  readonly within?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const spawnFixture = (name: string, args: readonly string[], options: ChildOptions): [ChildProcess, Promise<Ended>] => {
  const limit = options.descriptors === undefined ? '' : `ulimit -n ${options.descriptors} && `;
  // The shell replaces itself, so that signals reach Node.
  const command = [...(options.within ?? []), ...runtimeCommand(options.flags), fixturePath(name), ...args];
  const child = spawn('sh', ['-c', `${limit}exec "$@"`, 'sh', ...command], {
    env: { ...process.env, FDPOLL_LIBRARY: library, NODE_OPTIONS: '', NO_COLOR: '1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return [child, ended];
};

/** Runs a fixture in a process of its own until it ends. */
export const runFixture = (name: string, args: readonly string[] = [], options: ChildOptions = {}): Promise<Ended> =>
  spawnFixture(name, args, options)[1];

/** Starts a fixture and waits for its first line. */
export const startFixture = async (
  name: string,
  args: readonly string[] = [],
  options: ChildOptions = {},
): Promise<Child> => {
  const [child, ended] = spawnFixture(name, args, options);
  const firstLine = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk: string) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end >= 0) resolve(text.slice(0, end));
    });
    void ended.then(({ code, signal, stderr }) =>
      reject(new Error(`${name} ended with ${code ?? signal} before its first line: ${stderr}`)),
    );
  });
  return { process: child, firstLine, ended };
};
