import { AsyncLocalStorage } from 'node:async_hooks';
import { expect, it } from 'vitest';
import { type Events, READ_CLOSED, READABLE } from '../../lib/index.ts';
import { cpuOf, describeEachHosting, pause, until } from '../support/hosted.ts';
import { drain, openPipe, pair, say } from '../support/sockets.ts';
import { startHelper } from '../support/threads.ts';

describeEachHosting('a started poller', (host) => {
  it('calls back with what happened, in the same Events object every time', async () => {
    const poller = host.poller<string>();
    const [a, b] = pair();
    poller.add(a, READABLE, { data: 'label' });
    const seen: unknown[] = [];
    const objects = new Set<Events<string>>();
    expect(
      poller.start((events) => {
        objects.add(events);
        for (const event of events) seen.push([event.fd, event.flags, event.data, drain(a).text]);
      }),
    ).toBe(poller);
    expect(seen, 'nothing is called before the event loop turns').toEqual([]);
    say(b, 'one');
    await until('the first event', () => seen.length === 1);
    say(b, 'two');
    await until('the second event', () => seen.length === 2);
    expect(seen).toEqual(['one', 'two'].map((text) => [a.fd, READABLE, 'label', text]));
    expect(objects.size).toBe(1);
  });

  it('lets timers, immediates and promises run meanwhile', async () => {
    const poller = host.poller();
    const [a, b] = pair();
    poller.add(a, READABLE);
    let [batches, ticks, immediates] = [0, 0, 0];
    const timer = setInterval(() => {
      ticks++;
      say(b);
    }, 1);
    const turn = (): void => {
      immediates++;
      if (batches < 5) setImmediate(turn);
    };
    turn();
    poller.start(() => {
      batches++;
      drain(a);
    });
    await until('five batches', () => batches >= 5);
    clearInterval(timer);
    expect(ticks).toBeGreaterThanOrEqual(5);
    expect(immediates).toBeGreaterThan(1);
  });

  it('repeats a level that nobody has read, one batch in a turn of the event loop', async () => {
    const poller = host.poller();
    const [a, b] = pair();
    poller.add(a, READABLE);
    say(b);
    let batches = 0;
    poller.start(() => void batches++);
    await until('ten batches', () => batches >= 10);
    drain(a);
    await pause(5);
    const before = batches;
    await pause(20);
    expect(batches).toBe(before);
  });

  it('runs microtasks between two batches', async () => {
    const poller = host.poller(1);
    const pairs = [pair(), pair(), pair()];
    for (const [a, b] of pairs) {
      poller.add(a, READABLE, { mode: 'oneshot' });
      say(b);
    }
    const order: string[] = [];
    poller.start((events) => {
      order.push(`batch of ${events.length}`);
      void Promise.resolve().then(() => order.push('microtask'));
      process.nextTick(() => order.push('tick'));
    });
    await until('three batches', () => order.length === 9);
    const round = ['batch of 1', 'tick', 'microtask'];
    expect(order).toEqual([...round, ...round, ...round]);
  });

  it('calls back in the AsyncLocalStorage context of start()', async () => {
    const poller = host.poller();
    const [a, b] = pair();
    poller.add(a, READABLE);
    const storage = new AsyncLocalStorage<string>();
    const stores: unknown[] = [];
    storage.run('started here', () =>
      poller.start(async () => {
        drain(a);
        stores.push(storage.getStore());
        await pause(1);
        stores.push(storage.getStore());
      }),
    );
    storage.run('elsewhere', () => say(b));
    await until('the callback is over', () => stores.length === 2);
    expect(stores).toEqual(['started here', 'started here']);
  });

  it.each([
    ['nothing is ready', false],
    ['its callback holds the next batch back', true],
  ])('costs no processor time while %s', async (_, holding) => {
    const poller = host.poller();
    const [a, b] = pair();
    poller.add(a, READABLE);
    let release = (): void => {};
    let batches = 0;
    poller.start(() => {
      batches++;
      return new Promise<void>((resolve) => {
        release = resolve;
      });
    });
    if (holding) {
      say(b);
      await until('the callback is called', () => batches === 1);
    }
    expect(await cpuOf(() => pause(150)), 'milliseconds of the processor in 150 ms').toBeLessThan(75);
    expect(batches).toBe(holding ? 1 : 0);
    poller.stop();
    release();
  });

  it('tells what happened before it was started', async () => {
    const poller = host.poller();
    const [a, b] = pair();
    poller.add(a, READABLE);
    say(b);
    poller.waker.wake();
    let [length, woken] = [0, false];
    poller.start((events) => {
      length = Math.max(length, events.length);
      woken ||= events.woken;
    });
    await until('both are told', () => length === 1 && woken);
    expect(drain(a).text).toBe('x');
  });

  it('is woken by its waker, from its own thread and from another one', async () => {
    const poller = host.poller();
    const helper = await startHelper();
    let woken = 0;
    poller.start((events) => {
      expect([events.length, events.woken]).toEqual([0, true]);
      woken++;
    });
    for (let round = 1; round <= 5; round++) {
      expect(poller.waker.wake()).toBe(true);
      await until(`wake-up ${round}`, () => woken === round);
    }
    helper.wake(poller.waker.handle, 5, 100);
    await until('the other thread’s wake-up', () => woken > 5);
    await pause(20);
    expect(woken).toBeLessThanOrEqual(105);
  });

  it('delivers batches no longer than maxEvents until all are told', async () => {
    const poller = host.poller<number>(7);
    const pairs = Array.from({ length: 50 }, () => pair());
    pairs.forEach(([a, b], i) => {
      poller.add(a, READABLE, { data: i });
      say(b);
    });
    const seen = new Set<number>();
    let longest = 0;
    poller.start((events) => {
      longest = Math.max(longest, events.length);
      for (const event of events) {
        seen.add(event.data);
        drain(pairs[event.data]?.[0] as never);
      }
    });
    await until('fifty events', () => seen.size === 50);
    expect(longest).toBeLessThanOrEqual(7);
  });

  it('tells the end of a stream like wait() does', async () => {
    const poller = host.poller();
    const { read, write, end } = openPipe();
    poller.add(read, READABLE);
    let flags = 0;
    poller.start((events) => {
      flags |= events.flags[0] ?? 0;
      poller.stop();
    });
    end(write);
    await until('the end', () => flags !== 0);
    expect(flags).toBe(host.sees(READABLE | READ_CLOSED));
  });
});
