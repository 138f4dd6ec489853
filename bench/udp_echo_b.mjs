// The UDP echo server that is measured against the raw C one: it waits for datagrams, and what a batch received goes
// back as it stands. usage: node bench/udp_echo.mjs PORT; prints `ready`.
import { DatagramBatch, Poller, READABLE, Socket } from 'fdpoll';

const SOL_SOCKET = 1; // Linux
const SO_RCVBUF = 8;
const socket = Socket.listen(`127.0.0.1:${process.argv[2] ?? 0}`, { type: 'dgram' });
socket.setOption(SOL_SOCKET, SO_RCVBUF, 4 << 20);
const batch = new DatagramBatch(64);
const poller = new Poller();
poller.add(socket, READABLE);
console.log('ready');

for (;;) {
  poller.wait();
  while (socket.recvBatch(batch) > 0) socket.sendBatch(batch);
}
