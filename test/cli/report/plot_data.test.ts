import { describe, expect, it } from 'vitest';
import { metricsWithoutPlot, plotsOf } from '../../../lib/cli/report/plot_data.ts';
import type { Parameters } from '../../../lib/cli/results.ts';
import { plotWith, rich, scenarioNamed } from './plots.ts';

type Given = [subject: string, parameters: Parameters];

const single = (...samples: Given[]) =>
  plotWith({ samples: samples.map(([subject, parameters]) => [subject, parameters, [1]]) });

describe('plotsOf', () => {
  it('has a series for each subject, with what the plot asks for alone', () => {
    const [count] = plotsOf(rich, scenarioNamed('dispatch'));
    expect(count?.series.map(({ name }) => name)).toEqual(['epoll', 'kqueue', 'poll', 'select']);
    expect(count?.series.flatMap(({ points }) => points.map(({ result }) => result.parameters.mode))).not.toContain(
      'edge',
    );
  });

  it('ends a line where points are missing', () => {
    const [count] = plotsOf(rich, scenarioNamed('dispatch'));
    expect(count?.series.at(-1)?.points.map(({ x }) => x)).toEqual([10, 100]);
  });

  it('has a series for each subject and value of the parameters of the plot', () => {
    const [, modes] = plotsOf(rich, scenarioNamed('dispatch'));
    expect(modes?.series.map(({ name }) => name)).toContain('epoll, one-shot');
    expect(modes?.series.map(({ variant }) => variant)).toContain('one-shot');
  });

  it('sorts points along the axis', () => {
    const data = single(['a', { n: 9 }], ['a', { n: 2 }]);
    expect(data.series[0]?.points.map(({ x }) => x)).toEqual([2, 9]);
  });

  it('has places in their order for what is no number', () => {
    const data = single(['s', { n: 'b' }], ['s', { n: 'a' }]);
    expect(data.categories).toEqual(['b', 'a']);
    expect(data.series[0]?.points.map(({ x }) => x)).toEqual([0, 1]);
  });

  it('tells apart by all that differs what the plot would draw at one place', () => {
    const sizes = [64, 1024].flatMap((bytes) => [1, 2].map((n): Given => ['s', { n, bytes }]));
    expect(single(...sizes).series.map(({ name }) => name)).toEqual(['s, bytes 64', 's, bytes 1,024']);
  });

  it('does not name parameters that only follow the axis', () => {
    const writes = [1, 2].map((n): Given => ['s', { n, writes: 10 * n }]);
    expect(single(...writes).series.map(({ name }) => name)).toEqual(['s']);
  });

  it('leaves out what has no place on the axis, and has no series where nothing is left', () => {
    expect(single(['s', { m: 1 }]).series).toEqual([]);
    expect(plotsOf(rich, scenarioNamed('echo')).at(-1)?.series).toEqual([]);
  });

  it('leaves out a plot of a metric that there is not', () => {
    const { plots, ...scenario } = scenarioNamed('echo');
    expect(plotsOf(rich, { ...scenario, plots: plots.map((plot) => ({ ...plot, metric: 'none' })) })).toEqual([]);
  });
});

describe('metricsWithoutPlot', () => {
  it('has what was measured and is drawn nowhere', () => {
    expect(metricsWithoutPlot(rich, scenarioNamed('echo')).map(({ metric: { name } }) => name)).toEqual(['memory']);
    expect(metricsWithoutPlot(rich, scenarioNamed('wake-up'))).toEqual([]);
  });
});
