// Closed-loop load for a UDP echo server: each socket keeps so many datagrams in flight, and sends those that were lost
// again after 50 ms of silence.
// usage: udp_load.mjs PORT SOCKETS BYTES WINDOW MILLISECONDS; prints `warm` after a third of the time, then the datagrams
// that came back after that.
import { DatagramBatch, Poller, READABLE, Socket } from 'fdpoll';

const SILENCE = 50;
const SOL_SOCKET = 1; // Linux
const SO_RCVBUF = 8;
const [port, sockets, bytes, window, milliseconds] = process.argv.slice(2).map(Number);
const inbox = new DatagramBatch(window);
const outbox = new DatagramBatch(window);
outbox.arena.fill('fdpoll');
outbox.lengths.fill(bytes);
const poller = new Poller();

function send(peer, count) {
  outbox.count = count;
  peer.socket.sendBatch(outbox);
  peer.heard = performance.now();
}

const peers = Array.from({ length: sockets }, () => {
  const socket = Socket.connect(`127.0.0.1:${port}`, { type: 'dgram' });
  socket.setOption(SOL_SOCKET, SO_RCVBUF, 4 << 20);
  const peer = { socket, heard: 0 };
  poller.add(socket, READABLE, { data: peer });
  send(peer, window);
  return peer;
});

function run(until) {
  let datagrams = 0;
  for (let now = performance.now(); now < until; now = performance.now()) {
    const events = poller.wait(20);
    for (let i = 0; i < events.length; i++) {
      const peer = events.data(i);
      const count = peer.socket.recvBatch(inbox);
      if (count <= 0) continue;
      if (inbox.lengths[count - 1] !== bytes) throw new Error('the server sent something else back');
      datagrams += count;
      send(peer, count);
    }
    for (const peer of peers) if (now - peer.heard > SILENCE) send(peer, window);
  }
  return datagrams;
}

const begin = performance.now();
run(begin + milliseconds / 3);
console.log('warm');
console.log(run(begin + milliseconds));
