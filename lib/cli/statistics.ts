import { max, median, min, probit, quantile, sampleWithReplacement, standardDeviation } from 'simple-statistics';

export interface Summary {
  readonly median: number;
  readonly q1: number;
  readonly q3: number;
  readonly min: number;
  readonly max: number;
  /** How many samples there are: one per counted round. */
  readonly rounds: number;
  /** How many lie beyond Tukey's fences: 1.5 times the distance of the quartiles from the nearer one. */
  readonly outliers: number;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** How one subject stands to another: the ratio, where it surely lies, and what may be said of it. */
export interface Ratio extends Interval {
  readonly ratio: number;
  readonly verdict: Verdict;
}

/** `same`: they differ by less than is worth telling. `noisy`: too noisy to tell. */
export type Verdict = 'lower' | 'higher' | 'same' | 'noisy';

/** Fewer rounds than these can all fall on one side by chance. */
export const LEAST_ROUNDS = 5;
/** Smaller differences are not worth telling. */
const SAME = 0.05;
const RESAMPLES = 2000;
const CONFIDENCE = 0.95;
const TUKEY = 1.5;
const NEAREST = 0.25;

export function summarize(samples: readonly number[]): Summary {
  if (samples.length === 0) throw new RangeError('a summary needs at least one sample');
  const values = [...samples];
  const [q1, q3] = [quantile(values, 0.25), quantile(values, 0.75)];
  const reach = TUKEY * (q3 - q1);
  const outliers = values.filter((value) => value < q1 - reach || value > q3 + reach).length;
  return { median: median(values), q1, q3, min: min(values), max: max(values), rounds: values.length, outliers };
}

/** The distance between the quartiles as a share of the median. */
export function spread({ median, q1, q3 }: Pick<Summary, 'median' | 'q1' | 'q3'>): number {
  return (q3 - q1) / median;
}

/**
 * The ratio of `samples` to `reference`: the median over the rounds, taken round by round, since what slows the machine
 * down for a while slows both down, and cancels out. The interval is a percentile bootstrap of it.
 */
export function compareRounds(samples: readonly number[], reference: readonly number[]): Ratio {
  const rounds = Math.min(samples.length, reference.length);
  if (rounds === 0) throw new RangeError('a ratio needs at least one round that both were measured in');
  const ratios = Array.from({ length: rounds }, (_, i) => divide(samples[i] ?? Number.NaN, reference[i] ?? Number.NaN));
  const interval = bootstrapInterval(ratios, median);
  return { ratio: median(ratios), ...interval, verdict: judge(rounds, interval) };
}

/** Two zeros, such as the wake-ups of two that sleep, are as much as each other. */
function divide(a: number, b: number): number {
  return a === b ? 1 : a / b;
}

function judge(rounds: number, { low, high }: Interval): Verdict {
  if (low >= 1 - SAME && high <= 1 + SAME) return 'same';
  if (rounds < LEAST_ROUNDS || !(low > 1 || high < 1)) return 'noisy';
  return low > 1 ? 'higher' : 'lower';
}

/** How two runs stand to each other, of which no round of one belongs to a round of the other. */
export interface RunRatio {
  /** The natural logarithm of the ratio of their medians. */
  readonly log: number;
  /** Its standard error by a bootstrap. Infinite where the rounds are too few, or not all above zero. */
  readonly error: number;
}

/** The ratio of `samples` to those of another run, or undefined where one of the medians is not above zero. */
export function compareRuns(samples: readonly number[], reference: readonly number[]): RunRatio | undefined {
  const [ours, theirs] = [[...samples], [...reference]];
  if (new Set([...ours, ...theirs]).size === 1) return { log: 0, error: 0 };
  if (!(median(ours) > 0 && median(theirs) > 0)) return undefined;
  const log = Math.log(median(ours) / median(theirs));
  const few = Math.min(ours.length, theirs.length) < LEAST_ROUNDS;
  if (few || Math.min(...ours, ...theirs) <= 0) return { log, error: Number.POSITIVE_INFINITY };
  const random = randomNumbers(ours.length);
  const draw = (values: number[]) => Math.log(median(sampleWithReplacement(values, values.length, random)));
  const drawn = Array.from({ length: RESAMPLES / 4 }, () => draw(ours) - draw(theirs));
  return { log, error: standardDeviation(drawn) };
}

/**
 * The standard deviation of values that scatter normally around `middle`, but for up to a half of them that does not:
 * by the nearest quarter of them, or another share.
 */
export function robustDeviation(values: readonly number[], middle: number, nearest: number = NEAREST): number {
  const distances = values.map((value) => Math.abs(value - middle));
  return quantile(distances, nearest) / probit((1 + nearest) / 2);
}

/**
 * How many standard deviations a value has to be away to be told, so that of all that are told no more than `rate` are
 * there by chance (Benjamini and Hochberg, 1995). Chance is taken to have the long tails of a Laplace distribution: what
 * disturbs a machine is rare and large.
 */
export function reachOf(distances: readonly number[], rate: number = 1 - CONFIDENCE): number {
  const count = Math.max(1, distances.length);
  const told = distances.toSorted((a, b) => b - a).findLastIndex((far, i) => tail(far) <= (rate * (i + 1)) / count);
  return -Math.log2((rate * Math.max(1, told + 1)) / count) * probit(0.75);
}

/** How many standard deviations a single value is away at most. */
export const CONFIDENT: number = probit((1 + CONFIDENCE) / 2);

/** The share of a Laplace distribution beyond as many deviations on either side; half of it is within `probit(0.75)`. */
function tail(distance: number): number {
  return 2 ** (-distance / probit(0.75));
}

/** Where `statistic` of the samples surely lies: a percentile bootstrap, the same each time for the same samples. */
export function bootstrapInterval(
  samples: readonly number[],
  statistic: (values: number[]) => number,
  confidence: number = CONFIDENCE,
): Interval {
  const values = [...samples];
  const random = randomNumbers(values.length);
  const drawn = Array.from({ length: RESAMPLES }, () =>
    statistic(sampleWithReplacement(values, values.length, random)),
  );
  return { low: quantile(drawn, (1 - confidence) / 2), high: quantile(drawn, (1 + confidence) / 2) };
}

/** The same numbers from 0 to 1 for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export { median };
