import { closeSync } from 'node:fs';
import { expect, it } from 'vitest';
import { close, dup, type Poller, READABLE, type Socket, WRITABLE } from '../../lib/index.ts';
import { type Driven, describeEachDriver, expectLabel, expectTold } from '../support/driven.ts';
import { expectFdError } from '../support/expect.ts';
import { cpuOf } from '../support/hosted.ts';
import { closing, drain, openPipe, openPipeAt, pair, poke, readByte, say } from '../support/sockets.ts';

/** So many writable sockets, registered under their index, whose events all come in one batch. */
const writable = (driven: Driven<number>, count: number): Socket[] =>
  Array.from({ length: count }, (_, i) => {
    const [a] = pair();
    driven.poller.add(a, WRITABLE, { data: i });
    return a;
  });

const ends: readonly (readonly [string, (poller: Poller<number>, socket: Socket) => void])[] = [
  ['deleted', (poller, socket) => expect(poller.delete(socket)).toBe(true)],
  ['closed', (_, socket) => socket.close()],
  [
    'detached',
    (_, socket) =>
      closing({
        close: (
          (fd) => () =>
            closeSync(fd)
        )(socket.detach()),
      }),
  ],
];

describeEachDriver('an event that is late', (driver) => {
  it.each(ends)('is not told when what came before it in its batch has %s its descriptor', async (_, end) => {
    const driven = driver.driven<number>();
    const sockets = writable(driven, 3);
    const told = await driven.inside((events) => {
      expect(events.length).toBe(3);
      const labels: number[] = [];
      for (const { data } of events) {
        labels.push(data);
        sockets.forEach((socket, i) => {
          if (i !== data && driven.poller.has(socket)) end(driven.poller, socket);
        });
      }
      expect([...events.flags.subarray(0, 3)].filter((flags) => flags !== 0)).toEqual([WRITABLE]);
      return labels;
    });
    expect(told.length).toBe(1);
    expect(driven.poller.size).toBe(1);
    await expectLabel(driven, told[0], WRITABLE);
  });

  it('is not told of a number that is closed and used again within its batch', async () => {
    const driven = driver.driven<string>();
    const [first, second] = [openPipe(), openPipe()];
    for (const { read, write } of [first, second]) {
      driven.poller.add(read, READABLE, { data: 'old' });
      poke(write);
    }
    const reused = await driven.inside((events) => {
      expect(events.length).toBe(2);
      const labels: string[] = [];
      let next = first;
      for (const { data, fd } of events) {
        labels.push(data);
        const other = fd === first.read ? second : first;
        other.end(other.read, close);
        next = openPipeAt(other.read);
        driven.poller.add(next.read, READABLE, { data: 'new' });
      }
      expect(labels).toEqual(['old']);
      return next;
    });
    driven.poller.delete(driven.poller.has(first.read) && reused.read !== first.read ? first.read : second.read);
    await driven.expectNothing();
    poke(reused.write);
    await expectLabel(driven, 'new', READABLE);
  });

  it('never reaches the next owner of a number, twenty times over', async () => {
    const driven = driver.driven<string>();
    for (let round = 0; round < 20; round++) {
      const old = openPipe();
      poke(old.write);
      driven.poller.add(old.read, READABLE, { data: 'old' });
      await expectLabel(driven, 'old', READABLE);
      driven.poller.delete(old.read);
      old.end(old.read);
      const next = openPipeAt(old.read);
      driven.poller.add(next.read, READABLE, { data: 'new' });
      await driven.expectNothing(1);
      poke(next.write);
      await expectLabel(driven, 'new', READABLE);
      driven.poller.delete(next.read);
    }
  });

  it('of a closed number that a duplicate keeps alive ends with delete, and takes no time', async () => {
    const driven = driver.driven<string>();
    const [dead, alive] = [openPipe(), openPipe()];
    driven.poller.add(dead.read, READABLE, { data: 'dead' });
    driven.poller.add(alive.read, READABLE, { data: 'alive' });
    await driven.expectNothing();
    const copy = dup(dead.read);
    closing({ close: () => closeSync(copy) });
    dead.end(dead.read);
    expect(driven.poller.delete(dead.read)).toBe(true);
    poke(dead.write);
    expect(await cpuOf(() => driven.expectNothing(200)), 'ms of CPU in 200 ms').toBeLessThan(100);
    poke(alive.write);
    await expectLabel(driven, 'alive', READABLE);
    readByte(alive.read);
    await driven.expectNothing();
  });

  const noSilence = driver.differs('silence about a number closed during a wait');
  it('is none, or one at most, when a number is closed elsewhere while it is waited for: the others go on', async () => {
    const driven = driver.driven<string>();
    const [gone, alive] = [openPipe(), openPipe()];
    driven.poller.add(gone.read, READABLE, { data: 'gone' });
    driven.poller.add(alive.read, READABLE, { data: 'alive' });
    await driven.expectNothing();
    gone.end(gone.read);
    expect(await cpuOf(() => driven.expectNothing(200)), 'ms of CPU in 200 ms').toBeLessThan(100);
    poke(alive.write);
    const told = { alive: 0, gone: 0 };
    while (told.alive < 3)
      for (const { data, flags } of await driven.next()) {
        expect(flags).toBe(READABLE);
        told[data as 'alive' | 'gone']++;
      }
    expect(told.gone).toBeLessThanOrEqual(noSilence ? 1 : 0);
    expect([driven.poller.has(gone.read), driven.poller.size]).toEqual([true, 2]);
    expectFdError(() => driven.poller.modify(gone.read, WRITABLE), 'EBADF');
    expect(driven.poller.delete(gone.read)).toBe(true);
    expect(driven.poller.delete(gone.read)).toBe(false);
    await expectLabel(driven, 'alive', READABLE);
  });

  it('is cleared by close of the poller within its batch, which ends the iteration', async () => {
    const driven = driver.driven<number>();
    const sockets = writable(driven, 3);
    const seen = await driven.inside((events) => {
      let count = 0;
      for (const { flags } of events) {
        expect(flags).toBe(WRITABLE);
        count++;
        driven.poller.close();
      }
      return [count, events.length];
    });
    expect(seen).toEqual([1, 0]);
    expect(sockets.every((socket) => !socket.closed)).toBe(true);
  });
});

