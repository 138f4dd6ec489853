import { createHistogram } from 'node:perf_hooks';
import { monotonicTime, Socket } from '../index.ts';
import { recordNanoseconds } from './distribution.ts';
import { sendOrder } from './orders.ts';
import { ServerProcess } from './server_process.ts';

/** When it was to be sent and when it was, both as `monotonicTime()`, which processes of a machine share. */
export const STAMP_BYTES = 16;

export interface StampOrder {
  readonly count: number;
  readonly intervalUs: number;
}

/** A process that writes stamps into a socket at a fixed rate, whether they are read or not. */
export class StampSource {
  /** Where the stamps arrive. */
  readonly socket: Socket;
  readonly #server: ServerProcess;

  constructor(programPath: string) {
    const [socket, theirs] = Socket.pair();
    this.socket = socket;
    try {
      this.#server = new ServerProcess(programPath, 'stamps', theirs);
    } catch (error) {
      socket.close();
      theirs.close();
      throw error;
    }
  }

  order(order: StampOrder): void {
    sendOrder(this.socket, order);
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.#server.close();
  }
}

/** What the stamps of one order say, in nanoseconds. */
export class StampLog {
  /** From when each was to be sent until JavaScript heard of it. */
  readonly latency = createHistogram();
  /** From when it was sent. */
  readonly latencyFromWrite = createHistogram();
  /** How much later than planned each was sent: the sender's own part of the latency. */
  readonly lateness = createHistogram();
  readonly #buffer = Buffer.alloc(4096 * STAMP_BYTES);
  #left: number;

  constructor(count: number) {
    this.#left = count;
  }

  /** Reads what is there, of which JavaScript has heard just now. True when that was the last. */
  read(socket: Socket): boolean {
    const heard = monotonicTime();
    const bytes = socket.recv(this.#buffer);
    if (bytes === 0) throw new Error('the sending process has ended');
    return bytes > 0 && this.take(this.#buffer.subarray(0, bytes), heard);
  }

  /** Of stamps that were read already. */
  take(stamps: Buffer, heard: bigint = monotonicTime()): boolean {
    if (stamps.length % STAMP_BYTES !== 0) throw new Error('half a stamp');
    for (let offset = 0; offset < stamps.length; offset += STAMP_BYTES) {
      const planned = stamps.readBigInt64LE(offset);
      const sent = stamps.readBigInt64LE(offset + 8);
      // What came after the notice is heard of by the reading.
      const at = heard >= sent ? heard : monotonicTime();
      recordNanoseconds(this.latency, Number(at - planned));
      recordNanoseconds(this.latencyFromWrite, Number(at - sent));
      recordNanoseconds(this.lateness, Number(sent - planned));
      this.#left--;
    }
    return this.#left <= 0;
  }
}
