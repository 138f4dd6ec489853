// Closed-loop load for an HTTP server: each connection keeps one request in flight, keep-alive, and wants the length and
// the status of every response to be those of the first.
// usage: http_load.mjs PORT CONNECTIONS MILLISECONDS; prints `warm` after a third of the time, then the responses that
// came after that.
import { Poller, READABLE, Socket } from 'fdpoll';

const [port, connections, milliseconds] = process.argv.slice(2).map(Number);
const request = Buffer.from(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept: */*\r\nUser-Agent: load\r\n\r\n`);
const buffer = Buffer.alloc(65536);
const poller = new Poller();

function lengthOfResponse() {
  const socket = Socket.connect(`127.0.0.1:${port}`, { timeout: 5000 });
  socket.timeout = 5000;
  socket.send(request);
  for (let got = 0; ; ) {
    const n = socket.recv(buffer, got);
    if (n <= 0) throw new Error('the server does not answer');
    got += n;
    const text = buffer.latin1Slice(0, got);
    const head = text.indexOf('\r\n\r\n') + 4;
    const body = Number(/^content-length: (\d+)/im.exec(text.slice(0, head))?.[1]);
    if (head > 3 && got === head + body) {
      socket.close();
      return got;
    }
  }
}

const length = lengthOfResponse();
for (let i = 0; i < connections; i++) {
  const socket = Socket.connect(`127.0.0.1:${port}`, { timeout: 5000 });
  poller.add(socket, READABLE, { data: { socket, missing: length } });
  socket.send(request);
}

function receive(connection) {
  const n = connection.socket.recv(buffer, 0, connection.missing);
  if (n <= 0) throw new Error(n === 0 ? 'the server hung up' : 'readable, and nothing to read');
  if (connection.missing === length && buffer.latin1Slice(9, 12) !== '200') throw new Error('no 200');
  connection.missing -= n;
  if (connection.missing > 0) return 0;
  connection.missing = length;
  connection.socket.send(request);
  return 1;
}

function run(until) {
  let responses = 0;
  while (performance.now() < until) {
    const events = poller.wait(100);
    for (let i = 0; i < events.length; i++) responses += receive(events.data(i));
  }
  return responses;
}

const begin = performance.now();
run(begin + milliseconds / 3);
console.log('warm');
console.log(run(begin + milliseconds));
