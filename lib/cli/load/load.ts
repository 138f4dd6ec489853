import type { Socket } from '../../index.ts';
import { Clients, type Target } from './clients.ts';
import { type ClosedLoop, closedLoop } from './closed_loop.ts';
import { type FixedRate, FixedRateLoad } from './fixed_rate.ts';

/** What the process that measures asks for; `name` is that of a server. */
export type LoadRequest =
  | { readonly open: string; readonly target: Target }
  | { readonly closed: string; readonly ms: number }
  | { readonly fixed: string; readonly ms: number; readonly rate: number }
  | { readonly close: string };

/** The clients of several servers in one process. */
export class Load {
  readonly #control: Socket;
  readonly #groups = new Map<string, { readonly clients: Clients; readonly fixedRate: FixedRateLoad }>();

  constructor(control: Socket) {
    this.#control = control;
  }

  answer(request: LoadRequest): ClosedLoop | FixedRate | Record<string, never> {
    if ('closed' in request) return closedLoop(this.#group(request.closed).clients, request.ms);
    if ('fixed' in request) return this.#group(request.fixed).fixedRate.run(request.rate, request.ms);
    if ('open' in request) {
      const clients = new Clients(request.target, this.#control);
      this.#groups.set(request.open, { clients, fixedRate: new FixedRateLoad(clients) });
    } else {
      this.#groups.get(request.close)?.clients.close();
      this.#groups.delete(request.close);
    }
    return {};
  }

  close(): void {
    for (const { clients } of this.#groups.values()) clients.close();
    this.#groups.clear();
  }

  #group(name: string): { clients: Clients; fixedRate: FixedRateLoad } {
    const group = this.#groups.get(name);
    if (!group) throw new Error(`there is no connection to ${name}`);
    return group;
  }
}
