import { Poller, READABLE, Socket } from '../index.ts';
import { messageOf } from './command.ts';
import type { Reply } from './server_process.ts';

/** Where a program finds its control socket, and the socket that it was handed (see `ServerProcess`). */
const CONTROL_FD = 3;
const ADOPTED_FD = 4;

const ROOM = 4096;

/** An order or its answer. They are short, and one at a time: a socket pair takes and gives them whole. */
export function sendOrder(socket: Socket, order: object): void {
  const bytes = Buffer.from(JSON.stringify(order));
  if (bytes.length > ROOM || socket.send(bytes) !== bytes.length) throw new Error('the socket takes no order');
}

/** Undefined when the other side is gone. */
export function receiveOrder<T>(socket: Socket): T | undefined {
  const buffer = Buffer.alloc(ROOM);
  const bytes = socket.recv(buffer);
  if (bytes === -1) throw new Error('there is no order');
  return bytes === 0 ? undefined : (JSON.parse(buffer.toString('utf8', 0, bytes)) as T);
}

/** The whole life of a program that is handed a socket, over which orders come: until the process that measures is gone. */
export function serveOrders<T>(
  serve: (order: T, socket: Socket) => void,
  control: Socket = Socket.fromFd(CONTROL_FD),
  socket: Socket = Socket.fromFd(ADOPTED_FD),
): void {
  try {
    tell(control, { port: 0 });
    serveAll(serve, control, socket);
  } catch (error) {
    tell(control, { error: messageOf(error) });
    process.exitCode = 1;
  }
}

function serveAll<T>(serve: (order: T, socket: Socket) => void, control: Socket, socket: Socket): void {
  const poller = new Poller<Socket>();
  for (const each of [control, socket]) poller.add(each, READABLE, { data: each });
  try {
    for (;;) {
      for (const { data } of poller.wait()) {
        // Nothing is asked over the control socket, whose end is ours.
        if (data === control) return;
        const order = receiveOrder<T>(socket);
        if (order === undefined) return;
        serve(order, socket);
      }
    }
  } finally {
    poller.close();
  }
}

/** Nobody to tell it to is no error: who measures is gone then. */
function tell(control: Socket, reply: Reply): void {
  try {
    control.send(Buffer.from(`${JSON.stringify(reply)}\n`));
  } catch {}
}
