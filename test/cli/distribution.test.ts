import { createHistogram } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import {
  PERCENTILES,
  percentileColumns,
  percentilesInMicroseconds,
  recordNanoseconds,
  takeColumnTurns,
} from '../../lib/cli/distribution.ts';
import type { Metric } from '../../lib/cli/scenario.ts';

const latency: Metric = { name: 'latency', title: 'latency', unit: 'µs', better: 'lower' };
const cpu: Metric = { name: 'cpu', title: 'CPU', unit: 'µs', better: 'lower' };

describe('percentileColumns', () => {
  it('has a column for each percentile, with the parameters that all have', () => {
    expect(percentileColumns(latency, [50, 100], { asked: 2 })).toEqual([
      { metric: latency, parameters: { asked: 2, percentile: 50 } },
      { metric: latency, parameters: { asked: 2, percentile: 100 } },
    ]);
    expect(percentileColumns(latency).map(({ parameters }) => parameters.percentile)).toEqual(PERCENTILES);
  });
});

describe('percentilesInMicroseconds', () => {
  it('tells the values of nanoseconds that were recorded', () => {
    const histogram = createHistogram();
    for (let ns = 1000; ns <= 1_000_000; ns += 1000) recordNanoseconds(histogram, ns);
    const [half = 0, , most = 0, , all = 0] = percentilesInMicroseconds(histogram);
    // Histograms keep three digits.
    expect([half, most, all].map(Math.round)).toEqual([500, 990, 1000]);
  });

  it('takes what is too small for a histogram, or too early, as its least', () => {
    const histogram = createHistogram();
    for (const ns of [0, -5, 0.3]) recordNanoseconds(histogram, ns);
    expect(percentilesInMicroseconds(histogram, [50, 100])).toEqual([0.001, 0.001]);
  });
});

describe('takeColumnTurns', () => {
  const turns = {
    scenario: 'any',
    subjects: ['a', 'b'],
    parameters: { rate: 7 },
    columns: [...percentileColumns(latency, [50, 100]), { metric: cpu, parameters: {} }],
    rounds: 2,
    sliceMs: 1,
    signal: new AbortController().signal,
    step: () => {},
  };

  it('gives each column its values and parameters, all subjects of one together', async () => {
    const { measurements, failures } = await takeColumnTurns({
      ...turns,
      measure: (subject) => (subject === 'a' ? [1, 2, 3] : [4, 5, 6]),
    });
    expect(failures).toEqual([]);
    const shown = measurements.map(({ subject, metric, parameters, samples }) => [
      subject,
      metric.name,
      parameters,
      samples,
    ]);
    expect(shown).toEqual([
      ['a', 'latency', { rate: 7, percentile: 50 }, [1, 1]],
      ['b', 'latency', { rate: 7, percentile: 50 }, [4, 4]],
      ['a', 'latency', { rate: 7, percentile: 100 }, [2, 2]],
      ['b', 'latency', { rate: 7, percentile: 100 }, [5, 5]],
      ['a', 'cpu', { rate: 7 }, [3, 3]],
      ['b', 'cpu', { rate: 7 }, [6, 6]],
    ]);
  });

  it('leaves out a subject that fails', async () => {
    const { measurements, failures } = await takeColumnTurns({
      ...turns,
      measure: (subject) => {
        if (subject === 'a') throw new Error('no luck');
        return [4, 5, 6];
      },
    });
    expect(measurements.map(({ subject }) => subject)).toEqual(['b', 'b', 'b']);
    expect(failures).toEqual([{ scenario: 'any', subject: 'a', message: 'no luck' }]);
  });
});
