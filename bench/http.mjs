// The HTTP server that is measured: node:http with its timeouts, over node:net or over toDuplex.
// usage: node bench/http.mjs net|duplex PORT; prints `ready`.
import { createServer } from 'node:http';
import { Poller, READABLE, Socket, toDuplex } from 'fdpoll';

const [kind, port] = process.argv.slice(2);
const body = Buffer.alloc(128, 'fdpoll ');
const server = createServer((_request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': body.length });
  response.end(body);
});
// Beside the defaults, keepAliveTimeout, headersTimeout and requestTimeout: one that every socket has.
server.setTimeout(60_000);

if (kind === 'net') {
  server.listen(Number(port), '127.0.0.1', 4096, () => console.log('ready'));
} else {
  const listener = Socket.listen(`127.0.0.1:${port}`);
  new Poller()
    .start(() => {
      for (const socket of listener.acceptAll()) server.emit('connection', toDuplex(socket).setNoDelay());
    })
    .add(listener, READABLE);
  // What makes the server look after headersTimeout and requestTimeout.
  server.emit('listening');
  console.log('ready');
}
