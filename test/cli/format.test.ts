import { describe, expect, it } from 'vitest';
import { formatCount, formatFigure, formatPercent, wrap } from '../../lib/cli/format.ts';

describe('formatFigure', () => {
  it.each([
    [0.012345, '0.0123'],
    [1.2, '1.20'],
    [12.34, '12.3'],
    [123.4, '123'],
    [1234, '1,230'],
    [123_456, '123,000'],
  ])('shows %d with three significant digits', (value, text) => {
    expect(formatFigure(value)).toBe(text);
  });
});

describe('formatCount', () => {
  it('shows every digit of a number that is exact', () => {
    expect(formatCount(123_456)).toBe('123,456');
    expect(formatCount(99.9)).toBe('99.9');
    expect(formatCount(0.25)).toBe('0.25');
  });
});

describe('formatPercent', () => {
  it.each([
    [0, '0.0 %'],
    [0.004, '0.4 %'],
    [0.0994, '9.9 %'],
    [0.0999, '10 %'],
    [1.5, '150 %'],
  ])('shows %d as %s', (share, text) => {
    expect(formatPercent(share)).toBe(text);
  });
});

describe('wrap', () => {
  it('breaks between words', () => {
    expect(wrap('one two three', 7)).toBe('one two\nthree');
  });

  it('indents what follows the first line', () => {
    expect(wrap('one two three', 8, 2)).toBe('one two\n  three');
  });

  it('leaves a word alone that is longer than a line', () => {
    expect(wrap('a very-long-word b', 5, 2)).toBe('a\n  very-long-word\n  b');
  });

  it('keeps what fits', () => {
    expect(wrap('', 10)).toBe('');
    expect(wrap('short', 10)).toBe('short');
  });
});
