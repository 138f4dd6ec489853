import { describe, expect, it } from 'vitest';
import { renderColumns } from '../../../lib/cli/doctor/columns.ts';

describe('renderColumns', () => {
  it('draws one line, under the head', () => {
    expect(
      renderColumns(
        ['name', 'value'],
        [
          ['a', '1'],
          ['bcdef', '100'],
        ],
        ['left', 'right'],
      ),
    ).toBe(['name   value', '────────────', 'a          1', 'bcdef    100', ''].join('\n'));
  });

  it('wraps words within the width of their column', () => {
    const lines = renderColumns(['a', 'text'], [['x', 'some words that are long']], [], [1, 10]).split('\n');
    expect(lines.slice(2)).toEqual(['x  some words', '   that are', '   long', '']);
  });
});
