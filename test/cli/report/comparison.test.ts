import { describe, expect, it } from 'vitest';
import { compareAll, type Group } from '../../../lib/cli/report/comparison.ts';
import { plotWith, rounds, time } from './plots.ts';

const bases = (groups: readonly Group[]) =>
  groups.map(({ compared }) => compared.filter(({ ratio }) => ratio === undefined).map(({ series }) => series.subject));

describe('compareAll', () => {
  it('compares at each place with the best one there', () => {
    const samples = [
      ['a', { n: 1 }, rounds(1)],
      ['b', { n: 1 }, rounds(2)],
      ['a', { n: 2 }, rounds(4)],
      ['b', { n: 2 }, rounds(2)],
    ] as const;
    expect(bases(compareAll(plotWith({ samples })))).toEqual([['a'], ['b']]);
    expect(bases(compareAll(plotWith({ samples, metric: { ...time, better: 'higher' } })))).toEqual([['b'], ['a']]);
  });

  it('compares with the reference where it was measured, and with the best elsewhere', () => {
    const samples = [
      ['a', { n: 1 }, rounds(1)],
      ['ref', { n: 1 }, rounds(2)],
      ['a', { n: 2 }, rounds(4)],
    ] as const;
    const groups = compareAll(plotWith({ samples, reference: 'ref' }));
    expect(bases(groups)).toEqual([['ref'], ['a']]);
    expect(groups[0]?.compared[0]?.ratio).toMatchObject({ verdict: 'lower', ratio: 0.5 });
  });

  it('compares only where all else is the same', () => {
    const samples = [
      ['a', { bytes: 1 }, rounds(1)],
      ['b', { bytes: 1 }, rounds(1)],
      ['b', { bytes: 2 }, rounds(9)],
    ] as const;
    const groups = compareAll(plotWith({ samples, plot: { kind: 'bar', series: ['bytes'] } }));
    expect(groups.map(({ variant, compared }) => [variant, compared.length])).toEqual([
      ['bytes 1', 2],
      ['bytes 2', 1],
    ]);
  });

  it('has nothing to say of nothing', () => {
    expect(compareAll(plotWith({ samples: [] }))).toEqual([]);
  });
});
