import { readdirSync } from 'node:fs';
import { machine, release, type } from 'node:os';
import { type BackendName, backends, version } from '../index.ts';
import { containerOf } from './container.ts';
import { describeProcessors } from './processors.ts';
import type { BackendState, Environment } from './results.ts';
import { readText } from './text_file.ts';

export type Limits = NonNullable<Environment['nofile']>;

/**
 * What a reader has to know to judge the figures. What the system does not tell is left out.
 * @param states - of the backends; asking for them is all that throws where there is no addon.
 */
export function describeEnvironment(states: readonly BackendState[] = backendStates()): Environment {
  const diagnosis = diagnose();
  return {
    date: new Date().toISOString(),
    fdpoll: version.fdpoll,
    runtime: runtime(),
    ...present('libuv', process.versions.uv),
    ...present('libc', libc(diagnosis)),
    kernel: `${type()} ${release()}`,
    architecture: machine(),
    cpu: describeProcessors(readText),
    ...present('governor', readText('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor')?.trim()),
    ...present('mitigations', mitigations('/sys/devices/system/cpu/vulnerabilities')),
    ...present('container', containerOf(readText, process.env)),
    ...present('nofile', parseLimits(readText('/proc/self/limits') ?? '') ?? diagnosis?.userLimits?.open_files),
    backends: [...states],
  };
}

/** What `backends()` says, with what a kqueue of Linux really is. */
export function backendStates(): BackendState[] {
  return backends().map(({ name, compiled, usable, default: isDefault, reason }) => {
    return { name, compiled, usable, default: isDefault, ...present('reason', reason), ...over(name, compiled) };
  });
}

/** The line of /proc/self/limits for descriptors. */
export function parseLimits(text: string): Limits | undefined {
  const found = /^Max open files\s+(\d+|unlimited)\s+(\d+|unlimited)/m.exec(text);
  const [, soft, hard] = found ?? [];
  return soft === undefined || hard === undefined ? undefined : { soft: toLimit(soft), hard: toLimit(hard) };
}

/** Which of the known flaws of the processor are paid for, and which are open. */
export function mitigations(directory: string): Environment['mitigations'] {
  const mitigated: string[] = [];
  const vulnerable: string[] = [];
  try {
    for (const name of readdirSync(directory).sort()) {
      const state = readText(`${directory}/${name}`) ?? '';
      if (state.startsWith('Mitigation')) mitigated.push(name);
      else if (state.startsWith('Vulnerable')) vulnerable.push(name);
    }
  } catch {
    return undefined;
  }
  return { mitigated, vulnerable };
}

/** The part of Node's diagnostic report that is used here. */
interface Diagnosis {
  readonly header?: { readonly glibcVersionRuntime?: string };
  readonly sharedObjects?: readonly string[];
  readonly userLimits?: { readonly open_files?: Limits };
}

function diagnose(): Diagnosis | undefined {
  try {
    return process.report.getReport() as Diagnosis;
  } catch {
    // Bun and Deno have none, or a part of it.
    return undefined;
  }
}

function over(name: BackendName, compiled: boolean): { over?: 'libkqueue' } {
  return name === 'kqueue' && compiled && type() === 'Linux' ? { over: 'libkqueue' } : {};
}

function runtime(): string {
  const { bun, deno, node } = process.versions;
  if (bun) return `Bun ${bun}`;
  if (deno) return `Deno ${deno}`;
  return `Node.js ${node}`;
}

function libc(diagnosis: Diagnosis | undefined): string | undefined {
  const glibc = diagnosis?.header?.glibcVersionRuntime;
  if (glibc) return `glibc ${glibc}`;
  return diagnosis?.sharedObjects?.some((path) => path.includes('ld-musl')) ? 'musl' : undefined;
}

function toLimit(text: string): Limits['soft'] {
  return text === 'unlimited' ? text : Number(text);
}

function present<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}
