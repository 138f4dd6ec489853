import type { Events } from '../../index.ts';
import { STALLED_MS, stalled } from '../stall.ts';
import { type Client, type Clients, ControlEnded } from './clients.ts';

export interface ClosedLoop {
  readonly messages: number;
  readonly ms: number;
}

type Batch = Events<Client | undefined>;

/** What takes the replies of a batch, and sends them again unless the slice is over. */
interface Turn {
  /** Returns how many bytes came. */
  go(events: Batch): number;
  /** The last time: returns how many clients have their message back, which was compared with what they sent. */
  finish(events: Batch): { bytes: number; clients: number };
}

/**
 * Every connection has one message in flight, and sends it again as soon as it is back. It is the same message all the
 * time: what any turn would do to it shows at the end. The server is idle before and after.
 */
export function closedLoop(clients: Clients, sliceMs: number): ClosedLoop {
  const { poller, all, target } = clients;
  const turn = target.transport === 'udp' ? new DatagramTurn(clients) : new StreamTurn(clients);
  const start = performance.now();
  for (const client of all) {
    client.received = 0;
    client.sendMessage();
  }
  let bytes = 0;
  for (let inFlight = all.length; inFlight > 0; ) {
    const events = poller.wait(STALLED_MS);
    if (events.length === 0) throw stalled(`no reply, with ${inFlight} messages in flight,`);
    if (performance.now() < start + sliceMs) {
      bytes += turn.go(events);
    } else {
      const finished = turn.finish(events);
      bytes += finished.bytes;
      inFlight -= finished.clients;
    }
  }
  // When the end comes between two pieces of a message, the first of them went round once more than the others.
  return { messages: Math.floor(bytes / target.bytes), ms: performance.now() - start };
}

/** One crossing to receive from all, one to send to all, so that the load is never what is waited for. */
class StreamTurn implements Turn {
  readonly #slab: Uint8Array;
  readonly #size: number;
  /** What is still to come of the last message. */
  readonly #left = new Map<Client, number>();

  constructor({ all, target }: Clients) {
    this.#size = target.bytes;
    this.#slab = new Uint8Array(target.bytes * all.length);
  }

  go(events: Batch): number {
    events.receive(this.#slab, this.#size);
    events.send(this.#slab);
    const { lengths, sent } = events;
    let bytes = 0;
    for (let i = 0; i < events.length; i++) {
      const length = lengths[i] ?? -1;
      if (length <= 0) this.#refuse(events, i);
      else if (sent[i] !== length) throw new Error('the socket does not take a message');
      else {
        bytes += length;
        (events.data(i) as Client).received += length;
      }
    }
    return bytes;
  }

  finish(events: Batch): { bytes: number; clients: number } {
    events.receive(this.#slab, this.#size);
    let bytes = 0;
    let clients = 0;
    for (let i = 0; i < events.length; i++) {
      const length = events.lengths[i] ?? -1;
      if (length <= 0) {
        this.#refuse(events, i);
        continue;
      }
      const client = events.data(i) as Client;
      if (!client.isNext(this.#slab, events.offsets[i] ?? 0, length)) throw new Error('the server sent other bytes');
      client.received += length;
      bytes += length;
      const left = (this.#left.get(client) ?? this.#size) - length;
      this.#left.set(client, left);
      if (left === 0) clients++;
    }
    return { bytes, clients };
  }

  #refuse(events: Batch, i: number): void {
    if (events.data(i) === undefined) throw new ControlEnded();
    const length = events.lengths[i] ?? -1;
    if (length !== -1) throw new Error(length === 0 ? 'the server closed a connection' : 'a connection broke');
  }
}

class DatagramTurn implements Turn {
  readonly #buffer: Uint8Array;

  constructor({ target }: Clients) {
    this.#buffer = new Uint8Array(target.bytes + 1);
  }

  go(events: Batch): number {
    const size = this.#buffer.length - 1;
    let bytes = 0;
    for (let i = 0; i < events.length; i++) {
      const { socket } = clientOf(events, i);
      const length = socket.recv(this.#buffer);
      if (length < 0) continue;
      if (length !== size) throw new Error('the server sent other bytes');
      if (socket.send(this.#buffer, 0, length) !== length) throw new Error('the socket does not take a message');
      bytes += length;
    }
    return bytes;
  }

  finish(events: Batch): { bytes: number; clients: number } {
    const size = this.#buffer.length - 1;
    let clients = 0;
    for (let i = 0; i < events.length; i++) {
      const client = clientOf(events, i);
      const length = client.socket.recv(this.#buffer);
      if (length < 0) continue;
      if (length !== size || !client.isNext(this.#buffer, 0, length)) throw new Error('the server sent other bytes');
      clients++;
    }
    return { bytes: clients * size, clients };
  }
}

function clientOf(events: Batch, i: number): Client {
  const client = events.data(i);
  if (client === undefined) throw new ControlEnded();
  return client;
}
