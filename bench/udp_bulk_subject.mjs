// One end of a bulk transfer over UDP on loopback, for so many seconds: a receiver prints `ready`, and each prints the
// bytes that it moved and the microseconds of its CPU since the first third of the time.
// usage: udp_bulk_subject.mjs (fdpoll|dgram) (receive|send) PORT SECONDS
import { createSocket } from 'node:dgram';
import { DatagramBatch, Poller, READABLE, Socket, WRITABLE } from 'fdpoll';

const SEGMENT = 1200; // bytes of a datagram, as QUIC has them
const SEGMENTS = 54; // of one send: 64800 bytes, the most that fits
const ROOM = 4 << 20;
const [SOL_SOCKET, SO_RCVBUF, SOL_UDP, UDP_GRO] = [1, 8, 17, 104]; // Linux
const [kind, role, port, seconds] = process.argv.slice(2);

let bytes = 0;
const until = performance.now() + Number(seconds) * 1000;
const warm = until - (Number(seconds) * 1000 * 2) / 3;
let begin;

/** Looked at now and then; false when the time is over. */
function goesOn() {
  const now = performance.now();
  if (begin === undefined && now > warm) begin = { bytes, cpu: process.cpuUsage() };
  return now < until;
}

function finish() {
  const { user, system } = process.cpuUsage(begin.cpu);
  console.log(JSON.stringify({ bytes: bytes - begin.bytes, cpu: user + system }));
  process.exit();
}

const subjects = {
  'fdpoll receive'() {
    const socket = Socket.listen(`127.0.0.1:${port}`, { type: 'dgram' });
    socket.setOption(SOL_SOCKET, SO_RCVBUF, ROOM);
    socket.setOption(SOL_UDP, UDP_GRO, 1);
    const batch = new DatagramBatch(8, { size: 65536 });
    const poller = new Poller();
    poller.add(socket, READABLE);
    console.log('ready');
    while (goesOn()) {
      poller.wait(20);
      while (socket.recvBatch(batch) > 0) for (let i = 0; i < batch.count; i++) bytes += batch.lengths[i];
    }
    finish();
  },

  'fdpoll send'() {
    const socket = Socket.connect(`127.0.0.1:${port}`, { type: 'dgram' });
    const batch = new DatagramBatch(8, { size: SEGMENT * SEGMENTS });
    batch.lengths.fill(batch.size);
    batch.segments.fill(SEGMENT);
    batch.count = batch.capacity;
    const poller = new Poller();
    poller.add(socket, WRITABLE);
    while (goesOn()) {
      for (let from = 0; from < batch.count; ) {
        const sent = socket.sendBatch(batch, from);
        if (sent < 0) poller.wait(20);
        else from += sent;
      }
      bytes += batch.count * batch.size;
    }
    finish();
  },

  'dgram receive'() {
    const socket = createSocket({ type: 'udp4', recvBufferSize: ROOM });
    socket.on('message', (message) => {
      bytes += message.length;
    });
    socket.bind(Number(port), '127.0.0.1', () => console.log('ready'));
    setInterval(() => goesOn() || finish(), 10);
  },

  'dgram send'() {
    const socket = createSocket('udp4');
    const datagram = Buffer.alloc(SEGMENT);
    const next = () => {
      bytes += SEGMENT;
      // Sending starves the timers of this process.
      if (bytes % (SEGMENT * SEGMENTS) !== 0 || goesOn()) socket.send(datagram, next);
      else finish();
    };
    socket.connect(Number(port), '127.0.0.1', () => {
      for (let i = 0; i < SEGMENTS; i++) socket.send(datagram, next);
    });
  },
};
subjects[`${kind} ${role}`]();
