import { READABLE } from './constants.ts';
import { isExhaustion } from './errors.ts';
import { Poller } from './poller.ts';
import { PLAINLY } from './poller_options.ts';
import { Socket } from './socket.ts';
import { wrongType, wrongValue } from './validate.ts';

/** How long a listener rests when descriptors or memory have run out: it stays readable and would be asked for ever. */
const REST_MS = 50;

function listOf(listeners: Socket | readonly Socket[]): readonly Socket[] {
  const list: readonly unknown[] = Array.isArray(listeners) ? listeners : [listeners];
  if (list.length === 0) throw wrongValue('listeners', 'at least one listening Socket', '[]');
  for (const listener of list)
    if (!(listener instanceof Socket)) throw wrongType('listeners', 'a listening Socket or an array of them', listener);
  return list as readonly Socket[];
}

function acceptOne(listener: Socket): Socket | 'exhausted' | undefined {
  try {
    return listener.acceptAll(1)[0];
  } catch (error) {
    if (isExhaustion(error)) return 'exhausted';
    throw error;
  }
}

/**
 * Accepts on one or several listeners and hands each connection to `handler`, one after another, until it returns
 * false or a listener is closed. Blocks this thread. The listeners take turns, so that a busy one starves nobody.
 * When descriptors run out it goes on as soon as there are some again. What the handler throws comes through.
 * @throws FdError what accept(2) says of a socket that does not listen.
 */
export function acceptLoop(
  listeners: Socket | readonly Socket[],
  handler: (socket: Socket, listener: Socket) => unknown,
): void {
  const list = listOf(listeners);
  if (typeof handler !== 'function') throw wrongType('handler', 'a function', handler);
  using poller = new Poller<Socket>();
  for (const listener of list) poller.add(listener, READABLE, { ...PLAINLY, data: listener });
  const resting = new Set<Socket>();
  while (!list.some((listener) => listener.closed)) {
    const events = poller.wait(resting.size === 0 ? Number.POSITIVE_INFINITY : REST_MS);
    for (const listener of resting) poller.modify(listener, READABLE);
    resting.clear();
    for (let i = 0; i < events.length; i++) {
      const listener = events.data(i);
      if (listener.closed) return;
      const socket = acceptOne(listener);
      if (socket === 'exhausted') {
        poller.modify(listener, 0);
        resting.add(listener);
      } else if (socket !== undefined && handler(socket, listener) === false) return;
    }
  }
}
