import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, Socket as NetSocket } from 'node:net';
import type { Socket } from '../../index.ts';
import type { Control } from '../control.ts';
import type { Transport } from './listening.ts';

const BACKLOG = 4096;

/** The same services the way users of node:net and node:dgram write them, until the control socket ends. */
export async function serveNode(
  sockets: ReadonlyMap<Transport, Socket>,
  control: Control,
  status: () => object,
  ready: () => void,
): Promise<void> {
  const closing = await Promise.all([...sockets].map(([transport, socket]) => serve(transport, socket.detach())));
  ready();
  await answer(control, status);
  for (const close of closing) close();
}

/** Returns what closes it. */
async function serve(transport: Transport, fd: number): Promise<() => void> {
  if (transport === 'udp') {
    const socket = createSocket('udp4');
    socket.on('message', (message, { port, address }) => socket.send(message, port, address));
    // A socket that is bound already may be listening before this returns.
    const listening = once(socket, 'listening');
    socket.bind({ fd });
    await listening;
    return () => socket.close();
  }
  const open = new Set<NetSocket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('data', (data) => socket.write(data));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => open.delete(socket));
  });
  const listening = once(server, 'listening');
  server.listen({ fd, backlog: BACKLOG });
  await listening;
  return () => {
    server.close();
    for (const socket of open) socket.destroy();
  };
}

function answer(control: Control, status: () => object): Promise<void> {
  const socket = new NetSocket({ fd: control.socket.detach(), readable: true, writable: true });
  socket.on('data', () => socket.write(`${JSON.stringify(status())}\n`));
  // It may go without reading our last answer.
  socket.on('error', () => {});
  return new Promise((resolve) => socket.on('close', () => resolve()));
}
