import { formatCount } from '../format.ts';
import { type Peer, Session } from '../load/session.ts';
import { ProgramError } from '../program_process.ts';
import { takeTurns } from '../rounds.ts';
import type { Context, Failure, Measurement, Metric, Outcome, Scenario } from '../scenario.ts';
import type { Transport } from '../servers/listening.ts';
import { echoPeers, NODE_NET, serving } from './echo_peers.ts';

const BYTES = 64;
/** Connections that every transport is measured with. */
const EVERYWHERE = 64;

interface Group {
  readonly transport: Transport;
  readonly connections: number;
}

const group = (transport: Transport, ...counts: number[]): Group[] =>
  counts.map((connections) => ({ transport, connections }));

const QUICK = {
  groups: [...group('tcp', 1, EVERYWHERE, 512), ...group('unix', EVERYWHERE), ...group('udp', EVERYWHERE)],
  sliceMs: 50,
};
const COUNTS = [1, 8, EVERYWHERE, 512, 3000];
/** More datagrams at once than 64 may not fit into the one socket of a server. */
const FULL = {
  groups: [...group('tcp', ...COUNTS), ...group('unix', ...COUNTS), ...group('udp', 1, 8, EVERYWHERE)],
  sliceMs: 200,
};

const messages: Metric = { name: 'messages-per-second', title: 'messages per second', unit: '1/s', better: 'higher' };
const serverCpu: Metric = {
  name: 'server-cpu-per-message',
  title: 'server CPU per message',
  unit: 'µs',
  better: 'lower',
};

/** What a server costs, beside the same server on `node:net` and `node:dgram`. */
export const echo: Scenario = {
  name: 'echo',
  title: 'what a server costs, beside the same one on node:net and node:dgram',
  description:
    `Over TCP and UDP on loopback, and over unix streams: each connection has one message of ${BYTES} bytes in flight, and ` +
    'sends it again as soon as it is back (a closed loop). Servers and the load are processes of their own; the load is ' +
    'the same for all. CPU is user and system time of the server.',
  metrics: [serverCpu, messages],
  plots: [
    {
      name: 'cpu',
      kind: 'line',
      title: 'Server CPU per message, against connections (TCP)',
      says: 'The more connections are ready at once, the more messages share one wait; what remains is the work on each.',
      metric: serverCpu.name,
      x: 'connections',
      xScale: 'log',
      yScale: 'log',
      where: { transport: 'tcp' },
    },
    {
      name: 'messages',
      kind: 'line',
      title: 'Messages per second, against connections (TCP)',
      says: 'A closed loop: how fast messages go round when each is sent as soon as the last one is back.',
      metric: messages.name,
      x: 'connections',
      xScale: 'log',
      yScale: 'log',
      where: { transport: 'tcp' },
    },
    ...(['unix', 'udp'] as const).map((transport) => ({
      name: `cpu-${transport}`,
      kind: 'bar' as const,
      title: `Server CPU per message (${transport === 'udp' ? 'UDP' : 'unix streams'}, ${EVERYWHERE} connections)`,
      says: 'What the server spends on a message, system calls included.',
      metric: serverCpu.name,
      where: { transport, connections: EVERYWHERE },
    })),
  ],
  reference: NODE_NET,
  duration(context) {
    const { groups, sliceMs } = plan(context.quick);
    const peers = echoPeers(context);
    const turns = groups.reduce((sum, { transport }) => sum + serving(peers, transport).length, 0);
    return turns * (context.rounds + 1) * sliceMs;
  },
  run,
};

function plan(quick: boolean): { groups: readonly Group[]; sliceMs: number } {
  return quick ? QUICK : FULL;
}

async function run(context: Context): Promise<Outcome> {
  const peers = echoPeers(context);
  const session = await Session.start(echo.name, context, peers);
  const measurements: Measurement[] = [];
  const failures: Failure[] = [...session.failures];
  const notes: string[] = [];
  try {
    for (const group of plan(context.quick).groups) {
      if (context.signal.aborted) break;
      const subjects = serving(peers, group.transport).filter(
        ({ subject }) => !failures.some((failure) => failure.subject === subject),
      );
      const outcome = await measureGroup(context, session, group, subjects);
      measurements.push(...outcome.measurements);
      failures.push(...outcome.failures);
      notes.push(...outcome.notes);
    }
  } finally {
    await session.close();
  }
  return { measurements, failures, notes };
}

async function measureGroup(
  context: Context,
  session: Session,
  { transport, connections }: Group,
  peers: readonly Peer[],
): Promise<Outcome> {
  const { sliceMs } = plan(context.quick);
  const failures: Failure[] = [];
  const notes: string[] = [];
  const connected: string[] = [];
  try {
    for (const subject of session.running(peers)) {
      try {
        await session.connect(subject, transport, connections, BYTES);
        connected.push(subject);
      } catch (error) {
        if (!(error instanceof ProgramError)) throw error;
        const stops = `stops below ${formatCount(connections)} connections over ${transport}`;
        if (error.code === 'EMFILE' || error.code === 'ENFILE') {
          notes.push(`${echo.name} ${stops}: RLIMIT_NOFILE (ulimit -n) is too low for those of all servers at once`);
          return { measurements: [], failures, notes };
        }
        const refusal = await session.refusal(subject).catch(() => undefined);
        if (refusal === undefined) failures.push({ scenario: echo.name, subject, message: error.message });
        else notes.push(`${subject} ${stops}: ${refusal}`);
      }
    }
    const turns = await takeTurns({
      ...context,
      scenario: echo.name,
      subjects: connected,
      parameters: { transport, connections, bytes: BYTES },
      metrics: echo.metrics,
      sliceMs,
      step: (label) => context.step(`${transport} × ${formatCount(connections)}  ${label}`, sliceMs),
      async measure(subject, ms) {
        const { answer, cpu } = await session.closedLoop(subject, ms);
        return [cpu / answer.messages, (answer.messages * 1000) / answer.ms];
      },
    });
    return { measurements: turns.measurements, failures: [...failures, ...turns.failures], notes };
  } finally {
    await Promise.all(connected.map((subject) => session.disconnect(subject)));
  }
}
