import { messageOf } from '../command.ts';
import { percentileColumns, takeColumnTurns } from '../distribution.ts';
import { formatCount, formatPercent } from '../format.ts';
import { type Peer, Session } from '../load/session.ts';
import type { Context, Failure, Measurement, Metric, Outcome, Scenario } from '../scenario.ts';
import type { Transport } from '../servers/listening.ts';
import { echoPeers, NODE_DGRAM, NODE_NET, serving } from './echo_peers.ts';

const CONNECTIONS = 64;
const BYTES = 64;
const TRANSPORTS: readonly Transport[] = ['tcp', 'udp'];
const QUICK_MS = 90;
const FULL_MS = 1000;
/** In a closed loop, to learn what a server can take: the best of these, since the first finds its code uncompiled. */
const TRIALS = 3;
const TRIAL_MS = 40;
/** Requests a second. Few steps, so that two runs on a machine have the same. */
const RATES = [10_000, 5000, 2000, 1000, 500, 200, 100];
/** Of what the slowest server can take: beyond, one would measure its queue. */
const SHARE_MAX = 0.5;

const latency: Metric = { name: 'latency', title: 'latency of a round trip', unit: 'µs', better: 'lower' };
const serverCpu: Metric = {
  name: 'server-cpu-per-message',
  title: 'server CPU per message',
  unit: 'µs',
  better: 'lower',
};

/** How long an answer takes when the load does not wait for it. */
export const echoLatency: Scenario = {
  name: 'echo-latency',
  title: 'how long a round trip takes at a fixed rate, beside node:net and node:dgram',
  description:
    `Messages of ${BYTES} bytes at fixed times, the same rate for every server, over ${CONNECTIONS} connections in turn (an ` +
    'open loop): TCP and UDP on loopback. Latency counts from when a message was planned to when its reply was read. ' +
    'Servers and the load are processes of their own. The rate is half of what the slowest server takes, or less.',
  metrics: [latency, serverCpu],
  plots: [
    ...(['tcp', 'udp'] as const).map((transport) => ({
      name: `latency-${transport}`,
      kind: 'percentiles' as const,
      title: `A round trip by percentile (${transport.toUpperCase()})`,
      says: 'How long the slowest of a hundred, of a thousand and of all took, when the load does not wait for anyone.',
      metric: latency.name,
      yScale: 'log' as const,
      where: { transport },
    })),
    {
      name: 'cpu',
      kind: 'bar',
      title: 'Server CPU per message at a fixed rate (TCP)',
      says: 'Far below what it can take a server sleeps between messages, and waking up is a part of their price.',
      metric: serverCpu.name,
      where: { transport: 'tcp' },
    },
  ],
  reference: NODE_NET,
  duration(context) {
    const turns = TRANSPORTS.reduce((sum, transport) => sum + peersOf(context, transport).length, 0);
    return turns * ((context.rounds + 1) * sliceMs(context.quick) + TRIALS * TRIAL_MS);
  },
  run,
};

function sliceMs(quick: boolean): number {
  return quick ? QUICK_MS : FULL_MS;
}

/** In a quick run, of datagrams only the default backend beside node:dgram. */
function peersOf(context: Pick<Context, 'backends' | 'quick'>, transport: Transport): Peer[] {
  const peers = serving(echoPeers(context), transport);
  const few = context.quick && transport === 'udp';
  return few ? peers.filter(({ subject }) => subject === NODE_DGRAM || subject === context.backends[0]) : peers;
}

async function run(context: Context): Promise<Outcome> {
  const session = await Session.start(echoLatency.name, context, echoPeers(context));
  const measurements: Measurement[] = [];
  const failures: Failure[] = [...session.failures];
  const notes: string[] = [];
  try {
    for (const transport of TRANSPORTS) {
      if (context.signal.aborted) break;
      const subjects = session
        .running(peersOf(context, transport))
        .filter((name) => !failures.some(({ subject }) => subject === name));
      const outcome = await measureTransport(context, session, transport, subjects);
      measurements.push(...outcome.measurements);
      failures.push(...outcome.failures);
      notes.push(...outcome.notes);
    }
  } finally {
    await session.close();
  }
  return { measurements, failures, notes };
}

async function measureTransport(
  context: Context,
  session: Session,
  transport: Transport,
  subjects: readonly string[],
): Promise<Outcome> {
  const scenario = echoLatency.name;
  const failures: Failure[] = [];
  const capacities = new Map<string, number>();
  for (const subject of subjects) {
    if (context.signal.aborted) return { measurements: [], failures, notes: [] };
    context.step(`${transport}  ${subject} trials`, TRIALS * TRIAL_MS);
    try {
      await session.connect(subject, transport, CONNECTIONS, BYTES);
      for (let trial = 0; trial < TRIALS; trial++) {
        const { answer } = await session.closedLoop(subject, TRIAL_MS);
        const perSecond = (answer.messages * 1000) / answer.ms;
        capacities.set(subject, Math.max(perSecond, capacities.get(subject) ?? 0));
      }
    } catch (error) {
      capacities.delete(subject);
      failures.push({ scenario, subject, message: messageOf(error) });
    }
  }
  if (capacities.size === 0) return { measurements: [], failures, notes: [] };
  const { rate, note } = chooseRate(transport, capacities);
  const lost = new Map<string, number>();
  const ms = sliceMs(context.quick);
  const turns = await takeColumnTurns({
    ...context,
    scenario,
    subjects: [...capacities.keys()],
    parameters: { transport, rate, connections: CONNECTIONS, bytes: BYTES },
    columns: [...percentileColumns(latency), { metric: serverCpu, parameters: {} }],
    sliceMs: ms,
    step: (label) => context.step(`${transport} ${formatCount(rate)}/s  ${label}`, ms),
    async measure(subject, slice) {
      const { answer, cpu } = await session.fixedRate(subject, slice, rate);
      if (answer.messages === 0) throw new Error('nothing came back');
      lost.set(subject, (lost.get(subject) ?? 0) + answer.lost);
      return [...answer.latencies, cpu / answer.messages];
    },
  });
  const losses = [...lost].flatMap(([subject, count]) =>
    count > 0
      ? [`${subject}: ${formatCount(count)} datagrams were lost; they count with the time waited for them`]
      : [],
  );
  return {
    measurements: turns.measurements,
    failures: [...failures, ...turns.failures],
    notes: [note, ...losses],
  };
}

/** The highest rate that leaves every server half of its time. */
export function chooseRate(
  transport: string,
  capacities: ReadonlyMap<string, number>,
): { readonly rate: number; readonly note: string } {
  const [slowest, capacity] = [...capacities].reduce((a, b) => (b[1] < a[1] ? b : a));
  const rate = RATES.find((rate) => rate <= SHARE_MAX * capacity) ?? (RATES.at(-1) as number);
  const note =
    `${transport}: ${formatCount(rate)} messages a second are ${formatPercent(rate / capacity)} of what the slowest ` +
    `server, ${slowest}, took in a closed loop before.`;
  return { rate, note };
}
