import { type BackendName, backends as everyBackend, Socket } from '../../index.ts';
import { Acceptor, type AcceptReport, type AcceptTask, Connector } from '../accept_sides.ts';
import { messageOf } from '../command.ts';
import { takeTurns } from '../rounds.ts';
import type { Context, Failure, Measurement, Metric, Outcome, Scenario } from '../scenario.ts';

const WORKERS = 4;
/** One: all Workers sleep when it comes. Many: there is something to do for all of them. */
const ONE = 1;
const MANY = 16;
const CLIENTS: readonly number[] = [ONE, MANY];
const QUICK_MS = 40;
const FULL_MS = 700;

/** Which Workers the scheduler wakes together is one way in one run and another in the next: all of these go with it. */
const unsteady = { unsteady: true } as const;

const wakeUps: Metric = {
  name: 'wake-ups-per-connection',
  title: 'wake-ups per connection',
  unit: '1',
  better: 'lower',
  ...unsteady,
};
const switches: Metric = {
  name: 'switches-per-connection',
  title: 'voluntary context switches per connection',
  unit: '1',
  better: 'lower',
  ...unsteady,
};
const busiest: Metric = {
  name: 'busiest-share',
  title: 'share of the busiest Worker',
  unit: '%',
  better: 'lower',
  ...unsteady,
};
const fairness: Metric = { name: 'fairness', title: "Jain's fairness index", unit: '1', better: 'higher', ...unsteady };
const rate: Metric = {
  name: 'connections-per-second',
  title: 'connections per second',
  unit: '1/s',
  better: 'higher',
  ...unsteady,
};
const cpu: Metric = {
  name: 'cpu-per-connection',
  title: 'CPU per connection',
  unit: 'µs',
  better: 'lower',
  ...unsteady,
};

/** How several Workers share the connections of one port. */
export const accept: Scenario = {
  name: 'accept',
  title: 'how Workers share the connections of one port',
  description:
    `${WORKERS} Workers accept TCP connections over loopback: on one listener that all have registered (shared), on the ` +
    'same by exclusive wake-ups (exclusive), or each on a listener of its own at the same port (reuseport). A Worker ' +
    `accepts one connection for a wake-up and closes it. The load is a closed loop of ${CLIENTS.join(' or ')} clients ` +
    'in a process of their own; CPU is that of all Workers.',
  metrics: [wakeUps, switches, busiest, fairness, rate, cpu],
  plots: [
    {
      name: 'wake-ups',
      kind: 'bar',
      title: 'Wake-ups for a connection, with one client',
      says: 'Beyond 1, wait() returned in some Workers for a connection that another one had already.',
      metric: wakeUps.name,
      where: { clients: ONE },
    },
    {
      name: 'switches',
      kind: 'bar',
      title: 'Voluntary context switches for a connection, with one client',
      says: 'How often a Worker falls asleep for a connection, also when the kernel woke it in vain and wait() did not return.',
      metric: switches.name,
      where: { clients: ONE },
    },
    {
      name: 'fairness',
      kind: 'bar',
      title: `Jain's fairness index, with ${MANY} clients`,
      says: `1 when every Worker accepts as many connections, 1/${WORKERS} when one accepts them all.`,
      metric: fairness.name,
      where: { clients: MANY },
    },
    {
      name: 'cpu',
      kind: 'bar',
      title: 'CPU for a connection, with one client',
      says: 'What all Workers together spend on a connection, in vain or not.',
      metric: cpu.name,
      where: { clients: ONE },
    },
  ],
  duration: ({ quick, backends, rounds }) => CLIENTS.length * subjects(backends).size * (rounds + 1) * sliceMs(quick),
  run,
};

function sliceMs(quick: boolean): number {
  return quick ? QUICK_MS : FULL_MS;
}

async function run(context: Context): Promise<Outcome> {
  const kinds = subjects(context.backends);
  const notes = context.backends
    .filter((backend) => !hasExclusive(backend))
    .map((backend) => `${backend} has no exclusive wake-ups`);
  let sides: Sides;
  try {
    sides = new Sides(context);
  } catch (error) {
    const message = messageOf(error);
    return {
      measurements: [],
      failures: [...kinds.keys()].map((subject) => ({ scenario: accept.name, subject, message })),
      notes,
    };
  }
  try {
    const measurements: Measurement[] = [];
    const failures: Failure[] = [];
    for (const clients of CLIENTS) {
      const turns = await takeTurns({
        ...context,
        scenario: accept.name,
        subjects: [...kinds.keys()].filter((subject) => !failures.some((failure) => failure.subject === subject)),
        parameters: { workers: WORKERS, clients },
        metrics: accept.metrics,
        sliceMs: sliceMs(context.quick),
        step: (label, ms) => context.step(`${clients} at once  ${label}`, ms),
        measure: (subject, ms) => sides.measure(kinds.get(subject) as Kind, clients, ms),
      });
      measurements.push(...turns.measurements);
      failures.push(...turns.failures);
    }
    return { measurements, failures, notes };
  } finally {
    await sides.close();
  }
}

