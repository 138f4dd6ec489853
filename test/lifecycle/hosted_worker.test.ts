import { expect, it } from 'vitest';
import { describeEachHosting, pause, until } from '../support/hosted.ts';
import { startWorker, threadCount } from '../support/threads.ts';

const states = [
  'started, idle',
  'inside the callback',
  'called back for ever',
  'held by a promise',
  'iterated',
  'stopped in the same turn',
  'throws when told',
  'blocked in wait() inside the callback',
];

describeEachHosting('terminate() of a Worker with a hosted poller', (host) => {
  const start = (state: string) =>
    startWorker('hosted_states.mjs', { backend: host.name, hosting: host.hosting, state });

  it('is tested in every state that the fixture has', async () => {
    expect((await start('list')).first).toEqual(states);
  });

  it.each(states)('ends it, its descriptors and its threads: %s', async (state) => {
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
    await until('its threads are gone', () => !(threadCount() > threads));
  });

  it('can be done to many at once', async () => {
    const workers = await Promise.all(Array.from({ length: 6 }, () => start('called back for ever')));
    const codes = await Promise.all(workers.map(({ worker }) => worker.terminate()));
    expect(codes).toEqual(new Array(6).fill(1));
  });
});
