import { availableParallelism, cpus } from 'node:os';
import { cgroupLimits } from './cgroup.ts';
import type { Environment } from './results.ts';
import type { ReadText } from './text_file.ts';

/** The processors of the machine, and what of them this process may use. */
export function describeProcessors(read: ReadText): Environment['cpu'] {
  const all = cpus();
  const allowed = /^Cpus_allowed_list:\s*(\S+)$/m.exec(read('/proc/self/status') ?? '')?.[1];
  const { cores } = cgroupLimits(read);
  const smt = read('/sys/devices/system/cpu/smt/active')?.trim();
  return {
    model: all[0]?.model.replace(/\s+/g, ' ').trim() || 'unknown',
    count: all.length,
    // libuv says what of quotas and of affinity its version knows; the kernel says which.
    available: allowed === undefined ? availableParallelism() : countOfList(allowed),
    ...(cores !== undefined && { quota: Math.round(cores * 100) / 100 }),
    ...(smt !== undefined && smt !== '' && { smt: smt === '1' }),
  };
}

/** How many there are in a list such as `0-3,8`. */
export function countOfList(text: string): number {
  return text.split(',').reduce((sum, range) => {
    const [first, last = first] = range.split('-').map(Number);
    return sum + (Number(last) - Number(first) + 1);
  }, 0);
}
