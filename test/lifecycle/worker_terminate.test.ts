import { closeSync, fstatSync } from 'node:fs';
import { expect, it } from 'vitest';
import { describeEachBackend } from '../support/backends.ts';
import { openDescriptors, settleDescriptors } from '../support/descriptors.ts';
import { until } from '../support/hosted.ts';
import { startWorker } from '../support/threads.ts';

const states = [
  'in wait() with nothing registered',
  'in wait() with descriptors',
  'in a wait of an hour',
  'in waitFor',
  'in waitForAll',
  'in recv with a timeout',
  'in send with a timeout',
  'in accept with a timeout',
  'in acceptLoop',
  'in a loop of waits that return at once',
  'in a loop of add and delete',
  'in a loop of addresses, sockets and errors',
  'in recvMessage with a timeout',
  'in a loop of messages with descriptors',
  'in a loop of batches of datagrams',
  'in a loop of options by name',
  'in a loop of streams',
  'in ready',
  'in its event loop with everything open',
  'after closing everything',
];

/** How many descriptors a state has as plain numbers at the most. */
const numbersInHand: ReadonlyMap<string, number> = new Map([['in a loop of messages with descriptors', 3]]);

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describeEachBackend('terminate() of a Worker', (backend) => {
  it('is tested in every state that the fixture has', async () => {
    expect((await startWorker('worker_states.mjs', { backend: backend.name, state: 'list' })).first).toEqual(states);
  });

  it.each(states)('ends it within 300 ms %s', async (state) => {
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
    const before = openDescriptors().length;
    const { worker, first } = await startWorker('worker_states.mjs', {
      backend: backend.name,
      state: 'inside of a message',
    });
    expect(first).toBe('ready');
    await worker.terminate();
    await until('its descriptors are closed', () => openDescriptors().length === before);
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
