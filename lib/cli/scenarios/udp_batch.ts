import { FdError, Socket } from '../../index.ts';
import { messageOf } from '../command.ts';
import { BATCH, type Costs, NODE_DGRAM, SEGMENTS } from '../datagrams/costs.ts';
import { BURST, BYTES } from '../datagrams/exchange.ts';
import { ProgramProcess } from '../program_process.ts';
import { takeTurns } from '../rounds.ts';
import type { Context, Failure, Measurement, Metric, Outcome, Scenario } from '../scenario.ts';

const BATCHES = [1, 2, 4, 8, 16, 32, 64];
const QUICK_MS = 20;
const FULL_MS = 200;

const metric = (name: string, title: string): Metric => ({ name, title, unit: 'µs', better: 'lower' });
const send = metric('send-time', 'time to send a datagram');
const receive = metric('receive-time', 'time to receive a datagram');
const cpu = metric('cpu-per-datagram', 'CPU per datagram, sent and received');

/** What it saves to hand over many datagrams in a call. */
export const udpBatch: Scenario = {
  name: 'udp-batch',
  title: 'what a datagram costs when a call takes many of them',
  description:
    `UDP on loopback within one process: ${BURST} datagrams of ${BYTES} bytes are sent, so many in a call, and then received, ` +
    `again and again (a closed loop). ${BATCH} is sendBatch and recvBatch; ${SEGMENTS} sends one buffer that the kernel ` +
    `cuts up (GSO), and receives as a batch; ${NODE_DGRAM} takes one at a time. No backend takes part.`,
  metrics: [send, receive, cpu],
  plots: [send, receive, cpu].map(({ name, title }) => ({
    name,
    kind: 'line' as const,
    title: `${title[0]?.toUpperCase()}${title.slice(1)}, against the batch`,
    says: 'What falls is the price of a system call and of entering the addon, shared by the batch; what stays is the kernel.',
    metric: name,
    x: 'batch',
    xScale: 'log' as const,
  })),
  withoutBackends: true,
  duration: ({ quick, rounds }) => (2 * BATCHES.length + 1) * (rounds + 1) * sliceMs(quick),
  run,
};

function sliceMs(quick: boolean): number {
  return quick ? QUICK_MS : FULL_MS;
}

async function run(context: Context): Promise<Outcome> {
  const scenario = udpBatch.name;
  const notes: string[] = [];
  const failures: Failure[] = [];
  const measurements: Measurement[] = [];
  const missing = segmentsMissing();
  if (missing !== undefined) notes.push(`${SEGMENTS} is left out: ${missing}`);
  const wanted = missing === undefined ? [BATCH, SEGMENTS, NODE_DGRAM] : [BATCH, NODE_DGRAM];
  const programs = new Map<string, ProgramProcess>();
  try {
    for (const subject of wanted) programs.set(subject, new ProgramProcess(context.program('udp_batch')));
    for (const [subject, program] of programs) {
      await program.reply().catch((error) => failures.push({ scenario, subject, message: messageOf(error) }));
    }
    for (const batch of BATCHES) {
      const subjects = wanted
        .filter((subject) => batch === 1 || subject !== NODE_DGRAM)
        .filter((subject) => !failures.some((failure) => failure.subject === subject));
      const ms = sliceMs(context.quick);
      const turns = await takeTurns({
        ...context,
        scenario,
        subjects,
        parameters: { batch, bytes: BYTES },
        metrics: udpBatch.metrics,
        sliceMs: ms,
        step: (label) => context.step(`batch of ${batch}  ${label}`, ms),
        async measure(subject) {
          const program = programs.get(subject) as ProgramProcess;
          const costs = await program.ask<Costs>({ subject, batch, ms });
          return [costs.send, costs.receive, costs.cpu];
        },
      });
      measurements.push(...turns.measurements);
      failures.push(...turns.failures);
    }
  } finally {
    await Promise.all([...programs.values()].map((program) => program.close()));
  }
  return { measurements, failures, notes };
}

/** Why a buffer is not cut up here; undefined where it is. */
function segmentsMissing(): string | undefined {
  const receiver = Socket.listen('127.0.0.1:0', { type: 'dgram' });
  const sender = new Socket('inet', 'dgram');
  try {
    sender.sendSegments(new Uint8Array(2 * BYTES), BYTES, receiver.localAddress);
    return undefined;
  } catch (error) {
    if (error instanceof FdError) return error.message;
    throw error;
  } finally {
    sender.close();
    receiver.close();
  }
}
