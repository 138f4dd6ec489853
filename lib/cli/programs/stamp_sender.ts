// Writes stamps into the socket that it inherits, in a process of its own. A stamp is late by as much as the scheduler
// keeps this process from running, which it says itself.
import { monotonicTime, Poller, type Socket, WRITABLE, waitFor } from '../../index.ts';
import { serveOrders } from '../orders.ts';
import { STAMP_BYTES, type StampOrder } from '../stamp_source.ts';

/** Until the first stamp. */
const HEAD_START_NS = 2_000_000n;
/** A sleep may end some 50 µs late, in a virtual machine later: the last part is spent looking at the clock. */
const LOOKING_NS = 200_000n;

const sleeper = new Poller();
const stamp = Buffer.alloc(STAMP_BYTES);

serveOrders<StampOrder>(({ count, intervalUs }, socket) => {
  const interval = BigInt(Math.round(intervalUs * 1e3));
  let planned = monotonicTime() + HEAD_START_NS;
  for (let i = 0; i < count; i++, planned += interval) {
    waitUntil(planned);
    write(socket, planned);
  }
});

function waitUntil(planned: bigint): void {
  const sleep = planned - LOOKING_NS - monotonicTime();
  if (sleep > 0n) sleeper.wait(Number(sleep) / 1e6);
  while (monotonicTime() < planned);
}

function write(socket: Socket, planned: bigint): void {
  stamp.writeBigInt64LE(planned, 0);
  for (;;) {
    stamp.writeBigInt64LE(monotonicTime(), 8);
    if (socket.send(stamp) === STAMP_BYTES) return;
    // A full socket delays this stamp and not those after it, whose times are planned.
    waitFor(socket, WRITABLE);
  }
}
