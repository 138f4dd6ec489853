// Two descriptors, one loop, a small netcat: node examples/watch_stdin_and_socket.mjs 127.0.0.1:7000
// The end of stdin is told to the server; the end of the server is the end of the program.
import { readSync, writeSync } from 'node:fs';
import { Poller, READABLE, Socket, WRITABLE, waitFor } from 'fdpoll';

const [STDIN, STDOUT] = [0, 1];
const server = Socket.connect(process.argv[2], { timeout: 5000 });
const poller = new Poller();
const input = Buffer.alloc(65536);
const output = Buffer.alloc(65536);
let unsent = input.subarray(0, 0);

function toServer() {
  if (unsent.length === 0) unsent = input.subarray(0, readSync(STDIN, input));
  if (unsent.length === 0) {
    poller.delete(STDIN);
    return server.shutdown('write');
  }
  unsent = unsent.subarray(Math.max(server.send(unsent), 0));
  // While the server takes no more, stdin is parked. What the server sends is read all the same: it may wait for that.
  poller.modify(STDIN, unsent.length > 0 ? 0 : READABLE);
  poller.modify(server, unsent.length > 0 ? READABLE | WRITABLE : READABLE);
}

function toStdout() {
  const length = server.recv(output);
  for (let written = 0; written < length; written += writeSync(STDOUT, output, written, length - written)) {
    waitFor(STDOUT, WRITABLE);
  }
  if (length === 0) process.exit();
}

poller.add(server, READABLE);
poller.add(STDIN, READABLE); // EPERM for an ordinary file, which is always ready: cat file | node ...
for (;;) {
  for (const { fd, readable, writable } of poller.wait()) {
    if (fd === STDIN || writable) toServer();
    if (fd !== STDIN && readable) toStdout();
  }
}
