// Closed-loop load for an echo server: each connection keeps one message in flight and checks what comes back.
// usage: echo_load.mjs PORT CONNECTIONS BYTES MILLISECONDS; prints `warm` after a third of the time, then the messages
// that came back after that.
import { Poller, READABLE, Socket } from 'fdpoll';

const [port, connections, bytes, milliseconds] = process.argv.slice(2).map(Number);
const message = Buffer.alloc(bytes, 'fdpoll');
const buffer = Buffer.alloc(65536);
const poller = new Poller();

for (let i = 0; i < connections; i++) {
  const socket = Socket.connect(`127.0.0.1:${port}`, { timeout: 5000 });
  poller.add(socket, READABLE, { data: { socket, missing: bytes } });
  socket.send(message);
}

function receive(connection) {
  const n = connection.socket.recv(buffer, 0, connection.missing);
  if (n <= 0) throw new Error(n === 0 ? 'the server hung up' : 'readable, and nothing to read');
  const at = bytes - connection.missing;
  if (message.compare(buffer, 0, n, at, at + n) !== 0) throw new Error('the server sent something else back');
  connection.missing -= n;
  if (connection.missing > 0) return 0;
  connection.missing = bytes;
  connection.socket.send(message);
  return 1;
}

function run(until) {
  let messages = 0;
  while (performance.now() < until) {
    const events = poller.wait(100);
    for (let i = 0; i < events.length; i++) messages += receive(events.data(i));
  }
  return messages;
}

const begin = performance.now();
run(begin + milliseconds / 3);
console.log('warm');
console.log(run(begin + milliseconds));
