import { execFileSync, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { library } from './threads.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, 'test/faults');
const addon = join(root, 'build/faults.node');

/** What a walk of one group of scenarios has to say. */
export interface FaultReport {
  readonly scenarios: number;
  /** How many calls they make when nothing fails. */
  readonly calls: number;
  /** Calls that failed; 'told' by an error, 'survived' without a trace, or 'excused' by reason. */
  readonly injected: number;
  readonly told: number;
  readonly survived: number;
  readonly excused: Readonly<Record<string, number>>;
  /** Calls that were not made again as they were counted. */
  readonly missed: number;
  /** How often the failure of a backend has closed its poller. */
  readonly closed: number;
  /** Faults by kind of call. */
  readonly kinds: Readonly<Record<string, number>>;
  /** Bytes of the largest block of memory that the addon cannot do without. */
  readonly largest: number;
  readonly complaints: readonly string[];
  /** Memory of the addon that was left or lost. */
  readonly blocks: readonly string[];
  readonly imports: Readonly<Record<string, 'fails' | 'counted' | 'left'>>;
  /** The kinds of calls, and the reasons of excuses, that there are. */
  readonly known: readonly string[];
  readonly reasons: readonly string[];
}

/** Compiles the addon that makes system calls fail. */
export function buildFaults(): void {
  const { include_dir: headers } = createRequire(import.meta.url)('node-api-headers') as { include_dir: string };
  const sources = readdirSync(folder).filter((name) => name.endsWith('.cc'));
  const flags = ['-std=c++17', '-O1', '-g', '-Wall', '-Wextra', '-Werror', '-D_GNU_SOURCE', '-fPIC', '-shared'];
  execFileSync(process.env.CXX ?? 'c++', [...flags, '-isystem', headers, ...sources, '-o', addon], {
    cwd: folder,
    stdio: 'pipe',
  });
}

const DEADLINE = 300_000;

/** Walks a group of scenarios in a process of its own: see test/faults/run.mjs. */
export async function walkFaults(group: string, backend: string): Promise<FaultReport> {
  const child = spawn(process.execPath, ['--expose-gc', join(folder, 'run.mjs'), group, backend], {
    cwd: dirname(folder),
    env: { ...process.env, FDPOLL_LIBRARY: library, FDPOLL_FAULTS: addon, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: DEADLINE,
    killSignal: 'SIGKILL',
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (...end) => resolve(end));
  });
  if (code !== 0) throw new Error(`${group} on ${backend} ended with ${code ?? signal}: ${stderr}`);
  return JSON.parse(stdout) as FaultReport;
}
