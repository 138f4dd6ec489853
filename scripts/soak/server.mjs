// The server of a soak: an echo on one poller. Half of the batches go through events.receive and events.send, half of
// them socket by socket. Prints a line of JSON when it listens, one each second, and one at the end, which is when a
// byte comes on stdin and nobody is connected any more.
// usage: server.mjs JSON: { backend, hosting: 'wait' | 'loop' | 'thread', path: of the unix listener, fault? }
import { readdirSync } from 'node:fs';
import { createHistogram } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { dup, FdError, Poller, READABLE, read, Socket, WRITABLE, waitFor } from 'fdpoll';

const { backend, hosting, path, fault } = JSON.parse(process.argv[2]);
/** How long a listener rests that got no descriptor, unless a client closes before. */
const REST_MS = 100;
/** What is hosted lets go of its watch in a turn of the loop, and libkqueue closes late. */
const SETTLE_MS = 100;
/** How long clients have to go, once the end has come. */
const LEAVE_MS = 10_000;

const say = (report) => console.log(JSON.stringify(report));
const descriptors = () => readdirSync('/proc/self/fd').length;
const open = () => new Poller({ backend, ...(hosting === 'wait' ? {} : { hosting }) });

// What Node and the addon open once and keep is none of a leak.
say({ pid: process.pid });
open().close();
await setTimeout(SETTLE_MS);
const fdsBefore = descriptors();

const poller = open();
const slab = Buffer.allocUnsafe(1 << 18);
const perBatch = createHistogram();
const counts = { connections: 0, accepted: 0, closed: 0, refused: 0, bytes: 0, batches: 0, events: 0 };
const hoard = [];
let resting = false;
let ended = false;

const listeners = [Socket.listen('127.0.0.1:0'), Socket.listen(`unix:${path}`)];
for (const listener of listeners) poller.add(listener, READABLE, { data: () => accept(listener) });

function accept(listener) {
  try {
    // A budget: those that are connected are served between two crowds of new ones.
    for (const socket of listener.acceptAll(256)) {
      counts.accepted++;
      counts.connections++;
      if (fault === 'leak' && counts.accepted % 50 === 0) dup(2);
      poller.add(socket, READABLE, { data: { socket, unsent: undefined } });
    }
  } catch (error) {
    if (!(error instanceof FdError) || error.code !== 'EMFILE') throw error;
    counts.refused++;
    if (fault !== 'spin') rest(true);
  }
}

/** A listener without a descriptor for its queue stays readable: watched on, it would spin. */
function rest(whether) {
  if (resting === whether) return;
  resting = whether;
  for (const listener of listeners) poller.modify(listener, resting ? 0 : READABLE);
  if (resting) rested.set(REST_MS);
}
const rested = poller.addTimer(Number.POSITIVE_INFINITY, { data: () => rest(false) });

function leave(client) {
  client.socket.close();
  counts.closed++;
  counts.connections--;
  rest(false);
}

/** Keeps what the peer had no room for, and reads on once that is sent: what is kept is never more than one piece. */
function keep(client, bytes) {
  client.unsent = bytes.length > 0 ? Buffer.from(bytes) : undefined;
  poller.modify(client.socket, client.unsent ? WRITABLE : READABLE);
}

function echo(client) {
  const waiting = client.unsent;
  const received = waiting ? waiting.length : client.socket.recv(slab, 0, 65_536);
  if (received === 0) leave(client);
  else if (received > 0) {
    if (!waiting) took(slab, 0, received);
    const bytes = waiting ?? slab.subarray(0, received);
    const sent = Math.max(client.socket.send(bytes), 0);
    if (waiting || sent < received) keep(client, bytes.subarray(sent));
  }
}

function took(bytes, offset, length) {
  counts.bytes += length;
  if (fault === 'wrong-byte' && counts.events % 100 === 0) bytes[offset] ^= 1;
  if (fault === 'hoard') hoard.push(Buffer.alloc(length, 1));
}

/** What `receive` and `send` have done for event i. */
function finish(client, events, i) {
  const length = events.lengths[i];
  if (client.unsent) echo(client);
  else if (length === 0 || length < -1 || events.sent[i] < -1) leave(client);
  else if (length > 0) {
    counts.bytes += length;
    const sent = Math.max(events.sent[i], 0);
    if (sent < length) keep(client, slab.subarray(events.offsets[i] + sent, events.offsets[i] + length));
  }
}

function serve(events) {
  counts.batches++;
  counts.events += events.length;
  perBatch.record(Math.max(events.length, 1));
  const together = fault === undefined && counts.batches % 2 === 0;
  if (together) {
    events.receive(slab);
    events.send(slab);
  }
  for (let i = 0; i < events.length; i++) {
    if (ended) return;
    const label = events.data(i);
    if (typeof label === 'function') label();
    else if (events.flags[i] !== 0) one(label, events, i, together);
  }
}

/** As a server does that reads whoever sends much empty; the fault needs an end, or nobody could tell of it. */
function stayWith(client) {
  const [until, before] = [performance.now() + 100, counts.bytes];
  echo(client);
  if (counts.bytes - before < 32_768) return;
  while (!client.socket.closed && performance.now() < until)
    if (waitFor(client.socket, client.unsent ? WRITABLE : READABLE, 1) > 0) echo(client);
}

function one(client, events, i, together) {
  try {
    if (together) finish(client, events, i);
    else if (fault === 'lost-byte' && counts.events % 100 === 0 && !client.unsent) client.socket.recv(slab, 0, 1);
    else if (fault === 'greedy') stayWith(client);
    else echo(client);
  } catch (error) {
    if (!(error instanceof FdError) || !['ECONNRESET', 'EPIPE'].includes(error.code)) throw error;
    leave(client);
  }
}

function report() {
  const { mean, max } = perBatch;
  const shown = { mean, max, p50: perBatch.percentile(50), p99: perBatch.percentile(99) };
  say({ ...counts, perBatch: counts.batches > 0 ? shown : undefined, resting });
  perBatch.reset();
}
poller.addTimer(1000, { every: 1000, data: report });

function end() {
  ended = true;
  const { connections } = counts;
  for (const listener of listeners) listener.close();
  poller.close();
  setTimeout(SETTLE_MS).then(() => say({ ...counts, end: true, connections, fdsBefore, fdsAfter: descriptors() }));
}

poller.add(0, READABLE, {
  data: () => {
    read(0, Buffer.alloc(16));
    poller.delete(0);
    const until = performance.now() + LEAVE_MS;
    poller.addTimer(0, {
      every: 20,
      data: () => {
        if (!ended && (counts.connections === 0 || performance.now() > until)) end();
      },
    });
  },
});

say({ port: listeners[0].localAddress.port });
if (hosting === 'wait') while (!ended) serve(poller.wait());
else poller.start(serve);
