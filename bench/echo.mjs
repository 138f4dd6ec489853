// The echo server that is measured against the raw C one: a loop on poller.wait() with a recv and a send call for each
// message, as a user would write it for a trusted load. usage: node bench/echo.mjs PORT; prints `ready`.
import { Poller, READABLE, Socket } from 'fdpoll';

const poller = new Poller();
const listener = Socket.listen(`127.0.0.1:${process.argv[2] ?? 0}`);
poller.add(listener, READABLE, { data: listener });
const buffer = Buffer.allocUnsafe(65536);
console.log('ready');

function sendAll(socket, length) {
  for (let sent = 0; sent < length; ) {
    const n = socket.send(buffer, sent, length - sent);
    // The same shortcut as the C server's: it spins for room, since the load never leaves much unread.
    if (n > 0) sent += n;
  }
}

for (;;) {
  const events = poller.wait();
  for (let i = 0; i < events.length; i++) {
    const socket = events.data(i);
    if (socket === listener) {
      for (let peer = listener.accept(); peer; peer = listener.accept()) poller.add(peer, READABLE, { data: peer });
      continue;
    }
    try {
      const n = socket.recv(buffer);
      if (n > 0) sendAll(socket, n);
      else if (n === 0) socket.close();
    } catch {
      socket.close();
    }
  }
}
