import { Poller, READABLE, Socket, WRITABLE, waitFor } from '../../index.ts';
import { messageOf } from '../command.ts';
import { takeTurns } from '../rounds.ts';
import type { Context, Failure, Metric, Outcome, Scenario } from '../scenario.ts';
import { ServerProcess } from '../server_process.ts';

const CONNECTIONS = 64;
const BYTES = 64;
const CONNECT_MS = 5_000;
const QUICK_MS = 400;
const FULL_MS = 1000;
const STALLED_MS = 10_000;
const NODE_NET = 'node:net';

const messages: Metric = { name: 'messages-per-second', title: 'messages per second', unit: '1/s', better: 'higher' };
const serverCpu: Metric = {
  name: 'server-cpu-per-message',
  title: 'server CPU per message',
  unit: 'µs',
  better: 'lower',
};

/** What a server costs, beside the same server on `node:net`. */
export const echo: Scenario = {
  name: 'echo',
  title: 'what a server costs, beside the same one on node:net',
  description:
    `TCP over loopback: ${CONNECTIONS} connections with one message of ${BYTES} bytes in flight on each. The server ` +
    'is a process of its own, the load comes from this one (on the default backend, the same for every server).',
  metrics: [messages, serverCpu],
  plots: [
    {
      name: 'cpu',
      kind: 'bar',
      title: 'Server CPU per message',
      says: 'What the server spends on a message, system calls included.',
      metric: serverCpu.name,
    },
  ],
  reference: NODE_NET,
  duration: ({ quick, backends, rounds }) => (backends.length + 1) * (rounds + 1) * sliceMs(quick),
  run,
};

function sliceMs(quick: boolean): number {
  return quick ? QUICK_MS : FULL_MS;
}

async function run(context: Context): Promise<Outcome> {
  const loads = new Map<string, Load>();
  const failures: Failure[] = [];
  try {
    for (const subject of [...context.backends, NODE_NET]) {
      try {
        const load = new Load(context.program('echo_server'), subject);
        loads.set(subject, load);
        load.connect();
      } catch (error) {
        failures.push({ scenario: echo.name, subject, message: messageOf(error) });
      }
    }
    const failed = new Set(failures.map((failure) => failure.subject));
    const turns = await takeTurns({
      ...context,
      scenario: echo.name,
      subjects: [...loads.keys()].filter((subject) => !failed.has(subject)),
      parameters: { connections: CONNECTIONS, bytes: BYTES },
      metrics: echo.metrics,
      sliceMs: sliceMs(context.quick),
      measure: (subject, ms) => (loads.get(subject) as Load).measure(ms),
    });
    return { measurements: turns.measurements, failures: [...failures, ...turns.failures], notes: [] };
  } finally {
    await Promise.all([...loads.values()].map((load) => load.close()));
  }
}

class Client {
  readonly socket: Socket;
  received = 0;

  constructor(socket: Socket) {
    this.socket = socket;
  }
}

/** A closed loop: every connection sends its next message when the last one is back. */
class Load {
  readonly #server: ServerProcess;
  readonly #poller = new Poller<Client>();
  readonly #clients: Client[] = [];
  readonly #message: Uint8Array = new Uint8Array(BYTES).fill(0x66);
  readonly #buffer = new Uint8Array(BYTES);

  constructor(serverPath: string, subject: string) {
    try {
      this.#server = new ServerProcess(serverPath, subject);
    } catch (error) {
      this.#poller.close();
      throw error;
    }
  }

  connect(): void {
    for (let i = 0; i < CONNECTIONS; i++) {
      const client = new Client(Socket.connect(`127.0.0.1:${this.#server.port}`));
      this.#clients.push(client);
      if (waitFor(client.socket, WRITABLE, CONNECT_MS) === 0) throw new Error('the server accepts no connection');
      this.#poller.add(client.socket, READABLE, { data: client });
    }
  }

  measure(sliceMs: number): [perSecond: number, serverCpuPerMessage: number] {
    const cpuBefore = this.#server.cpu();
    const start = performance.now();
    const count = this.#exchange(start + sliceMs);
    const seconds = (performance.now() - start) / 1e3;
    const cpu = this.#server.cpu() - cpuBefore;
    return [count / seconds, cpu / count];
  }

  async close(): Promise<void> {
    this.#poller.close();
    for (const { socket } of this.#clients) socket.close();
    await this.#server.close();
  }

  /** Until the deadline, and until the last message is back: the server is idle before and after. */
  #exchange(deadline: number): number {
    for (const client of this.#clients) this.#send(client);
    let inFlight = this.#clients.length;
    let count = 0;
    while (inFlight > 0) {
      const events = this.#poller.wait(STALLED_MS);
      if (events.length === 0) throw new Error(`no reply for ${STALLED_MS} ms, with ${inFlight} messages in flight`);
      const over = performance.now() >= deadline;
      for (let i = 0; i < events.length; i++) {
        const client = events.data(i);
        if (!this.#receive(client)) continue;
        count++;
        if (over) inFlight--;
        else this.#send(client);
      }
    }
    return count;
  }

  #send(client: Client): void {
    if (client.socket.send(this.#message) !== BYTES) throw new Error('the socket does not take a message');
  }

  /** True when a message is complete. */
  #receive(client: Client): boolean {
    const bytes = client.socket.recv(this.#buffer, 0, BYTES - client.received);
    if (bytes === 0) throw new Error('the server closed a connection');
    if (bytes > 0) client.received += bytes;
    if (client.received < BYTES) return false;
    client.received = 0;
    return true;
  }
}