describeEachDriver('whoever is told of an event', (driver) => {
  it('may call every method of the poller, and is told of all the rest', async () => {
    const driven = driver.driven<number>();
    const { poller } = driven;
    const [first, second, third] = writable(driven, 3) as [Socket, Socket, Socket];
    const [a, b] = pair();
    const told = await driven.inside((events) => {
      const labels: number[] = [];
      for (const { data, fd } of events) {
        labels.push(data);
        expectFdError(() => poller.add(fd, READABLE), 'EEXIST');
        expect([poller.has(fd), poller.closed]).toEqual([true, false]);
        if (data !== 2) poller.modify(fd, 0);
        poller.add(a, READABLE, { data: 10 });
        poller.modify(a, READABLE | WRITABLE, { data: 11 });
        expect(poller.delete(a)).toBe(true);
        expect(poller.delete(a)).toBe(false);
        poller.addTimer(60_000).close();
        poller.ref().unref().ref();
        expect(poller.waker.wake()).toBe(true);
        expect(events.receive(Buffer.alloc(64), 64)).toBeTypeOf('number');
      }
      return labels;
    });
    expect(told.toSorted()).toEqual([0, 1, 2]);
    expect([first, second, third].map((socket) => poller.has(socket))).toEqual([true, true, true]);
    poller.modify(third, 0);
    say(b);
    poller.add(a, READABLE, { data: 12 });
    let last: unknown;
    for (let batch = 0; batch < 5 && last === undefined; batch++) {
      const [count] = await driven.nextWoken();
      if (count > 0) last = count;
    }
    expect(last).toBe(1);
    await expectLabel(driven, 12, READABLE);
    drain(a);
    await driven.expectNothing();
  });

  it.each([
    ['an Error', new Error('on purpose')],
    ['null', null],
    ['undefined', undefined],
  ])('may throw %s: what iterating had not given out is told again', async (_, thrown) => {
    const driven = driver.driven<number>();
    const sockets = writable(driven, 3);
    const given = await driven.inside((events) => {
      const labels: number[] = [];
      let caught: unknown = 'nothing';
      try {
        for (const { data } of events) {
          labels.push(data);
          throw thrown;
        }
      } catch (error) {
        caught = error;
      }
      expect(caught).toBe(thrown);
      return labels;
    });
    expect(given.length).toBe(1);
    driven.poller.delete(sockets[given[0] as number] as Socket);
    const rest = (await driven.next()).map(({ data }) => data);
    expect([...given, ...rest].toSorted()).toEqual([0, 1, 2]);
  });

  it('may not wait on the poller that tells it where it is hosted, and may where it waits itself', async () => {
    const driven = driver.driven<number>();
    writable(driven, 2);
    await driven.inside(() => {
      if (driver.driver === 'wait') expect(driven.poller.wait(0).length).toBe(2);
      else
        for (const call of [() => driven.poller.wait(0), () => driven.poller.start(() => {})])
          expect(call).toThrow(expect.objectContaining({ code: 'ERR_FDPOLL_STARTED' }));
    });
    await expectTold(driven, ...(await driven.next()).map(({ fd, flags }) => [fd, flags] as const));
  });
});
