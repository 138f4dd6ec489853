import { type BackendName, Poller, READABLE, Socket } from '../../index.ts';
import { messageOf } from '../command.ts';
import { cpuTime } from '../cpu_time.ts';
import { takeTurns } from '../rounds.ts';
import type { Context, Failure, Metric, Outcome, Scenario } from '../scenario.ts';
import { ServerProcess } from '../server_process.ts';
import { STALLED_MS, stalled } from '../stall.ts';

const BYTES = 1;
const QUICK_MS = 120;
const FULL_MS = 500;

const roundTrips: Metric = {
  name: 'round-trips-per-second',
  title: 'round trips per second',
  unit: '1/s',
  better: 'higher',
};
const roundTripsPerCpu: Metric = {
  name: 'round-trips-per-cpu-second',
  title: 'round trips per CPU second',
  unit: '1/s',
  better: 'higher',
};

const advice =
  'Where the scheduler puts the two sides can matter more than the backend. On a single CPU (on Linux: taskset -c 0 ' +
  'fdpoll compare --scenario ping-pong) only the backends differ.';

/**
 * One descriptor on each side: what is left is the cost of sleeping and waking up. The other side is a process rather
 * than a Worker: it shares no heap and no runtime threads with this one, and its CPU time can be added to ours.
 */
export const pingPong: Scenario = {
  name: 'ping-pong',
  title: 'what sleeping and waking up cost',
  description:
    'One unix socket pair between two processes: a byte goes there and back, each side sleeps in poller.wait(). ' +
    'CPU seconds are those of both sides.',
  metrics: [roundTrips, roundTripsPerCpu],
  plots: [
    {
      name: 'cpu',
      kind: 'bar',
      title: 'Round trips for a second of CPU',
      says: 'How often a byte goes there and back for one second of processor time of both sides.',
      metric: roundTripsPerCpu.name,
    },
  ],
  duration: ({ quick, backends, rounds }) => backends.length * (rounds + 1) * sliceMs(quick),
  run,
};

function sliceMs(quick: boolean): number {
  return quick ? QUICK_MS : FULL_MS;
}

async function run(context: Context): Promise<Outcome> {
  const rallies = new Map<string, Rally>();
  const failures: Failure[] = [];
  try {
    for (const subject of context.backends) {
      try {
        rallies.set(subject, new Rally(context.program('echo_server'), subject));
      } catch (error) {
        failures.push({ scenario: pingPong.name, subject, message: messageOf(error) });
      }
    }
    const turns = await takeTurns({
      ...context,
      scenario: pingPong.name,
      subjects: [...rallies.keys()],
      parameters: { bytes: BYTES },
      metrics: pingPong.metrics,
      sliceMs: sliceMs(context.quick),
      measure: (subject, ms) => (rallies.get(subject) as Rally).measure(ms),
    });
    return { measurements: turns.measurements, failures: [...failures, ...turns.failures], notes: [advice] };
  } finally {
    await Promise.all([...rallies.values()].map((rally) => rally.close()));
  }
}

/** Both sides of one backend: our end of the pair, and the process with the other. */
class Rally {
  readonly #socket: Socket;
  readonly #poller: Poller;
  readonly #server: ServerProcess;
  readonly #ball = new Uint8Array(BYTES);

  constructor(serverPath: string, backend: BackendName) {
    const [socket, theirs] = Socket.pair();
    this.#socket = socket;
    this.#poller = new Poller({ backend });
    try {
      this.#poller.add(socket, READABLE);
      this.#server = new ServerProcess(serverPath, backend, theirs);
    } catch (error) {
      this.#poller.close();
      socket.close();
      theirs.close();
      throw error;
    }
  }

  measure(sliceMs: number): [perSecond: number, perCpuSecond: number] {
    const cpuBefore = this.#cpu();
    const start = performance.now();
    let trips = 0;
    let now = start;
    for (; now < start + sliceMs; now = performance.now()) {
      this.#trip();
      trips++;
    }
    const cpu = this.#cpu() - cpuBefore;
    return [(trips * 1e3) / (now - start), (trips * 1e6) / cpu];
  }

  async close(): Promise<void> {
    this.#poller.close();
    this.#socket.close();
    await this.#server.close();
  }

  #trip(): void {
    if (this.#socket.send(this.#ball) !== BYTES) throw new Error('the socket takes no byte');
    for (;;) {
      const events = this.#poller.wait(STALLED_MS);
      if (events.length === 0) throw stalled('no answer');
      const bytes = this.#socket.recv(this.#ball);
      if (bytes === BYTES) return;
      if (bytes === 0) throw new Error('the other side is gone');
    }
  }

  #cpu(): number {
    return cpuTime() + this.#server.cpu();
  }
}
