import { describe, expect, it } from 'vitest';
import {
  bootstrapInterval,
  compareRounds,
  compareRuns,
  LEAST_ROUNDS,
  median,
  randomNumbers,
  reachOf,
  robustDeviation,
  spread,
  summarize,
  type Verdict,
} from '../../lib/cli/statistics.ts';

/** Samples around `value` that scatter by `noise`, a share of it, one way or the other. */
function noisy(value: number, noise: number, rounds: number, random: () => number): number[] {
  // The sum of twelve is as good as normal, with a standard deviation of 1.
  const normal = () => Array.from({ length: 12 }, random).reduce((sum, one) => sum + one, -6);
  return Array.from({ length: rounds }, () => value * Math.exp(noise * normal()));
}

const TIMES = 200;

/** How often each verdict is given in many comparisons of two subjects that truly differ by `ratio`. */
function verdicts(ratio: number, noise: number, rounds: number, times = TIMES): Record<Verdict, number> {
  const random = randomNumbers(7);
  const counts = { lower: 0, higher: 0, same: 0, noisy: 0 };
  for (let i = 0; i < times; i++) {
    const reference = noisy(1, noise, rounds, random);
    counts[compareRounds(noisy(ratio, noise, rounds, random), reference).verdict]++;
  }
  return counts;
}

describe('summarize', () => {
  it('gives median, quartiles, extremes and the number of rounds', () => {
    expect(summarize([5, 1, 4, 2, 3])).toEqual({ median: 3, q1: 2, q3: 4, min: 1, max: 5, rounds: 5, outliers: 0 });
  });

  it('takes the middle of an even number of rounds', () => {
    expect(summarize([4, 1, 2, 3])).toMatchObject({ median: 2.5, q1: 1.75, q3: 3.25 });
  });

  it("counts what lies beyond Tukey's fences, on either side", () => {
    expect(summarize([10, 11, 12, 13, 14, 100]).outliers).toBe(1);
    expect(summarize([-100, 10, 11, 12, 13, 14, 100]).outliers).toBe(2);
    expect(summarize([10, 11, 12, 13, 14, 17]).outliers).toBe(0);
  });

  it('accepts a single round', () => {
    expect(summarize([7])).toEqual({ median: 7, q1: 7, q3: 7, min: 7, max: 7, rounds: 1, outliers: 0 });
  });

  it('refuses to summarize nothing', () => {
    expect(() => summarize([])).toThrow(RangeError);
  });

  it('leaves the samples in the order of their rounds', () => {
    const samples = [3, 1, 2];
    summarize(samples);
    expect(samples).toEqual([3, 1, 2]);
  });
});

describe('spread', () => {
  it('is the distance between the quartiles as a share of the median', () => {
    expect(spread({ median: 10, q1: 9, q3: 12 })).toBeCloseTo(0.3);
  });
});

describe('bootstrapInterval', () => {
  it('is the same each time for the same samples', () => {
    const samples = [1, 5, 2, 8, 3, 9, 4];
    expect(bootstrapInterval(samples, median)).toEqual(bootstrapInterval(samples, median));
  });

  it('holds the statistic, within the extremes', () => {
    const { low, high } = bootstrapInterval([1, 5, 2, 8, 3, 9, 4], median);
    expect(low).toBeGreaterThanOrEqual(1);
    expect(low).toBeLessThan(4);
    expect(high).toBeGreaterThan(4);
    expect(high).toBeLessThanOrEqual(9);
  });

  it('is narrower where less confidence is asked for, and has no width where nothing varies', () => {
    const samples = [1, 5, 2, 8, 3, 9, 4, 6, 7];
    const wide = bootstrapInterval(samples, median, 0.99);
    const narrow = bootstrapInterval(samples, median, 0.5);
    expect(narrow.high - narrow.low).toBeLessThan(wide.high - wide.low);
    expect(bootstrapInterval([3, 3, 3], median)).toEqual({ low: 3, high: 3 });
  });

  it('holds the true median about as often as it says', () => {
    const random = randomNumbers(3);
    let held = 0;
    for (let i = 0; i < TIMES; i++) {
      const { low, high } = bootstrapInterval(noisy(1, 0.2, 11, random), median);
      if (low <= 1 && high >= 1) held++;
    }
    expect(held / TIMES).toBeGreaterThan(0.9);
  });
});

describe('randomNumbers', () => {
  it('repeats itself for the same seed, from 0 to 1', () => {
    const draw = (seed: number) => Array.from({ length: 100 }, randomNumbers(seed));
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(draw(1).every((value) => value >= 0 && value < 1)).toBe(true);
  });
});

