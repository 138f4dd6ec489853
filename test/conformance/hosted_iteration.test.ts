import { expect, it } from 'vitest';
import { type Events, READABLE, WRITABLE } from '../../lib/index.ts';
import { expectError, expectEvents, expectNoEvents } from '../support/expect.ts';
import { collectUncaught, describeEachHosting, pause, until } from '../support/hosted.ts';
import { drain, pair, say } from '../support/sockets.ts';

const codeOf = async (work: () => Promise<unknown>): Promise<unknown> => {
  try {
    await work();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return expect.fail('expected a rejection');
};

describeEachHosting('for await over a poller', (host) => {
  it('gives one batch after the other, in the same Events object', async () => {
    const poller = host.poller<string>();
    const [a, b] = pair();
    poller.add(a, READABLE, { data: 'label' });
    say(b, '0');
    const objects = new Set<Events<string>>();
    const texts: string[] = [];
    for await (const events of poller) {
      objects.add(events);
      expect([...events].map((event) => event.data)).toEqual(['label']);
      texts.push(drain(a).text);
      if (texts.length === 5) break;
      say(b, `${texts.length}`);
    }
    expect(texts).toEqual(['0', '1', '2', '3', '4']);
    expect(objects.size).toBe(1);
  });

  it('collects a batch only when the loop comes back for it', async () => {
    const poller = host.poller();
    const [[a, b], [c, d]] = [pair(), pair()];
    poller.add(a, READABLE);
    poller.add(c, READABLE);
    say(b);
    const lengths: number[] = [];
    for await (const events of poller) {
      lengths.push(events.length);
      if (lengths.length === 2) break;
      say(d);
      await pause(20);
      expect([events.length, events.fds[0]], 'the batch is still the first one').toEqual([1, a.fd]);
    }
    expect(lengths).toEqual([1, 2]);
  });

  it('is ended by break, and the poller can be waited on again', async () => {
    const poller = host.poller();
    const [a] = pair();
    poller.add(a, WRITABLE);
    for await (const _ of poller) break;
    expectEvents(poller, [[a, WRITABLE]]);
    for await (const _ of poller) break;
    poller.start(() => poller.stop());
    poller.stop();
  });

  it('is ended by an exception in its body, which comes out of the loop', async () => {
    const poller = host.poller();
    poller.add(pair()[0], WRITABLE);
    const error = new Error('on purpose');
    await expect(
      (async () => {
        for await (const _ of poller) throw error;
      })(),
    ).rejects.toBe(error);
    expect(poller.wait(0).length).toBe(1);
  });

  it.each(['stop', 'close'] as const)('is ended by %s() in its body', async (how) => {
    const poller = host.poller();
    poller.add(pair()[0], WRITABLE);
    let batches = 0;
    for await (const _ of poller) {
      batches++;
      poller[how]();
    }
    expect(batches).toBe(1);
    expect(poller.closed).toBe(how === 'close');
  });

  it.each(['stop', 'close'] as const)('is ended by %s() while it waits', async (how) => {
    const poller = host.poller();
    poller.add(pair()[0], READABLE);
    let batches = 0;
    setTimeout(() => poller[how](), 5);
    for await (const _ of poller) batches++;
    expect(batches).toBe(0);
  });

  it('gives wake-ups, also with nothing registered', async () => {
    const poller = host.poller();
    const { waker } = poller;
    const timer = setInterval(() => waker.wake(), 1);
    let woken = 0;
    for await (const events of poller) {
      expect([events.length, events.woken]).toEqual([0, true]);
      if (++woken === 3) break;
    }
    clearInterval(timer);
    expect(woken).toBe(3);
  });

  it('throws ERR_FDPOLL_STARTED while the poller is started or iterated', async () => {
    const poller = host.poller();
    poller.add(pair()[0], WRITABLE);
    poller.start(() => {});
    expect(
      await codeOf(async () => {
        for await (const _ of poller) expect.fail('no batch');
      }),
    ).toBe('ERR_FDPOLL_STARTED');
    poller.stop();
    for await (const _ of poller) {
      expectError(() => poller.wait(0), Error, 'ERR_FDPOLL_STARTED');
      expectError(() => poller.start(() => {}), Error, 'ERR_FDPOLL_STARTED');
      expectError(() => poller[Symbol.asyncIterator](), Error, 'ERR_FDPOLL_STARTED');
      break;
    }
    poller.close();
    expect(
      await codeOf(async () => {
        for await (const _ of poller) expect.fail('no batch');
      }),
    ).toBe('ERR_FDPOLL_CLOSED');
  });

  it('can be done by hand: next, return, and next after the end', async () => {
    const poller = host.poller();
    const [a, b] = pair();
    poller.add(a, READABLE);
    const iterator = poller[Symbol.asyncIterator]();
    expect(iterator[Symbol.asyncIterator]()).toBe(iterator);
    const [first, second] = [iterator.next(), iterator.next()];
    say(b);
    expect((await first).done).toBe(false);
    expect((await second).done).toBe(false);
    drain(a);
    const waiting = iterator.next();
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
    expectNoEvents(poller);
  });

  it('that is over does not end a later one', async () => {
    const poller = host.poller();
    poller.add(pair()[0], WRITABLE);
    const old = poller[Symbol.asyncIterator]();
    await old.next();
    poller.stop();
    let batches = 0;
    for await (const _ of poller) {
      await old.return?.();
      expect(await old.next()).toEqual({ done: true, value: undefined });
      if (++batches === 3) break;
    }
    expect(batches).toBe(3);
  });

  it('rejects when the backend fails, and closes the poller', async () => {
    const uncaught = collectUncaught();
    const poller = host.poller();
    const [a, b] = pair();
    poller.add(a, READABLE);
    say(b);
    expect(
      await codeOf(async () => {
        for await (const events of poller) {
          const columns = events.fds.buffer as ArrayBuffer;
          structuredClone(columns, { transfer: [columns] });
        }
      }),
    ).toBe('ERR_OUT_OF_RANGE');
    expect(poller.closed).toBe(true);
    await pause(5);
    expect(uncaught).toEqual([]);
  });

  it('lets other things happen while its body waits for them', async () => {
    const poller = host.poller();
    const [a, b] = pair();
    poller.add(a, READABLE);
    say(b);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    for await (const _ of poller) {
      await until('five ticks', () => ticks >= 5);
      break;
    }
    clearInterval(timer);
    expect(drain(a).text).toBe('x');
  });
});
