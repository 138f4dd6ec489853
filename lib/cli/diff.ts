import type { Environment, Parameters, Result, Results } from './results.ts';
import { CONFIDENT, compareRuns, median, type RunRatio, reachOf, robustDeviation } from './statistics.ts';

export interface DiffOptions {
  /** A smaller change is not told, as a share: 0.1. */
  readonly threshold: number;
  /** Whether the machine is known to have been as fast in both runs. */
  readonly absolute?: boolean;
}

/** `noisy`: too noisy to tell; a change as large as the threshold would not be seen. */
export type Change = 'worse' | 'better' | 'same' | 'noisy';

/** A measurement that both runs made. Its ratios are of what it costs: more than 1 is worse, whatever the metric. */
export interface Comparison {
  readonly scenario: string;
  readonly subject: string;
  readonly parameters: Parameters;
  readonly metric: string;
  readonly unit: string;
  /** The medians. */
  readonly before: number;
  readonly after: number;
  readonly change: Change;
  /** As it was measured. Without it there is none: a median is not above zero. */
  readonly measured?: number;
  /** Without what all figures were worse by, and where that surely lies. */
  readonly ratio?: number;
  readonly low?: number;
  readonly high?: number;
}

/** What the times and rates of two runs have in common. */
export interface Machine {
  /** The median of their ratios. */
  readonly ratio: number;
  /** How much they scatter around it, as a share: the noise between two runs, which no run alone can show. */
  readonly scatter: number;
  /** How many there are. */
  readonly figures: number;
  /** The same by scenario. */
  readonly scenarios: Readonly<Record<string, number>>;
  /** Whether it was taken out: of each what all that took turns with it have in common. */
  readonly adjusted: boolean;
}

export interface Difference {
  readonly what: string;
  readonly before: string;
  readonly after: string;
}

export interface Diff {
  readonly threshold: number;
  readonly machine: Machine;
  readonly comparisons: readonly Comparison[];
  readonly onlyBefore: readonly Result[];
  readonly onlyAfter: readonly Result[];
  readonly environment: readonly Difference[];
}

interface Pair {
  readonly before: Result;
  readonly after: Result;
  readonly cost: RunRatio | undefined;
}

/** Fewer figures say more of what they measure than of the machine. */
const LEAST_FIGURES = 6;
/** Fewer do not show how much they scatter. */
const LEAST_ALIKE = 8;
/** Of fewer subjects there is no telling which of them changed. */
const LEAST_SUBJECTS = 3;
/** The share of counts that say how much they scatter: how often Workers wake one another, say, jumps for many at once. */
const MOST = 0.75;
/** Two processes of the same program differ by as much at least: by where things lie in memory and in caches. */
const LEAST_SCATTER = 0.02;

/**
 * What changed between two runs, beyond the noise. Rounds of different runs are no pairs, and a machine that others use
 * is not as fast each time, nor all the time. But subjects that took turns had the same machine: what their figures have
 * in common is the machine, and what is left is theirs. How much that scatters is the noise between two runs. A change
 * is told where it leaves that noise, and the noise of its own rounds, so far that chance would not have done it in as
 * many comparisons.
 */
