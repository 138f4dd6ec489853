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
  const pairs = [...ours].flatMap(([key, result]): Pair[] => {
    const other = theirs.get(key);
    return other ? [{ before: other, after: result, cost: costOf(other, result) }] : [];
  });
  const logs = logsOf(pairs.filter(isTime));
  const common = logs.length > 0 ? median(logs) : 0;
  const adjusted = !absolute && logs.length >= LEAST_FIGURES;
  // What is common to all has been taken out of the others.
  const middle = adjusted ? 0 : common;
  const own = groupBy(pairs, turnsOf).flatMap((turns) => {
    const shared = adjusted && turns.every(isTime) ? sharedOf(turns, common) : 0;
    return turns.map((pair) => ({ ...pair, log: (pair.cost?.log ?? 0) - shared }));
  });
  const noises = new Map(
    groupBy(own, alikeOf).flatMap((group) => group.map((one) => [one, scatterOf(group, middle)] as const)),
  );
  const scatter = scatterOf(own.filter(isTime), middle);
  const changed = own.map((one) => {
    const between = Math.max(LEAST_SCATTER, noises.get(one) ?? 0, isTime(one) ? scatter : 0);
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
    comparisons: changed.map((one) => compare(one, reach, threshold)),
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

/** What subjects that took turns have in common. */
function sharedOf(turns: readonly Pair[], common: number): number {
  const logs = logsOf(turns);
  return logs.length >= LEAST_SUBJECTS ? median(logs) : common;
}

function compare({ before, after, cost, log, noise }: Changed, reach: number, threshold: number): Comparison {
  const { scenario, subject, parameters, metric, unit } = after;
  const figures = { scenario, subject, parameters, metric, unit, before: before.median, after: after.median };
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
function scatterOf(changes: readonly Own[], middle: number): number {
  const logs = changes.flatMap(({ cost, log }) => (cost && log !== 0 ? [log] : []));
  return logs.length >= LEAST_ALIKE ? robustDeviation(logs, middle) : 0;
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

/** Those that are as noisy as each other: the far end of a distribution is noisier than its middle. */
function alikeOf(pair: Pair): string {
  return JSON.stringify([isTime(pair), pair.after.parameters.percentile]);
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
