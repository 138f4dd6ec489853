import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type BackendName, Socket } from '../../index.ts';
import { formatCount } from '../format.ts';
import { IdleProcess } from '../idle_process.ts';
import { takeTurns } from '../rounds.ts';
import type { Context, Failure, Measurement, Metric, Outcome, Scenario } from '../scenario.ts';
import { holds, Pairs, roundDown } from './pairs.ts';

/** As many as select can hold in round figures, so that all can be compared. */
const SELECT_MAX = 900;
const QUICK = { sizes: [SELECT_MAX], idleMs: 60, sliceMs: 120 };
const FULL = { sizes: [SELECT_MAX, 10_000], idleMs: 1000, sliceMs: 1500 };
/** Held before the first look: what the first connections load and compile is not theirs. */
const WARM = 50;
/** No backlog is shorter. */
const AT_ONCE = 100;
/** What the questions before have set off is over then. */
const SETTLE_MS = 20;
const NODE_NET = 'node:net';
const FEW =
  'With few connections, resident memory is more than theirs: what the runtime grows by once, such as its heap and ' +
  'compiled code, is spread over them. Without --quick there are more.';

const residentPerConnection: Metric = {
  name: 'resident-per-connection',
  title: 'resident memory per idle connection',
  unit: 'B',
  better: 'lower',
};
const heapPerConnection: Metric = {
  name: 'heap-per-connection',
  title: 'JavaScript heap per idle connection',
  unit: 'B',
  better: 'lower',
};
const wakeUps: Metric = {
  name: 'wake-ups-per-second',
  title: 'wake-ups per second while idle',
  unit: '1/s',
  better: 'lower',
};

export const idle: Scenario = {
  name: 'idle',
  title: 'what idle connections cost in memory and wake-ups',
  description:
    'A new process for each round holds unix connections on which nothing happens, registered on a started poller, or ' +
    'as node:net sockets. Memory is what the process has grown by, after collecting garbage on both sides; what the ' +
    'kernel keeps for a connection is not in it. Wake-ups are the voluntary context switches of all its threads.',
  metrics: [residentPerConnection, heapPerConnection, wakeUps],
  plots: [
    {
      name: 'resident',
      kind: 'bar',
      title: 'Resident memory of an idle connection',
      says: 'What each connection adds to the process that holds it, the kernel not counted.',
      metric: residentPerConnection.name,
      series: ['connections'],
    },
  ],
  reference: NODE_NET,
  duration({ quick, backends, rounds }) {
    const { sizes, sliceMs } = plan(quick);
    return sizes.length * (backends.length + 1) * rounds * sliceMs;
  },
  run,
};

function plan(quick: boolean): { sizes: readonly number[]; idleMs: number; sliceMs: number } {
  return quick ? QUICK : FULL;
}

async function run(context: Context): Promise<Outcome> {
  const { sizes, idleMs, sliceMs } = plan(context.quick);
  const measurements: Measurement[] = [];
  const failures: Failure[] = [];
  const notes = context.quick ? [FEW] : [];
  const directory = mkdtempSync(join(tmpdir(), 'fdpoll-'));
  const processes = new Processes(context.program('idle_server'), directory);
  let backends = context.backends;
  try {
    let last = 0;
    for (const wanted of sizes) {
      if (context.signal.aborted) break;
      const limits = findLimits(wanted, backends);
      const { connections } = limits;
      notes.push(...limits.notes);
      if (connections <= last) break;
      const subjects = [...limits.backends, NODE_NET].filter(
        (subject) => !failures.some((its) => its.subject === subject),
      );
      const turns = await takeTurns({
        ...context,
        scenario: idle.name,
        subjects,
        parameters: { connections },
        metrics: idle.metrics,
        sliceMs,
        warmUp: false,
        step: (label) => context.step(`${formatCount(connections)} connections  ${label}`, sliceMs),
        measure: async (subject) => {
          const held = await processes.take(subject);
          const next = subjects[(subjects.indexOf(subject) + 1) % subjects.length] as string;
          return measureOne(held, connections, idleMs, () => processes.prepare(next));
        },
      });
      measurements.push(...turns.measurements);
      failures.push(...turns.failures);
      backends = limits.backends;
      last = connections;
    }
  } finally {
    await processes.close();
    rmSync(directory, { recursive: true });
  }
  return { measurements, failures, notes };
}