export function diffResults(before: Results, after: Results, { threshold, absolute = false }: DiffOptions): Diff {
  const [theirs, ours] = [byKey(before.results), byKey(after.results)];
  const all = [...ours].flatMap(([key, result]): Pair[] => {
    const other = theirs.get(key);
    return other ? [{ before: other, after: result, cost: costOf(other, result) }] : [];
  });
  const unsteady = unsteadyOf([before, after]);
  const pairs = all.filter(({ after: { scenario, metric } }) => !unsteady.has(`${scenario} ${metric}`));
  const logs = logsOf(pairs.filter(isTime));
  const common = logs.length > 0 ? median(logs) : 0;
  const adjusted = !absolute && logs.length >= LEAST_FIGURES;
  // What is common to all has been taken out of the others.
  const middle = adjusted ? 0 : common;
  const turns = groupBy(pairs, turnsOf).map((group) => ({ group, shared: adjusted ? sharedOf(group) : undefined }));
  const drift = driftOf(turns, common);
  const own = turns.flatMap(({ group, shared = adjusted && group.every(isTime) ? common : 0 }) =>
    group.map((pair) => ({ ...pair, log: (pair.cost?.log ?? 0) - shared })),
  );
  const alone = new Set(
    turns.flatMap(({ group, shared }) => (shared === undefined ? group.map(({ after }) => keyOf(after)) : [])),
  );
  const noises = noisesOf(own, middle);
  const scatter = scatterOf(own.filter(isTime), middle);
  const changed = own.map((one) => {
    const itsTime = isTime(one) ? [scatter, ...(adjusted && alone.has(keyOf(one.after)) ? [drift] : [])] : [];
    const between = Math.max(LEAST_SCATTER, noises.get(one) ?? 0, ...itsTime);
    return { ...one, noise: Math.max(between, one.cost?.error ?? 0) };
  });
  const reach = reachOf(changed.map(({ log, noise }) => Math.abs(log) / noise));
  return {
    threshold,
    machine: {
      ratio: Math.exp(common),
      scatter: Math.expm1(scatter),
      figures: logs.length,
      scenarios: ratiosByScenario(pairs.filter(isTime)),
      adjusted,
    },
    comparisons: [
      ...changed.map((one) => compare(one, reach, threshold)),
      ...all.filter((pair) => !pairs.includes(pair)).map(unjudged),
    ],
    onlyBefore: before.results.filter((result) => !ours.has(keyOf(result))),
    onlyAfter: after.results.filter((result) => !theirs.has(keyOf(result))),
    environment: environmentDifferences(before.environment, after.environment),
  };
}

interface Own extends Pair {
  /** The logarithm of what the cost changed by, without what the machine did. */
  readonly log: number;
}

interface Changed extends Own {
  /** The standard deviation of that, by chance. */
  readonly noise: number;
}

interface Turns {
  readonly group: readonly Pair[];
  /** What they have in common. Undefined where they are too few to tell that from a change of one of them. */
  readonly shared: number | undefined;
}

function sharedOf(turns: readonly Pair[]): number | undefined {
  const logs = logsOf(turns);
  return turns.every(isTime) && logs.length >= LEAST_SUBJECTS ? median(logs) : undefined;
}

/**
 * How much the machine changed its speed while it measured: the noise of those who took turns with too few others to tell
 * how fast it was then.
 */
function driftOf(turns: readonly Turns[], common: number): number {
  const shared = turns.flatMap((each) => each.shared ?? []);
  return shared.length >= LEAST_ALIKE ? robustDeviation(shared, common) : 0;
}

/** How much those that are alike scatter. */
function noisesOf(changes: readonly Own[], middle: number): Map<Own, number> {
  return new Map(
    groupBy(changes, alikeOf).flatMap((group) => {
      const noise = group.every(isTime) ? scatterOf(group, middle) : scatterOf(group, 0, MOST);
      return group.map((one) => [one, noise] as const);
    }),
  );
}

/** What jumps by itself, as `scenario metric`. */
function unsteadyOf(runs: readonly Results[]): Set<string> {
  const scenarios = runs.flatMap((run) => run.scenarios);
  return new Set(
    scenarios.flatMap(({ name, metrics }) =>
      metrics.flatMap((metric) => (metric.unsteady ? [`${name} ${metric.name}`] : [])),
    ),
  );
}

function unjudged({ before, after, cost }: Pair): Comparison {
  const { scenario, subject, parameters, metric, unit } = after;
  const figures = { scenario, subject, parameters, metric, unit, before: before.median, after: after.median };
  return { ...figures, change: 'noisy', ...(cost && { measured: Math.exp(cost.log) }) };
}

function compare({ before, after, cost, log, noise }: Changed, reach: number, threshold: number): Comparison {
  const { change: _, ...figures } = unjudged({ before, after, cost: undefined });
  if (!cost) return { ...figures, change: 'noisy' };
  const ratios = { measured: Math.exp(cost.log), ratio: Math.exp(log) };
  const width = CONFIDENT * noise;
  const change = judge(log, reach * noise, width, Math.log1p(threshold));
  // No number in JSON is infinite.
  if (!Number.isFinite(width)) return { ...figures, change, ...ratios };
  return { ...figures, change, ...ratios, low: Math.exp(log - width), high: Math.exp(log + width) };
}

