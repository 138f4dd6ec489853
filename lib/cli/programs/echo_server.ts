// The server side of ping-pong and echo, a process of its own: `echo_server.js SUBJECT adopt|TRANSPORT...`.
// SUBJECT: a backend, perhaps with `, batch` or `, hosted`, or node:net or node:dgram.
// Descriptor 3 is the control socket: it is told where we listen, asks for our CPU time, and its end is ours.
import { type BackendName, Socket } from '../../index.ts';
import { messageOf } from '../command.ts';
import { Control } from '../control.ts';
import { cpuTime } from '../cpu_time.ts';
import { Listening, type Transport } from '../servers/listening.ts';
import { serveNode } from '../servers/node_server.ts';
import { type Manner, PollerServer } from '../servers/poller_server.ts';

const ADOPTED_FD = 4;

const [subject = '', ...roles] = process.argv.slice(2);
const [name = '', manner = 'plain'] = subject.split(', ');

const status = (): { cpu: number } => ({ cpu: cpuTime() });

const control = new Control();
const listening = new Listening(roles.includes('adopt') ? [] : (roles as Transport[]));
const { addresses } = listening;
const ready = { port: Number(addresses.tcp?.split(':').at(-1) ?? 0), addresses };
try {
  if (name.startsWith('node:')) {
    await serveNode(listening.sockets, control, status, ready);
  } else {
    const server = new PollerServer(name as BackendName, manner as Manner, control, status);
    if (roles.includes('adopt')) server.adopt(Socket.fromFd(ADOPTED_FD));
    else server.listen(listening.sockets);
    control.tell(ready);
    await server.run();
  }
} catch (error) {
  control.tell({ error: messageOf(error) });
  process.exitCode = 1;
} finally {
  listening.close();
}
// With all connections: whoever made them is gone.
process.exit();
