import type { SocketHandle } from './socket_handle.ts';
import { waitFor } from './wait_for.ts';

/**
 * What a call on a non-blocking socket answers when its socket has a `timeout`: tried again whenever the descriptor is
 * ready, until it answers something else than `blocked` or the time is over.
 * @internal
 */
export function patiently<T>(socket: SocketHandle, interest: number, blocked: T, attempt: () => T): T {
  const end = performance.now() + socket.timeout;
  for (;;) {
    const flags = waitFor(socket, interest, end - performance.now());
    const answer = attempt();
    // Ready for somebody else: another process or thread took what was there.
    if (answer !== blocked || flags === 0) return answer;
  }
}
