import { createHistogram } from 'node:perf_hooks';
import { percentilesInMicroseconds, recordNanoseconds } from '../distribution.ts';
import { STALLED_MS, stalled } from '../stall.ts';
import { type Client, type Clients, ControlEnded } from './clients.ts';

export interface FixedRate {
  /** Of the time from when a request was planned until its reply was read, in µs; one for each of `PERCENTILES`. */
  readonly latencies: readonly number[];
  readonly messages: number;
  /** Datagrams that did not come back; they count with the time that was waited for them. */
  readonly lost: number;
}

/** A datagram that takes this long after the last was sent is lost. */
const LOST_MS = 500;
const NS_PER_MS = 1e6;
const HIGHEST_NS = 3600e9;
const FIGURES = 3;

/**
 * Requests at fixed times over all clients in turn, whether the replies to earlier ones are back or not: who answers late
 * makes the latency of all that should have been sent meanwhile worse, as it does for those who ask.
 */
export class FixedRateLoad {
  readonly #clients: Clients;
  readonly #reply: Uint8Array;
  /** Numbers go on from slice to slice: a datagram of an earlier one is known by its number. */
  #first = 0;

  constructor(clients: Clients) {
    this.#clients = clients;
    this.#reply = new Uint8Array(clients.target.bytes + 1);
  }

  /** `rate` is requests a second. */
  run(rate: number, sliceMs: number): FixedRate {
    const { poller, all, target } = this.#clients;
    const lossy = target.transport === 'udp';
    const count = Math.max(1, Math.floor((rate * sliceMs) / 1000));
    const gap = 1000 / rate;
    const slice = new Slice(this.#first, all, lossy);
    this.#first = (this.#first + count) % 2 ** 31;
    const histogram = createHistogram({ lowest: 1, highest: HIGHEST_NS, figures: FIGURES });
    const start = performance.now();
    const record = (index: number) =>
      recordNanoseconds(histogram, (performance.now() - start - index * gap) * NS_PER_MS);
    let asked = 0;
    let answered = 0;
    while (answered < count) {
      const now = performance.now();
      for (; asked < count && start + asked * gap <= now; asked++) slice.ask(asked);
      const due = asked < count ? start + asked * gap - now : lossy ? LOST_MS : STALLED_MS;
      const events = poller.wait(due);
      if (events.length === 0 && asked === count) {
        if (lossy) break;
        throw stalled(`no reply, with ${count - answered} messages in flight,`);
      }
      for (let i = 0; i < events.length; i++) {
        const client = events.data(i);
        if (client === undefined) throw new ControlEnded();
        const index = slice.reply(client, this.#reply);
        if (index < 0) continue;
        record(index);
        answered++;
      }
    }
    for (const index of slice.unanswered(count)) record(index);
    return { latencies: percentilesInMicroseconds(histogram), messages: answered, lost: count - answered };
  }
}

/** The requests of one slice, numbered from `first` on, and which of them are answered. */
class Slice {
  readonly #first: number;
  readonly #all: readonly Client[];
  readonly #lossy: boolean;
  readonly #answered = new Set<number>();
  /** Of a stream, the bytes of a reply that have come. */
  readonly #next = new Map<Client, number>();

  constructor(first: number, all: readonly Client[], lossy: boolean) {
    this.#first = first;
    this.#all = all;
    this.#lossy = lossy;
    all.forEach((client, i) => {
      client.received = 0;
      this.#next.set(client, i);
    });
  }

  ask(index: number): void {
    const client = this.#all[index % this.#all.length] as Client;
    setNumber(client.message, this.#first + index);
    const sent = client.socket.send(client.message);
    if (sent !== client.message.length && !this.#lossy) throw new Error('the socket does not take a message');
  }

  /** Which request is answered; -1 for none that is whole. */
  reply(client: Client, buffer: Uint8Array): number {
    return this.#lossy ? this.#datagram(client, buffer) : this.#stream(client, buffer);
  }

  unanswered(count: number): number[] {
    if (!this.#lossy) return [];
    return Array.from({ length: count }, (_, index) => index).filter((index) => !this.#answered.has(index));
  }

  #datagram(client: Client, buffer: Uint8Array): number {
    const size = client.message.length;
    const length = client.socket.recv(buffer);
    if (length < 0) return -1;
    const index = numberOf(buffer) - this.#first;
    if (index < 0) return -1;
    client.received = 0;
    setNumber(client.message, this.#first + index);
    const right = length === size && this.#all[index % this.#all.length] === client && client.isNext(buffer, 0, size);
    if (!right || this.#answered.has(index)) throw new Error('the server sent other bytes');
    this.#answered.add(index);
    return index;
  }

  #stream(client: Client, buffer: Uint8Array): number {
    const size = client.message.length;
    const index = this.#next.get(client) as number;
    // No further than the end of this reply: the next is another event.
    const length = client.socket.recv(buffer, 0, size - client.received);
    if (length === 0) throw new Error('the server closed a connection');
    if (length < 0) return -1;
    setNumber(client.message, this.#first + index);
    if (!client.isNext(buffer, 0, length)) throw new Error('the server sent other bytes');
    client.received += length;
    if (client.received < size) return -1;
    client.received = 0;
    this.#next.set(client, index + this.#all.length);
    return index;
  }
}

function setNumber(bytes: Uint8Array, value: number): void {
  for (let i = 0; i < 4; i++) bytes[i] = value >>> (8 * i);
}

function numberOf(bytes: Uint8Array): number {
  return bytes.slice(0, 4).reduce((sum, byte, i) => sum + byte * 2 ** (8 * i), 0);
}
