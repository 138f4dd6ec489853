import { closeSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { dup, Poller, READABLE, type Socket, WRITABLE } from '../../lib/index.ts';
import { type BackendUnderTest, describeEachBackend } from '../support/backends.ts';
import { expectEvents, expectNoEvents, waitOnce } from '../support/expect.ts';
import { closing, drain, openPipe, openPipeAt, type Pipe, pair, poke, readByte, say } from '../support/sockets.ts';

/** A readable pipe whose registered number is closed while a duplicate keeps the kernel's registration alive. */
const zombie = (poller: Poller<string>, backend: BackendUnderTest): Pipe => {
  const dead = openPipe();
  poller.add(dead.read, READABLE, { data: `dead on ${backend.kind}` });
  const copy = dup(dead.read);
  onTestFinished(() => closeSync(copy));
  dead.end(dead.read);
  poke(dead.write);
  return dead;
};

/** A zombie that its owner deleted: too late for the kernel, which knows the descriptor by its file. */
const deletedZombie = (poller: Poller<string>, backend: BackendUnderTest): void => {
  const dead = zombie(poller, backend);
  expect(poller.delete(dead.read)).toBe(true);
};

describeEachBackend('stale events', (backend) => {
  describe('of a number that is closed and reused', () => {
    it('do not reach the new registration', () => {
      const poller = backend.poller<string>();
      for (let round = 0; round < 20; round++) {
        const old = openPipe();
        poke(old.write);
        poller.add(old.read, READABLE, { data: 'old' });
        poller.delete(old.read);
        old.end(old.read);
        const next = openPipeAt(old.read);
        poller.add(next.read, READABLE, { data: 'new' });
        expectNoEvents(poller, 0);
        poke(next.write);
        const events = poller.wait(1000);
        expect(events.length).toBe(1);
        expect(events.data(0)).toBe('new');
        poller.delete(next.read);
      }
    });

    const byNumber = backend.differs('silence about a reused number');
    it(byNumber ? `come under the old label without add: ${byNumber}` : 'are silent without add', () => {
      const poller = backend.poller<string>();
      const old = openPipe();
      poller.add(old.read, READABLE, { data: 'old label' });
      old.end(old.read);
      const next = openPipeAt(old.read);
      poke(next.write);
      if (byNumber) {
        const events = poller.wait(1000);
        expect(events.length).toBe(1);
        expect(events.data(0)).toBe('old label');
      } else expectNoEvents(poller);
      expect(poller.size).toBe(1);
      expect(poller.delete(next.read)).toBe(true);
      expectNoEvents(poller);
    });
  });

  it('never come when a descriptor is deleted and added thousands of times', () => {
    const poller = backend.poller<number>();
    const [a, b] = pair();
    say(b);
    for (let round = 0; round < 5000; round++) {
      poller.add(a, READABLE, { data: round });
      if (round % 500 === 0) expect(poller.wait(1000).data(0)).toBe(round);
      poller.delete(a);
      if (round % 500 === 0) expect(poller.wait(0).length).toBe(0);
    }
  });

  describe('of a registration that a duplicate keeps alive', () => {
    it('end when it is deleted, and take no time', () => {
      const poller = backend.poller<string>();
      deletedZombie(poller, backend);
      const before = process.cpuUsage();
      expectNoEvents(poller, 150);
      const { user, system } = process.cpuUsage(before);
      expect((user + system) / 1000, 'ms of CPU in a wait of 150 ms').toBeLessThan(75);
      expectNoEvents(poller);
    });

    it('end for a loop that deletes what it cannot use', () => {
      const poller = backend.poller<string>();
      zombie(poller, backend);
      let rounds = 0;
      for (; rounds < 100; rounds++) {
        const events = waitOnce(poller, 20);
        if (events.size === 0) break;
        for (const fd of events.keys()) poller.delete(fd);
      }
      expect(rounds).toBeLessThan(3);
    });

    it('are silenced by add of the reused number, which reports the new file only', () => {
      const poller = backend.poller<string>();
      const dead = zombie(poller, backend);
      const next = openPipeAt(dead.read);
      poller.add(next.read, READABLE, { data: 'new' });
      expect(poller.size).toBe(1);
      expectNoEvents(poller);
      poke(next.write);
      const events = poller.wait(1000);
      expect(events.length).toBe(1);
      expect(events.fds[0]).toBe(next.read);
      expect(events.data(0)).toBe('new');
      readByte(next.read);
      expectNoEvents(poller);
    });

    it('leave the others as they are: level, one-shot, spent, parked, and the waker', () => {
      const poller = backend.poller<string>();
      const sockets: Socket[] = [];
      const ready = (): Socket => {
        const [a, b] = pair();
        say(b);
        sockets.push(a);
        return a;
      };
      const [level, armed, spent, parked] = [ready(), ready(), ready(), ready()];
      poller.add(spent, READABLE, { mode: 'oneshot', data: 'spent' });
      expectEvents(poller, [[spent, READABLE]]);
      deletedZombie(poller, backend);
      poller.add(level, READABLE, { data: 'level' });
      poller.add(armed, READABLE, { mode: 'oneshot', data: 'armed' });
      poller.add(parked, READABLE, { data: 'parked' });
      poller.modify(parked, 0);
      const labels = new Set<string>();
      for (let wait = 0; wait < 6; wait++) for (const event of poller.wait(20)) labels.add(`${event.fd} ${event.data}`);
      expect(labels).toEqual(new Set([`${level.fd} level`, `${armed.fd} armed`]));
      expectEvents(poller, [[level, READABLE]]);
      drain(level);
      expectNoEvents(poller);
      expect(poller.size).toBe(4);
      poller.modify(spent, READABLE);
      poller.modify(parked, READABLE);
      expectEvents(poller, [
        [spent, READABLE],
        [parked, READABLE],
      ]);
      poller.waker.wake();
      let woken = false;
      for (let wait = 0; wait < 3 && !woken; wait++) woken = poller.wait(1000).woken;
      expect(woken).toBe(true);
    });

    it('can come many at a time', () => {
      const poller = backend.poller<string>();
      const [a] = pair();
      poller.add(a, WRITABLE, { data: 'alive' });
      const dead = Array.from({ length: 20 }, () => zombie(poller, backend));
      for (const { read } of dead) if (poller.has(read)) poller.delete(read);
      expect(poller.size).toBe(1);
      for (let wait = 0; wait < 5; wait++) expectEvents(poller, [[a, WRITABLE]]);
      poller.modify(a, READABLE);
      expectNoEvents(poller, 50);
    });

    if (!backend.differs('edge mode'))
      it('leave edge registrations armed', () => {
        const poller = backend.poller<string>();
        const [a, b] = pair();
        poller.add(a, READABLE, { mode: 'edge', data: 'edge' });
        deletedZombie(poller, backend);
        expectNoEvents(poller, 30);
        say(b);
        expectEvents(poller, [[a, READABLE]]);
        expectNoEvents(poller);
      });

    const noDescriptor = backend.differs('pollable descriptor');
    if (!noDescriptor) {
      it('leave the number of poller.fd, on which foreign code may wait', () => {
        const poller = backend.poller<string>();
        const { fd } = poller;
        deletedZombie(poller, backend);
        expectNoEvents(poller, 30);
        expect(poller.fd).toBe(fd);
        const outer = closing(new Poller());
        outer.add(fd, READABLE);
        expectNoEvents(outer);
        const [a] = pair();
        poller.add(a, WRITABLE);
        expectEvents(outer, [[fd, READABLE]]);
      });

      it('leave the poller in the pollers of this thread that hold it', () => {
        const poller = backend.poller<string>();
        const outer = closing(new Poller<string>());
        outer.add(poller, READABLE, { data: 'inner' });
        deletedZombie(poller, backend);
        expectNoEvents(poller, 30);
        expectNoEvents(outer, 30);
        const [a] = pair();
        poller.add(a, WRITABLE);
        expectEvents(outer, [[poller, READABLE]]);
        expect(outer.wait(0).data(0)).toBe('inner');
        poller.delete(a);
        expectNoEvents(outer, 30);
      });
    }
  });
});
