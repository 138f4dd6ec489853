// An echo server on poller.wait(): node examples/echo_server.mjs [port]
import { formatAddress, Poller, READABLE, Socket, WRITABLE } from 'fdpoll';

const listener = Socket.listen(`127.0.0.1:${process.argv[2] ?? 0}`);
const poller = new Poller();
const buffer = Buffer.alloc(65536);
let parked = false;

function accept() {
  try {
    for (let socket = listener.accept(); socket; socket = listener.accept())
      poller.add(socket, READABLE, { data: echo.bind(null, { socket }) });
    parked = false;
  } catch (error) {
    if (!['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM'].includes(error.code)) throw error;
    parked = true; // its queue is as it was, so it stays readable: watched on, it would spin
  }
  poller.modify(listener, parked ? 0 : READABLE);
}

function echo(client) {
  try {
    const received = client.unsent?.length ?? client.socket.recv(buffer);
    if (received === 0) return client.socket.close();
    const bytes = client.unsent ?? buffer.subarray(0, Math.max(received, 0)); // -1: nothing there after all
    const rest = bytes.subarray(Math.max(client.socket.send(bytes), 0)); // -1: no room
    client.unsent = rest.length > 0 ? Buffer.from(rest) : undefined;
    poller.modify(client.socket, client.unsent ? WRITABLE : READABLE); // reads on once the peer has taken its echo
  } catch {
    client.socket.close(); // reset by its peer
  }
}

poller.add(listener, READABLE, { data: accept });
console.log(formatAddress(listener.localAddress));
for (;;) {
  for (const event of poller.wait(parked ? 100 : undefined)) event.data();
  if (parked) accept();
}