function judge(log: number, reach: number, width: number, threshold: number): Change {
  if (Math.abs(log) > Math.max(reach, threshold)) return log > 0 ? 'worse' : 'better';
  return Math.abs(log) + width > threshold ? 'noisy' : 'same';
}

function costOf(before: Result, after: Result): RunRatio | undefined {
  return after.better === 'lower'
    ? compareRuns(after.samples, before.samples)
    : compareRuns(before.samples, after.samples);
}

function isTime({ after }: Pair): boolean {
  return /^(1\/)?[nµm]?s$/.test(after.unit);
}

function logsOf(pairs: readonly Pair[]): number[] {
  return pairs.flatMap(({ cost }) => (cost ? [cost.log] : []));
}

/** The middle one of those that took turns is what the others are held against: it says nothing of the scatter. */
function scatterOf(changes: readonly Own[], middle: number, nearest?: number): number {
  const logs = changes.flatMap(({ cost, log }) => (cost && log !== 0 ? [log] : []));
  return logs.length >= LEAST_ALIKE ? robustDeviation(logs, middle, nearest) : 0;
}

function ratiosByScenario(pairs: readonly Pair[]): Record<string, number> {
  const scenarios = groupBy(pairs, ({ after }) => after.scenario).filter((group) => logsOf(group).length > 0);
  return Object.fromEntries(
    scenarios.map((group) => [group[0]?.after.scenario ?? '', Math.exp(median(logsOf(group)))]),
  );
}

function groupBy<T>(values: readonly T[], key: (value: T) => string): T[][] {
  const found = new Map<string, T[]>();
  for (const value of values) {
    const group = found.get(key(value));
    if (group) group.push(value);
    else found.set(key(value), [value]);
  }
  return [...found.values()];
}

/** Those that were measured in turn. */
function turnsOf({ after: { scenario, metric, parameters } }: Pair): string {
  return JSON.stringify([scenario, metric, sorted(parameters)]);
}

/** Those that are as noisy as each other: the far end of a distribution is noisier than its middle, and counts are of a kind. */
function alikeOf(pair: Pair): string {
  const { scenario, metric, parameters } = pair.after;
  return JSON.stringify([isTime(pair) || [scenario, metric], parameters.percentile]);
}

function sorted(parameters: Parameters): [string, number | string][] {
  return Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1));
}

function byKey(results: readonly Result[]): Map<string, Result> {
  return new Map(results.map((result) => [keyOf(result), result]));
}

function keyOf({ scenario, subject, metric, unit, better, parameters }: Result): string {
  return JSON.stringify([scenario, subject, metric, unit, better, sorted(parameters)]);
}

function environmentDifferences(before: Environment, after: Environment): Difference[] {
  const [theirs, ours] = [facts(before), facts(after)];
  return Object.keys(ours)
    .map((what) => ({ what, before: theirs[what] ?? '', after: ours[what] ?? '' }))
    .filter((fact) => fact.before !== fact.after);
}

/** All that a figure may depend on. */
function facts({ cpu, mitigations, nofile, backends, ...rest }: Environment): Record<string, string> {
  return {
    fdpoll: rest.fdpoll,
    kernel: `${rest.kernel} ${rest.architecture}`,
    cpu: `${cpu.available} of ${cpu.count} × ${cpu.model}`,
    governor: rest.governor ?? 'unknown',
    mitigations: mitigations?.mitigated.join(', ') ?? 'unknown',
    container: rest.container ?? 'none',
    runtime: [rest.runtime, rest.libuv && `libuv ${rest.libuv}`, rest.libc].filter(Boolean).join(', '),
    descriptors: String(nofile?.soft ?? 'unknown'),
    backends: backends.flatMap(({ name, usable }) => (usable ? [name] : [])).join(', '),
  };
}
