import { describe, expect, it } from 'vitest';
import { assignLetters, drawChart, logTicks } from '../../lib/cli/chart.ts';

const axes = { x: 'pairs', y: 'µs', width: 60 };
const flat = { name: 'epoll', points: [10, 100, 1000].map((n) => [n, 1] as const) };
const rising = { name: 'poll', points: [10, 100, 1000].map((n) => [n, n / 10] as const) };

/** The columns at which a letter stands between the axis and the right edge, in the row of a label. */
function columns(chart: string, letter: string): number[] {
  return chart
    .split('\n')
    .filter((row) => /[│┤]/.test(row))
    .flatMap((row) => [...row].flatMap((symbol, i) => (symbol === letter ? [i] : [])))
    .sort((a, b) => a - b);
}

describe('drawChart', () => {
  it('labels the x axis with the values of the parameter', () => {
    const labels = drawChart([flat, rising], axes)
      .split('\n')
      .find((row) => row.includes('1,000') && !row.includes('┤'));
    expect(labels?.trim().split(/\s+/)).toEqual(['10', '100', '1,000']);
  });

  it('has a logarithmic x axis: equal factors are equal distances', () => {
    const [first = 0, second = 0, third = 0] = columns(drawChart([rising], axes), 'p');
    expect(Math.abs(third - second - (second - first))).toBeLessThanOrEqual(1);
  });

  it('has a logarithmic y axis: a power law is a straight line', () => {
    const rows = drawChart([rising], axes).split('\n');
    const [top = 0, middle = 0, bottom = 0] = rows.flatMap((row, i) => (/[│┤].*p/.test(row) ? [i] : []));
    expect(Math.abs(bottom - middle - (middle - top))).toBeLessThanOrEqual(1);
  });

  it('marks the place that two series share', () => {
    expect(columns(drawChart([flat, { ...flat, name: 'kqueue' }], axes), '*')).toHaveLength(3);
  });

  it('explains its letters', () => {
    expect(drawChart([flat, rising], axes)).toContain('e epoll   p poll   * several');
  });

  it('draws a series that ends early', () => {
    const select = { name: 'select', points: [[10, 2] as const] };
    expect(columns(drawChart([flat, select], axes), 's')).toHaveLength(1);
  });

  it.each([40, 80, 120])('fits into %d columns', (width) => {
    const longest = Math.max(
      ...drawChart([flat, rising], { ...axes, width })
        .split('\n')
        .map((row) => row.length),
    );
    expect(longest).toBeLessThanOrEqual(width);
    expect(longest).toBeGreaterThan(width - 6);
  });

  it('survives a single point', () => {
    expect(columns(drawChart([{ name: 'poll', points: [[10, 3]] }], axes), 'p')).toHaveLength(1);
  });

  it('draws nothing from nothing', () => {
    expect(drawChart([], axes)).toBe('');
    expect(drawChart([{ name: 'poll', points: [] }], axes)).toBe('');
  });
});

describe('logTicks', () => {
  it('encloses the values', () => {
    expect(logTicks(1.1, 18)).toEqual([1, 2, 5, 10, 20]);
  });

  it('uses powers of ten for a long range', () => {
    expect(logTicks(0.5, 700)).toEqual([0.1, 1, 10, 100, 1000]);
  });

  it('has two ticks at least', () => {
    expect(logTicks(2, 2)).toEqual([2, 5]);
  });
});

describe('assignLetters', () => {
  it('takes the first letter that is free', () => {
    expect(assignLetters(['poll', 'epoll', 'pselect'])).toEqual(['p', 'e', 's']);
  });

  it('finds another one when all of a name are taken', () => {
    expect(assignLetters(['a', 'a'])).toEqual(['a', 'b']);
  });
});
