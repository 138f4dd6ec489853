import { once } from 'node:events';
import { expect, it } from 'vitest';
import { Poller, READABLE, Waker, WRITABLE } from '../../lib/index.ts';
import { describeEachBackend } from '../support/backends.ts';
import { describeEachHosting, pause, until } from '../support/hosted.ts';
import { closing, pair } from '../support/sockets.ts';
import { startWorker } from '../support/threads.ts';

const shared = (): Int32Array => new Int32Array(new SharedArrayBuffer(4));

/** Threads that wake these pollers, `count` times each; they begin with `begin`. */
const startWakers = async (pollers: readonly Poller[], threads: number, count: number, turns: boolean) => {
  const [posted, answered, go] = [shared(), shared(), shared()];
  const handles = pollers.map((poller) => poller.waker.handle);
  const started = await Promise.all(
    Array.from({ length: threads }, () => startWorker('wakers.mjs', { handles, posted, answered, go, count, turns })),
  );
  // How many wakes were refused, of each thread.
  const over = Promise.all(started.map(async ({ worker }) => (await once(worker, 'message'))[0] as number));
  return {
    over,
    posted: () => Atomics.load(posted, 0),
    begin: () => {
      Atomics.store(go, 0, 1);
      Atomics.notify(go, 0);
    },
    /** What was posted by now was seen. */
    answer: () => {
      Atomics.store(answered, 0, Atomics.load(posted, 0));
      Atomics.notify(answered, 0);
    },
  };
};

const all = (threads: number): number[] => new Array(threads).fill(0);

describeEachBackend('wakers in many threads', (backend) => {
  it('lose no wake-up: each of 8 threads waits for the answer to one before it makes the next', async () => {
    const poller = backend.poller();
    const wakers = await startWakers([poller], 8, 300, true);
    wakers.begin();
    let returns = 0;
    for (let seen = 0; seen < 8 * 300; returns++) {
      expect(poller.wait(10_000).woken, `after ${returns} wake-ups, ${seen} posts`).toBe(true);
      seen = wakers.posted();
      wakers.answer();
    }
    expect(await wakers.over).toEqual(all(8));
    expect(returns).toBeGreaterThanOrEqual(300);
  });

  it('make one wake-up of 40 000 that nobody waited for', async () => {
    const poller = backend.poller();
    const wakers = await startWakers([poller], 4, 10_000, false);
    wakers.begin();
    expect(await wakers.over).toEqual(all(4));
    expect(poller.wait(1000).woken).toBe(true);
    expect([poller.wait(0).woken, poller.wait(5).woken]).toEqual([false, false]);
    poller.waker.wake();
    expect(poller.wait(1000).woken).toBe(true);
  });

  it('wake several pollers of a thread, and each hears of the last', async () => {
    const pollers = Array.from({ length: 5 }, () => backend.poller());
    const wakers = await startWakers(pollers, 3, 500, false);
    wakers.begin();
    while (wakers.posted() < 3 * 500) for (const poller of pollers) poller.wait(0);
    await wakers.over;
    for (const poller of pollers) {
      // The last one was made by now: it was told, or is told now.
      poller.wait(0);
      poller.waker.wake();
      expect(poller.wait(1000).woken).toBe(true);
      expect(poller.wait(0).woken).toBe(false);
    }
  });

  it('find nothing any more from the moment on that a poller is closed, and wake no other', async () => {
    const other = backend.poller();
    for (let round = 0; round < 5; round++) {
      const poller = new Poller({ backend: backend.name });
      const wakers = await startWakers([poller], 2, 20_000, false);
      wakers.begin();
      while (wakers.posted() < 100) poller.wait(1);
      poller.close();
      expect(Waker.from(poller.waker.handle).wake()).toBe(false);
      // One of the two may have begun when it was closed already.
      const refused = (await wakers.over).reduce((sum, count) => sum + count, 0);
      expect(refused).toBeLessThanOrEqual(2 * 20_000 - 100 + 2);
      expect(other.wait(0).woken).toBe(false);
    }
  });

  it('are false once the Worker of their poller is terminated, in wait() or not', async () => {
    for (const state of ['in wait() with descriptors', 'in its event loop with everything open']) {
      const handle = new Float64Array(new SharedArrayBuffer(8));
      const { worker } = await startWorker('worker_states.mjs', { backend: backend.name, state, handle });
      const waker = Waker.from(handle[0] as number);
      if (!state.includes('wait')) expect(waker.wake()).toBe(true);
      await worker.terminate();
      expect(waker.wake()).toBe(false);
    }
  });
});

