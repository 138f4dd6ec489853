import { messageOf } from '../command.ts';
import { ProgramProcess } from '../program_process.ts';
import type { Context, Failure } from '../scenario.ts';
import type { Addresses, Transport } from '../servers/listening.ts';
import type { ClosedLoop } from './closed_loop.ts';
import type { FixedRate } from './fixed_rate.ts';
import type { LoadRequest } from './load.ts';

/** A server: a backend, perhaps with its manner, or node:net or node:dgram; and what it serves. */
export interface Peer {
  readonly subject: string;
  readonly transports: readonly Transport[];
}

interface Server {
  readonly process: ProgramProcess;
  readonly addresses: Addresses;
}

interface Status {
  readonly cpu: number;
  /** Why connections were turned away. */
  readonly refusal?: string;
}

export interface Cost<Answer> {
  readonly answer: Answer;
  /** User and system time of the server meanwhile, in µs. */
  readonly cpu: number;
}

/** Each server in a process of its own, and the load in another: this process only asks and notes the answers. */
export class Session {
  readonly failures: Failure[] = [];
  readonly #servers = new Map<string, Server>();
  readonly #load: ProgramProcess;

  private constructor(load: ProgramProcess) {
    this.#load = load;
  }

  /** What does not start is among the `failures`. */
  static async start(scenario: string, context: Context, peers: readonly Peer[]): Promise<Session> {
    const path = context.program('echo_server');
    const session = new Session(new ProgramProcess(context.program('echo_load')));
    const loaded = session.#load.reply();
    // It is heard of below, when the servers are there.
    loaded.catch(() => {});
    const started = peers.map(async ({ subject, transports }) => {
      let server: ProgramProcess | undefined;
      try {
        server = new ProgramProcess(path, [subject, ...transports]);
        const { addresses } = await server.reply<{ addresses: Addresses }>();
        await loaded;
        return { process: server, addresses };
      } catch (error) {
        await server?.close();
        return error;
      }
    });
    for (const [i, outcome] of (await Promise.all(started)).entries()) {
      const subject = peers[i]?.subject ?? '';
      if (outcome instanceof Error) session.failures.push({ scenario, subject, message: messageOf(outcome) });
      else session.#servers.set(subject, outcome as Server);
    }
    return session;
  }

  /** What has started, of these. */
  running(peers: readonly Peer[]): string[] {
    return peers.map(({ subject }) => subject).filter((subject) => this.#servers.has(subject));
  }

  async connect(subject: string, transport: Transport, connections: number, bytes: number): Promise<void> {
    const address = this.#server(subject).addresses[transport];
    if (address === undefined) throw new Error(`the server does not serve ${transport}`);
    await this.#ask({ open: subject, target: { transport, address, connections, bytes } });
  }

  async disconnect(subject: string): Promise<void> {
    await this.#ask({ close: subject });
  }

  async closedLoop(subject: string, ms: number): Promise<Cost<ClosedLoop>> {
    return await this.#cost(subject, { closed: subject, ms });
  }

  /** `rate` is requests a second. */
  async fixedRate(subject: string, ms: number, rate: number): Promise<Cost<FixedRate>> {
    return await this.#cost(subject, { fixed: subject, ms, rate });
  }

  /** Why the server has turned connections away, if it has. */
  async refusal(subject: string): Promise<string | undefined> {
    return (await this.#server(subject).process.ask<Status>({})).refusal;
  }

  /** Ends all processes. */
  async close(): Promise<void> {
    await Promise.all([this.#load, ...[...this.#servers.values()].map(({ process }) => process)].map((p) => p.close()));
  }

  async #cost<Answer>(subject: string, request: LoadRequest): Promise<Cost<Answer>> {
    const { process } = this.#server(subject);
    const before = await process.ask<Status>({});
    const answer = await this.#ask<Answer>(request);
    const after = await process.ask<Status>({});
    return { answer, cpu: after.cpu - before.cpu };
  }

  async #ask<Answer>(request: LoadRequest): Promise<Answer> {
    return await this.#load.ask<Answer>(request);
  }

  #server(subject: string): Server {
    const server = this.#servers.get(subject);
    if (!server) throw new Error('the server has not started');
    return server;
  }
}
