import { type BackendName, type Poller, READABLE, type Socket, WRITABLE } from '../../index.ts';
import { formatCount } from '../format.ts';
import type { Context, Outcome, Scenario } from '../scenario.ts';
import { sortByVariant, takeVariantTurns } from '../variants.ts';
import { cpuPerEvent, timePerEvent } from './dispatch.ts';
import { ACTIVE, measureRelay, WRITES } from './relay.ts';
import { sweepSizes } from './sizes.ts';

const QUICK = { sizes: [10, 100, 1000, 4000], sliceMs: 20 };
const FULL = { sizes: [10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000], sliceMs: 120 };

type Change = (poller: Poller<number>, reader: Socket, index: number) => void;

const changes: ReadonlyMap<string, Change> = new Map<string, Change>([
  [
    'delete-add',
    (poller, reader, index) => {
      poller.delete(reader);
      poller.add(reader, READABLE, { data: index });
    },
  ],
  [
    'modify',
    (poller, reader) => {
      poller.modify(reader, WRITABLE);
      poller.modify(reader, READABLE);
    },
  ],
]);
const names = [...changes.keys()];

/** The second experiment of libevent's authors: as dispatch, and each event changes its registration. */
export const dispatchChanges: Scenario = {
  name: 'dispatch-changes',
  title: 'what an event costs when each one changes its registration',
  description:
    'As dispatch in level mode, and each event changes the registration of its pair twice: it is deleted and added ' +
    'again (delete-add), or modified to wait for writable and back (modify). The changes are part of the time.',
  metrics: [timePerEvent, cpuPerEvent],
  plots: [
    {
      name: 'changes',
      kind: 'line',
      title: 'An event that changes its registration, against the number of descriptors',
      says: 'What lies above the same line of dispatch is the price of two changes of the registration.',
      metric: timePerEvent.name,
      x: 'pairs',
      xScale: 'log',
      yScale: 'log',
      series: ['changes'],
    },
  ],
  duration({ quick, backends, rounds }) {
    const { sizes, sliceMs } = plan(quick);
    return sizes.length * backends.length * names.length * (rounds + 1) * sliceMs;
  },
  run,
};

function plan(quick: boolean): { sizes: readonly number[]; sliceMs: number } {
  return quick ? QUICK : FULL;
}

async function run(context: Context): Promise<Outcome> {
  const { sizes, sliceMs } = plan(context.quick);
  const outcome = await sweepSizes(context, {
    sizes,
    measure: (n, subjects, pairs) =>
      takeVariantTurns({
        ...context,
        scenario: dispatchChanges.name,
        subjects,
        parameter: 'changes',
        variants: names,
        parameters: { pairs: n, active: ACTIVE, writes: WRITES },
        metrics: dispatchChanges.metrics,
        sliceMs,
        step: (label) => context.step(`n = ${formatCount(n)}  ${label}`, sliceMs),
        measure: (subject, change) => {
          const afterEvent = changes.get(change) as Change;
          return measureRelay({ backend: subject as BackendName, pairs, n, afterEvent }, sliceMs);
        },
      }),
  });
  return { ...outcome, measurements: sortByVariant(outcome.measurements, 'changes', names) };
}
