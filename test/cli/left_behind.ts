import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';

interface Held {
  readonly descriptors: number;
  readonly threads: number;
  readonly children: readonly string[];
}

/** Where the system does not tell, there are none. */
function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function childrenOf(thread: string): string[] {
  try {
    return readFileSync(`/proc/self/task/${thread}/children`, 'utf8').split(' ').filter(Boolean);
  } catch {
    return [];
  }
}

function held(): Held {
  const threads = list('/proc/self/task');
  return { descriptors: list('/dev/fd').length, threads: threads.length, children: threads.flatMap(childrenOf) };
}

/** Runs it; afterwards this process has as many descriptors, threads and children as before. */
export async function leavesNothingBehind(run: () => unknown): Promise<void> {
  const before = held();
  await run();
  // A closed socket of node:net and an ended thread leave the lists a little later.
  await expect.poll(held, { timeout: 5000 }).toEqual(before);
}
