import { DatagramBatch, type Poller, READABLE, type Socket, WRITABLE, waitFor } from '../../index.ts';
import { BUFFER_SIZE, type Endpoint } from './streams.ts';

/** So many datagrams, and then it is somebody else's turn. */
const TURN = 64;
/** The largest datagram that the load sends is far below. */
const SLOT_SIZE = 2048;

/** Datagrams go back one by one: a recvfrom and a sendto each. */
export class Datagrams implements Endpoint {
  readonly #socket: Socket;
  readonly #buffer = new Uint8Array(BUFFER_SIZE);

  constructor(poller: Poller<Endpoint>, socket: Socket) {
    this.#socket = socket;
    poller.add(socket, READABLE, { data: this });
  }

  serve(): void {
    for (let turn = 0; turn < TURN; turn++) {
      const datagram = this.#socket.recvFrom(this.#buffer);
      if (!datagram) return;
      const reply = this.#buffer.subarray(0, datagram.bytes);
      while (this.#socket.sendTo(reply, datagram.address) < 0) waitFor(this.#socket, WRITABLE);
    }
  }
}

/** As many as wait go back in two calls. */
export class DatagramBatches implements Endpoint {
  readonly #socket: Socket;
  readonly #batch = new DatagramBatch(TURN, { size: SLOT_SIZE });

  constructor(poller: Poller<Endpoint>, socket: Socket) {
    this.#socket = socket;
    poller.add(socket, READABLE, { data: this });
  }

  serve(): void {
    const batch = this.#batch;
    if (this.#socket.recvBatch(batch) < 0) return;
    for (let from = 0; from < batch.count; ) {
      const sent = this.#socket.sendBatch(batch, from);
      if (sent < 0) waitFor(this.#socket, WRITABLE);
      else from += sent;
    }
  }
}
