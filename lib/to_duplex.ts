import type { DuplexOptions } from 'node:stream';
import { beDuplex } from './builtins.ts';
import { closedError } from './errors.ts';
import { watchedPoller } from './hidden_poller.ts';
import { Poller } from './poller.ts';
import { Socket } from './socket.ts';
import { SocketDuplex } from './socket_duplex.ts';
import { SocketStream } from './socket_stream.ts';
import { booleanOf, optionsOf, wrongType, wrongValue } from './validate.ts';

/** What `toDuplex` takes beside the options of a Duplex. */
export interface ToDuplexOptions extends DuplexOptions {
  /** Drive it by this poller, which is hosted by its streams: nobody else starts it or waits on it. */
  poller?: Poller;
  /** Pass descriptors: `writeWithFds` and 'fds'. Unix sockets only. Default false. */
  fds?: boolean;
}

// Of these a stream takes one each.
const taken: WeakSet<Socket> = new WeakSet();

/**
 * A `stream.Duplex` on a stream socket that is connected or connecting, hosted by the event loop. It owns the socket
 * from here on, and closes it when it is destroyed. As with net.Socket, `allowHalfOpen` is false by default: when the
 * peer has ended, this end is ended too.
 * @throws FdError as `Poller.add`; the socket then stays yours.
 */
export function toDuplex(socket: Socket, options?: ToDuplexOptions): SocketDuplex {
  if (!(socket instanceof Socket)) throw wrongType('socket', 'a Socket', socket);
  const { poller, fds = false, ...rest } = optionsOf(options);
  booleanOf('options.fds', fds);
  if (poller !== undefined && !(poller instanceof Poller)) throw wrongType('options.poller', 'a Poller', poller);
  if (socket.closed) throw closedError('socket');
  if (socket.type !== 'stream' || socket.listening) throw wrongValue('socket', 'a stream socket that connects', socket);
  if (fds && socket.family !== 'unix') throw wrongValue('socket', 'a unix socket, to pass descriptors', socket);
  if (taken.has(socket)) throw wrongValue('socket', 'a socket that no stream owns', socket);
  beDuplex(SocketStream);
  const stream = new SocketDuplex(socket, watchedPoller(poller), fds, { allowHalfOpen: false, ...streamOptions(rest) });
  socket.timeout = 0;
  taken.add(socket);
  return stream;
}

/** Without what would replace the socket as where the bytes come from and go to. */
function streamOptions(options: DuplexOptions): DuplexOptions {
  const { read, write, writev, final, destroy, construct, ...rest } = options;
  for (const [name, given] of Object.entries({ read, write, writev, final, destroy, construct }))
    if (given !== undefined) throw wrongValue(`options.${name}`, 'left out: the socket does it', given);
  if (rest.objectMode || rest.readableObjectMode || rest.writableObjectMode)
    throw wrongValue('options.objectMode', 'left out: sockets carry bytes', true);
  return rest;
}
