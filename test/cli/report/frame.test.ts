import { describe, expect, it } from 'vitest';
import { frameOf, textWidth, withUnitOf } from '../../../lib/cli/report/frame.ts';
import { plotNamed, time } from './plots.ts';
import { HOSTILE } from './results.ts';

const data = plotNamed('dispatch', 'count');

describe('frameOf', () => {
  it('says what the figures are and which way is better', () => {
    expect(JSON.stringify(frameOf(data, {}, 784, true).option)).toContain(
      'time per event (µs), lower is better, logarithmic',
    );
    expect(JSON.stringify(frameOf(data, {}, 784, false).option)).not.toContain('logarithmic');
  });

  it('makes room for the title and the source, and for each line of them', () => {
    const [plain, full] = [frameOf(data, {}, 784, true), frameOf(data, { title: 'a', source: 'b' }, 784, true)];
    expect(full.top).toBeGreaterThan(plain.top);
    expect(full.bottom).toBeGreaterThan(plain.bottom);
    expect(frameOf(data, { title: 'many words '.repeat(20) }, 784, true).top).toBeGreaterThan(full.top);
  });

  it('has no characters that no XML can hold', () => {
    expect(JSON.stringify(frameOf(data, { title: HOSTILE, source: HOSTILE }, 784, true).option)).not.toMatch(
      /\\u0007|\u202e/,
    );
  });
});

describe('withUnitOf', () => {
  it('has the unit in brackets, where there is one', () => {
    expect(withUnitOf('median', time)).toBe('median (µs)');
    expect(withUnitOf('median', { ...time, unit: '1' })).toBe('median');
  });
});

describe('textWidth', () => {
  it('counts characters, not halves of them', () => {
    expect(textWidth('\u{1f600}\u{1f600}', 10)).toBe(textWidth('ab', 10));
  });
});
