import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { type BackendName, type HostingKind, Poller } from '../../index.ts';
import {
  type Column,
  percentileColumns,
  percentilesInMicroseconds,
  recordNanoseconds,
  takeColumnTurns,
} from '../distribution.ts';
import { driversOf } from '../hostings.ts';
import type { Context, Metric, Outcome, Scenario } from '../scenario.ts';
import { STALLED_MS, stalled, untilDone } from '../stall.ts';

const PERCENTILES: readonly number[] = [50, 99, 100];
/** How many timers of how many milliseconds a turn has. */
const QUICK: ReadonlyMap<number, number> = new Map([
  [0.1, 20],
  [0.5, 8],
  [1, 5],
  [2, 5],
  [5, 3],
  [10, 2],
  [50, 1],
]);
const FULL: ReadonlyMap<number, number> = new Map([
  [0.1, 300],
  [0.5, 100],
  [1, 80],
  [2, 50],
  [5, 30],
  [10, 20],
  [50, 10],
]);
const SET_TIMEOUT = 'setTimeout';

const lateness: Metric = { name: 'lateness', title: 'how late timers are', unit: 'µs', better: 'lower' };
const notEarly: Metric = { name: 'not-early', title: 'timers that are not early', unit: '%', better: 'higher' };
const cpu: Metric = { name: 'cpu-per-timer', title: 'CPU per timer', unit: 'µs', better: 'lower' };
const columns: readonly Column[] = [
  ...[...QUICK.keys()].flatMap((asked) => percentileColumns(lateness, PERCENTILES, { asked })),
  { metric: notEarly, parameters: {} },
  { metric: cpu, parameters: {} },
];

const latenessPlot = { kind: 'line', metric: lateness.name, x: 'asked', xScale: 'log', yScale: 'log' } as const;

/** How exactly a timer comes: what was asked against what came. */
export const timers: Scenario = {
  name: 'timers',
  title: 'how late timers are, against how long they were asked for',
  description:
    'Timers of 0.1 to 50 milliseconds, one armed when the one before has come: poller.addTimer() waited for and hosted ' +
    'by the event loop, poller.wait(timeout) alone, and setTimeout() beside them. Late is the time from when the timer ' +
    'was due, counted from before the call that armed it, to the first line of JavaScript after it; an early timer is ' +
    'not late, and is counted by itself.',
  metrics: [lateness, notEarly, cpu],
  plots: [
    {
      ...latenessPlot,
      name: 'median',
      title: 'How late half of the timers are, against the milliseconds asked for',
      says: 'A flat line is late by the same time however long the timer was; setTimeout knows whole milliseconds only.',
      where: { percentile: 50 },
    },
    {
      ...latenessPlot,
      name: 'tail',
      title: 'How late one of a hundred timers is, against the milliseconds asked for',
      says: 'What the scheduler of a busy machine adds to the median shows here.',
      where: { percentile: 99 },
    },
    {
      name: 'cpu',
      kind: 'bar',
      title: 'CPU for a timer',
      says: 'What arming one timer, sleeping and hearing of it costs.',
      metric: cpu.name,
    },
  ],
  reference: SET_TIMEOUT,
  duration: ({ quick, backends, rounds }) => subjects(backends).size * (rounds + 1) * sliceMs(quick),
  run,
};

function plan(quick: boolean): ReadonlyMap<number, number> {
  return quick ? QUICK : FULL;
}

function sliceMs(quick: boolean): number {
  return Math.round([...plan(quick)].reduce((sum, [asked, count]) => sum + asked * count, 0));
}

async function run(context: Context): Promise<Outcome> {
  const drives = subjects(context.backends);
  const outcome = await takeColumnTurns({
    ...context,
    scenario: timers.name,
    subjects: [...drives.keys()],
    parameters: {},
    columns,
    sliceMs: sliceMs(context.quick),
    measure: async (subject) => {
      const series = new Series(plan(context.quick));
      const before = process.cpuUsage();
      await drives.get(subject)?.(series);
      const { user, system } = process.cpuUsage(before);
      return [...series.percentiles(), series.notEarly(), (user + system) / series.count];
    },
  });
  const counts = [...plan(context.quick)].map(([asked, count]) => `${count} of ${asked} ms`);
  return { ...outcome, notes: [`A round has ${counts.join(', ')}: with few, 99 % and 100 % are the latest of them.`] };
}

