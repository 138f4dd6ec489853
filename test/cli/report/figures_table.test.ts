import { describe, expect, it } from 'vitest';
import { placeText, tableOf } from '../../../lib/cli/report/figures_table.ts';
import { plotNamed, plotWith, rounds } from './plots.ts';

describe('tableOf', () => {
  it('has medians, quartiles, ratios and their intervals', () => {
    const samples = [
      ['a', { n: 4000 }, [1, 1, 1, 1, 1]],
      ['b', { n: 4000 }, [3, 2, 3, 4, 3]],
    ] as const;
    const { head, rows } = tableOf(plotWith({ samples }));
    expect(head.map(({ title }) => title)).toEqual([
      'n',
      'subject',
      'median (µs)',
      'quartiles',
      '× best',
      '95 % interval',
    ]);
    expect(rows).toEqual([
      ['4,000', 'a', '1.00', '1.00–1.00', '1.00', ''],
      ['4,000', 'b', '3.00', '3.00–3.00', '3.00', '2.00–4.00'],
    ]);
  });

  it('marks a ratio that may as well be 1, and says what the mark means', () => {
    const noisy = [1, 3, 0.5, 2, 0.7];
    const samples = [
      ['a', {}, rounds(1, 0.01, 5)],
      ['b', {}, noisy],
    ] as const;
    const { rows, remarks } = tableOf(plotWith({ samples, plot: { kind: 'bar' } }));
    expect(rows[1]?.[3]).toMatch(/ \?$/);
    expect(remarks.at(-1)).toContain('too noisy to tell');
  });

  it('counts rounds and outliers', () => {
    const samples = [['a', {}, [1, 1, 1, 1, 50]]] as const;
    expect(tableOf(plotWith({ samples, plot: { kind: 'bar' } })).remarks).toEqual([
      '5 counted rounds of each; 1 of 5 samples are outliers.',
    ]);
    const one = [['a', {}, [1]]] as const;
    expect(tableOf(plotWith({ samples: one, plot: { kind: 'bar' } })).remarks[0]).toMatch(/^1 counted round of each/);
  });

  it('names the reference that it compares with', () => {
    expect(tableOf(plotNamed('echo', 'rate')).head.map(({ title }) => title)).toContain('× node:net');
  });
});

describe('placeText', () => {
  it('says percentiles, numbers and names as they are', () => {
    const percentiles = plotNamed('wake-up', 'latency');
    expect([50, 99.9, 100].map((x) => placeText(percentiles, x))).toEqual(['50 %', '99.9 %', 'max']);
    const numbers = plotNamed('dispatch', 'count');
    expect([10, 100_000, 0.5].map((x) => placeText(numbers, x))).toEqual(['10', '100,000', '0.5']);
    expect(placeText(plotWith({ samples: [['a', { n: 'loop' }, [1]]] }), 0)).toBe('loop');
  });
});
