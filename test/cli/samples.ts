import type { Results } from '../../lib/cli/results.ts';
import { type Measurement, type Metric, type Scenario, toDescription, toResult } from '../../lib/cli/scenario.ts';

export const time: Metric = { name: 'time', title: 'time per event', unit: 'µs', better: 'lower' };
export const rate: Metric = { name: 'rate', title: 'messages per second', unit: '1/s', better: 'higher' };

/** A scenario that is not there: what is told of it has nothing to do with those that are. */
export const scenario: Scenario = {
  name: 'test',
  title: 'what a test costs',
  description: 'What a test measures.',
  metrics: [time, rate],
  plots: [
    {
      name: 'pairs',
      kind: 'line',
      title: 'An event, against the number of pairs',
      says: 'A flat line is good.',
      metric: time.name,
      x: 'pairs',
      xScale: 'log',
      yScale: 'log',
    },
  ],
  duration: () => 0,
  run: () => Promise.resolve({ measurements: [], failures: [], notes: [] }),
};

export function measured(
  subject: string,
  metric: Metric,
  samples: readonly number[],
  parameters: Measurement['parameters'] = { pairs: 10 },
): Measurement {
  return { scenario: scenario.name, subject, metric, samples, parameters };
}

/** The results of a run that measured these. */
export function resultsOf(measurements: readonly Measurement[], more: Partial<Results> = {}): Results {
  return {
    version: 1,
    command: 'fdpoll compare',
    interrupted: false,
    environment: {
      date: '2026-01-02T03:04:05.678Z',
      fdpoll: '1.2.3',
      runtime: 'Node.js 22.0.0',
      libuv: '1.50.0',
      libc: 'glibc 2.36',
      kernel: 'Linux 6.1.0',
      architecture: 'x86_64',
      cpu: { model: 'Some CPU', count: 8, available: 2 },
      mitigations: { mitigated: ['meltdown', 'retbleed', 'spectre_v1', 'spectre_v2'], vulnerable: [] },
      nofile: { soft: 1024, hard: 'unlimited' },
      backends: [
        { name: 'epoll', compiled: true, usable: true, default: true },
        { name: 'kqueue', compiled: false, usable: false, default: false, reason: 'not compiled in' },
      ],
    },
    scenarios: [toDescription(scenario, [], 'fdpoll run test')],
    results: measurements.map(toResult),
    failures: [],
    ...more,
  };
}
