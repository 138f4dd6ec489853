import type { Socket as DatagramSocket } from 'node:dgram';
import type { Socket as NetSocket, Server } from 'node:net';
import { constants } from 'node:os';
import { close, dup } from './descriptors.ts';
import { FdError } from './fd_error.ts';
import { Socket } from './socket.ts';
import { wrongType } from './validate.ts';

interface Handle {
  readonly fd?: unknown;
}

/** A dgram.Socket keeps its handle behind a symbol; the property of that name warns that it is deprecated. */
function handleOfNode(socket: object): Handle | null | undefined {
  const symbol = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'state symbol');
  if (symbol === undefined) return (socket as { _handle?: Handle | null })._handle;
  return (socket as Record<symbol, { handle?: Handle | null } | undefined>)[symbol]?.handle;
}

function isNodeSocket(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || value instanceof Socket) return false;
  return '_handle' in value || handleOfNode(value) !== undefined;
}

/**
 * The socket behind a socket or server of Node's, for what Node has no call for: options, descriptors in messages,
 * `tcpInfo`. It is on a duplicate of the descriptor, yours to close, and both share the open file: options and
 * `shutdown` reach both, and what one reads the other does not get, so leave the bytes to Node or `pause()` first. Of a
 * TLS socket it is the TCP socket beneath, whose bytes are encrypted.
 * @throws FdError EBADF when there is no descriptor: not connected or not bound yet, destroyed, or on Windows; ENOTSUP
 * where the runtime does not tell it (Deno).
 */
export function fromNodeSocket(socket: NetSocket | DatagramSocket | Server): Socket {
  if (!isNodeSocket(socket)) throw wrongType('socket', 'a net.Socket, net.Server or dgram.Socket', socket);
  const handle = handleOfNode(socket);
  const fd = handle?.fd;
  if (handle !== null && handle !== undefined && fd === undefined)
    throw new FdError('ENOTSUP', "dup ENOTSUP: operation not supported (this runtime's sockets tell no descriptor)", {
      errno: -constants.errno.ENOTSUP,
      syscall: 'dup',
    });
  if (typeof fd !== 'number' || fd < 0)
    throw new FdError('EBADF', 'dup EBADF: bad file descriptor (the socket is not open yet, closed, or on Windows)', {
      errno: -constants.errno.EBADF,
      syscall: 'dup',
    });
  const own = dup(fd);
  try {
    return Socket.fromFd(own);
  } catch (error) {
    close(own);
    throw error;
  }
}