describe('compareRounds', () => {
  it('compares round by round, so that a slow round of both cancels out', () => {
    expect(compareRounds([2, 20, 2, 6, 2], [1, 10, 1, 3, 1])).toEqual({ ratio: 2, low: 2, high: 2, verdict: 'higher' });
  });

  it('uses the rounds that both have', () => {
    expect(compareRounds([3, 3, 99], [1, 1]).ratio).toBe(3);
  });

  it('refuses when there is no common round', () => {
    expect(() => compareRounds([1], [])).toThrow(RangeError);
  });

  it('names no winner after few rounds, however clear it looks', () => {
    for (let rounds = 1; rounds < LEAST_ROUNDS; rounds++) {
      const samples = Array.from({ length: rounds }, () => 100);
      expect(
        compareRounds(
          samples,
          samples.map(() => 1),
        ).verdict,
      ).toBe('noisy');
    }
  });

  it('names no winner while a round says the opposite and the others hardly agree', () => {
    expect(compareRounds([1, 3, 1, 3, 2], [3, 1, 2, 1, 3]).verdict).toBe('noisy');
    expect(compareRounds([1.2, 1.3, 1.4, 1.2, 0.9], [1, 1, 1, 1, 1]).verdict).toBe('noisy');
  });

  it('says which way a clear difference goes', () => {
    expect(compareRounds([2, 2.1, 2.2, 2.1, 2.3], [1, 1, 1, 1, 1]).verdict).toBe('higher');
    expect(compareRounds([1, 1, 1, 1, 1], [2, 2.1, 2.2, 2.1, 2.3]).verdict).toBe('lower');
  });

  it('says that there is no difference worth telling', () => {
    expect(compareRounds([1.01, 0.99, 1.02, 1, 1], [1, 1, 1, 1, 1]).verdict).toBe('same');
  });

  it.each([
    [0.3, 5],
    [0.1, 5],
    [0.02, 5],
    [0.1, 11],
    [0.1, 30],
  ])('names a false winner as seldom as it says: noise %d, %d rounds', (noise, rounds) => {
    const { lower, higher } = verdicts(1, noise, rounds);
    // Five rounds on one side by chance: 1 of 16.
    expect((lower + higher) / TIMES).toBeLessThan(0.09);
  });

  it.each([
    [2, 0.1, 5, 0.99],
    [1.5, 0.1, 5, 0.9],
    [1.3, 0.1, 11, 0.9],
    [1.1, 0.02, 5, 0.9],
  ])('sees a true difference: × %d, noise %d, %d rounds', (ratio, noise, rounds, share) => {
    const { higher, lower } = verdicts(ratio, noise, rounds);
    expect(higher / TIMES).toBeGreaterThan(share);
    expect(lower).toBe(0);
  });
});

describe('compareRuns', () => {
  it('compares the medians, with an error that is smaller the less the rounds scatter', () => {
    const quiet = compareRuns([2, 2.02, 1.98, 2, 2.01], [1, 1.01, 0.99, 1, 1]);
    const loud = compareRuns([2, 3, 1, 2, 2.5], [1, 2, 0.5, 1, 1.2]);
    expect(Math.exp(quiet?.log ?? 0)).toBeCloseTo(2);
    expect(Math.exp(loud?.log ?? 0)).toBeCloseTo(2);
    expect(quiet?.error).toBeLessThan(0.02);
    expect(loud?.error).toBeGreaterThan(0.1);
  });

  it('has no idea of its error after few rounds', () => {
    expect(compareRuns([2], [1])).toEqual({ log: Math.log(2), error: Number.POSITIVE_INFINITY });
  });

  it('makes no ratio of what is not above zero, but sees that nothing changed', () => {
    expect(compareRuns([0, 0, 0, 0, 0], [1, 1, 1, 1, 1])).toBeUndefined();
    expect(compareRuns([-1, 0, 1, 2, 3], [1, 1, 1, 1, 1])?.error).toBe(Number.POSITIVE_INFINITY);
    expect(compareRuns([0, 0, 0], [0, 0])).toEqual({ log: 0, error: 0 });
  });
});

describe('robustDeviation', () => {
  it('is the standard deviation of what scatters normally, whatever the rest does', () => {
    const random = randomNumbers(11);
    const values = noisy(1, 0.1, 400, random).map(Math.log);
    expect(robustDeviation(values, 0)).toBeGreaterThan(0.07);
    expect(robustDeviation(values, 0)).toBeLessThan(0.13);
    const wild = values.map((value, i) => (i % 3 === 0 ? value + 5 : value));
    expect(robustDeviation(wild, 0)).toBeLessThan(0.2);
  });
});

describe('reachOf', () => {
  it('is farther the more there is to compare, and nearer the more there is to tell', () => {
    const quiet = (count: number) => Array.from({ length: count }, () => 0);
    expect(reachOf(quiet(10))).toBeGreaterThan(reachOf(quiet(1)));
    expect(reachOf(quiet(200))).toBeGreaterThan(reachOf(quiet(10)));
    expect(reachOf([...quiet(180), ...quiet(20).map(() => 50)])).toBeLessThan(reachOf(quiet(200)));
  });

  it('takes nothing for something', () => {
    expect(reachOf([])).toBe(reachOf([0]));
  });
});
