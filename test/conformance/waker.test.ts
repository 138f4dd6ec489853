import { closeSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { close, Poller, pipe, READABLE, Socket, Waker, WRITABLE } from '../../lib/index.ts';
import { describeEachBackend } from '../support/backends.ts';
import { expectEvents, expectNoEvents } from '../support/expect.ts';
import { pair } from '../support/sockets.ts';
import { startHelper, startWorker } from '../support/threads.ts';

describeEachBackend('a waker', (backend) => {
  it('used before a wait ends exactly one wait', () => {
    const poller = backend.poller();
    expect(poller.waker.wake()).toBe(true);
    const events = poller.wait(1000);
    expect(events.woken).toBe(true);
    expect(events.length).toBe(0);
    expectNoEvents(poller);
    expect(poller.wait(0).woken).toBe(false);
  });

  it('works ten times in a row', () => {
    const poller = backend.poller();
    for (let round = 0; round < 10; round++) {
      poller.waker.wake();
      expect(poller.wait(1000).woken).toBe(true);
      expect(poller.wait(0).woken).toBe(false);
    }
  });

  it('used many times before a wait ends one wait', () => {
    const poller = backend.poller();
    for (let i = 0; i < 100_000; i++) if (!poller.waker.wake()) expect.fail('wake is true while the poller lives');
    expect(poller.wait(1000).woken).toBe(true);
    expect(poller.wait(0).woken).toBe(false);
  });

  it('is told although a number that was closed elsewhere makes the poller begin with a new kernel object', () => {
    const poller = backend.poller();
    const [read, write] = pipe();
    poller.add(read, READABLE);
    poller.waker.wake();
    closeSync(read);
    onTestFinished(() => close(write));
    // It has the number now, and is another file.
    const [a, b] = Socket.pair();
    onTestFinished(() => [a, b].forEach((socket) => void socket.close()));
    expect([a.fd, b.fd]).toContain(read);
    poller.delete(read);
    expect(poller.wait(0).woken).toBe(true);
  });

  it('is the same object every time, and its handle a number that stays', () => {
    const poller = backend.poller();
    expect(poller.waker).toBe(poller.waker);
    expect(poller.waker).toBeInstanceOf(Waker);
    expect(Number.isSafeInteger(poller.waker.handle)).toBe(true);
    expect(poller.waker.handle).toBe(poller.waker.handle);
  });

  it('is no registration: nothing is counted and no event is reported', () => {
    const poller = backend.poller();
    const [a] = pair();
    poller.waker.wake();
    expect(poller.size).toBe(0);
    poller.add(a, WRITABLE);
    expect(poller.size).toBe(1);
    const events = poller.wait(1000);
    expect([...events].every((event) => event.fd === a.fd)).toBe(true);
  });

  it('comes with the events of the same wait', () => {
    const poller = backend.poller();
    const [a] = pair();
    poller.add(a, WRITABLE);
    poller.waker.wake();
    let woken = false;
    for (let wait = 0; wait < 2; wait++) {
      const events = poller.wait(1000);
      expect(events.length).toBeLessThanOrEqual(1);
      woken ||= events.woken;
    }
    expect(woken).toBe(true);
    expectEvents(poller, [[a, WRITABLE]]);
    expect(poller.wait(0).woken).toBe(false);
  });

  it('takes no place of a batch of one', () => {
    const poller = backend.poller(1);
    const [a] = pair();
    poller.add(a, WRITABLE);
    let woken = 0;
    let events = 0;
    for (let wait = 0; wait < 10; wait++) {
      poller.waker.wake();
      const batch = poller.wait(1000);
      woken += batch.woken ? 1 : 0;
      events += batch.length;
    }
    expect(woken).toBeGreaterThanOrEqual(4);
    expect(events).toBeGreaterThanOrEqual(4);
  });

  it('can be had from its handle', () => {
    const poller = backend.poller();
    const other = backend.poller();
    expect(Waker.from(poller.waker.handle).handle).toBe(poller.waker.handle);
    expect(Waker.from(poller.waker.handle).wake()).toBe(true);
    expect(other.wait(0).woken).toBe(false);
    expect(poller.wait(1000).woken).toBe(true);
  });

  it('is false once the poller is closed, and never wakes its successor', () => {
    const gone = Array.from({ length: 20 }, () => {
      const poller = backend.poller();
      const { waker } = poller;
      poller.close();
      return waker;
    });
    const successor = backend.poller();
    for (const waker of gone) {
      expect(waker.wake()).toBe(false);
      expect(Waker.from(waker.handle).wake()).toBe(false);
    }
    expect(successor.wait(0).woken).toBe(false);
  });

  it('is false for good, however many pollers come after', () => {
    const first = backend.poller();
    const { waker } = first;
    first.close();
    for (let round = 0; round < 3000; round++) {
      using successor = new Poller({ backend: backend.name });
      expect(waker.wake(), `with ${round} pollers in between`).toBe(false);
      expect(successor.closed).toBe(false);
    }
  });

  it('from a number that is no handle is false', () => {
    const poller = backend.poller();
    const live = poller.waker.handle;
    for (const handle of [-1, 0, live + 1, live + 2, live + 12345, live + 2 ** 20, 2 ** 31 - 1])
      expect(Waker.from(handle).wake(), `handle ${handle}`).toBe(false);
    expect(poller.wait(0).woken).toBe(false);
  });

  describe('in another thread', () => {
    it('ends a wait that is under way', async () => {
      const helper = await startHelper();
      const poller = backend.poller();
      for (let round = 0; round < 10; round++) {
        const start = performance.now();
        helper.wake(poller.waker.handle, 10);
        const events = poller.wait(5000);
        expect(events.woken).toBe(true);
        expect(events.length).toBe(0);
        expect(performance.now() - start).toBeGreaterThanOrEqual(10);
        expect(performance.now() - start).toBeLessThan(2000);
        expect(poller.wait(0).woken).toBe(false);
      }
    });

    it('reports the descriptors that are ready too, in this wait or the next', async () => {
      const helper = await startHelper();
      const poller = backend.poller();
      const [a] = pair();
      poller.add(a, READABLE);
      helper.wake(poller.waker.handle, 5);
      expect(poller.wait(5000).woken).toBe(true);
      poller.modify(a, WRITABLE);
      expectEvents(poller, [[a, WRITABLE]]);
    });

    it('loses no wake-up: four threads post 2000 times each, and every post is seen', async () => {
      const poller = backend.poller();
      const posted = new Int32Array(new SharedArrayBuffer(4));
      const go = new Int32Array(new SharedArrayBuffer(4));
      const count = 2000;
      const data = { posted, go, count, handle: poller.waker.handle };
      await Promise.all(Array.from({ length: 4 }, () => startWorker('poster.mjs', data)));
      Atomics.store(go, 0, 1);
      Atomics.notify(go, 0);
      // Each post is made before its wake: when all posts are seen after a wake, no wake was lost.
      let wakes = 0;
      while (Atomics.load(posted, 0) < 4 * count) {
        const events = poller.wait(5000);
        expect(events.woken, 'a wait without a wake-up while posts are missing').toBe(true);
        wakes++;
      }
      // All may have been posted before the first look.
      if (wakes === 0) expect(poller.wait(5000).woken).toBe(true);
      expect(wakes).toBeLessThanOrEqual(4 * count);
    });

    it('is false there too once the poller is closed', async () => {
      const poller = backend.poller();
      const { worker, first } = await startWorker('waker_after_close.mjs', { handle: poller.waker.handle });
      expect(first).toBe(true);
      expect(poller.wait(1000).woken).toBe(true);
      poller.close();
      const answer = new Promise((resolve) => worker.once('message', resolve));
      worker.postMessage('again');
      expect(await answer).toBe(false);
    });
  });
});
