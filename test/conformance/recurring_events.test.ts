import { expect, it } from 'vitest';
import { PRIORITY, READABLE, type Socket, WRITABLE } from '../../lib/index.ts';
import { describeEachDriver, expectLabel, expectTold } from '../support/driven.ts';
import { expectFdError } from '../support/expect.ts';
import { closedNumber, connection, drain, pair, say } from '../support/sockets.ts';

const oob = 1; // MSG_OOB, the same number on every system.

describeEachDriver('a poller', (driver) => {
  it('tells nothing, then of the byte that comes, and nothing after delete', async () => {
    const driven = driver.driven<string>();
    const [a, b] = pair();
    driven.poller.add(a, READABLE, { data: 'a' });
    await driven.expectNothing();
    say(b);
    await expectLabel(driven, 'a', READABLE);
    expect(driven.poller.delete(a)).toBe(true);
    await driven.expectNothing();
  });

  it('keeps the first registration of a descriptor that is added twice: the second is EEXIST', async () => {
    const driven = driver.driven<string>();
    const [a, b] = pair();
    driven.poller.add(a, READABLE, { data: 'first' });
    await driven.expectNothing();
    expectFdError(() => driven.poller.add(a, WRITABLE, { data: 'second' }), 'EEXIST');
    await driven.expectNothing();
    say(b);
    await expectLabel(driven, 'first', READABLE);
    expect(driven.poller.size).toBe(1);
  });

  it('does not know what was never added: modify is ENOENT, delete and has are false', async () => {
    const driven = driver.driven();
    const [a, b] = pair();
    driven.poller.add(a, READABLE);
    await driven.expectNothing();
    for (const unknown of [b, closedNumber(), 1_000_000]) {
      expectFdError(() => driven.poller.modify(unknown, READABLE), 'ENOENT');
      expect(driven.poller.delete(unknown)).toBe(false);
      expect(driven.poller.has(unknown)).toBe(false);
    }
    say(b);
    await expectTold(driven, [a, READABLE]);
  });

  it('tells of all of 100 pairs that are written to in random order, eight at a time', async () => {
    const driven = driver.driven<number>(8);
    const pairs = Array.from({ length: 100 }, () => pair());
    for (const [i, [a]] of pairs.entries()) driven.poller.add(a, READABLE, { data: i });
    await driven.expectNothing();
    const order = pairs.map((_, i) => i);
    let seed = 7;
    for (let i = order.length - 1; i > 0; i--) {
      seed = (seed * 48271) % 2147483647;
      const j = seed % (i + 1);
      [order[i], order[j]] = [order[j] as number, order[i] as number];
    }
    const told: number[] = [];
    let batches = 0;
    for (const i of order) say((pairs[i] as [Socket, Socket])[1]);
    for (; told.length < 100; batches++)
      await driven.inside((events) => {
        expect(events.length).toBeLessThanOrEqual(8);
        for (const { data } of events) {
          told.push(data);
          expect(drain((pairs[data] as [Socket, Socket])[0]).text).toBe('x');
        }
      });
    expect(told.toSorted((x, y) => x - y)).toEqual(pairs.map((_, i) => i));
    expect(batches).toBeGreaterThanOrEqual(13);
    await driven.expectNothing();
  });

  it('repeats a level while it is unread, and stops after the read', async () => {
    const driven = driver.driven();
    const [a, b] = pair();
    driven.poller.add(a, READABLE);
    say(b, 'two');
    for (let round = 0; round < 3; round++) await expectTold(driven, [a, READABLE]);
    await driven.inside(() => drain(a));
    await driven.expectNothing();
  });

  it('is silent about a one-shot after its event until modify, for its data too', async () => {
    const driven = driver.driven<string>();
    const [a, b] = pair();
    driven.poller.add(a, READABLE, { mode: 'oneshot', data: 'kept' });
    await driven.expectNothing();
    say(b);
    await expectLabel(driven, 'kept', READABLE);
    say(b, 'more');
    await driven.expectNothing();
    driven.poller.modify(a, READABLE);
    await expectLabel(driven, 'kept', READABLE);
    await driven.expectNothing();
  });

  const noEdges = driver.differs('edge mode');
  if (noEdges)
    it(`refuses edges, with one-shot or without, by ENOTSUP: ${noEdges}`, async () => {
      const driven = driver.driven();
      const [a, b] = pair();
      for (const mode of ['edge', 'edge-oneshot'] as const) {
        expectFdError(() => driven.poller.add(a, READABLE, { mode }), 'ENOTSUP');
        expect(driven.poller.size).toBe(0);
        await driven.expectNothing();
      }
      driven.poller.add(a, READABLE);
      expectFdError(() => driven.poller.modify(a, READABLE, { mode: 'edge' }), 'ENOTSUP');
      say(b);
      for (let round = 0; round < 2; round++) await expectTold(driven, [a, READABLE]);
    });
  else {
    it('tells of an edge once for each arrival', async () => {
      const driven = driver.driven();
      const [a, b] = pair();
      driven.poller.add(a, READABLE, { mode: 'edge' });
      for (let round = 0; round < 3; round++) {
        await driven.expectNothing();
        say(b);
        await expectTold(driven, [a, READABLE]);
      }
      await driven.expectNothing();
    });

    it('is silent about an edge that is a one-shot after its first event until modify arms it', async () => {
      const driven = driver.driven();
      const [a, b] = pair();
      driven.poller.add(a, READABLE, { mode: 'edge-oneshot' });
      say(b);
      await expectTold(driven, [a, READABLE]);
      say(b);
      await driven.expectNothing();
      drain(a);
      say(b);
      await driven.expectNothing();
      driven.poller.modify(a, READABLE);
      await expectTold(driven, [a, READABLE]);
      say(b);
      await driven.expectNothing();
    });
  }

  it('is woken once by its waker, before it waits and while it does, ten times in a row', async () => {
    const driven = driver.driven();
    const [a] = pair();
    driven.poller.add(a, READABLE);
    for (let round = 0; round < 10; round++) {
      expect(driven.poller.waker.wake()).toBe(true);
      if (round % 3 === 1) driven.poller.waker.wake();
      expect(await driven.nextWoken()).toEqual([0, true]);
      await driven.expectNothing(5);
    }
  });

  it('gives what comes after a modify the new label alone', async () => {
    const driven = driver.driven<string>();
    const [a, b] = pair();
    driven.poller.add(a, READABLE, { data: 'old' });
    say(b);
    await expectLabel(driven, 'old', READABLE);
    driven.poller.modify(a, READABLE | WRITABLE, { data: 'new' });
    for (let round = 0; round < 3; round++) await expectLabel(driven, 'new', READABLE | WRITABLE);
    driven.poller.modify(a, WRITABLE);
    await expectLabel(driven, 'new', WRITABLE);
  });

  it('tells two pollers of the same descriptor, and each has its own label and end', async () => {
    const [first, second] = [driver.driven<string>(), driver.driven<string>()];
    const [a, b] = pair();
    first.poller.add(a, READABLE, { data: 'first' });
    second.poller.add(a, READABLE, { data: 'second' });
    say(b);
    await expectLabel(first, 'first', READABLE);
    await expectLabel(second, 'second', READABLE);
    first.poller.delete(a);
    await first.expectNothing();
    await expectLabel(second, 'second', READABLE);
  });

  const noPriority = driver.differs('priority');
  it(
    noPriority ? `refuses PRIORITY by ENOTSUP: ${noPriority}` : 'tells of an out-of-band byte by PRIORITY alone',
    async () => {
      const driven = driver.driven();
      const [client, server] = connection();
      if (noPriority) {
        expectFdError(() => driven.poller.add(server, READABLE | PRIORITY), 'ENOTSUP');
        return;
      }
      driven.poller.add(server, READABLE | PRIORITY);
      await driven.expectNothing();
      expect(client.send(Buffer.from('!'), 0, 1, oob)).toBe(1);
      await expectTold(driven, [server, PRIORITY]);
      const byte = Buffer.alloc(1);
      expect(server.recv(byte, 0, 1, oob)).toBe(1);
      expect(byte.toString()).toBe('!');
      await driven.expectNothing();
    },
  );
});
