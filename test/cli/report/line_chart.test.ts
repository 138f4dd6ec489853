import { describe, expect, it } from 'vitest';
import { drawLines } from '../../../lib/cli/report/line_chart.ts';
import { printable } from '../../../lib/cli/report/markup.ts';
import { Styles } from '../../../lib/cli/report/palette.ts';
import { plotNamed, plotWith, richStyles, rounds } from './plots.ts';
import { HOSTILE } from './results.ts';
import { strayColours, textsOf } from './svg.ts';

describe('drawLines', () => {
  it('has names at the lines, ticks and what they count', () => {
    const texts = textsOf(drawLines(plotNamed('dispatch', 'count'), richStyles, 784, {}));
    expect(texts).toEqual(expect.arrayContaining(['epoll', 'kqueue', 'poll', 'select', '10', '100,000']));
    expect(texts).toContain('pairs (logarithmic)');
    expect(texts).toContain('time per event (µs), lower is better, logarithmic');
  });

  it('names each series once, also where a legend has to do', () => {
    for (const width of [375, 784]) {
      const texts = textsOf(drawLines(plotNamed('dispatch', 'modes'), richStyles, width, {}));
      for (const name of ['epoll, level', 'epoll, one-shot', 'select, one-shot']) {
        expect(texts.filter((text) => text === name)).toHaveLength(1);
      }
    }
  });

  it('draws percentiles on their scale', () => {
    const texts = textsOf(drawLines(plotNamed('wake-up', 'latency'), richStyles, 784, {}));
    expect(texts).toEqual(expect.arrayContaining(['50 %', '90 %', '99 %', '99.9 %', 'max', 'percentile']));
  });

  it('has no colour that does not change in the dark', () => {
    for (const [scenario, plot] of [
      ['dispatch', 'count'],
      ['dispatch', 'modes'],
      ['wake-up', 'latency'],
    ] as const) {
      expect(strayColours(drawLines(plotNamed(scenario, plot), richStyles, 784, { title: 't', source: 's' }))).toEqual(
        [],
      );
    }
  });

  it('shows hostile texts as they are, and makes nothing of them', () => {
    for (const plot of ['line', 'percentiles']) {
      const svg = drawLines(plotNamed('../../', plot), richStyles, 784, { title: HOSTILE, source: HOSTILE });
      expect(svg).not.toMatch(/<(?!\/?(svg|path|text|g|defs|clipPath|rect)\b)/);
      expect(textsOf(svg)).toContain(printable(HOSTILE));
    }
  });

  it.each([
    ['one point', [['a', { n: 5 }, rounds(1)]]],
    ['zero', [['a', { n: 0 }, [0, 0, 0]]]],
    [
      'places that are no numbers',
      [
        ['a', { n: 'x' }, [1]],
        ['a', { n: 'y' }, [2]],
      ],
    ],
    [
      'great and small numbers',
      [
        ['a', { n: 1e-9 }, [1e-12]],
        ['a', { n: 1e15 }, [1e15]],
      ],
    ],
  ] as const)('draws %s', (_, samples) => {
    for (const scale of ['linear', 'log'] as const) {
      const data = plotWith({ samples, plot: { xScale: scale, yScale: scale } });
      const svg = drawLines(data, new Styles([]), 375, {});
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      expect(textsOf(svg)).toContain('a');
    }
  });
});
