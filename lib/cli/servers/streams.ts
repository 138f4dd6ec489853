import { type Events, FdError, type Poller, READABLE, type Socket, WRITABLE } from '../../index.ts';

/** The label of what a server watches. */
export interface Endpoint {
  /** Does what an event of it asks for. */
  serve(flags: number): void;
}

export const BUFFER_SIZE = 65_536;

/** A connection whose bytes go back as they come: one recv and one send an event. */
export class Connection implements Endpoint {
  readonly #poller: Poller<Endpoint>;
  readonly #socket: Socket;
  readonly #buffer: Uint8Array;
  /** What the kernel did not take yet. While there is some, nothing more is read. */
  #pending: Uint8Array | undefined;

  /** `buffer` may be the same for all connections. */
  constructor(poller: Poller<Endpoint>, socket: Socket, buffer: Uint8Array) {
    this.#poller = poller;
    this.#socket = socket;
    this.#buffer = buffer;
    poller.add(socket, READABLE, { data: this });
  }

  serve(flags: number): void {
    try {
      if (flags & WRITABLE && this.#pending) this.#sendPending(this.#pending);
      else if (flags & READABLE) this.#echo();
    } catch {
      // The peer is gone; the client tells what that means to it.
      this.close();
    }
  }

  /** Sends these bytes when there is room again. */
  sendLater(bytes: Uint8Array): void {
    this.#pending = bytes;
    this.#poller.modify(this.#socket, WRITABLE);
  }

  close(): void {
    this.#socket.close();
  }

  #echo(): void {
    const bytes = this.#socket.recv(this.#buffer);
    if (bytes === 0) this.close();
    if (bytes <= 0) return;
    const sent = this.#socket.send(this.#buffer, 0, bytes);
    if (sent < bytes) this.sendLater(this.#buffer.slice(Math.max(sent, 0), bytes));
  }

  #sendPending(pending: Uint8Array): void {
    const sent = this.#socket.send(pending);
    if (sent < pending.length) {
      if (sent > 0) this.#pending = pending.subarray(sent);
      return;
    }
    this.#pending = undefined;
    this.#poller.modify(this.#socket, READABLE);
  }
}

export class Listener implements Endpoint {
  readonly #poller: Poller<Endpoint>;
  readonly #socket: Socket;
  readonly #buffer: Uint8Array;
  readonly #refused: (message: string) => void;

  /** `refused` is told why a connection was turned away. */
  constructor(poller: Poller<Endpoint>, socket: Socket, buffer: Uint8Array, refused: (message: string) => void) {
    this.#poller = poller;
    this.#socket = socket;
    this.#buffer = buffer;
    this.#refused = refused;
    poller.add(socket, READABLE, { data: this });
  }

  serve(): void {
    for (let socket = this.#socket.accept(); socket; socket = this.#socket.accept()) {
      try {
        new Connection(this.#poller, socket, this.#buffer);
      } catch (error) {
        // A descriptor that is too high for select.
        if (!(error instanceof FdError)) throw error;
        socket.close();
        this.#refused(error.message);
      }
    }
  }
}

/** One crossing to receive from all connections of a batch, and one to send to all. */
export class Slab {
  /** 256 KiB stay within the cache. */
  readonly #bytes = new Uint8Array(4 * BUFFER_SIZE);
  readonly #each = BUFFER_SIZE / 16;

  serve(events: Events<Endpoint>): void {
    // What there was no room for is reported again by the next wait.
    events.receive(this.#bytes, this.#each);
    events.send(this.#bytes);
    const { lengths, sent, offsets, flags } = events;
    for (let i = 0; i < events.length; i++) {
      const received = lengths[i] ?? -1;
      const taken = sent[i] ?? -1;
      if (received > 0 && taken === received) continue;
      const endpoint = events.data(i);
      if (!(endpoint instanceof Connection)) endpoint.serve(flags[i] ?? 0);
      else if (received === 0 || received < -1 || taken < -1) endpoint.close();
      else if (received > 0) {
        const offset = offsets[i] ?? 0;
        endpoint.sendLater(this.#bytes.slice(offset + Math.max(taken, 0), offset + received));
      } else if ((flags[i] ?? 0) & WRITABLE) endpoint.serve(flags[i] ?? 0);
    }
  }
}
