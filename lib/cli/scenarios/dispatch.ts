import { type BackendName, FdError, Poller, READABLE, Socket } from '../../index.ts';
import { formatCount } from '../format.ts';
import { takeTurns } from '../rounds.ts';
import type { Context, Failure, Measurement, Metric, Outcome, Scenario } from '../scenario.ts';
import { median } from '../statistics.ts';

const ACTIVE = 10;
const WRITES = 1000;
const QUICK = { counts: [10, 30, 100, 300, 1000, 2000, 4000], sliceMs: 40 };
const FULL = { counts: [10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000], sliceMs: 150 };
/** A byte that takes this long has been lost. */
const STALLED_MS = 10_000;
/** Left free when the process runs out of descriptors: a poller and the runtime need some. */
const SPARE_PAIRS = 16;
/** Of `add`, and of the constructor. */
const TOO_HIGH: readonly string[] = ['ERANGE', 'ERR_FDPOLL_BACKEND_UNAVAILABLE'];

const timePerEvent: Metric = { name: 'time-per-event', title: 'time per event', unit: 'µs', better: 'lower' };

/** The experiment of libevent's authors: what does an event cost when more and more descriptors are registered? */
export const dispatch: Scenario = {
  name: 'dispatch',
  title: 'what an event costs when more and more descriptors are registered',
  description:
    `More and more unix socket pairs are registered, ${ACTIVE} of them are active: each event reads a byte and writes ` +
    `one into the next pair, until ${formatCount(WRITES)} writes are done. The time includes those two system calls, ` +
    'not the registration.',
  metrics: [timePerEvent],
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
    },
  ],
  duration({ quick, backends, rounds }) {
    const { counts, sliceMs } = plan(quick);
    return counts.length * backends.length * (rounds + 1) * sliceMs;
  },
  run,
};

function plan(quick: boolean): { counts: readonly number[]; sliceMs: number } {
  return quick ? QUICK : FULL;
}

async function run(context: Context): Promise<Outcome> {
  const { counts, sliceMs } = plan(context.quick);
  const measurements: Measurement[] = [];
  const failures: Failure[] = [];
  const notes: string[] = [];
  const pairs = new Pairs();
  let subjects: readonly string[] = context.backends;
  try {
    for (const wanted of counts) {
      if (context.signal.aborted || subjects.length === 0) break;
      const shortage = pairs.grow(wanted);
      const n = shortage ? roundDown(pairs.count) : wanted;
      const last = Number(measurements.at(-1)?.parameters.pairs ?? 0);
      // A last point that is hardly further than the one before would only repeat it.
      const further = n > 1.2 * last;
      if (shortage) notes.push(`n stops at ${formatCount(further ? n : last)}: ${shortage}`);
      if (further) {
        subjects = withoutSelectAtItsLimit(subjects, pairs, n, notes);
        const turns = await takeTurns({
          ...context,
          scenario: dispatch.name,
          subjects,
          parameters: { pairs: n, active: ACTIVE, writes: WRITES },
          metrics: dispatch.metrics,
          sliceMs,
          step: (label) => context.step(`n = ${formatCount(n)}  ${label}`, sliceMs),
          measure: (subject) => [measureSlice(subject as BackendName, pairs, n, sliceMs)],
        });
        measurements.push(...turns.measurements);
        failures.push(...turns.failures);
        subjects = subjects.filter((subject) => !turns.failures.some((failure) => failure.subject === subject));
      }
      if (shortage) break;
    }
  } finally {
    pairs.close();
  }
  return { measurements, failures, notes };
}

/**
 * Socket pairs rather than pipes: they are what the original measures, and `Socket` has the calls to read and write
 * them. They are opened in order and shared by all backends: the n lowest descriptors serve every measurement of n,
 * and select comes as far as it can.
 */
class Pairs {
  readonly readers: Socket[] = [];
  readonly writers: Socket[] = [];

  get count(): number {
    return this.readers.length;
  }

