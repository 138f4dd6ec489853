import { type Descriptor, Poller, READABLE, Socket, waitFor } from '../../index.ts';
import type { Transport } from '../servers/listening.ts';

export interface Target {
  readonly transport: Transport;
  readonly address: string;
  readonly connections: number;
  /** Of a message. */
  readonly bytes: number;
}

/** Of a message, at the least: the number that it begins with. */
export const BYTES_MIN = 4;
const CONNECT_MS = 5_000;

/** A request whose control socket has ended has nobody to be answered to. */
export class ControlEnded extends Error {}

/** A connection and its message: the number of the client, and bytes that no other client has in these places. */
export class Client {
  readonly socket: Socket;
  readonly message: Uint8Array;
  /** In this slice. */
  received = 0;

  constructor(socket: Socket, index: number, bytes: number) {
    this.socket = socket;
    this.message = new Uint8Array(bytes).map((_, i) => (index * 31 + i * 7) % 251);
    new DataView(this.message.buffer).setUint32(0, index, true);
  }

  sendMessage(): void {
    const { message, socket } = this;
    if (socket.send(message) !== message.length) throw new Error('the socket does not take a message');
  }

  /** Whether these bytes, the next that came in this slice, are those of the message. */
  isNext(bytes: Uint8Array, offset: number, length: number): boolean {
    const { message, received } = this;
    for (let i = 0; i < length; i++) {
      if (bytes[offset + i] !== message[(received + i) % message.length]) return false;
    }
    return true;
  }
}

/** The connections to one server, on a poller of their own. */
export class Clients {
  readonly poller = new Poller<Client | undefined>();
  readonly all: Client[] = [];
  readonly target: Target;

  /** `control` ends whatever waits for the server. */
  constructor(target: Target, control: Descriptor & { readonly fd: number }) {
    this.target = target;
    try {
      // By its number: a batch does not receive from it then.
      this.poller.add(control.fd, READABLE);
      for (let i = 0; i < target.connections; i++) this.#connect(i);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close(): void {
    this.poller.close();
    for (const { socket } of this.all) socket.close();
  }

  #connect(index: number): void {
    const { address, transport, bytes } = this.target;
    const type = transport === 'udp' ? 'dgram' : 'stream';
    const socket = Socket.connect(address, { type, timeout: CONNECT_MS });
    if (transport === 'tcp') socket.setOption('TCP_NODELAY', true);
    socket.timeout = 0;
    const client = new Client(socket, index, bytes);
    this.all.push(client);
    this.poller.add(socket, READABLE, { data: client });
    this.#greet(client);
  }

  /** A message there and back: the server has the connection, and is right. */
  #greet({ socket, message }: Client): void {
    const reply = new Uint8Array(message.length);
    socket.send(message);
    for (let got = 0; got < reply.length; ) {
      if (waitFor(socket, READABLE, CONNECT_MS) === 0) throw new Error('the server does not answer');
      const bytes = socket.recv(reply, got);
      if (bytes === 0) throw new Error('the server closed a connection');
      if (bytes > 0) got += bytes;
    }
    if (Buffer.compare(reply, message) !== 0) throw new Error('the server sent back other bytes');
  }
}
