import { expect, it } from 'vitest';
import { type Mode, READABLE, WRITABLE } from '../../lib/index.ts';
import { expectNoEvents } from '../support/expect.ts';
import { collectUncaught, describeEachHosting, type HostingUnderTest, pause, until } from '../support/hosted.ts';
import { drain, pair, say } from '../support/sockets.ts';

const modesOf = (host: HostingUnderTest): Mode[] =>
  host.differs('edge mode') === undefined ? ['level', 'edge', 'oneshot', 'edge-oneshot'] : ['level', 'oneshot'];

describeEachHosting('what the callback of a started poller throws or returns', (host) => {
  it.each([
    ['an Error', new Error('on purpose')],
    ['null', null],
    ['undefined', undefined],
    ['a string', 'on purpose'],
  ])('makes an uncaughtException of %s that it throws, and is called again', async (_, thrown) => {
    const uncaught = collectUncaught();
    const poller = host.poller();
    const [a, b] = pair();
    poller.add(a, READABLE);
    let batches = 0;
    poller.start(() => {
      if (batches++ < 3) throw thrown;
      drain(a);
    });
    say(b);
    await until('the fourth batch', () => batches === 4);
    expect(uncaught).toEqual([thrown, thrown, thrown]);
    expect(poller.closed).toBe(false);
  });

  it.each(modesOf(host))('loses no readiness in %s mode when it throws before it looks', async (mode) => {
    const uncaught = collectUncaught();
    const poller = host.poller<number>();
    const pairs = [pair(), pair(), pair()];
    pairs.forEach(([a, b], i) => {
      poller.add(a, READABLE, { mode, data: i });
      say(b);
    });
    const seen = new Set<number>();
    let failures = 0;
    poller.start((events) => {
      if (failures++ < 2) throw new Error('on purpose');
      for (let i = 0; i < events.length; i++) {
        seen.add(events.data(i));
        drain(pairs[events.data(i)]?.[0] as never);
      }
    });
    await until('all three', () => seen.size === 3);
    expect(uncaught.length).toBe(2);
  });

  it.each(modesOf(host))('loses nothing that iterating had not given out in %s mode', async (mode) => {
    const uncaught = collectUncaught();
    const poller = host.poller<number>();
    const pairs = [pair(), pair(), pair(), pair()];
    pairs.forEach(([a, b], i) => {
      poller.add(a, READABLE, { mode, data: i });
      say(b);
    });
    const seen: number[] = [];
    poller.start((events) => {
      for (const event of events) {
        seen.push(event.data);
        drain(pairs[event.data]?.[0] as never);
        if (seen.length % 2 === 1) throw new Error('on purpose');
      }
    });
    await until('all four', () => seen.length >= 4);
    await pause(10);
    expect(seen.toSorted(), 'each once').toEqual([0, 1, 2, 3]);
    expect(uncaught.length).toBe(2);
  });

  it('arms nothing again that it had deleted, parked or modified before it threw', async () => {
    const uncaught = collectUncaught();
    const poller = host.poller();
    const [[a, b], [c, d], [e]] = [pair(), pair(), pair()];
    poller.add(a, READABLE, { mode: 'oneshot' });
    poller.add(c, READABLE, { mode: 'oneshot' });
    poller.add(e, WRITABLE, { mode: 'oneshot' });
    say(b);
    say(d);
    let batches = 0;
    const lengths: number[] = [];
    poller.start((events) => {
      lengths.push(events.length);
      poller.delete(a);
      poller.modify(c, 0);
      poller.modify(e, READABLE, { mode: 'level' });
      if (batches++ === 0) throw new Error('on purpose');
    });
    await until('the exception', () => uncaught.length === 1);
    await pause(20);
    poller.stop();
    expect(lengths.slice(1)).toEqual([]);
    expectNoEvents(poller);
  });

  it('holds the next batch back by its promise', async () => {
    const poller = host.poller();
    const [a, b] = pair();
    poller.add(a, READABLE);
    const log: string[] = [];
    let running = 0;
    poller.start(async (events) => {
      expect(++running).toBe(1);
      log.push(`${events.length} begins`);
      await pause(5);
      log.push(`${events.length} and its batch is still there`);
      drain(a);
      running--;
    });
    for (let round = 1; round <= 3; round++) {
      say(b);
      await until('the callback is over', () => log.length === 2 * round);
    }
    expect(log.filter((line) => line === '1 begins').length).toBe(3);
    expect(log.length).toBe(6);
  });

  it('goes on at once when its promise is settled already', async () => {
    const poller = host.poller();
    const [a] = pair();
    poller.add(a, WRITABLE);
    let batches = 0;
    poller.start(async () => void batches++);
    await until('a hundred batches', () => batches >= 100);
  });

  it('takes whatever has a then for a promise', async () => {
    const poller = host.poller();
    const [a] = pair();
    poller.add(a, WRITABLE);
    let batches = 0;
    let settle = (): void => {};
    const thenable = {
      // biome-ignore lint/suspicious/noThenProperty: that is the point.
      then: (resolve: () => void): void => {
        settle = resolve;
      },
    };
    poller.start((() => {
      batches++;
      return thenable;
    }) as never);
    await until('the first batch', () => batches === 1);
    await pause(10);
    expect(batches).toBe(1);
    settle();
    await until('the second batch', () => batches === 2);
  });

  it('makes an uncaughtException of its promise’s rejection, once, and is called again', async () => {
    const uncaught = collectUncaught();
    const poller = host.poller();
    const [a, b] = pair();
    poller.add(a, READABLE, { mode: 'oneshot' });
    let batches = 0;
    poller.start(async () => {
      batches++;
      await pause(1);
      if (batches <= 2) throw new Error(`rejection ${batches}`);
      drain(a);
    });
    say(b);
    await until('the third batch', () => batches === 3);
    await pause(5);
    expect(uncaught.map(String)).toEqual(['Error: rejection 1', 'Error: rejection 2']);
  });

  it('is not called by a promise that is settled after stop() and another start()', async () => {
    const poller = host.poller();
    const [a] = pair();
    poller.add(a, WRITABLE);
    let release = (): void => {};
    let [first, second] = [0, 0];
    poller.start(() => {
      first++;
      return new Promise<void>((resolve) => {
        release = resolve;
      });
    });
    await until('the first callback', () => first === 1);
    poller.stop();
    poller.start(() => {
      second++;
      return new Promise<void>(() => {});
    });
    await until('the second callback', () => second === 1);
    release();
    await pause(10);
    expect([first, second]).toEqual([1, 1]);
  });
});

describeEachHosting('a started poller whose backend fails', (host) => {
  it('is closed, and the error is an uncaughtException', async () => {
    const uncaught = collectUncaught();
    const poller = host.poller();
    const [a, b] = pair();
    poller.add(a, READABLE);
    let batches = 0;
    let columns: ArrayBufferLike | undefined;
    poller.start((events) => {
      batches++;
      columns = events.fds.buffer;
      drain(a);
    });
    say(b);
    await until('the first batch', () => batches === 1);
    structuredClone(columns, { transfer: [columns as ArrayBuffer] });
    say(b);
    await until('the exception', () => uncaught.length === 1);
    expect(uncaught[0]).toMatchObject({ name: 'RangeError', code: 'ERR_OUT_OF_RANGE' });
    expect(poller.closed).toBe(true);
    expect(batches).toBe(1);
  });
});
