import { describe, expect, it } from 'vitest';
import { toPlot } from '../../lib/cli/results.ts';
import { toDescription, toResult } from '../../lib/cli/scenario.ts';
import { measured, rate, scenario, time } from './samples.ts';

describe('toResult', () => {
  it('has all that the format asks for, the samples in the order of their rounds', () => {
    expect(toResult(measured('node:net', rate, [3, 1, 2, 40], { connections: 64, bytes: 64 }))).toEqual({
      scenario: 'test',
      subject: 'node:net',
      parameters: { connections: 64, bytes: 64 },
      metric: 'rate',
      unit: '1/s',
      better: 'higher',
      samples: [3, 1, 2, 40],
      median: 2.5,
      q1: 1.75,
      q3: 12.25,
      min: 1,
      max: 40,
      rounds: 4,
      outliers: 1,
    });
  });

  it('leaves out digits that are noise', () => {
    const { min, max, samples } = toResult(measured('poll', time, [1 / 3, 123_456.789]));
    expect([min, max, samples]).toEqual([0.333333, 123_457, [0.333333, 123_457]]);
  });
});

describe('toDescription', () => {
  it('says of the scenario what a report needs, and nothing of how it runs', () => {
    expect(toDescription(scenario, ['select stops'], 'fdpoll run test')).toEqual({
      name: 'test',
      title: 'what a test costs',
      description: 'What a test measures.',
      command: 'fdpoll run test',
      metrics: [time, rate],
      plots: scenario.plots.map(toPlot),
      notes: ['select stops'],
    });
  });

  it('names the reference, if there is one', () => {
    expect(toDescription({ ...scenario, reference: 'node:net' }, [], '').reference).toBe('node:net');
  });
});