interface Held {
  readonly server: IdleProcess;
  readonly path: string;
}

/** Processes that are started while another one is idle, since starting takes longer than measuring. */
class Processes {
  readonly #program: string;
  readonly #directory: string;
  readonly #started = new Map<string, Promise<Held>>();
  #count = 0;

  constructor(program: string, directory: string) {
    this.#program = program;
    this.#directory = directory;
  }

  prepare(subject: string): void {
    if (this.#started.has(subject)) return;
    const started = this.#start(subject);
    // Whoever takes it hears of it.
    started.catch(() => {});
    this.#started.set(subject, started);
  }

  take(subject: string): Promise<Held> {
    this.prepare(subject);
    const started = this.#started.get(subject) as Promise<Held>;
    this.#started.delete(subject);
    return started;
  }

  async close(): Promise<void> {
    for (const started of await Promise.allSettled(this.#started.values()))
      if (started.status === 'fulfilled') await started.value.server.close();
  }

  async #start(subject: string): Promise<Held> {
    const path = join(this.#directory, String(this.#count++));
    return { server: await IdleProcess.start(this.#program, subject, path), path };
  }
}

/** Connections that each of two processes can hold, and the backends that can. */
function findLimits(
  wanted: number,
  backends: readonly BackendName[],
): { connections: number; backends: readonly BackendName[]; notes: readonly string[] } {
  const pairs = new Pairs();
  try {
    const shortage = pairs.grow(Math.ceil((wanted + WARM) / 2));
    const connections = shortage ? roundDown(Math.max(1, 2 * pairs.count - WARM)) : wanted;
    const notes = shortage
      ? [`${formatCount(connections)} connections instead of ${formatCount(wanted)}: ${shortage}`]
      : [];
    const able = backends.filter((backend) => {
      const highest = pairs.writers.at(-1);
      return highest === undefined || connections <= SELECT_MAX || holds(backend, highest);
    });
    for (const backend of backends)
      if (!able.includes(backend))
        notes.push(
          `${backend} stops below ${formatCount(connections)} connections, where descriptors reach FD_SETSIZE`,
        );
    return { connections, backends: able, notes };
  } finally {
    pairs.close();
  }
}

async function measureOne(
  { server, path }: Held,
  connections: number,
  idleMs: number,
  whileIdle: () => void,
): Promise<[residentPerConnection: number, heapPerConnection: number, wakeUpsPerSecond: number]> {
  const clients: Socket[] = [];
  const connectUpTo = async (count: number) => {
    while (clients.length < count) {
      const next = Math.min(count, clients.length + AT_ONCE);
      while (clients.length < next) clients.push(Socket.connect(`unix:${path}`));
      await server.hold(clients.length);
    }
  };
  try {
    await connectUpTo(WARM);
    const before = await server.memory();
    await connectUpTo(WARM + connections);
    const after = await server.memory();
    await setTimeout(SETTLE_MS);
    const asleep = await server.switches();
    const start = performance.now();
    whileIdle();
    await setTimeout(idleMs);
    const seconds = (performance.now() - start) / 1000;
    // The sleep that the question ends is the one that it should be.
    const woken = (await server.switches()) - asleep - 1;
    return [
      (after.resident - before.resident) / connections,
      (after.heap - before.heap) / connections,
      Math.max(0, woken) / seconds,
    ];
  } finally {
    await server.close();
    for (const client of clients) client.close();
  }
}
