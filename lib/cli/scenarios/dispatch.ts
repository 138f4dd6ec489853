import { type BackendName, backends, type Mode, type Poller, READABLE, type Socket } from '../../index.ts';
import { formatCount } from '../format.ts';
import type { Context, Metric, Outcome, Scenario } from '../scenario.ts';
import { sortByVariant, takeVariantTurns } from '../variants.ts';
import { ACTIVE, measureRelay, WRITES } from './relay.ts';
import { sweepSizes } from './sizes.ts';

const MODES: readonly Mode[] = ['level', 'edge', 'oneshot'];
const QUICK = { sizes: [10, 100, 300, 1000, 4000], sliceMs: 20 };
const FULL = { sizes: [10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000], sliceMs: 120 };

export const timePerEvent: Metric = { name: 'time-per-event', title: 'time per event', unit: 'µs', better: 'lower' };
export const cpuPerEvent: Metric = { name: 'cpu-per-event', title: 'CPU time per event', unit: 'µs', better: 'lower' };

/** The experiment of libevent's authors: what does an event cost when more and more descriptors are registered? */
export const dispatch: Scenario = {
  name: 'dispatch',
  title: 'what an event costs when more and more descriptors are registered',
  description:
    `More and more unix socket pairs are registered, ${ACTIVE} of them are active: each event reads a byte and writes ` +
    `one into the next pair, until ${formatCount(WRITES)} writes are done or time is up. The time includes those two system calls, ` +
    'not the registration. In one-shot mode it also includes the modify() with which each event arms its pair again.',
  metrics: [timePerEvent, cpuPerEvent],
  plots: [
    {
      name: 'count',
      kind: 'line',
      title: 'An event, against the number of descriptors',
      says: 'A flat line does not mind how many descriptors are registered; one that rises looks at each of them.',
      metric: timePerEvent.name,
      x: 'pairs',
      xScale: 'log',
      yScale: 'log',
      where: { mode: 'level' },
    },
    {
      name: 'modes',
      kind: 'line',
      title: 'Level, edge and one-shot, against the number of descriptors',
      says: 'One-shot pays for arming each pair again; edge saves the second look at a pair that has been read.',
      metric: timePerEvent.name,
      x: 'pairs',
      xScale: 'log',
      yScale: 'log',
      series: ['mode'],
    },
  ],
  duration({ quick, backends, rounds }) {
    const { sizes, sliceMs } = plan(quick);
    const ways = MODES.flatMap((mode) => backends.filter((backend) => has(backend, mode)));
    return sizes.length * ways.length * (rounds + 1) * sliceMs;
  },
  run,
};

function plan(quick: boolean): { sizes: readonly number[]; sliceMs: number } {
  return quick ? QUICK : FULL;
}

function has(backend: string, mode: string): boolean {
  if (mode === 'level') return true;
  const capabilities = backends().find(({ name }) => name === backend)?.capabilities;
  return capabilities?.[mode as 'edge' | 'oneshot'] ?? false;
}

const armAgain = (poller: Poller<number>, reader: Socket) => poller.modify(reader, READABLE);

async function run(context: Context): Promise<Outcome> {
  const { sizes, sliceMs } = plan(context.quick);
  const outcome = await sweepSizes(context, {
    sizes,
    measure: (n, subjects, pairs) =>
      takeVariantTurns({
        ...context,
        scenario: dispatch.name,
        subjects,
        parameter: 'mode',
        variants: MODES,
        has,
        parameters: { pairs: n, active: ACTIVE, writes: WRITES },
        metrics: dispatch.metrics,
        sliceMs,
        step: (label) => context.step(`n = ${formatCount(n)}  ${label}`, sliceMs),
        measure: (subject, mode) => {
          const relay = { backend: subject as BackendName, pairs, n, mode: mode as Mode };
          return measureRelay(mode === 'oneshot' ? { ...relay, afterEvent: armAgain } : relay, sliceMs);
        },
      }),
  });
  return { ...outcome, measurements: sortByVariant(outcome.measurements, 'mode', MODES) };
}
