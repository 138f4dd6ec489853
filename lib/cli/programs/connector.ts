// The clients of the accept scenario, in a process of their own: connects to a port until the time is over, each client
// anew when the server has closed its connection.
import { Poller, READABLE, Socket } from '../../index.ts';
import type { ConnectOrder, ConnectReport } from '../accept_sides.ts';
import { messageOf } from '../command.ts';
import { sendOrder, serveOrders } from '../orders.ts';
import { STALLED_MS, stalled } from '../stall.ts';

const buffer = new Uint8Array(1);

serveOrders<ConnectOrder>((order, socket) => {
  try {
    sendOrder(socket, connectAll(order));
  } catch (error) {
    sendOrder(socket, { error: messageOf(error) });
  }
});

/** A closed loop of so many clients. */
function connectAll({ port, clients, ms }: ConnectOrder): ConnectReport {
  const poller = new Poller<Socket>();
  const sockets = new Set<Socket>();
  const connect = () => {
    const socket = Socket.connect(`127.0.0.1:${port}`);
    sockets.add(socket);
    poller.add(socket, READABLE, { data: socket });
  };
  const start = performance.now();
  try {
    for (let i = 0; i < clients; i++) connect();
    let connections = 0;
    for (let open = clients; open > 0; ) {
      const events = poller.wait(STALLED_MS);
      if (events.length === 0) throw stalled('nobody accepted a connection');
      for (const { data: socket } of events) {
        if (socket.recv(buffer) !== 0) continue;
        // The server has closed first. Answered by a reset, its end does not wait in TIME_WAIT, and no port is used up.
        socket.reset();
        sockets.delete(socket);
        connections++;
        if (performance.now() < start + ms) connect();
        else open--;
      }
    }
    return { connections, seconds: (performance.now() - start) / 1e3 };
  } finally {
    poller.close();
    for (const socket of sockets) socket.reset();
  }
}
