import { type BackendName, type Mode, Poller, READABLE, type Socket } from '../../index.ts';
import { cpuTime } from '../cpu_time.ts';
import { STALLED_MS, stalled } from '../stall.ts';
import { median } from '../statistics.ts';
import type { Pairs } from './pairs.ts';

/** How many pairs hold a byte at a time. */
export const ACTIVE = 10;
/** How often a byte is written on before it is only read. */
export const WRITES = 1000;

export interface Relay {
  readonly backend: BackendName;
  readonly pairs: Pairs;
  /** How many of the pairs are registered. */
  readonly n: number;
  readonly mode?: Mode;
  /** What each event does to its registration, once its byte is read. */
  readonly afterEvent?: (poller: Poller<number>, reader: Socket, index: number) => void;
}

/**
 * The experiment of libevent's authors: some bytes go from pair to pair, each event reads one and writes it into the
 * next pair. Gives the median time of the runs that fit into a slice, and their CPU time, both in µs per event. The
 * registrations last for one slice only: left in place, those of one backend would be woken by, and slow down, the
 * writes of the next.
 */
export function measureRelay(relay: Relay, sliceMs: number): [timePerEvent: number, cpuPerEvent: number] {
  const { backend, pairs, n, mode = 'level' } = relay;
  const poller = new Poller<number>({ backend });
  try {
    for (let i = 0; i < n; i++) poller.add(pairs.readers[i] as Socket, READABLE, { mode, data: i });
    const perEvent: number[] = [];
    let events = 0;
    const cpuBefore = cpuTime();
    const end = performance.now() + sliceMs;
    do {
      const start = performance.now();
      const count = run(poller, relay, end);
      perEvent.push(((performance.now() - start) * 1000) / count);
      events += count;
    } while (performance.now() < end);
    return [median(perEvent), (cpuTime() - cpuBefore) / events];
  } catch (error) {
    pairs.drain();
    throw error;
  } finally {
    poller.close();
  }
}

/**
 * The first `ACTIVE` writes and all that they set off, until every byte has been read; gives the number of events. From
 * `end` on nothing more is written: with very many pairs, a run of poll would take seconds.
 */
function run(poller: Poller<number>, { pairs: { readers, writers }, n, afterEvent }: Relay, end: number): number {
  const byte = new Uint8Array(1);
  const spacing = Math.floor(n / ACTIVE);
  const write = (i: number) => {
    if (writers[i]?.send(byte) !== 1) throw new Error(`pair ${i} takes no byte`);
  };
  for (let i = 0; i < ACTIVE; i++) write(i * spacing);
  let writes = WRITES;
  let unread = ACTIVE;
  let count = 0;
  while (unread > 0) {
    const events = poller.wait(STALLED_MS);
    if (events.length === 0) throw stalled(`no event, with ${unread} bytes unread,`);
    if (performance.now() >= end) writes = 0;
    count += events.length;
    for (let i = 0; i < events.length; i++) {
      const index = events.data(i);
      const reader = readers[index];
      if (reader?.recv(byte) !== 1) throw new Error(`an event of pair ${index} without a byte to read`);
      afterEvent?.(poller, reader, index);
      if (writes > 0) {
        writes--;
        write((index + 1) % n);
      } else {
        unread--;
      }
    }
  }
  return count;
}
