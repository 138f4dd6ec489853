// What an idle connection costs a server that holds it registered, with a label: bytes of JavaScript heap, and resident,
// with all tables. The clients are another process. usage: node --expose-gc bench/idle_memory.mjs [--connections N]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Poller, READABLE, Socket } from 'fdpoll';

const { values } = parseArgs({
  options: { connections: { type: 'string', default: '10000' }, clients: { type: 'string' } },
});
const count = Number(values.connections);

/** The peers: connected, silent, until told to go. */
async function clients(port) {
  const held = [];
  for (let i = 0; i < count; i++) held.push(Socket.connect(`127.0.0.1:${port}`, { timeout: 10_000 }));
  process.send('connected');
  await once(process, 'message');
  process.exit(held.length === count ? 0 : 1);
}

function settled() {
  for (let i = 0; i < 4; i++) globalThis.gc();
  const resident = Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
  const { heapUsed, external } = process.memoryUsage();
  return { heap: heapUsed, external, resident };
}

async function server() {
  const poller = new Poller();
  const listener = Socket.listen('127.0.0.1:0', { backlog: 4096 });
  poller.add(listener, READABLE, { data: { listener } });
  const accept = (label) => {
    poller.wait(10_000);
    for (let socket = listener.accept(); socket; socket = listener.accept())
      poller.add(socket, READABLE, { data: label(socket) });
  };
  // The code is compiled and the tables have their first pages before the first look.
  const warm = Array.from({ length: 300 }, () => Socket.connect(listener.localAddress));
  const served = [];
  while (poller.size < warm.length + 1) accept((socket) => served[served.push(socket) - 1]);
  for (const socket of [...warm, ...served]) socket.close();
  served.length = warm.length = 0;
  await new Promise((resolve) => setTimeout(resolve, 200));

  const before = settled();
  const self = fileURLToPath(import.meta.url);
  const child = fork(self, ['--connections', String(count), '--clients', String(listener.localAddress.port)]);
  while (poller.size < count + 1) accept((socket) => socket);
  await once(child, 'message');
  const after = settled();
  for (const [what, name] of [
    ['heap', 'JavaScript heap'],
    ['external', 'array buffers'],
    ['resident', 'resident'],
  ])
    console.log(`${name.padEnd(16)} ${Math.round((after[what] - before[what]) / count)} bytes a connection`);
  child.send('go');
  await once(child, 'exit');
}

if (globalThis.gc === undefined) throw new Error('needs node --expose-gc');
await (values.clients === undefined ? server() : clients(values.clients));
