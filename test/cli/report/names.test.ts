import { describe, expect, it } from 'vitest';
import { Names } from '../../../lib/cli/report/names.ts';
import { HOSTILE } from './results.ts';

describe('Names', () => {
  it('joins plain parts', () => {
    expect(new Names().make('dispatch', 'count')).toBe('dispatch-count');
  });

  it('gives each name once', () => {
    const names = new Names();
    expect([names.make('a'), names.make('A'), names.make(' a ')]).toEqual(['a', 'a-2', 'a-3']);
  });

  it.each([
    ['../../etc/passwd'],
    [HOSTILE],
    ['.'],
    ['a\0b'],
    ['x'.repeat(1000)],
  ])('has no way out of a folder: %j', (text) => {
    expect(new Names().make(text)).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(new Names().make(text).length).toBeLessThan(100);
  });

  it('has a name for what has no letter', () => {
    expect(new Names().make('☃', '…')).toBe('plot');
  });
});