/** Goes through a series of timers, each armed when the one before has come. */
type Drive = (series: Series) => void | Promise<void>;

function subjects(backends: readonly BackendName[]): Map<string, Drive> {
  const drives = new Map<string, Drive>();
  for (const { subject, backend, hosting } of backends.flatMap((name) => driversOf(name, ['loop']))) {
    drives.set(subject, hosting === undefined ? waited(backend) : hosted(backend, hosting));
  }
  const [best] = backends;
  if (best !== undefined) drives.set(`${best}, wait(timeout)`, timedOut(best));
  drives.set(SET_TIMEOUT, byNode);
  return drives;
}

/** What is asked, what came of it. */
class Series {
  readonly count: number;
  readonly #asked: readonly number[];
  readonly #lateness: ReadonlyMap<number, RecordableHistogram>;
  #armed = 0;
  #due = 0;
  #early = 0;

  constructor(plan: ReadonlyMap<number, number>) {
    this.#asked = [...plan].flatMap(([asked, count]) => new Array<number>(count).fill(asked));
    this.#lateness = new Map([...plan.keys()].map((asked) => [asked, createHistogram()]));
    this.count = this.#asked.length;
  }

  /** The milliseconds of the timer to be armed now; undefined when that was all. */
  next(): number | undefined {
    const asked = this.#asked[this.#armed++];
    if (asked !== undefined) this.#due = performance.now() + asked;
    return asked;
  }

  /** The timer of the last `next` has come. */
  came(): void {
    const late = performance.now() - this.#due;
    if (late < 0) this.#early++;
    const histogram = this.#lateness.get(this.#asked[this.#armed - 1] ?? 0);
    if (histogram) recordNanoseconds(histogram, late * 1e6);
  }

  percentiles(): number[] {
    return [...this.#lateness.values()].flatMap((histogram) => percentilesInMicroseconds(histogram, PERCENTILES));
  }

  notEarly(): number {
    return 100 * (1 - this.#early / this.count);
  }
}

const SILENT = 'a timer has not come';

function waited(backend: BackendName): Drive {
  return (series) => {
    const poller = new Poller({ backend });
    try {
      for (let asked = series.next(); asked !== undefined; asked = series.next()) {
        poller.addTimer(asked);
        if (poller.wait(STALLED_MS).length === 0) throw stalled(SILENT);
        series.came();
      }
    } finally {
      poller.close();
    }
  };
}

function timedOut(backend: BackendName): Drive {
  return (series) => {
    const poller = new Poller({ backend });
    try {
      for (let asked = series.next(); asked !== undefined; asked = series.next()) {
        poller.wait(asked);
        series.came();
      }
    } finally {
      poller.close();
    }
  };
}

function hosted(backend: BackendName, hosting: HostingKind): Drive {
  return async (series) => {
    const poller = new Poller({ backend, hosting });
    try {
      await byCallback(
        series,
        (asked) => poller.addTimer(asked),
        (came) => poller.start(came),
      );
    } finally {
      poller.close();
    }
  };
}

const byNode: Drive = (series) => {
  let heard = () => {};
  return byCallback(
    series,
    (asked) => setTimeout(heard, asked),
    (came) => {
      heard = came;
    },
  );
};

function byCallback(series: Series, arm: (asked: number) => void, listen: (came: () => void) => void): Promise<void> {
  return untilDone(SILENT, ({ done, fail }) => {
    const armNext = () => {
      const asked = series.next();
      if (asked === undefined) done();
      else arm(asked);
    };
    listen(() => {
      series.came();
      // Thrown into the callback of another, an error would end the process.
      try {
        armNext();
      } catch (error) {
        fail(error);
      }
    });
    armNext();
  });
}