  /** Says which limit is in the way when there cannot be as many. */
  grow(count: number): string | undefined {
    try {
      while (this.count < count) {
        const [reader, writer] = Socket.pair();
        this.readers.push(reader);
        this.writers.push(writer);
      }
      return undefined;
    } catch (error) {
      if (!(error instanceof FdError) || (error.code !== 'EMFILE' && error.code !== 'ENFILE')) throw error;
      this.#shrink(Math.max(0, this.count - SPARE_PAIRS));
      const limit = error.code === 'EMFILE' ? 'RLIMIT_NOFILE (ulimit -n)' : "the system's limit of open files";
      return `${limit} is too low for ${formatCount(2 * count)} descriptors`;
    }
  }

  close(): void {
    this.#shrink(0);
  }

  #shrink(count: number): void {
    for (const socket of [...this.readers.splice(count), ...this.writers.splice(count)]) socket.close();
  }
}

/** select cannot hold a descriptor from FD_SETSIZE on: a difference between the backends, not a failure. */
function withoutSelectAtItsLimit(subjects: readonly string[], pairs: Pairs, n: number, notes: string[]): string[] {
  return subjects.filter((subject) => {
    if (subject !== 'select') return true;
    if (holds(subject, pairs.readers[n - 1] as Socket)) return true;
    notes.push(`select stops below n = ${formatCount(n)}, where descriptors reach FD_SETSIZE`);
    return false;
  });
}

/** False where a descriptor is too high for the backend, or those of its own that come after that one. */
function holds(backend: BackendName, socket: Socket): boolean {
  let poller: Poller | undefined;
  try {
    poller = new Poller({ backend });
    poller.add(socket, READABLE);
    return true;
  } catch (error) {
    // Whatever else is wrong will fail the measurement itself.
    return !(error instanceof FdError && TOO_HIGH.includes(error.code));
  } finally {
    poller?.close();
  }
}

/**
 * The median time of the runs that fit into a slice, in µs per event. The registrations last for one slice only: left
 * in place, those of one backend would be woken by, and slow down, the writes of the next.
 */
function measureSlice(backend: BackendName, pairs: Pairs, n: number, sliceMs: number): number {
  const readers = pairs.readers.slice(0, n);
  const poller = new Poller<number>({ backend });
  try {
    readers.forEach((reader, i) => {
      poller.add(reader, READABLE, { data: i });
    });
    const times: number[] = [];
    const end = performance.now() + sliceMs;
    do times.push(timeRun(poller, readers, pairs.writers));
    while (performance.now() < end);
    return (median(times) * 1000) / (ACTIVE + WRITES);
  } catch (error) {
    drain(readers);
    throw error;
  } finally {
    poller.close();
  }
}

/** One run in milliseconds: the first `ACTIVE` writes and all that they set off, until every byte has been read. */
function timeRun(poller: Poller<number>, readers: readonly Socket[], writers: readonly Socket[]): number {
  const byte = new Uint8Array(1);
  const n = readers.length;
  const spacing = Math.floor(n / ACTIVE);
  const write = (i: number) => {
    if (writers[i]?.send(byte) !== 1) throw new Error(`pair ${i} takes no byte`);
  };
  const start = performance.now();
  for (let i = 0; i < ACTIVE; i++) write(i * spacing);
  let writes = WRITES;
  let unread = ACTIVE;
  while (unread > 0) {
    const events = poller.wait(STALLED_MS);
    if (events.length === 0) throw new Error(`no event for ${STALLED_MS} ms, with ${unread} bytes unread`);
    for (let i = 0; i < events.length; i++) {
      const index = events.data(i);
      if (readers[index]?.recv(byte) !== 1) throw new Error(`an event of pair ${index} without a byte to read`);
      if (writes > 0) {
        writes--;
        write((index + 1) % n);
      } else {
        unread--;
      }
    }
  }
  return performance.now() - start;
}

function drain(readers: readonly Socket[]): void {
  const buffer = new Uint8Array(WRITES + ACTIVE);
  for (const reader of readers) reader.recv(buffer);
}

/** To two significant digits: a round figure for the axis. */
function roundDown(count: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(count)) - 1);
  return Math.floor(count / unit) * unit;
}
