import { BatchExchange, BURST, type Exchange, NodeExchange, SegmentExchange } from './exchange.ts';

export const BATCH = 'DatagramBatch';
export const SEGMENTS = 'sendSegments';
export const NODE_DGRAM = 'node:dgram';

export interface CostsRequest {
  readonly subject: string;
  /** Datagrams in a call. */
  readonly batch: number;
  readonly ms: number;
}

/** Of a datagram, in µs. */
export interface Costs {
  readonly send: number;
  readonly receive: number;
  /** User and system time of the process, for both. */
  readonly cpu: number;
}

/** Bursts for as long as the slice is. */
export async function measureCosts(exchange: Exchange, sliceMs: number): Promise<Costs> {
  const end = performance.now() + sliceMs;
  const cpuBefore = process.cpuUsage();
  let [send, receive, datagrams] = [0, 0, 0];
  do {
    const burst = await exchange.burst();
    send += burst.send;
    receive += burst.receive;
    datagrams += BURST;
  } while (performance.now() < end);
  const { user, system } = process.cpuUsage(cpuBefore);
  return { send: (send * 1000) / datagrams, receive: (receive * 1000) / datagrams, cpu: (user + system) / datagrams };
}

/** The sockets are there for one slice. */
export async function answerCosts({ subject, batch, ms }: CostsRequest): Promise<Costs> {
  const exchange = await open(subject, batch);
  try {
    return await measureCosts(exchange, ms);
  } finally {
    exchange.close();
  }
}

async function open(subject: string, batch: number): Promise<Exchange> {
  if (subject === BATCH) return new BatchExchange(batch);
  if (subject === SEGMENTS) return new SegmentExchange(batch);
  if (subject === NODE_DGRAM) return await NodeExchange.open();
  throw new Error(`there is no '${subject}'`);
}
