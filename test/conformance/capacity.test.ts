import { closeSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { dup, Poller, READABLE, WRITABLE } from '../../lib/index.ts';
import { describeEachBackend } from '../support/backends.ts';
import { expectEvents, expectNoEvents, thrownBy, waitOnce } from '../support/expect.ts';
import { drain, openPipe, pair, say } from '../support/sockets.ts';

/** So many duplicates of a descriptor: the cheapest way to high numbers. */
const duplicates = (fd: number, count: number): number[] => {
  const copies: number[] = [];
  onTestFinished(() => {
    for (const copy of copies) closeSync(copy);
  });
  for (let i = 0; i < count; i++) copies.push(dup(fd));
  return copies;
};

describeEachBackend('capacity', (backend) => {
  it('is hundreds of descriptors of which few are active', () => {
    const poller = backend.poller();
    const pairs = Array.from({ length: 200 }, () => pair());
    for (const [a] of pairs) poller.add(a, READABLE);
    expect(poller.size).toBe(200);
    const [first, , , middle] = pairs;
    const last = pairs.at(-1);
    const active = [first, middle, last].map((entry) => entry ?? expect.fail('no pair'));
    for (const [, b] of active) say(b);
    expectEvents(
      poller,
      active.map(([a]) => [a, READABLE]),
    );
    for (const [a] of active) drain(a);
    expectNoEvents(poller);
    for (const [a] of pairs) expect(poller.delete(a)).toBe(true);
    expect(poller.size).toBe(0);
  });

  it('survives deletes from the middle: the others keep their data', () => {
    const poller = backend.poller<number>();
    const sockets = Array.from({ length: 60 }, () => pair()[0]);
    for (const [i, socket] of sockets.entries()) poller.add(socket, WRITABLE, { data: i });
    for (const [i, socket] of sockets.entries()) if (i % 3 !== 0) poller.delete(socket);
    const seen = new Map<number, number>();
    for (const event of poller.wait(1000)) seen.set(event.data, event.fd);
    expect([...seen].sort(([i], [j]) => i - j)).toEqual(
      sockets.flatMap((socket, i) => (i % 3 === 0 ? [[i, socket.fd]] : [])),
    );
  });

  const setSize = backend.differs('descriptors of any number');
  if (setSize)
    it(`ends at FD_SETSIZE with an error that says so: ${setSize}`, () => {
      const poller = backend.poller();
      const { read } = openPipe();
      const copies = duplicates(read, 1100);
      let refused = 0;
      for (const copy of copies) {
        if (copy < 1024) {
          poller.add(copy, READABLE);
          continue;
        }
        refused++;
        const error = thrownBy(() => poller.add(copy, READABLE)) as Error;
        expect(error.message).toMatch(/1024|FD_SETSIZE|select/);
        expect(poller.has(copy)).toBe(false);
      }
      expect(refused).toBeGreaterThan(50);
      expect(poller.size).toBe(copies.length - refused);
      expectNoEvents(poller);
    });
  else
    it('is thousands of descriptors with numbers beyond FD_SETSIZE', () => {
      const poller = backend.poller(4096);
      const { read, write } = openPipe();
      const copies = duplicates(write, 3000);
      for (const copy of copies) poller.add(copy, WRITABLE);
      expect(Math.max(...copies)).toBeGreaterThan(1024);
      const seen = new Set<number>();
      for (let wait = 0; wait < 20 && seen.size < copies.length; wait++)
        for (const [fd, flags] of waitOnce(poller, 1000)) {
          expect(flags).toBe(WRITABLE);
          seen.add(fd);
        }
      expect(seen.size).toBe(copies.length);
      expect(poller.has(read)).toBe(false);
      for (const copy of copies) poller.delete(copy);
      expectNoEvents(poller);
    });

  describe('maxEvents', () => {
    it('has a default that holds a batch of 100', () => {
      const poller = backend.poller();
      const sockets = Array.from({ length: 100 }, () => pair()[0]);
      for (const socket of sockets) poller.add(socket, WRITABLE);
      let total = 0;
      for (let wait = 0; wait < 3 && total < 100; wait++) total += poller.wait(1000).length;
      expect(total).toBeGreaterThanOrEqual(100);
    });

    it('bounds the columns', () => {
      const events = backend.poller(7).wait(0);
      expect(events.fds.length).toBeGreaterThanOrEqual(7);
      expect(events.flags.length).toBe(events.fds.length);
      expect(events.available.length).toBe(events.fds.length);
    });
  });

  it('is many pollers at once', () => {
    const pollers = Array.from({ length: 50 }, () => new Poller({ backend: backend.name }));
    const [a, b] = pair();
    for (const poller of pollers) poller.add(a, READABLE);
    say(b);
    for (const poller of pollers) expectEvents(poller, [[a, READABLE]]);
    for (const poller of pollers) poller.close();
    expect(pollers.every((poller) => poller.closed)).toBe(true);
  });
});
