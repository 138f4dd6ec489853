import { closeSync, fstatSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Waker } from '../../lib/index.ts';
import { describeEachBackend } from '../support/backends.ts';
import { changedDescriptors, openDescriptors, settleDescriptors } from '../support/descriptors.ts';
import { until } from '../support/hosted.ts';
import { lacks } from '../support/runtimes.ts';
import { statesOf } from '../support/states.ts';
import { startWorker } from '../support/threads.ts';

const states = await statesOf('worker_states.mjs');
const half = await statesOf('half_states.mjs');

/** How many descriptors a state has as plain numbers at the most. */
const numbersInHand: ReadonlyMap<string, number> = new Map([['in a loop of messages with descriptors', 3]]);

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describeEachBackend('terminate() of a Worker', (backend) => {
  it.each(states)('ends it within 300 ms %s', async (_title, state) => {
    const times: number[] = [];
    const open = new Set(openDescriptors());
    for (let round = 0; round < 3; round++) {
      const { worker, first } = await startWorker('worker_states.mjs', { backend: backend.name, state });
      expect(first).toBe('ready');
      // Gives the Worker time to block; when it has not yet, it ends all the more quickly.
      await pause(20 * round);
      const start = performance.now();
      expect(await worker.terminate()).toBe(1);
      times.push(performance.now() - start);
    }
    const inHand = numbersInHand.get(state);
    if (inHand !== undefined) {
      // Plain numbers that had reached the Worker's own code are nobody's, and stay open: docs/api.md.
      const left = openDescriptors().filter((entry) => !open.has(entry));
      expect(left.length, left.join()).toBeLessThanOrEqual(times.length * inHand);
      for (const entry of left) closeSync(Number.parseInt(entry, 10));
    }
    expect(Math.min(...times), `the best of ${times.map((time) => time.toFixed(1)).join(', ')} ms`).toBeLessThan(300);
  });

  it.each(half)('ends it when it is half constructed: %s', async (_title, state) => {
    await settleDescriptors();
    const before = openDescriptors();
    for (let round = 0; round < 3; round++) {
      const { worker, first } = await startWorker('half_states.mjs', { backend: backend.name, state });
      expect(first).toBe('ready');
      await pause(10 * round);
      expect(await worker.terminate()).toBe(1);
    }
    await until('its descriptors are closed', () => changedDescriptors(before).length === 0);
  });

  it('closes its pollers and sockets, not what it detached', async () => {
    const { worker, first } = await startWorker('worker_states.mjs', { backend: backend.name, state: 'descriptors' });
    const { mine, detached } = first as { mine: number[]; detached: number[] };
    const before = new Map(openDescriptors().map((entry) => [Number.parseInt(entry, 10), entry]));
    await worker.terminate();
    const after = openDescriptors();
    for (const fd of mine.filter((number) => number >= 0))
      expect(after, `descriptor ${fd} of the Worker`).not.toContain(before.get(fd));
    for (const fd of detached) {
      expect(fstatSync(fd).isSocket()).toBe(true);
      closeSync(fd);
    }
  });

  it('closes the descriptors of a message that it has not got yet', async () => {
    await settleDescriptors();
    const before = openDescriptors();
    const { worker, first } = await startWorker('worker_states.mjs', {
      backend: backend.name,
      state: 'inside of a message',
    });
    expect(first).toBe('ready');
    await worker.terminate();
    await until('its descriptors are closed', () => changedDescriptors(before).length === 0);
  });

  const busy = lacks('stopping a busy Worker');
  it(busy ? `leaves one that is blocked until it is woken: ${busy}` : 'does not need it to be woken', async () => {
    const { worker, first } = await startWorker('worker_states.mjs', { backend: backend.name, state: 'to be woken' });
    const waker = Waker.from(first as number);
    expect(await worker.terminate()).toBe(1);
    if (busy) {
      await pause(300);
      expect(waker.wake()).toBe(true);
    }
    // Its end closes the poller.
    await until('its poller is gone', () => !waker.wake());
  });

  it('can be done to many at once', async () => {
    const workers = await Promise.all(
      Array.from({ length: 8 }, () =>
        startWorker('worker_states.mjs', { backend: backend.name, state: 'in wait() with descriptors' }),
      ),
    );
    const codes = await Promise.all(workers.map(({ worker }) => worker.terminate()));
    expect(codes).toEqual(new Array(8).fill(1));
  });
});
