import { describe, expect, it } from 'vitest';
import { formatLimit, limitOf, verdictOf, verdictOfUse } from '../../../lib/cli/doctor/verdict.ts';

const thresholds = { bitesBelow: 10, lowBelow: 100 };
const limit = { name: 'x', value: 1, bounds: 'b', why: 'w', remedy: 'sysctl -w x=2' } as const;

describe('verdictOf', () => {
  it.each([
    [0, 'will bite'],
    [9, 'will bite'],
    [10, 'low'],
    [99, 'low'],
    [100, 'ok'],
    [Number.POSITIVE_INFINITY, 'ok'],
  ])('of %d is %s', (value, verdict) => {
    expect(verdictOf(value, thresholds)).toBe(verdict);
  });
});

describe('verdictOfUse', () => {
  it.each([
    [0, 'ok'],
    [60, 'ok'],
    [61, 'low'],
    [91, 'will bite'],
    [100, 'will bite'],
  ])('of %d of 100 is %s', (current, verdict) => {
    expect(verdictOfUse(current, 100)).toBe(verdict);
  });
});

describe('limitOf', () => {
  it('keeps the remedy of what is low, and drops that of what is ok', () => {
    expect(limitOf({ ...limit, verdict: 'low' })).toHaveProperty('remedy', 'sysctl -w x=2');
    expect(limitOf({ ...limit, verdict: 'ok' })).not.toHaveProperty('remedy');
  });
});

describe('formatLimit', () => {
  it.each([
    [65_536, '65,536'],
    [2 ** 63, 'unlimited'],
    ['1024-65535', '1024-65535'],
  ])('of %s is %s', (value, text) => {
    expect(formatLimit(value)).toBe(text);
  });
});
