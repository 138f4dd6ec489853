import { expect, it } from 'vitest';
import { type Event, PRIORITY, READ_CLOSED, READABLE, WRITABLE } from '../../lib/index.ts';
import { describeEachBackend } from '../support/backends.ts';
import { expectEvents, expectNoEvents } from '../support/expect.ts';
import { drain, openPipe, pair, poke, say } from '../support/sockets.ts';

describeEachBackend('events', (backend) => {
  it('are one object with the same columns for the life of the poller', () => {
    const poller = backend.poller();
    const first = poller.wait(0);
    const { fds, flags, available } = first;
    const [a] = pair();
    poller.add(a, WRITABLE);
    const second = poller.wait(1000);
    expect(second).toBe(first);
    expect(second.fds).toBe(fds);
    expect(second.flags).toBe(flags);
    expect(second.available).toBe(available);
    expect(fds).toBeInstanceOf(Int32Array);
    expect(flags).toBeInstanceOf(Uint32Array);
    expect(available).toBeInstanceOf(Int32Array);
    expect(second.length).toBe(1);
    expect(poller.wait(0)).toBe(first);
  });

  it('of two pollers are two objects', () => {
    const one = backend.poller();
    const other = backend.poller();
    expect(one.wait(0)).not.toBe(other.wait(0));
    const [a] = pair();
    one.add(a, WRITABLE);
    expect(one.wait(1000).length).toBe(1);
    expect(other.wait(0).length).toBe(0);
    expect(one.wait(0).length).toBe(1);
  });

  it('have the data of their registration, whatever it is', () => {
    const poller = backend.poller<unknown>();
    const labels = [{ name: 'object' }, 'text', 42, null, undefined, Symbol('s'), () => 1, 10n];
    const seen = new Map<number, unknown>();
    const expected = new Map<number, unknown>();
    for (const data of labels) {
      const [a] = pair();
      poller.add(a, WRITABLE, { data });
      expected.set(a.fd, data);
    }
    const events = poller.wait(1000);
    for (let i = 0; i < events.length; i++) seen.set(events.fds[i] ?? -1, events.data(i));
    expect(seen).toEqual(expected);
  });

  it('have undefined as data where none was given', () => {
    const poller = backend.poller();
    const [a] = pair();
    poller.add(a, WRITABLE);
    const events = poller.wait(1000);
    expect(events.length).toBe(1);
    expect(events.data(0)).toBeUndefined();
  });

  it('are iterated as fresh objects that say in words what the flags say', () => {
    const poller = backend.poller<string>();
    const [a, b] = pair();
    poller.add(a, READABLE | WRITABLE, { data: 'label' });
    say(b, 'hello');
    const events = poller.wait(1000);
    const [once] = events;
    const [again] = events;
    expect(once).not.toBe(again);
    const event = once as Event<string>;
    expect({
      fd: event.fd,
      flags: event.flags,
      readable: event.readable,
      writable: event.writable,
      priority: event.priority,
      readClosed: event.readClosed,
      writeClosed: event.writeClosed,
      error: event.error,
      data: event.data,
    }).toEqual({
      fd: a.fd,
      flags: READABLE | WRITABLE,
      readable: true,
      writable: true,
      priority: false,
      readClosed: false,
      writeClosed: false,
      error: false,
      data: 'label',
    });
  });

  it('that were iterated keep what they say when the next batch comes', () => {
    const poller = backend.poller<string>();
    const [a, b] = pair();
    poller.add(a, WRITABLE, { data: 'a' });
    const [event] = poller.wait(1000);
    poller.delete(a);
    poller.add(b, WRITABLE, { data: 'b' });
    poller.wait(1000);
    expect(event?.fd).toBe(a.fd);
    expect(event?.flags).toBe(WRITABLE);
    expect(event?.data).toBe('a');
  });

  it('iterate to nothing when there are none', () => {
    expect([...backend.poller().wait(0)]).toEqual([]);
  });

  it('are merged: one for a descriptor that is readable and writable', () => {
    const poller = backend.poller();
    const [a, b] = pair();
    say(b);
    poller.add(a, READABLE | WRITABLE);
    for (let round = 0; round < 5; round++) {
      const events = poller.wait(1000);
      expect(events.length).toBe(1);
      expect(events.fds[0]).toBe(a.fd);
      expect(events.flags[0]).toBe(READABLE | WRITABLE);
    }
  });

  it('never have an empty mask and never come for conditions that nobody asked for', () => {
    const poller = backend.poller();
    const [a, b] = pair();
    say(b);
    poller.add(b, READABLE);
    expectNoEvents(poller);
    say(a);
    expectEvents(poller, [[b, READABLE]]);
    drain(b);
    expectNoEvents(poller);
  });

  it('come for all of 100 ready pairs, written in random order, over several waits', () => {
    const poller = backend.poller<number>(16);
    const pairs = Array.from({ length: 100 }, () => pair());
    for (const [i, [a]] of pairs.entries()) poller.add(a, READABLE, { data: i, mode: 'oneshot' });
    const order = pairs.map((_, i) => i).sort((i, j) => ((i * 7919) % 101) - ((j * 7919) % 101));
    const seen: number[] = [];
    for (const chunk of [order.slice(0, 37), order.slice(37)]) {
      for (const i of chunk) say(pairs[i]?.[1] ?? expect.fail('no such pair'));
      const due = seen.length + chunk.length;
      for (let wait = 0; wait < 100 && seen.length < due; wait++) {
        const events = poller.wait(1000);
        expect(events.length).toBeLessThanOrEqual(16);
        for (let i = 0; i < events.length; i++) {
          expect(events.fds[i]).toBe(pairs[events.data(i)]?.[0].fd);
          seen.push(events.data(i));
        }
      }
    }
    expect(seen.sort((i, j) => i - j)).toEqual(pairs.map((_, i) => i));
  });

  it('hold at most maxEvents, and the next batch goes on with the others', () => {
    const poller = backend.poller(3);
    const pairs = Array.from({ length: 9 }, () => pair());
    for (const [a] of pairs) poller.add(a, WRITABLE);
    const seen = new Set<number>();
    for (let wait = 0; wait < 3; wait++) {
      const events = poller.wait(1000);
      expect(events.length).toBe(3);
      for (let i = 0; i < events.length; i++) seen.add(events.fds[i] ?? -1);
    }
    expect(seen.size).toBe(9);
  });

  it('let nobody starve with maxEvents 1', () => {
    const poller = backend.poller(1);
    const pairs = Array.from({ length: 4 }, () => pair());
    for (const [a] of pairs) poller.add(a, WRITABLE);
    const seen = new Map<number, number>();
    for (let wait = 0; wait < 16; wait++) {
      const fd = poller.wait(1000).fds[0] ?? -1;
      seen.set(fd, (seen.get(fd) ?? 0) + 1);
    }
    expect([...seen.values()]).toEqual([4, 4, 4, 4]);
  });

  const noAvailable = backend.differs('available');
  it(noAvailable ? `have available -1: ${noAvailable}` : 'have the unread bytes as available', () => {
    const poller = backend.poller();
    const [a, b] = pair();
    poller.add(a, READABLE);
    say(b, 'hello');
    const events = poller.wait(1000);
    expect(events.length).toBe(1);
    expect(events.available[0]).toBe(noAvailable ? -1 : 5);
    expect([...events][0]?.available).toBe(noAvailable ? -1 : 5);
  });

  it('have available of a pipe as of a socket', () => {
    const poller = backend.poller();
    const { read, write } = openPipe();
    poller.add(read, READABLE);
    poke(write);
    poke(write);
    expect(poller.wait(1000).available[0]).toBe(noAvailable ? -1 : 2);
  });

  it('are decided by the library, whatever is written into the columns', () => {
    const poller = backend.poller<string>();
    const [a, b] = pair();
    const [c] = pair();
    poller.add(a, READABLE, { data: 'a' });
    poller.add(c, WRITABLE, { data: 'c' });
    say(b);
    const events = poller.wait(1000);
    events.fds.fill(2 ** 31 - 1);
    events.flags.fill(PRIORITY | READ_CLOSED);
    events.available.fill(-7);
    expect(poller.has(a)).toBe(true);
    expect(poller.delete(c)).toBe(true);
    expectEvents(poller, [[a, READABLE]]);
    expect(poller.wait(0).data(0)).toBe('a');
  });

  it('of a wait inside the iteration replace the batch without harm', () => {
    const poller = backend.poller();
    const pairs = Array.from({ length: 3 }, () => pair());
    for (const [a] of pairs) poller.add(a, WRITABLE);
    let rounds = 0;
    for (const event of poller.wait(1000)) {
      expect(event.flags).toBe(WRITABLE);
      if (rounds++ < 5) poller.wait(0);
    }
    expect(rounds).toBeGreaterThan(0);
  });
});
