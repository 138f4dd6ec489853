// The load of a soak: many connections on one poller, each checking every byte that comes back. Commands come as lines
// on stdin: `phase NAME`, and `stop`, after which each connection finishes what it does, ends its sending, reads the rest
// and closes. Prints lines of JSON: one when all have been served, one each second, one at the end.
// usage: load.mjs JSON: { scenario, connections, index, of: how many such processes, port, path, seed, pause: ms }
import { createHistogram } from 'node:perf_hooks';
import { FdError, Poller, READABLE, read, Socket } from 'fdpoll';
import { LONGEST, Pattern, randomOf } from './bytes.mjs';
import { Connection } from './connection.mjs';
import { Wheel } from './wheel.mjs';

const options = JSON.parse(process.argv[2]);
const TICK_MS = 10;
/** How many connections are begun in a tick. */
const CROWD = 64;
/** Each has the ports of its own: one would run short of them, as those of closed connections rest for a minute. */
const SOURCES = 8;

const say = (report) => console.log(JSON.stringify(report));
const poller = new Poller();
const wheel = new Wheel(1024);
const counts = { connects: 0, sent: 0, checked: 0, messages: 0, wrong: 0, failed: 0, acts: {} };
const failures = [];
const phases = new Map();
let latency = createHistogram();
let made = 0;
let left = options.connections;
const connections = [];

const figures = (histogram) => ({
  count: histogram.count,
  p50: histogram.percentile(50) / 1000,
  p90: histogram.percentile(90) / 1000,
  p99: histogram.percentile(99) / 1000,
  max: histogram.max / 1000,
});

/** What a connection knows of the load that it is a part of. */
const load = {
  poller,
  counts,
  scenario: options.scenario,
  pattern: new Pattern(options.seed),
  buffer: Buffer.allocUnsafe(LONGEST),
  phase: 'fill',
  stopping: false,
  nextId: () => options.index + options.of * made++,
  connect(id) {
    try {
      if (id % 3 === 0) return Socket.connect(`unix:${options.path}`);
      return Socket.connect(`127.0.0.1:${options.port}`, {
        localAddress: `127.0.0.${2 + (id % SOURCES)}:0`,
        options: { IP_BIND_ADDRESS_NO_PORT: true },
      });
    } catch (error) {
      // The queue of a unix listener is full.
      if (error instanceof FdError && error.code === 'EAGAIN') return undefined;
      throw error;
    }
  },
  later: (_, ms, callback, argument) => wheel.add(Math.ceil(ms / TICK_MS), () => callback(argument)),
  turn: (connection) => wheel.add(Math.ceil(load.pause() / TICK_MS), () => connection.act()),
  pause: () => (load.stopping ? 0 : options.pause * (0.5 + random())),
  record(ms, phase) {
    counts.messages++;
    const microseconds = Math.max(1, Math.round(ms * 1000));
    latency.record(microseconds);
    if (phase !== load.phase) return;
    if (!phases.has(phase)) phases.set(phase, createHistogram());
    phases.get(phase).record(microseconds);
  },
  answered(connection) {
    if (waiting.delete(connection) && waiting.size === 0) say({ served: true });
  },
  fail(why) {
    counts.failed++;
    if (failures.length < 20) failures.push(why);
  },
  over(connection) {
    left--;
    // Without an answer, if it has failed: nobody waits for it any more.
    load.answered(connection);
  },
};

const random = randomOf(options.seed + options.index);
for (let i = 0; i < options.connections; i++)
  connections.push(new Connection(load, randomOf(options.seed * 7919 + options.index + options.of * i)));
const waiting = new Set(connections);

let opened = 0;
function tick(count) {
  for (let i = 0; i < CROWD && opened < connections.length; i++) connections[opened++].open();
  for (let i = 0; i < count; i++) wheel.turn();
}

let rest = '';
function command() {
  const buffer = Buffer.alloc(4096);
  const length = read(0, buffer);
  if (length === 0) process.exit(1);
  const lines = (rest + buffer.toString('utf8', 0, Math.max(length, 0))).split('\n');
  rest = lines.pop();
  for (const line of lines) {
    const [word, name] = line.split(' ');
    if (word === 'phase') load.phase = name;
    else {
      load.stopping = true;
      for (const connection of connections) connection.act();
    }
  }
}

function report() {
  const connected = connections.reduce((sum, connection) => sum + Number(connection.connected), 0);
  say({ connected, ...counts, latency: figures(latency) });
  latency = createHistogram();
}

const ticks = poller.addTimer(TICK_MS, { every: TICK_MS, data: () => tick(ticks.count) });
poller.addTimer(1000, { every: 1000, data: report });
poller.add(0, READABLE, { data: command });

let until = Number.POSITIVE_INFINITY;
while (left > 0 && performance.now() < until) {
  const events = poller.wait(1000);
  for (let i = 0; i < events.length; i++) {
    const label = events.data(i);
    if (label instanceof Connection) label.ready(events.flags[i]);
    else if (typeof label === 'function') label();
  }
  if (load.stopping && until === Number.POSITIVE_INFINITY) until = performance.now() + options.leave;
}

say({
  end: true,
  ...counts,
  failures,
  unfinished: left,
  unserved: connections.filter((connection) => !connection.served).length,
  missing: connections.reduce((sum, connection) => sum + connection.missing, 0),
  phases: Object.fromEntries([...phases].map(([name, histogram]) => [name, figures(histogram)])),
});
process.exit(0);
