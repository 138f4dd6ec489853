import { describe, expect, it } from 'vitest';
import { drawBars } from '../../../lib/cli/report/bar_chart.ts';
import { Styles } from '../../../lib/cli/report/palette.ts';
import { plotNamed, plotWith, richStyles, time } from './plots.ts';
import { strayColours, textsOf } from './svg.ts';

const subjects = (...values: number[]) =>
  values.map((value, i) => [`subject ${i}`, {}, [value, value, value]] as const);
const bars = { kind: 'bar' } as const;

describe('drawBars', () => {
  it('has the best one first, with its name and its figure', () => {
    const lower = textsOf(drawBars(plotWith({ plot: bars, samples: subjects(3, 1, 2) }), new Styles([]), 784, {}));
    expect(lower.filter((text) => text.startsWith('subject'))).toEqual(['subject 1', 'subject 2', 'subject 0']);
    expect(lower).toEqual(expect.arrayContaining(['1.00', '2.00', '3.00', '0']));
    const metric = { ...time, better: 'higher' } as const;
    const higher = textsOf(
      drawBars(plotWith({ plot: bars, metric, samples: subjects(3, 1, 2) }), new Styles([]), 784, {}),
    );
    expect(higher.filter((text) => text.startsWith('subject'))).toEqual(['subject 0', 'subject 2', 'subject 1']);
  });

  it('has no colour that does not change in the dark', () => {
    expect(strayColours(drawBars(plotNamed('echo', 'rate'), richStyles, 784, { title: 't', source: 's' }))).toEqual([]);
  });

  it('makes nothing of hostile texts', () => {
    const svg = drawBars(plotNamed('../../', 'bar'), richStyles, 375, {});
    expect(svg).not.toMatch(/<(?!\/?(svg|path|text|g|defs|clipPath|rect)\b)/);
  });

  it.each([[[0]], [[-1, 2]], [[1e-12, 1e15]], [[5]]])('draws %j', (values) => {
    for (const yScale of ['linear', 'log'] as const) {
      const data = plotWith({ plot: { ...bars, yScale }, samples: subjects(...values) });
      expect(drawBars(data, new Styles([]), 375, {})).not.toMatch(/NaN|Infinity|undefined/);
    }
  });
});
