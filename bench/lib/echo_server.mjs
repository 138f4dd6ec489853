// The echo server on events.receive and events.send, for whoever drives the poller: one crossing to receive from all
// connections of a batch, one to send to all. Prints `ready`.
import { READABLE, Socket } from 'fdpoll';

/** Listens, and gives the function that serves a batch of this poller. */
export function echoServer(poller, port) {
  const slab = Buffer.allocUnsafe(1 << 18);
  const listener = Socket.listen(`127.0.0.1:${port}`);
  poller.add(listener, READABLE, { data: listener });
  console.log('ready');

  function finish(socket, rest) {
    // The same shortcut as the C server's: it spins for room, since the load never leaves much unread.
    for (let sent = 0; sent < rest.length; ) sent += Math.max(0, socket.send(rest, sent));
  }

  return (events) => {
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
  };
}
