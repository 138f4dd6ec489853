import { describe, expect, it } from 'vitest';
import { type Axis, categoryAxis, parameterAxis, percentileAxis, valueAxis } from '../../../lib/cli/report/axis.ts';

const labels = ({ ticks }: Axis): string[] => ticks.map(({ label }) => label);

describe('valueAxis', () => {
  it('begins at zero', () => {
    const axis = valueAxis([3, 9], 'linear', 6);
    expect(axis).toMatchObject({ min: 0, max: 10, logarithmic: false });
    expect(labels(axis)).toEqual(['0', '2', '4', '6', '8', '10']);
  });

  it('has room below zero where values are', () => {
    expect(valueAxis([-2, 3], 'linear', 6).min).toBeLessThanOrEqual(-2);
  });

  it('goes by 1, 2 and 5 over few decades, and by decades over many', () => {
    expect(labels(valueAxis([2.4, 200], 'log', 7))).toEqual(['2', '5', '10', '20', '50', '100', '200']);
    expect(labels(valueAxis([2.4, 90_000], 'log', 7))).toEqual(['1', '10', '100', '1,000', '10,000', '100,000']);
  });

  it('is not logarithmic where a value is not positive', () => {
    expect(valueAxis([0, 100], 'log', 6)).toMatchObject({ logarithmic: false, min: 0 });
  });

  it.each([[[0]], [[5]], [[1e-9, 1e-9]], [[1e12]]])('has two different ends for %j', (values) => {
    for (const scale of ['linear', 'log'] as const) {
      const { min, max } = valueAxis(values, scale, 6);
      expect(max).toBeGreaterThan(min);
    }
  });
});

describe('parameterAxis', () => {
  it('has ticks of 1, 2 and 5 as long as they are not too many, then decades', () => {
    expect(labels(parameterAxis([10, 30, 4000], 'log', 10))).toEqual('10 20 50 100 200 500 1,000 2,000'.split(' '));
    expect(labels(parameterAxis([10, 30, 4000], 'log', 5))).toEqual(['10', '100', '1,000']);
  });

  it('leaves a margin at both ends', () => {
    const axis = parameterAxis([1, 100], 'log', 5);
    expect(axis.min).toBeLessThan(axis.place(1));
    expect(axis.max).toBeGreaterThan(axis.place(100));
  });

  it('has a place for a single value', () => {
    expect(labels(parameterAxis([64], 'log', 5))).toEqual(['64']);
    expect(parameterAxis([64], 'linear', 5).ticks.length).toBeGreaterThan(0);
  });
});

describe('percentileAxis', () => {
  it('has every nine as far as the one before, and the worst one further', () => {
    const axis = percentileAxis([100, 50, 99.9, 90, 99]);
    expect(labels(axis)).toEqual(['50 %', '90 %', '99 %', '99.9 %', 'max']);
    const [, ...places] = axis.ticks.map(({ place }) => Number(place.toFixed(6)));
    expect(places).toEqual([1, 2, 3, 4]);
  });

  it('can do with the worst alone', () => {
    expect(labels(percentileAxis([100]))).toEqual(['max']);
  });
});

describe('categoryAxis', () => {
  it('has the names in their order', () => {
    expect(labels(categoryAxis(['b', 'a']))).toEqual(['b', 'a']);
  });
});
