import { closeSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { close, Poller, READABLE, WRITABLE } from '../../lib/index.ts';
import { describeEachBackend } from '../support/backends.ts';
import { expectEvents, expectFdError, expectNoEvents, waitOnce } from '../support/expect.ts';
import { closedNumber, drain, openPipe, openPipeAt, pair, poke, say } from '../support/sockets.ts';

describeEachBackend('registration', (backend) => {
  it('reports nothing at first, then the byte that came, and nothing after delete', () => {
    const poller = backend.poller();
    const [a, b] = pair();
    poller.add(a, READABLE);
    expect(poller.wait(0).length).toBe(0);
    say(b);
    expectEvents(poller, [[a, READABLE]]);
    expect(poller.delete(a)).toBe(true);
    expectNoEvents(poller);
  });

  it('refuses a descriptor that it has with EEXIST, and the first registration keeps working', () => {
    const poller = backend.poller<string>();
    const [a, b] = pair();
    poller.add(a, READABLE, { data: 'first' });
    expectFdError(() => poller.add(a, WRITABLE, { data: 'second' }), 'EEXIST');
    expect(poller.size).toBe(1);
    say(b);
    expectEvents(poller, [[a, READABLE]]);
    expect(poller.wait(0).data(0)).toBe('first');
  });

  it('refuses a descriptor that it has parked with EEXIST', () => {
    const poller = backend.poller();
    const [a] = pair();
    poller.add(a, 0);
    expectFdError(() => poller.add(a, READABLE), 'EEXIST');
  });

  it('modify of an unknown descriptor is ENOENT', () => {
    const poller = backend.poller();
    const [a] = pair();
    expectFdError(() => poller.modify(a, READABLE), 'ENOENT');
    expectFdError(() => poller.modify(a, 0), 'ENOENT');
    expectFdError(() => poller.modify(closedNumber(), READABLE), 'ENOENT');
    poller.add(a, READABLE);
    poller.delete(a);
    expectFdError(() => poller.modify(a, READABLE), 'ENOENT');
  });

  it('delete and has of an unknown descriptor are false', () => {
    const poller = backend.poller();
    const [a] = pair();
    for (const unknown of [a, closedNumber(), 0, -1, -(2 ** 31), 2 ** 31 - 1]) {
      expect(poller.delete(unknown)).toBe(false);
      expect(poller.has(unknown)).toBe(false);
    }
    poller.add(a, READABLE);
    expect(poller.delete(a)).toBe(true);
    expect(poller.delete(a)).toBe(false);
  });

  it('counts what it has, the parked ones too', () => {
    const poller = backend.poller();
    const [a, b] = pair();
    expect(poller.size).toBe(0);
    poller.add(a, READABLE);
    poller.add(b, 0);
    expect(poller.size).toBe(2);
    expect(poller.has(a)).toBe(true);
    expect(poller.has(b.fd)).toBe(true);
    poller.delete(a.fd);
    expect(poller.size).toBe(1);
    expect(poller.has(a)).toBe(false);
  });

  it('takes numbers and objects with fd for the same descriptor', () => {
    const poller = backend.poller();
    const [a, b] = pair();
    poller.add({ fd: a.fd }, READABLE);
    expect(poller.has(a)).toBe(true);
    expectFdError(() => poller.add(a.fd, READABLE), 'EEXIST');
    poller.modify(a.fd, WRITABLE);
    say(b);
    expectEvents(poller, [[a, WRITABLE]]);
    expect(poller.delete(a)).toBe(true);
  });

  it('reads fd of an object once, and only when it is given', () => {
    const poller = backend.poller();
    const [a, b] = pair();
    let reads = 0;
    const changing = {
      get fd() {
        return reads++ === 0 ? a.fd : 9999;
      },
    };
    poller.add(changing, READABLE);
    say(b);
    expectEvents(poller, [[a, READABLE]]);
    expect(reads).toBe(1);
  });

  it('takes a descriptor again after delete, with other options', () => {
    const poller = backend.poller<number>();
    const [a, b] = pair();
    for (let round = 0; round < 50; round++) {
      poller.add(a, round % 2 === 0 ? READABLE : WRITABLE, { data: round });
      expect(poller.delete(a)).toBe(true);
    }
    poller.add(a, READABLE, { data: 77 });
    say(b);
    expectEvents(poller, [[a, READABLE]]);
    expect(poller.wait(0).data(0)).toBe(77);
  });

  it('tells two pollers about the same descriptor', () => {
    const first = backend.poller<string>();
    const second = backend.poller<string>();
    const [a, b] = pair();
    first.add(a, READABLE, { data: 'first' });
    second.add(a, READABLE | WRITABLE, { data: 'second' });
    say(b);
    expectEvents(first, [[a, READABLE]]);
    expectEvents(second, [[a, READABLE | WRITABLE]]);
    first.delete(a);
    expectNoEvents(first);
    expectEvents(second, [[a, READABLE | WRITABLE]]);
  });

  describe('modify', () => {
    it('keeps the data that is left out', () => {
      const poller = backend.poller<string>();
      const [a] = pair();
      poller.add(a, READABLE, { data: 'kept' });
      poller.modify(a, WRITABLE);
      expectEvents(poller, [[a, WRITABLE]]);
      expect(poller.wait(0).data(0)).toBe('kept');
    });

    it('keeps the mode that is left out', () => {
      const poller = backend.poller();
      const [a] = pair();
      poller.add(a, READABLE, { mode: 'oneshot' });
      poller.modify(a, WRITABLE);
      expectEvents(poller, [[a, WRITABLE]]);
      expectNoEvents(poller);
      poller.modify(a, WRITABLE, { mode: 'level' });
      expectEvents(poller, [[a, WRITABLE]]);
      expectEvents(poller, [[a, WRITABLE]]);
    });

    it('gives later events the new data only', () => {
      const poller = backend.poller<string>();
      const [a, b] = pair();
      poller.add(a, READABLE, { data: 'old' });
      say(b);
      expectEvents(poller, [[a, READABLE]]);
      poller.modify(a, READABLE, { data: 'new' });
      const events = poller.wait(1000);
      expect(events.length).toBe(1);
      expect(events.data(0)).toBe('new');
    });

    it('reports only what the new interest asks for', () => {
      const poller = backend.poller();
      const [a, b] = pair();
      say(b);
      poller.add(a, READABLE);
      expectEvents(poller, [[a, READABLE]]);
      poller.modify(a, WRITABLE);
      expectEvents(poller, [[a, WRITABLE]]);
      poller.modify(a, READABLE | WRITABLE);
      expectEvents(poller, [[a, READABLE | WRITABLE]]);
      drain(a);
      expectEvents(poller, [[a, WRITABLE]]);
      poller.modify(a, READABLE);
      expectNoEvents(poller);
    });

    it('makes no system call when nothing changes in level mode', () => {
      const poller = backend.poller();
      const { read, end } = openPipe();
      poller.add(read, READABLE);
      end(read);
      // Any system call about a closed number would fail.
      poller.modify(read, READABLE);
      expect(poller.delete(read)).toBe(true);
    });
  });

  describe('of a descriptor that is closed through the library', () => {
    it('ends in every poller of the thread with Socket.close', () => {
      const pollers = [backend.poller(), backend.poller(), new Poller()];
      const [a, b] = pair();
      for (const poller of pollers) poller.add(a, READABLE);
      const { fd } = a;
      say(b);
      a.close();
      for (const poller of pollers) {
        expect(poller.has(fd)).toBe(false);
        expect(poller.size).toBe(0);
        expectNoEvents(poller, 2);
        poller.close();
      }
    });

    it('ends in every poller of the thread with Socket.detach', () => {
      const pollers = [backend.poller(), backend.poller()];
      const [a, b] = pair();
      for (const poller of pollers) poller.add(a, READABLE);
      const fd = a.detach();
      say(b);
      for (const poller of pollers) {
        expect(poller.size).toBe(0);
        expectNoEvents(poller, 2);
      }
      closeSync(fd);
    });

    it('ends in every poller of the thread with close(fd), and the number can be added again', () => {
      const pollers = [backend.poller(), backend.poller()];
      const [a] = pair();
      const fd = a.detach();
      for (const poller of pollers) poller.add(fd, READABLE);
      close(fd);
      for (const poller of pollers) expect(poller.has(fd)).toBe(false);
      const next = openPipeAt(fd);
      for (const poller of pollers) poller.add(next.read, READABLE);
      poke(next.write);
      for (const poller of pollers) expectEvents(poller, [[next.read, READABLE]]);
    });
  });

  describe('of a descriptor that is closed behind its back', () => {
    it('stays known until delete, which returns true', () => {
      const poller = backend.poller();
      const { read, end } = openPipe();
      poller.add(read, READABLE);
      end(read);
      expectNoEvents(poller);
      expect(poller.has(read)).toBe(true);
      expect(poller.size).toBe(1);
      expect(poller.delete(read)).toBe(true);
      expect(poller.has(read)).toBe(false);
      expect(poller.size).toBe(0);
    });

    it('stays known until delete when it is the last end of a pair', () => {
      const poller = backend.poller();
      const [a, b] = pair();
      const fd = a.detach();
      poller.add(fd, READABLE | WRITABLE);
      b.close();
      closeSync(fd);
      expectNoEvents(poller);
      expect(poller.delete(fd)).toBe(true);
    });

    it('hides no event of the others, and takes no time', () => {
      const poller = backend.poller();
      const [a, b] = pair();
      const { read, end } = openPipe();
      poller.add(read, READABLE);
      poller.add(a, READABLE);
      end(read);
      const before = process.cpuUsage();
      expectNoEvents(poller, 100);
      const { user, system } = process.cpuUsage(before);
      expect((user + system) / 1000, 'ms of CPU in a wait of 100 ms').toBeLessThan(50);
      say(b);
      expectEvents(poller, [[a, READABLE]]);
      expect(poller.size).toBe(2);
    });

    it('hides no event of the others from a wait that only looks', () => {
      const poller = backend.poller();
      const [a, b] = pair();
      const { read, end } = openPipe();
      poller.add(read, READABLE);
      poller.add(a, READABLE);
      say(b);
      end(read);
      expect(waitOnce(poller, 0).get(a.fd)).toBe(READABLE);
    });

    it('is replaced by add when the number is open again', () => {
      const poller = backend.poller<string>();
      const old = openPipe();
      poller.add(old.read, READABLE, { data: 'dead' });
      old.end(old.read);
      const next = openPipeAt(old.read);
      poller.add(next.read, READABLE, { data: 'alive' });
      expect(poller.size).toBe(1);
      expectNoEvents(poller);
      poke(next.write);
      expectEvents(poller, [[next.read, READABLE]]);
      expect(poller.wait(0).data(0)).toBe('alive');
      expectFdError(() => poller.add(next.read, READABLE), 'EEXIST');
    });
  });
});
