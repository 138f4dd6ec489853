import { expect, it } from 'vitest';
import { describeEachHosting, pause, until } from '../support/hosted.ts';
import { lacks } from '../support/runtimes.ts';
import { statesOf } from '../support/states.ts';
import { startWorker, threadCount } from '../support/threads.ts';

const states = await statesOf('hosted_states.mjs');

describeEachHosting('terminate() of a Worker with a hosted poller', (host) => {
  const start = (state: string) =>
    startWorker('hosted_states.mjs', { backend: host.name, hosting: host.hosting, state });

  it.each(states)('ends it, its descriptors and its threads: %s', async (_title, state) => {
    const times: number[] = [];
    let threads = Number.NaN;
    for (let round = 0; round < 3; round++) {
      const { worker, first } = await start(state);
      expect(first).toBe('ready');
      await pause(5 * round);
      const begin = performance.now();
      expect(await worker.terminate()).toBe(1);
      times.push(performance.now() - begin);
      // The first round starts what the process keeps.
      if (round === 0) threads = threadCount();
    }
    expect(Math.min(...times), `the best of ${times.map((time) => time.toFixed(1)).join(', ')} ms`).toBeLessThan(300);
    const more = lacks('a steady number of threads') ? 1 : 0;
    await until('its threads are gone', () => !(threadCount() > threads + more));
  });

  it.each([
    'in the callback',
    'in the callback that has closed it',
    'in a microtask of the callback',
    'in an iteration',
    'inside start',
  ])('is not needed by one that ends itself, %s', async (exits) => {
    const data = { backend: host.name, hosting: host.hosting, exits };
    const { ended } = await startWorker('hosted_states.mjs', data);
    expect(await ended).toBe(3);
  });

  it('can be done to many at once', async () => {
    const workers = await Promise.all(Array.from({ length: 6 }, () => start('called back for ever')));
    const codes = await Promise.all(workers.map(({ worker }) => worker.terminate()));
    expect(codes).toEqual(new Array(6).fill(1));
  });
});
