import { type BackendName, Poller, READABLE, type Socket } from '../../index.ts';
import { cpuTime } from '../cpu_time.ts';
import { formatCount } from '../format.ts';
import { takeTurns } from '../rounds.ts';
import type { Context, Failure, Measurement, Metric, Outcome, Scenario } from '../scenario.ts';
import { STALLED_MS } from '../stall.ts';
import type { Pairs } from './pairs.ts';
import { sweepSizes } from './sizes.ts';

/** 400 for select, which cannot hold 1000 pairs. */
const SIZES = [400, 1000];
const QUICK = { percents: [0.1, 1, 10, 100], sliceMs: 15 };
const FULL = { percents: [0.1, 0.3, 1, 3, 10, 30, 100], sliceMs: 250 };

const timePerEvent: Metric = { name: 'time-per-event', title: 'time per event', unit: 'µs', better: 'lower' };
const timePerWait: Metric = { name: 'time-per-wait', title: 'time per wait', unit: 'µs', better: 'lower' };
const cpuPerWait: Metric = { name: 'cpu-per-wait', title: 'CPU time per wait', unit: 'µs', better: 'lower' };

/** Where poll and select catch up with epoll: they look at all descriptors, which is no waste when all are ready. */
export const activeShare: Scenario = {
  name: 'active-share',
  title: 'what waiting costs when more and more of the descriptors are active',
  description:
    `${SIZES.map(formatCount).join(' and ')} unix socket pairs are registered, and a share of them has a byte to read. ` +
    'It stays unread, so that every wait() reports the same events: what is timed is waiting and walking through the ' +
    'events, and nothing else. A closed loop that never sleeps.',
  metrics: [timePerEvent, timePerWait, cpuPerWait],
  plots: [
    {
      name: 'event',
      kind: 'line',
      title: 'An event, against the share of active descriptors',
      says: 'Where few are active, each event pays for all that are looked at in vain.',
      metric: timePerEvent.name,
      x: 'percent',
      xScale: 'log',
      yScale: 'log',
      series: ['pairs'],
    },
    {
      name: 'wait',
      kind: 'line',
      title: 'A wait, against the share of active descriptors',
      says: 'A line that is flat on the left looks at all descriptors anyway; one that rises all along pays for events.',
      metric: timePerWait.name,
      x: 'percent',
      xScale: 'log',
      yScale: 'log',
      series: ['pairs'],
    },
  ],
  duration({ quick, backends, rounds }) {
    const { percents, sliceMs } = plan(quick);
    const slices = SIZES.flatMap((n) => activeCounts(n, percents)).length * backends.length * (rounds + 1);
    return slices * sliceMs;
  },
  run,
};

function plan(quick: boolean): { percents: readonly number[]; sliceMs: number } {
  return quick ? QUICK : FULL;
}

async function run(context: Context): Promise<Outcome> {
  const { percents, sliceMs } = plan(context.quick);
  return sweepSizes(context, {
    sizes: SIZES,
    measure: async (n, subjects, pairs) => {
      const measurements: Measurement[] = [];
      const failures: Failure[] = [];
      let left = subjects;
      for (const active of activeCounts(n, percents)) {
        const turns = await takeTurns({
          ...context,
          scenario: activeShare.name,
          subjects: left,
          parameters: { pairs: n, percent: (active * 100) / n, active },
          metrics: activeShare.metrics,
          sliceMs,
          step: (label) => context.step(`${active} of ${formatCount(n)} active  ${label}`, sliceMs),
          measure: (subject) => measureSlice(subject as BackendName, pairs, n, active, sliceMs),
        });
        measurements.push(...turns.measurements);
        failures.push(...turns.failures);
        left = left.filter((subject) => !turns.failures.some((failure) => failure.subject === subject));
      }
      return { measurements, failures };
    },
  });
}

/** At least one, and none twice. */
function activeCounts(n: number, percents: readonly number[]): number[] {
  return [...new Set(percents.map((percent) => Math.max(1, Math.round((n * percent) / 100))))];
}

function measureSlice(
  backend: BackendName,
  pairs: Pairs,
  n: number,
  active: number,
  sliceMs: number,
): [timePerEvent: number, timePerWait: number, cpuPerWait: number] {
  const poller = new Poller<number>({ backend, maxEvents: Math.max(active, 64) });
  const byte = new Uint8Array(1);
  const readers = Array.from({ length: active }, (_, i) => Math.floor((i * n) / active));
  try {
    for (let i = 0; i < n; i++) poller.add(pairs.readers[i] as Socket, READABLE, { data: i });
    for (const i of readers) if (pairs.writers[i]?.send(byte) !== 1) throw new Error(`pair ${i} takes no byte`);
    return timeWaits(poller, active, sliceMs);
  } finally {
    poller.close();
    for (const i of readers) pairs.readers[i]?.recv(byte);
  }
}

/** At least one wait, in µs; every one has to report what is active. */
function timeWaits(poller: Poller<number>, active: number, sliceMs: number): [number, number, number] {
  let waits = 0;
  let labels = 0;
  const cpuBefore = cpuTime();
  const start = performance.now();
  let now = start;
  for (; waits === 0 || now < start + sliceMs; now = performance.now()) {
    const events = poller.wait(STALLED_MS);
    if (events.length !== active) throw new Error(`${events.length} events instead of ${active}`);
    for (let i = 0; i < active; i++) labels += events.data(i);
    waits++;
  }
  const cpu = cpuTime() - cpuBefore;
  // The walk through the events must not be optimized away.
  if (Number.isNaN(labels)) throw new Error('an event without its label');
  const perWait = ((now - start) * 1000) / waits;
  return [perWait / active, perWait, cpu / waits];
}
