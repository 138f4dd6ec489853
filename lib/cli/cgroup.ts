import type { ReadText } from './text_file.ts';

/** How much of something a control group may have, and has; undefined where it is not told. */
export interface Budget {
  readonly max: number;
  readonly current?: number;
}

/** What the control groups of this process allow; what is unlimited is left out. */
export interface CgroupLimits {
  /** How many processors' worth of time; 1.5 is a process that may run on two of them, and is stopped for a quarter. */
  readonly cores?: number;
  /** Processes and threads together. */
  readonly pids?: Budget;
  /** Bytes. */
  readonly memory?: Budget;
}

const ROOT = '/sys/fs/cgroup';
/** Version 1 says "unlimited" by the greatest number of pages, in bytes. */
const UNLIMITED_BYTES = 2 ** 62;

/** Reads both versions of control groups. A limit of a group holds for those below it: the least of them counts. */
export function cgroupLimits(read: ReadText): CgroupLimits {
  const membership = read('/proc/self/cgroup') ?? '';
  const unified = groupsOf(/^0::(\/.*)$/m.exec(membership)?.[1], ROOT);
  const groups = (controller: string) => {
    const line = new RegExp(`^\\d+:(?:[^:]*,)?${controller}(?:,[^:]*)?:(/.*)$`, 'm').exec(membership);
    return groupsOf(line?.[1], `${ROOT}/${controller}`);
  };
  const cores = least([
    ...unified.map((group) => share(...pair(read(`${group}/cpu.max`)))),
    ...groups('cpu').map((group) => share(read(`${group}/cpu.cfs_quota_us`), read(`${group}/cpu.cfs_period_us`))),
  ]);
  const pids = tightest(read, [...unified, ...groups('pids')], 'pids.max', 'pids.current');
  const memory =
    tightest(read, unified, 'memory.max', 'memory.current') ??
    tightest(read, groups('memory'), 'memory.limit_in_bytes', 'memory.usage_in_bytes');
  return { ...(cores !== undefined && { cores }), ...(pids && { pids }), ...(memory && { memory }) };
}

/** The directories of a group and of all above it. A container sees its own group as the root. */
function groupsOf(path: string | undefined, root: string): string[] {
  if (path === undefined) return [];
  const names = path.split('/').filter((name) => name !== '' && name !== '..');
  return [root, ...names.map((_, i) => [root, ...names.slice(0, i + 1)].join('/'))];
}

function pair(text: string | undefined): [string | undefined, string | undefined] {
  const [quota, period] = text?.trim().split(' ') ?? [];
  return [quota, period];
}

function share(quota: string | undefined, period: string | undefined): number | undefined {
  const cores = Number(quota) / Number(period);
  return cores > 0 && Number.isFinite(cores) ? cores : undefined;
}

function least(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

function tightest(read: ReadText, groups: readonly string[], max: string, current: string): Budget | undefined {
  const budgets = groups.flatMap((group): Budget[] => {
    const most = Number(read(`${group}/${max}`)?.trim() || Number.NaN);
    const now = Number(read(`${group}/${current}`)?.trim() || Number.NaN);
    if (!(most < UNLIMITED_BYTES)) return [];
    return [{ max: most, ...(Number.isFinite(now) && { current: now }) }];
  });
  return budgets.toSorted((a, b) => a.max - b.max)[0];
}
