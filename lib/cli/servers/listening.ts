import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatAddress, Socket } from '../../index.ts';

export const transports = ['tcp', 'unix', 'udp'] as const;
export type Transport = (typeof transports)[number];
export type Addresses = Partial<Record<Transport, string>>;

const LOOPBACK = '127.0.0.1:0';
/** Twice what a burst of thousands of small datagrams takes; systems that allow less give what they allow. */
const DATAGRAM_ROOM = 4 << 20;

/** The sockets of a server: of loopback on any port, and a unix path in a folder of its own. */
export class Listening {
  readonly sockets: ReadonlyMap<Transport, Socket>;
  readonly addresses: Addresses = {};
  #folder: string | undefined;

  constructor(wanted: readonly Transport[]) {
    const sockets = new Map<Transport, Socket>();
    this.sockets = sockets;
    try {
      for (const transport of wanted) {
        const socket = this.#listen(transport);
        sockets.set(transport, socket);
        const { localAddress } = socket;
        if (localAddress) this.addresses[transport] = formatAddress(localAddress);
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Closes what nobody has taken, and removes the path. */
  close(): void {
    for (const socket of this.sockets.values()) socket.close();
    if (this.#folder) rmSync(this.#folder, { recursive: true, force: true });
  }

  #listen(transport: Transport): Socket {
    // Connections have it from their listener: no message waits for the acknowledgement of the one before.
    if (transport === 'tcp') return Socket.listen(LOOPBACK, { options: { TCP_NODELAY: true } });
    if (transport === 'udp') return roomy(Socket.listen(LOOPBACK, { type: 'dgram' }));
    this.#folder = mkdtempSync(join(tmpdir(), 'fdpoll-echo-'));
    return Socket.listen(`unix:${join(this.#folder, 'socket')}`);
  }
}

function roomy(socket: Socket): Socket {
  try {
    socket.setOption('SO_RCVBUF', DATAGRAM_ROOM);
  } catch {}
  return socket;
}
