import { max, median, min } from 'simple-statistics';

export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** How many samples there are: one per counted round. */
  readonly rounds: number;
}

export function summarize(samples: readonly number[]): Summary {
  if (samples.length === 0) throw new RangeError('a summary needs at least one sample');
  const values = [...samples];
  return { median: median(values), min: min(values), max: max(values), rounds: values.length };
}

/** The distance between the extremes as a share of the median. */
export function spread(summary: Summary): number {
  return (summary.max - summary.min) / summary.median;
}

/**
 * The median over rounds of `samples` to `reference`, taken round by round: what slows the machine down for a while
 * slows both down, and cancels out.
 */
export function medianRatio(samples: readonly number[], reference: readonly number[]): number {
  const rounds = Math.min(samples.length, reference.length);
  if (rounds === 0) throw new RangeError('a ratio needs at least one round that both were measured in');
  return median(Array.from({ length: rounds }, (_, round) => (samples[round] ?? Number.NaN) / (reference[round] ?? 0)));
}

export { median };
