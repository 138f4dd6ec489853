// Resident memory over a million sockets and registrations, made and closed in one loop that never returns to the
// event loop, so that no finalizer ever runs. usage: node bench/memory.mjs [COUNT]; needs `npm run compile`.
import { Poller, READABLE, Socket } from 'fdpoll';

const count = Number(process.argv[2] ?? 1_000_000);
const STEPS = 10;
const poller = new Poller();

function resident() {
  return process.memoryUsage.rss() / 2 ** 20;
}

for (let step = 0; step <= STEPS; step++) {
  console.log(`${String((step * count) / STEPS).padStart(8)} sockets: ${resident().toFixed(1)} MiB resident`);
  if (step === STEPS) break;
  for (let i = 0; i < count / STEPS / 2; i++) {
    const [a, b] = Socket.pair();
    poller.add(a, READABLE, { data: { i } });
    poller.add(b, READABLE, { data: { i } });
    if (i % 64 === 0) poller.wait(0);
    a.close();
    b.close();
  }
}
