import { type BackendName, Poller, READABLE, type Socket, WRITABLE } from '../../index.ts';
import { cpuTime } from '../cpu_time.ts';
import { formatCount } from '../format.ts';
import type { Context, Metric, Outcome, Scenario } from '../scenario.ts';
import { sortByVariant, takeVariantTurns } from '../variants.ts';
import type { Pairs } from './pairs.ts';
import { sweepSizes } from './sizes.ts';

/** How many come and go in turn: the other ends of the first pairs, which select can hold as well. */
const CHURNED = 8;
/** 300 for select, which cannot hold 1000 pairs. */
const SIZES = [10, 300, 1000, 10_000];
const QUICK_MS = 20;
const FULL_MS = 500;
/** Cycles between two looks at the clock. */
const CYCLES = CHURNED * 8;

type Cycle = (poller: Poller, socket: Socket) => void;

const cycles: ReadonlyMap<string, { readonly operations: number; readonly cycle: Cycle }> = new Map([
  [
    'add-delete',
    {
      operations: 2,
      cycle: (poller: Poller, socket: Socket) => {
        poller.add(socket, READABLE);
        poller.delete(socket);
      },
    },
  ],
  [
    'add-modify-delete',
    {
      operations: 3,
      cycle: (poller: Poller, socket: Socket) => {
        poller.add(socket, READABLE);
        poller.modify(socket, READABLE | WRITABLE);
        poller.delete(socket);
      },
    },
  ],
]);
const names = [...cycles.keys()];

const cyclesPerSecond: Metric = {
  name: 'cycles-per-second',
  title: 'cycles per second',
  unit: '1/s',
  better: 'higher',
};
const timePerOperation: Metric = {
  name: 'time-per-operation',
  title: 'time per operation',
  unit: 'µs',
  better: 'lower',
};
const cpuPerOperation: Metric = {
  name: 'cpu-per-operation',
  title: 'CPU time per operation',
  unit: 'µs',
  better: 'lower',
};

export const churn: Scenario = {
  name: 'churn',
  title: 'what registering and unregistering cost',
  description:
    'Beside a set of descriptors that stay registered, others come and go: one is added and deleted (add-delete), or ' +
    'added, modified to wait for writable as well, and deleted (add-modify-delete). Nobody waits, and nothing happens ' +
    'on them. An operation is one add, modify or delete.',
  metrics: [cyclesPerSecond, timePerOperation, cpuPerOperation],
  plots: [
    {
      name: 'operation',
      kind: 'line',
      title: 'A change of the set, against its size',
      says: 'A flat line does not mind how many descriptors are registered already.',
      metric: timePerOperation.name,
      x: 'registered',
      xScale: 'log',
      yScale: 'log',
      series: ['cycle'],
    },
  ],
  duration: ({ quick, backends, rounds }) =>
    SIZES.length * names.length * backends.length * (rounds + 1) * sliceMs(quick),
  run,
};

function sliceMs(quick: boolean): number {
  return quick ? QUICK_MS : FULL_MS;
}

async function run(context: Context): Promise<Outcome> {
  const slice = sliceMs(context.quick);
  const outcome = await sweepSizes(context, {
    sizes: SIZES,
    measure: (n, subjects, pairs) =>
      takeVariantTurns({
        ...context,
        scenario: churn.name,
        subjects,
        parameter: 'cycle',
        variants: names,
        parameters: { registered: n },
        metrics: churn.metrics,
        sliceMs: slice,
        step: (label) => context.step(`n = ${formatCount(n)}  ${label}`, slice),
        measure: (subject, name) => measureSlice(subject as BackendName, pairs, n, name, slice),
      }),
  });
  return { ...outcome, measurements: sortByVariant(outcome.measurements, 'cycle', names) };
}

function measureSlice(
  backend: BackendName,
  pairs: Pairs,
  n: number,
  name: string,
  sliceMs: number,
): [cyclesPerSecond: number, timePerOperation: number, cpuPerOperation: number] {
  const { operations, cycle } = cycles.get(name) as { operations: number; cycle: Cycle };
  const churned = pairs.writers.slice(0, CHURNED);
  const poller = new Poller({ backend });
  try {
    for (let i = 0; i < n; i++) poller.add(pairs.readers[i] as Socket, READABLE);
    let count = 0;
    const cpuBefore = cpuTime();
    const start = performance.now();
    let now = start;
    for (; count === 0 || now < start + sliceMs; now = performance.now()) {
      for (let i = 0; i < CYCLES; i++) cycle(poller, churned[i % CHURNED] as Socket);
      count += CYCLES;
    }
    const cpu = cpuTime() - cpuBefore;
    const ms = now - start;
    return [(count * 1000) / ms, (ms * 1000) / (count * operations), cpu / (count * operations)];
  } finally {
    poller.close();
  }
}
