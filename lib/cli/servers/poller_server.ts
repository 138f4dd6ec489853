import { type BackendName, type Events, Poller, READABLE, type Socket } from '../../index.ts';
import type { Control } from '../control.ts';
import { DatagramBatches, Datagrams } from './datagrams.ts';
import type { Transport } from './listening.ts';
import { BUFFER_SIZE, Connection, type Endpoint, Listener, Slab } from './streams.ts';

/** `plain`: a call for each thing to do. `batch`: one for all of a batch. `hosted`: plain, on the runtime's own loop. */
export const manners = ['plain', 'batch', 'hosted'] as const;
export type Manner = (typeof manners)[number];

/** An echo server on one backend. It ends with its control socket, and answers whatever comes there with `status`. */
export class PollerServer {
  readonly #poller: Poller<Endpoint>;
  readonly #manner: Manner;
  readonly #buffer = new Uint8Array(BUFFER_SIZE);
  readonly #slab = new Slab();
  #over = false;

  constructor(backend: BackendName, manner: Manner, control: Control, status: () => object) {
    this.#poller = new Poller({ backend });
    this.#manner = manner;
    const answer = () => {
      if (control.skip())
        control.tell(this.#refusal === undefined ? status() : { ...status(), refusal: this.#refusal });
      else this.#over = true;
    };
    // By its number: a batch does not receive from it then.
    this.#poller.add(control.socket.fd, READABLE, { data: { serve: answer } });
  }

  /** Why connections were turned away. */
  #refusal: string | undefined;

  listen(sockets: ReadonlyMap<Transport, Socket>): void {
    for (const [transport, socket] of sockets) {
      if (transport !== 'udp') {
        new Listener(this.#poller, socket, this.#buffer, (message) => {
          this.#refusal = message;
        });
      } else if (this.#manner === 'batch') new DatagramBatches(this.#poller, socket);
      else new Datagrams(this.#poller, socket);
    }
  }

  /** Serves a connection that somebody else has made. */
  adopt(socket: Socket): void {
    new Connection(this.#poller, socket, this.#buffer);
  }

  /** Serves until the control socket ends. Connections stay open, for the process to end with. */
  async run(): Promise<void> {
    if (this.#manner === 'hosted') await this.#runHosted();
    else while (!this.#over) this.#serve(this.#poller.wait());
  }

  #runHosted(): Promise<void> {
    return new Promise((resolve) => {
      this.#poller.start((events) => {
        this.#serve(events);
        if (!this.#over) return;
        this.#poller.stop();
        resolve();
      });
    });
  }

  #serve(events: Events<Endpoint>): void {
    if (this.#manner === 'batch') {
      this.#slab.serve(events);
      return;
    }
    for (let i = 0; i < events.length; i++) {
      const flags = events.flags[i] ?? 0;
      if (flags !== 0) events.data(i).serve(flags);
    }
  }
}
