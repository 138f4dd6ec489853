import { createHistogram } from 'node:perf_hooks';
import {
  type Column,
  PERCENTILES,
  percentileColumns,
  percentilesInMicroseconds,
  takeColumnTurns,
} from '../distribution.ts';
import { formatCount, formatFigure } from '../format.ts';
import { type Listen, listeners, PEERS } from '../listeners.ts';
import { absentNote, isInstalled } from '../peers.ts';
import type { Context, Metric, Outcome, Scenario } from '../scenario.ts';
import { StampLog, StampSource } from '../stamp_source.ts';

const PER_SECOND = 2000;
const INTERVAL_US = 1e6 / PER_SECOND;
const QUICK_MS = 70;
const FULL_MS = 1000;

const latency: Metric = {
  name: 'latency',
  title: 'wake-up latency, from the planned time',
  unit: 'µs',
  better: 'lower',
};
const latencyFromWrite: Metric = {
  name: 'latency-from-write',
  title: 'wake-up latency, from the write',
  unit: 'µs',
  better: 'lower',
};
const cpu: Metric = { name: 'cpu-per-event', title: 'CPU per event', unit: 'µs', better: 'lower' };
const columns: readonly Column[] = [
  ...percentileColumns(latency),
  ...percentileColumns(latencyFromWrite),
  { metric: cpu, parameters: {} },
];

/** How long it takes from bytes that arrive to the JavaScript that hears of them, as a distribution. */
export const wakeUp: Scenario = {
  name: 'wake-up',
  title: 'how long after its readiness JavaScript hears of a descriptor',
  description:
    `Another process writes into a unix socket pair ${formatCount(PER_SECOND)} times a second, at times planned ` +
    'beforehand, whether the bytes are read or not. The latency is from the planned time, or from just before the ' +
    'write, to the first line of JavaScript that hears of it: what wait() returns to, a callback, or a data event. ' +
    'Those from the planned time include how late the writer is. CPU is that of this process.',
  metrics: [latency, latencyFromWrite, cpu],
  plots: [
    {
      name: 'latency',
      kind: 'percentiles',
      title: 'Wake-up latency by percentile, from the planned time',
      says: 'Half of the events are heard of as fast as the left end says; the right end is the slowest of all.',
      metric: latency.name,
      yScale: 'log',
    },
    {
      name: 'latency-from-write',
      kind: 'percentiles',
      title: 'Wake-up latency by percentile, from the write',
      says: 'What is left when the writer is not to blame: the kernel, the scheduler, and what is between them and JavaScript.',
      metric: latencyFromWrite.name,
      yScale: 'log',
    },
    {
      name: 'cpu',
      kind: 'bar',
      title: 'CPU for an event',
      says: 'What hearing of one event and reading its bytes costs this process, all threads and the kernel included.',
      metric: cpu.name,
    },
  ],
  duration: ({ quick, backends, rounds }) => listeners(backends, process.cwd()).length * (rounds + 1) * sliceMs(quick),
  run,
};

function sliceMs(quick: boolean): number {
  return quick ? QUICK_MS : FULL_MS;
}

async function run(context: Context): Promise<Outcome> {
  const directory = process.cwd();
  const listens = new Map(listeners(context.backends, directory).map(({ subject, listen }) => [subject, listen]));
  const absent = PEERS.filter((name) => !isInstalled(name, directory));
  const slices = new Slices(context.program('stamp_sender'), sliceMs(context.quick));
  try {
    const outcome = await takeColumnTurns({
      ...context,
      scenario: wakeUp.name,
      subjects: [...listens.keys()],
      parameters: { 'events-per-second': PER_SECOND },
      columns,
      sliceMs: sliceMs(context.quick),
      measure: (subject) => slices.measure(listens.get(subject) as Listen),
    });
    const notes = [...slices.notes(), ...(absent.length > 0 ? [absentNote(absent)] : [])];
    return { ...outcome, notes };
  } finally {
    await slices.close();
  }
}

class Slices {
  readonly #programPath: string;
  readonly #count: number;
  readonly #lateness = createHistogram();
  #source: StampSource | undefined;

  constructor(programPath: string, sliceMs: number) {
    this.#programPath = programPath;
    this.#count = Math.round((sliceMs * PER_SECOND) / 1e3);
  }

  async measure(listen: Listen): Promise<number[]> {
    this.#source ??= new StampSource(this.#programPath);
    const { socket } = this.#source;
    const log = new StampLog(this.#count);
    let before = process.cpuUsage();
    try {
      await listen(
        socket,
        (chunk) => (chunk === undefined ? log.read(socket) : log.take(chunk)),
        () => {
          before = process.cpuUsage();
          this.#source?.order({ count: this.#count, intervalUs: INTERVAL_US });
        },
      );
    } catch (error) {
      // Its stamps would be taken for those of the next slice.
      await this.close();
      throw error;
    }
    const { user, system } = process.cpuUsage(before);
    this.#lateness.add(log.lateness);
    return [
      ...percentilesInMicroseconds(log.latency),
      ...percentilesInMicroseconds(log.latencyFromWrite),
      (user + system) / this.#count,
    ];
  }

  notes(): string[] {
    if (this.#lateness.count === 0) return [];
    const values = percentilesInMicroseconds(this.#lateness);
    const late = PERCENTILES.map((percentile, i) => `${formatFigure(values[i] ?? 0)} µs at ${percentile} %`);
    const few = PERCENTILES.filter((percentile) => percentile < 100 && this.#count * (1 - percentile / 100) < 1);
    return [
      `How late the writer was: ${late.join(', ')}.`,
      ...(few.length > 0
        ? [`With ${formatCount(this.#count)} events a round, ${few.join(' % and ')} % is the slowest of them.`]
        : []),
    ];
  }

  async close(): Promise<void> {
    const source = this.#source;
    this.#source = undefined;
    await source?.close();
  }
}
