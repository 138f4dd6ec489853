// The server side of ping-pong and echo, a process of its own: `echo_server.js SUBJECT listen|adopt`.
// Descriptor 3 is the control socket: it is told where we listen, asks for our CPU time, and its end is ours.
import { createServer, Socket as NetSocket } from 'node:net';
import { type BackendName, Poller, READABLE, Socket, WRITABLE } from '../../index.ts';
import { messageOf } from '../command.ts';
import type { Reply } from '../server_process.ts';

const CONTROL_FD = 3;
const ADOPTED_FD = 4;
const BUFFER_SIZE = 65_536;

function encode(reply: Reply): Buffer {
  return Buffer.from(`${JSON.stringify(reply)}\n`);
}

/** Nobody to tell it to is no error: the control socket has ended then, and the loop will notice. */
function tell(control: Socket, reply: Reply): void {
  try {
    control.send(encode(reply));
  } catch {}
}

function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

class Connection {
  /** What the kernel did not take yet. While there is some, nothing more is read. */
  pending: Uint8Array | undefined;
  readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
  }
}

/** A loop of our own on `poller.wait()`, with one buffer for all connections. */
class EchoLoop {
  readonly #poller: Poller<Connection | undefined>;
  readonly #control: Socket;
  readonly #listener: Socket | undefined;
  readonly #buffer = new Uint8Array(BUFFER_SIZE);

  constructor(backend: BackendName, control: Socket, served: { listener: Socket } | { adopted: Socket }) {
    this.#poller = new Poller({ backend });
    this.#control = control;
    this.#poller.add(control, READABLE);
    if ('listener' in served) {
      this.#listener = served.listener;
      this.#poller.add(served.listener, READABLE);
    } else {
      this.#add(served.adopted);
    }
  }

  run(): void {
    const poller = this.#poller;
    for (;;) {
      const events = poller.wait();
      for (let i = 0; i < events.length; i++) {
        const connection = events.data(i);
        if (connection !== undefined) this.#serve(connection, events.flags[i] ?? 0);
        else if (events.fds[i] === this.#listener?.fd) this.#accept();
        else if (!this.#answer()) return;
      }
    }
  }

  #add(socket: Socket): void {
    this.#poller.add(socket, READABLE, { data: new Connection(socket) });
  }

  #accept(): void {
    for (let socket = this.#listener?.accept(); socket; socket = this.#listener?.accept()) this.#add(socket);
  }

  #serve(connection: Connection, flags: number): void {
    const { socket, pending } = connection;
    try {
      if (flags & WRITABLE && pending) this.#send(connection, pending);
      else if (flags & READABLE) {
        const bytes = socket.recv(this.#buffer);
        if (bytes > 0) {
          const sent = socket.send(this.#buffer, 0, bytes);
          if (sent < bytes) this.#keep(connection, this.#buffer.slice(Math.max(sent, 0), bytes));
        } else if (bytes === 0) {
          socket.close();
        }
      }
    } catch {
      // The peer is gone; the client tells what that means to it.
      socket.close();
    }
  }

  #keep(connection: Connection, rest: Uint8Array): void {
    connection.pending = rest;
    this.#poller.modify(connection.socket, WRITABLE);
  }

  #send(connection: Connection, pending: Uint8Array): void {
    const sent = connection.socket.send(pending);
    if (sent < pending.length) {
      if (sent > 0) connection.pending = pending.subarray(sent);
      return;
    }
    connection.pending = undefined;
    this.#poller.modify(connection.socket, READABLE);
  }

  /** False when the process that measures is gone. */
  #answer(): boolean {
    try {
      const bytes = this.#control.recv(this.#buffer);
      if (bytes > 0) tell(this.#control, { cpu: cpuTime() });
      return bytes !== 0;
    } catch {
      // It went without reading our last answer.
      return false;
    }
  }
}

function servePoller(backend: BackendName, adopt: boolean): void {
  const control = Socket.fromFd(CONTROL_FD);
  try {
    const served = adopt
      ? { adopted: Socket.fromFd(ADOPTED_FD) }
      : { listener: Socket.listen('127.0.0.1:0', { backlog: 4096 }) };
    const loop = new EchoLoop(backend, control, served);
    const address = 'listener' in served ? served.listener.localAddress : undefined;
    tell(control, { port: address && 'port' in address ? address.port : 0 });
    loop.run();
  } catch (error) {
    tell(control, { error: messageOf(error) });
    process.exitCode = 1;
  }
}

/** The same service the way users of node:net write it. */
function serveNodeNet(): void {
  const control = new NetSocket({ fd: CONTROL_FD, readable: true, writable: true });
  const server = createServer((socket) => {
    socket.on('data', (data) => socket.write(data));
    socket.on('error', () => socket.destroy());
  });
  server.on('error', (error) => control.end(encode({ error: error.message })));
  server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
    const address = server.address();
    control.write(encode({ port: address !== null && typeof address === 'object' ? address.port : 0 }));
  });
  control.on('data', () => control.write(encode({ cpu: cpuTime() })));
  control.on('error', () => {});
  control.on('close', () => process.exit());
}

const [subject, role] = process.argv.slice(2);
if (subject === 'node:net') serveNodeNet();
else servePoller(subject as BackendName, role === 'adopt');
