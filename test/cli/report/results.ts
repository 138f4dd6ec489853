import {
  FORMAT_VERSION,
  type Metric,
  type Parameters,
  type PlotInput,
  type Result,
  type Results,
  toPlot,
} from '../../../lib/cli/results.ts';
import { type Measurement, toResult } from '../../../lib/cli/scenario.ts';
import { randomNumbers } from '../../../lib/cli/statistics.ts';

/** What a page must show as it stands here, and never as a part of itself. */
export const HOSTILE = `<img src=x onerror=alert(1)>"'&amp;{a}%s</script></style></svg>]]>\u0007\u202e|\`*_`;

const SEED = 5;
const ROUNDS = 7;

const time: Metric = { name: 'time-per-event', title: 'time per event', unit: 'µs', better: 'lower' };
const cpu: Metric = { name: 'cpu-per-event', title: 'CPU time per event', unit: 'µs', better: 'lower' };
const latency: Metric = { name: 'latency', title: 'wake-up latency', unit: 'µs', better: 'lower' };
const rate: Metric = { name: 'messages', title: 'messages per second', unit: '1/s', better: 'higher' };
const memory: Metric = { name: 'memory', title: 'memory of an idle connection', unit: 'bytes', better: 'lower' };

/** Results of every kind of plot: several series, missing points, noise, and texts that mean ill. The same each time. */
export function richResults(): Results {
  const random = randomNumbers(SEED);
  const samples = (middle: number, noise: number): number[] =>
    Array.from({ length: ROUNDS }, () => middle * (1 + noise * (random() + random() - 1)));
  return resultsOf([
    { scenario: dispatch, measurements: dispatchMeasurements(samples) },
    { scenario: wakeUp, measurements: wakeUpMeasurements(samples) },
    { scenario: echo, measurements: echoMeasurements(samples) },
    { scenario: hostile, measurements: hostileMeasurements(samples) },
  ]);
}

type Samples = (middle: number, noise: number) => number[];

interface Description {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly command?: string;
  readonly reference?: string;
  readonly metrics: readonly Metric[];
  readonly plots: readonly PlotInput[];
  readonly notes?: readonly string[];
}

interface Part {
  readonly scenario: Description;
  readonly measurements: readonly Measurement[];
}

/** A file of results with these scenarios and measurements. */
export function resultsOf(parts: readonly Part[], more: Partial<Results> = {}): Results {
  return {
    version: FORMAT_VERSION,
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
        { name: 'kqueue', compiled: true, usable: true, default: false, over: 'libkqueue' },
        { name: 'poll', compiled: true, usable: true, default: false },
        { name: 'select', compiled: true, usable: true, default: false },
      ],
    },
    scenarios: parts.map(({ scenario: { command, metrics, plots, notes = [], ...rest } }) => {
      const described = { ...rest, metrics: [...metrics], plots: plots.map(toPlot), notes: [...notes] };
      return { ...described, command: command ?? `fdpoll run ${rest.name}` };
    }),
    results: parts.flatMap(({ measurements }): Result[] => measurements.map(toResult)),
    failures: [],
    ...more,
  };
}

/** One figure in one round for each sample. */
export function measured(
  scenario: string,
  subject: string,
  metric: Metric,
  samples: readonly number[],
  parameters: Parameters = {},
): Measurement {
  return { scenario, subject, metric, samples, parameters };
}

const dispatch: Description = {
  name: 'dispatch',
  title: 'what an event costs when more and more descriptors are registered',
  description: 'More and more unix socket pairs are registered, 10 of them are active.',
  metrics: [time, cpu],
  plots: [
    {
      ...{ name: 'count', kind: 'line', title: 'An event, against the number of descriptors', metric: time.name },
      ...{ x: 'pairs', xScale: 'log', yScale: 'log', where: { mode: 'level' } },
      says: 'A flat line does not mind how many descriptors are registered; one that rises looks at each of them.',
    },
    {
      ...{ name: 'modes', kind: 'line', title: 'The same, by mode', metric: time.name, x: 'pairs' },
      ...{ xScale: 'log', yScale: 'log', series: ['mode'] },
      says: 'What level, edge and one-shot registrations cost.',
    },
  ],
  notes: ['select stops below pairs = 1,000, where descriptors reach FD_SETSIZE'],
};

