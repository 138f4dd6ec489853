import { describe, expect, it } from 'vitest';
import { medianRatio, spread, summarize } from '../../lib/cli/statistics.ts';

describe('summarize', () => {
  it('gives median, extremes and the number of rounds', () => {
    expect(summarize([5, 1, 4, 2, 3])).toEqual({ median: 3, min: 1, max: 5, rounds: 5 });
  });

  it('takes the middle of an even number of rounds', () => {
    expect(summarize([4, 1, 2, 3]).median).toBe(2.5);
  });

  it('accepts a single round', () => {
    expect(summarize([7])).toEqual({ median: 7, min: 7, max: 7, rounds: 1 });
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
  it('is the distance between the extremes as a share of the median', () => {
    expect(spread({ median: 10, min: 9, max: 12, rounds: 3 })).toBeCloseTo(0.3);
  });
});

describe('medianRatio', () => {
  it('compares round by round, so that a slow round of both cancels out', () => {
    expect(medianRatio([2, 20, 2], [1, 10, 1])).toBe(2);
  });

  it('uses the rounds that both have', () => {
    expect(medianRatio([3, 3, 99], [1, 1])).toBe(3);
  });

  it('refuses when there is no common round', () => {
    expect(() => medianRatio([1], [])).toThrow(RangeError);
  });
});
