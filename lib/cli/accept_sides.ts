import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type BackendName, READABLE, Socket, Waker, waitFor } from '../index.ts';
import { receiveOrder, sendOrder } from './orders.ts';
import { ServerProcess } from './server_process.ts';
import { STALLED_MS, stalled } from './stall.ts';

/** What a Worker accepts on: a listener that all have, or one of its own at the port that all have. */
export type AcceptTask = { readonly backend: BackendName; readonly exclusive: boolean } & (
  | { readonly listenerFd: number }
  | { readonly port: number }
);

export interface AcceptReport {
  /** Waits that reported the listener, also when another Worker was faster then. */
  readonly wakeUps: number;
  readonly accepted: number;
}

export interface ConnectOrder {
  readonly port: number;
  /** How many connect at once. */
  readonly clients: number;
  readonly ms: number;
}

export interface ConnectReport {
  readonly connections: number;
  readonly seconds: number;
}

type FromWorker = Partial<AcceptReport> & { readonly handle?: number; readonly error?: string };

/** A Worker with `programs/accept_worker.ts`. */
export class Acceptor {
  readonly #worker: Worker;
  readonly #ended: Promise<never>;
  #handle = 0;

  constructor(programPath: string) {
    this.#worker = new Worker(programPath);
    this.#ended = new Promise((_, reject) => {
      this.#worker.once('error', reject);
      this.#worker.once('exit', () => reject(new Error('a Worker has ended')));
    });
    // Nobody asks it for anything when it is terminated.
    this.#ended.catch(() => {});
  }

  /** When this is settled, the Worker waits for connections. */
  async begin(task: AcceptTask): Promise<void> {
    this.#worker.postMessage(task);
    const { handle } = await this.#message();
    if (handle === undefined) throw new Error('a Worker did not begin');
    this.#handle = handle;
  }

  async finish(): Promise<AcceptReport> {
    Waker.from(this.#handle).wake();
    const { wakeUps = 0, accepted = 0 } = await this.#message();
    return { wakeUps, accepted };
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  async #message(): Promise<FromWorker> {
    const [message] = (await Promise.race([once(this.#worker, 'message'), this.#ended])) as [FromWorker];
    if (message.error !== undefined) throw new Error(`a Worker failed: ${message.error}`);
    return message;
  }
}

/** The clients, in a process of their own. */
export class Connector {
  readonly #socket: Socket;
  readonly #server: ServerProcess;

  constructor(programPath: string) {
    const [socket, theirs] = Socket.pair();
    this.#socket = socket;
    try {
      this.#server = new ServerProcess(programPath, 'connections', theirs);
    } catch (error) {
      socket.close();
      theirs.close();
      throw error;
    }
  }

  /** Blocks this thread, so that it costs nothing meanwhile. */
  connect(order: ConnectOrder): ConnectReport {
    sendOrder(this.#socket, order);
    const patience = order.ms + 2 * STALLED_MS;
    if (waitFor(this.#socket, READABLE, patience) === 0) throw stalled('the clients were not done');
    const report = receiveOrder<ConnectReport & { readonly error?: string }>(this.#socket);
    if (report === undefined) throw new Error('the process of the clients has ended');
    if (report.error !== undefined) throw new Error(`the clients failed: ${report.error}`);
    return report;
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.#server.close();
  }
}
