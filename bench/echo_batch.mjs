// The echo server on events.receive and events.send: one crossing to wait, one to receive from all, one to send to all.
// Measured against the raw C one. usage: node bench/echo_batch.mjs PORT; prints `ready`.
import { Poller, READABLE, Socket } from 'fdpoll';

const poller = new Poller();
const slab = Buffer.allocUnsafe(1 << 18);
const listener = Socket.listen(`127.0.0.1:${process.argv[2] ?? 0}`);
poller.add(listener, READABLE, { data: listener });
console.log('ready');

function finish(socket, rest) {
  // The same shortcut as the C server's: it spins for room, since the load never leaves much unread.
  for (let sent = 0; sent < rest.length; ) sent += Math.max(0, socket.send(rest, sent));
}

for (;;) {
  const events = poller.wait();
  const { lengths, sent, offsets } = events;
  // What the slab had no room for is reported again by the next wait.
  events.receive(slab);
  events.send(slab);
  for (let i = 0; i < events.length; i++) {
    const n = lengths[i];
    if (n > 0 && sent[i] === n) continue;
    const socket = events.data(i);
    if (socket === listener) {
      for (let peer = listener.accept(); peer; peer = listener.accept()) poller.add(peer, READABLE, { data: peer });
    } else if (n === 0 || n < -1 || sent[i] < -1) socket.close();
    else if (n > 0) finish(socket, slab.subarray(offsets[i] + Math.max(0, sent[i]), offsets[i] + n));
  }
}