interface Kind {
  readonly backend: BackendName;
  readonly way: 'shared' | 'exclusive' | 'reuseport';
}

function subjects(backends: readonly BackendName[]): Map<string, Kind> {
  const kinds = backends.flatMap((backend) =>
    (['shared', 'exclusive', 'reuseport'] as const)
      .filter((way) => way !== 'exclusive' || hasExclusive(backend))
      .map((way) => ({ backend, way })),
  );
  return new Map(kinds.map((kind) => [`${kind.backend}, ${kind.way}`, kind]));
}

function hasExclusive(backend: BackendName): boolean {
  return everyBackend().some(({ name, capabilities }) => name === backend && capabilities.exclusive);
}

/** Workers and clients. Those are the same for all subjects; what is registered lasts for one slice. */
class Sides {
  readonly #connector: Connector;
  readonly #listener: Socket;
  /** Keeps a port for the Workers' own listeners. It does not listen, so that no connection comes to it. */
  readonly #reserved: Socket;
  readonly #programPath: string;
  #acceptors: Acceptor[] = [];

  constructor({ program }: Pick<Context, 'program'>) {
    this.#programPath = program('accept_worker');
    this.#listener = Socket.listen('127.0.0.1:0');
    this.#reserved = new Socket('inet', 'stream');
    try {
      this.#reserved.setOption('SO_REUSEPORT', true);
      this.#reserved.bind('127.0.0.1:0');
      this.#connector = new Connector(program('connector'));
    } catch (error) {
      this.#closeListeners();
      throw error;
    }
  }

  async measure({ backend, way }: Kind, clients: number, ms: number): Promise<number[]> {
    const port = portOf(way === 'reuseport' ? this.#reserved : this.#listener);
    const where = way === 'reuseport' ? { port } : { listenerFd: this.#listener.fd };
    try {
      const acceptors = this.#started();
      await this.#begin(acceptors, { backend, exclusive: way === 'exclusive', ...where });
      const before = used();
      const { connections, seconds } = this.#connector.connect({ port, clients, ms });
      const after = used();
      const reports = await Promise.all(acceptors.map((acceptor) => acceptor.finish()));
      const [wakes, ...shares] = figures(reports, connections);
      return [
        wakes,
        (after.switches - before.switches) / connections,
        ...shares,
        connections / seconds,
        (after.cpuUs - before.cpuUs) / connections,
      ];
    } catch (error) {
      // Those that have begun would go on.
      await this.#end();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#end();
    this.#closeListeners();
    await this.#connector.close();
  }

  #closeListeners(): void {
    this.#listener.close();
    this.#reserved.close();
  }

  #started(): Acceptor[] {
    while (this.#acceptors.length < WORKERS) this.#acceptors.push(new Acceptor(this.#programPath));
    return this.#acceptors;
  }

  async #begin(acceptors: readonly Acceptor[], task: AcceptTask): Promise<void> {
    await Promise.all(acceptors.map((acceptor) => acceptor.begin(task)));
  }

  async #end(): Promise<void> {
    await Promise.all(this.#acceptors.splice(0).map((acceptor) => acceptor.close()));
  }
}

function portOf({ localAddress }: Socket): number {
  if (localAddress?.family !== 'inet' || !('port' in localAddress)) throw new Error('a listener without a port');
  return localAddress.port;
}

/** By this process and its Workers so far, while this thread does nothing but wait. */
function used(): { readonly cpuUs: number; readonly switches: number } {
  const { userCPUTime, systemCPUTime, voluntaryContextSwitches } = process.resourceUsage();
  return { cpuUs: userCPUTime + systemCPUTime, switches: voluntaryContextSwitches };
}

function figures(
  reports: readonly AcceptReport[],
  connections: number,
): [wakeUpsPerConnection: number, busiestShare: number, fairness: number] {
  const accepted = reports.map((report) => report.accepted);
  const sum = total(accepted);
  if (sum !== connections) throw new Error(`${connections} connections, but the Workers accepted ${sum}`);
  const woken = total(reports.map((report) => report.wakeUps));
  const jain = sum ** 2 / (accepted.length * total(accepted.map((count) => count ** 2)));
  return [woken / sum, (100 * Math.max(...accepted)) / sum, jain];
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