describeEachHosting('wakers in many threads, of a started poller', (host) => {
  it('lose no wake-up: each of 8 threads waits for the answer to one before it makes the next', async () => {
    const poller = host.poller();
    const wakers = await startWakers([poller], 8, 200, true);
    let [batches, seen] = [0, 0];
    poller.start((events) => {
      if (!events.woken) return;
      batches++;
      seen = wakers.posted();
      wakers.answer();
    });
    wakers.begin();
    expect(await wakers.over).toEqual(all(8));
    expect(seen).toBe(8 * 200);
    expect(batches).toBeGreaterThanOrEqual(200);
    expect(batches).toBeLessThanOrEqual(8 * 200);
  });

  it('make one batch, or two, of what comes while this thread is busy', async () => {
    const poller = host.poller();
    const [a] = pair();
    poller.add(a, READABLE);
    const wakers = await startWakers([poller], 4, 5000, false);
    let batches = 0;
    poller.start((events) => {
      if (events.woken) batches++;
    });
    wakers.begin();
    const sleep = shared();
    while (wakers.posted() < 4 * 5000) Atomics.wait(sleep, 0, 0, 1);
    expect(await wakers.over).toEqual(all(4));
    await until('a batch', () => batches > 0);
    await pause(20);
    expect(batches).toBeLessThanOrEqual(2);
    const before = batches;
    poller.waker.wake();
    await until('another batch', () => batches === before + 1);
  });

  it('are told while descriptors are ready all the time', async () => {
    const poller = host.poller(1);
    const [[a], [b]] = [pair(), pair()];
    for (const socket of [a, b]) poller.add(socket, WRITABLE);
    const wakers = await startWakers([poller], 2, 200, true);
    let events = 0;
    poller.start((batch) => {
      events += batch.length;
      if (batch.woken) wakers.answer();
    });
    wakers.begin();
    expect(await wakers.over).toEqual(all(2));
    expect(events).toBeGreaterThan(0);
  });

  it('lose none to stop and start', async () => {
    const poller = host.poller();
    const wakers = await startWakers([poller], 4, 100, true);
    const start = (): void => {
      // The last answer may end the test before it is started again.
      if (poller.closed) return;
      poller.start((events) => {
        if (!events.woken) return;
        poller.stop();
        wakers.answer();
        setImmediate(start);
      });
    };
    start();
    wakers.begin();
    expect(await wakers.over).toEqual(all(4));
  });

  it('find nothing once it is closed, or its Worker is terminated', async () => {
    const poller = closing(new Poller({ backend: host.name, hosting: host.hosting }));
    poller.start(() => {});
    const wakers = await startWakers([poller], 2, 20_000, false);
    wakers.begin();
    await until('they are at it', () => wakers.posted() > 100);
    poller.close();
    expect(poller.waker.wake()).toBe(false);
    await wakers.over;
    const handle = new Float64Array(new SharedArrayBuffer(8));
    const data = { backend: host.name, hosting: host.hosting, state: 'started, idle', handle };
    const { worker } = await startWorker('hosted_states.mjs', data);
    const waker = Waker.from(handle[0] as number);
    expect(waker.wake()).toBe(true);
    await worker.terminate();
    expect(waker.wake()).toBe(false);
  });
});
