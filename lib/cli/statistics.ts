import { max, median, min, quantile, sampleWithReplacement } from 'simple-statistics';

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