function dispatchMeasurements(samples: Samples): Measurement[] {
  return [10, 100, 1000, 10_000, 100_000].flatMap((pairs) =>
    ['epoll', 'kqueue', 'poll', 'select'].flatMap((subject) => {
      if (subject === 'select' && pairs >= 1000) return [];
      const scan = { poll: 0.0021, select: 0.0035 }[subject] ?? 0;
      return ['level', 'edge', 'one-shot'].flatMap((mode) => {
        if (mode === 'edge' && scan > 0) return [];
        const middle = (subject === 'kqueue' ? 2.5 : 2.4) + (mode === 'one-shot' ? 1.1 : 0) + scan * pairs;
        const parameters = { pairs, mode, active: 10 };
        return [
          measured('dispatch', subject, time, samples(middle, 0.12), parameters),
          measured('dispatch', subject, cpu, samples(middle * 0.98, 0.1), parameters),
        ];
      });
    }),
  );
}

const wakeUp: Description = {
  name: 'wake-up',
  title: 'how late an event is told',
  description: 'Events at a fixed rate; the latency counts from when each was planned.',
  reference: 'node:net',
  metrics: [latency],
  plots: [
    {
      ...{ name: 'latency', kind: 'percentiles', title: 'Latency by percentile', metric: latency.name, yScale: 'log' },
      says: 'The further to the right, the rarer: one of 1,000 events is later than 99.9 %.',
    },
  ],
};

function wakeUpMeasurements(samples: Samples): Measurement[] {
  const subjects = {
    'epoll, direct wait': 11,
    'epoll, hosted by loop': 19,
    'epoll, hosted by thread': 37,
    'node:net': 31,
  };
  return Object.entries(subjects).flatMap(([subject, middle]) =>
    [50, 90, 99, 99.9, 100].map((percentile, i) =>
      measured('wake-up', subject, latency, samples(middle * 2.1 ** i, 0.1 + 0.15 * i), { percentile }),
    ),
  );
}

const echo: Description = {
  name: 'echo',
  title: 'what a server costs, beside the same one on node:net',
  description: 'TCP over loopback, a closed loop.',
  reference: 'node:net',
  metrics: [rate, memory],
  plots: [
    {
      ...{ name: 'rate', kind: 'bar', title: 'Messages per second', metric: rate.name, series: ['transport'] },
      says: 'How many messages a server answers in a second.',
    },
    {
      ...{ name: 'connections', kind: 'line', title: 'Messages, against connections', metric: rate.name },
      ...{ x: 'connections', where: { transport: 'udp' } },
      says: 'Nothing of this was measured.',
    },
  ],
};

function echoMeasurements(samples: Samples): Measurement[] {
  const subjects = { epoll: 118_000, poll: 112_000, select: 111_000, 'node:net': 61_000 };
  return Object.entries(subjects).flatMap(([subject, middle]) =>
    ['tcp', 'unix'].flatMap((transport) => {
      const factor = transport === 'unix' ? 1.3 : 1;
      return [
        measured('echo', subject, rate, samples(middle * factor, 0.16), { transport }),
        measured('echo', subject, memory, samples(2400 / factor, 0.02), { transport }),
      ];
    }),
  );
}

const hostile: Description = {
  ...{ name: `../../${HOSTILE}`, title: HOSTILE, description: HOSTILE, command: HOSTILE, notes: [HOSTILE] },
  metrics: [{ ...time, title: HOSTILE, unit: HOSTILE }],
  plots: [
    { name: 'line', kind: 'line', title: HOSTILE, says: HOSTILE, metric: time.name, x: HOSTILE },
    { name: 'bar', kind: 'bar', title: HOSTILE, says: HOSTILE, metric: time.name, series: [HOSTILE] },
    { name: 'percentiles', kind: 'percentiles', title: HOSTILE, says: HOSTILE, metric: time.name },
  ],
};

function hostileMeasurements(samples: Samples): Measurement[] {
  return [HOSTILE, `${HOSTILE} 2`].flatMap((subject) =>
    [50, 99].map((percentile) => {
      const parameters = { percentile, [HOSTILE]: percentile === 50 ? HOSTILE : 'plain' };
      return measured(hostile.name, subject, hostile.metrics[0] ?? time, samples(percentile, 0.5), parameters);
    }),
  );
}
