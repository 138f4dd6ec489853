import { createSocket, type Socket as NodeSocket } from 'node:dgram';
import { once } from 'node:events';
import { DatagramBatch, READABLE, Socket, WRITABLE, waitFor } from '../../index.ts';

/** Bytes of a datagram: as many of them as `BURST` go into one buffer that the kernel cuts up. */
export const BYTES = 512;
/** All of them wait in the socket at once, whose room is at least three times as much. */
export const BURST = 64;
const LOST_MS = 2_000;

/** The milliseconds that `BURST` datagrams took. */
export interface Burst {
  readonly send: number;
  readonly receive: number;
}

/** A sending and a receiving socket of this process. */
export interface Exchange {
  /** Sends `BURST` datagrams, and then receives them. */
  burst(): Burst | Promise<Burst>;
  close(): void;
}

/** The library's own sockets, connected to each other, and a batch for what is received. */
abstract class SocketExchange implements Exchange {
  protected readonly sender: Socket;
  readonly #receiver: Socket;
  readonly #received: DatagramBatch;

  constructor(size: number) {
    this.#received = new DatagramBatch(size, { size: BYTES });
    this.#receiver = Socket.listen('127.0.0.1:0', { type: 'dgram' });
    const { localAddress } = this.#receiver;
    if (!localAddress) throw new Error('the socket has no address');
    this.sender = Socket.connect(localAddress, { type: 'dgram' });
  }

  burst(): Burst {
    const start = performance.now();
    this.send();
    const sent = performance.now();
    for (let got = 0; got < BURST; ) {
      const count = this.#receiver.recvBatch(this.#received);
      if (count > 0) got += this.#checked(count);
      else if (waitFor(this.#receiver, READABLE, LOST_MS) === 0) throw new Error('a datagram was lost');
    }
    return { send: sent - start, receive: performance.now() - sent };
  }

  close(): void {
    this.sender.close();
    this.#receiver.close();
  }

  protected abstract send(): void;

  #checked(count: number): number {
    for (let i = 0; i < count; i++) {
      if (this.#received.lengths[i] !== BYTES) throw new Error('a datagram came with another length');
    }
    return count;
  }
}

/** So many datagrams in a call (sendmmsg and recvmmsg, where the system has them). */
export class BatchExchange extends SocketExchange {
  readonly #batch: DatagramBatch;

  constructor(size: number) {
    super(size);
    this.#batch = new DatagramBatch(size, { size: BYTES });
    this.#batch.lengths.fill(BYTES);
    this.#batch.count = size;
  }

  protected send(): void {
    const batch = this.#batch;
    for (let sent = 0; sent < BURST; sent += batch.count) {
      for (let from = 0; from < batch.count; ) {
        const went = this.sender.sendBatch(batch, from);
        if (went < 0) waitFor(this.sender, WRITABLE);
        else from += went;
      }
    }
  }
}

/** So many datagrams as one buffer, which the kernel cuts up (GSO); they are received as a batch. */
export class SegmentExchange extends SocketExchange {
  readonly #buffer: Uint8Array;

  constructor(size: number) {
    super(size);
    this.#buffer = new Uint8Array(size * BYTES);
  }

  protected send(): void {
    for (let sent = 0; sent < BURST * BYTES; sent += this.#buffer.length) {
      while (this.sender.sendSegments(this.#buffer, BYTES) < 0) waitFor(this.sender, WRITABLE);
    }
  }
}

/** One datagram in a call, and an event for each that comes. */
export class NodeExchange implements Exchange {
  readonly #sender: NodeSocket;
  readonly #receiver: NodeSocket;
  readonly #datagram = new Uint8Array(BYTES);
  #missing = 0;
  #complete: () => void = () => {};

  private constructor(sender: NodeSocket, receiver: NodeSocket) {
    this.#sender = sender;
    this.#receiver = receiver;
    receiver.on('message', () => {
      if (--this.#missing === 0) this.#complete();
    });
  }

  static async open(): Promise<NodeExchange> {
    const receiver = createSocket('udp4');
    receiver.bind(0, '127.0.0.1');
    await once(receiver, 'listening');
    const sender = createSocket('udp4');
    sender.connect(receiver.address().port, '127.0.0.1');
    await once(sender, 'connect');
    return new NodeExchange(sender, receiver);
  }

  async burst(): Promise<Burst> {
    this.#missing = BURST;
    let lost: NodeJS.Timeout | undefined;
    const complete = new Promise<void>((resolve, reject) => {
      this.#complete = resolve;
      lost = setTimeout(() => reject(new Error('a datagram was lost')), LOST_MS);
    });
    const start = performance.now();
    for (let i = 0; i < BURST; i++) this.#sender.send(this.#datagram);
    const sent = performance.now();
    await complete;
    clearTimeout(lost);
    return { send: sent - start, receive: performance.now() - sent };
  }

  close(): void {
    this.#sender.close();
    this.#receiver.close();
  }
}
