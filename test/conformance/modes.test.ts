import { describe, expect, it } from 'vitest';
import { type Mode, Poller, PRIORITY, READ_CLOSED, READABLE, Socket, WRITABLE } from '../../lib/index.ts';
import { describeEachBackend } from '../support/backends.ts';
import { expectEvents, expectFdError, expectNoEvents, waitOnce } from '../support/expect.ts';
import { acceptOne, addressOf, closing, connection, drain, listen, pair, say } from '../support/sockets.ts';

const oob = 1; // MSG_OOB, the same number on every system.

describeEachBackend('modes', (backend) => {
  describe('level', () => {
    it('repeats while data is unread and stops after the read', () => {
      const poller = backend.poller();
      const [a, b] = pair();
      poller.add(a, READABLE);
      say(b, 'two');
      for (let round = 0; round < 3; round++) expectEvents(poller, [[a, READABLE]]);
      a.recv(Buffer.alloc(1));
      expectEvents(poller, [[a, READABLE]]);
      drain(a);
      expectNoEvents(poller);
    });

    it('is the default', () => {
      const poller = backend.poller();
      const [a] = pair();
      poller.add(a, WRITABLE);
      expectEvents(poller, [[a, WRITABLE]]);
      expectEvents(poller, [[a, WRITABLE]]);
    });
  });

  describe('one-shot', () => {
    it('is silent after its event until modify', () => {
      const poller = backend.poller<string>();
      const [a, b] = pair();
      poller.add(a, READABLE, { mode: 'oneshot', data: 'kept' });
      say(b);
      expectEvents(poller, [[a, READABLE]]);
      expectNoEvents(poller);
      say(b, 'more');
      expectNoEvents(poller);
      poller.modify(a, READABLE);
      const events = poller.wait(1000);
      expect(events.length).toBe(1);
      expect(events.data(0)).toBe('kept');
      expectNoEvents(poller);
    });

    it('waits as long as it takes for its only event', () => {
      const poller = backend.poller();
      const [a, b] = pair();
      poller.add(a, READABLE, { mode: 'oneshot' });
      expectNoEvents(poller);
      expectNoEvents(poller);
      say(b);
      expectEvents(poller, [[a, READABLE]]);
      expectNoEvents(poller);
    });

    it('spends both interests with either event', () => {
      const poller = backend.poller();
      const [a, b] = pair();
      poller.add(a, READABLE | WRITABLE, { mode: 'oneshot' });
      expectEvents(poller, [[a, WRITABLE]]);
      say(b);
      expectNoEvents(poller);
      poller.modify(a, READABLE | WRITABLE);
      expectEvents(poller, [[a, READABLE | WRITABLE]]);
      expectNoEvents(poller);
    });

    it('stays spent whatever happens to others', () => {
      const poller = backend.poller();
      const [a, b] = pair();
      poller.add(a, WRITABLE, { mode: 'oneshot' });
      expectEvents(poller, [[a, WRITABLE]]);
      poller.add(b, WRITABLE);
      expectEvents(poller, [[b, WRITABLE]]);
      poller.delete(b);
      expectNoEvents(poller);
    });

    it('stays spent when the peer hangs up', () => {
      const poller = backend.poller();
      const [a, b] = pair();
      poller.add(a, WRITABLE, { mode: 'oneshot' });
      expectEvents(poller, [[a, WRITABLE]]);
      b.close();
      expectNoEvents(poller);
      expect(poller.has(a)).toBe(true);
    });

    it('reports a condition that holds each time it is armed', () => {
      const poller = backend.poller();
      const [a] = pair();
      poller.add(a, WRITABLE, { mode: 'oneshot' });
      for (let round = 0; round < 20; round++) {
        expectEvents(poller, [[a, WRITABLE]]);
        poller.modify(a, WRITABLE);
      }
    });

    it('can be deleted and added after it is spent', () => {
      const poller = backend.poller();
      const [a] = pair();
      poller.add(a, WRITABLE, { mode: 'oneshot' });
      expectEvents(poller, [[a, WRITABLE]]);
      expectFdError(() => poller.add(a, WRITABLE), 'EEXIST');
      expect(poller.delete(a)).toBe(true);
      poller.add(a, WRITABLE, { mode: 'oneshot' });
      expectEvents(poller, [[a, WRITABLE]]);
      expectNoEvents(poller);
    });
  });

  describe('edge', () => {
    const reason = backend.differs('edge mode');
    if (reason) {
      it.each(['edge', 'edge-oneshot'] as const)(`refuses %s with ENOTSUP: ${reason}`, (mode) => {
        const poller = backend.poller();
        const [a, b] = pair();
        expectFdError(() => poller.add(a, READABLE, { mode }), 'ENOTSUP');
        expect(poller.has(a)).toBe(false);
        poller.add(a, READABLE);
        expectFdError(() => poller.modify(a, READABLE, { mode }), 'ENOTSUP');
        say(b);
        expectEvents(poller, [[a, READABLE]]);
        expectEvents(poller, [[a, READABLE]]);
      });
      return;
    }

    it('reports each arrival once', () => {
      const poller = backend.poller();
      const [a, b] = pair();
      poller.add(a, READABLE, { mode: 'edge' });
      say(b);
      expectEvents(poller, [[a, READABLE]]);
      expectNoEvents(poller);
      say(b);
      expectEvents(poller, [[a, READABLE]]);
      expectNoEvents(poller);
    });

    it('reports what holds when it is added', () => {
      const poller = backend.poller();
      const [a, b] = pair();
      say(b);
      poller.add(a, READABLE | WRITABLE, { mode: 'edge' });
      expectEvents(poller, [[a, READABLE | WRITABLE]]);
      expectNoEvents(poller);
    });

    it('reports again what still holds after modify', () => {
      const poller = backend.poller();
      const [a, b] = pair();
      poller.add(a, READABLE, { mode: 'edge' });
      say(b);
      expectEvents(poller, [[a, READABLE]]);
      expectNoEvents(poller);
      poller.modify(a, READABLE);
      expectEvents(poller, [[a, READABLE]]);
      expectNoEvents(poller);
    });

    it('with one-shot is silent after the first event until modify', () => {
      const poller = backend.poller();
      const [a, b] = pair();
      poller.add(a, READABLE, { mode: 'edge-oneshot' });
      say(b);
      expectEvents(poller, [[a, READABLE]]);
      say(b);
      expectNoEvents(poller);
      drain(a);
      say(b);
      expectNoEvents(poller);
      poller.modify(a, READABLE);
      expectEvents(poller, [[a, READABLE]]);
      say(b);
      expectNoEvents(poller);
    });

    it.each(['level', 'edge', 'oneshot', 'edge-oneshot'] satisfies Mode[])('can be left for %s by modify', (mode) => {
      const poller = backend.poller();
      const [a, b] = pair();
      poller.add(a, READABLE, { mode: 'edge' });
      say(b);
      expectEvents(poller, [[a, READABLE]]);
      poller.modify(a, READABLE, { mode });
      expectEvents(poller, [[a, READABLE]]);
      if (mode === 'level') expectEvents(poller, [[a, READABLE]]);
      else expectNoEvents(poller);
    });
  });

  describe('exclusive', () => {
    const reason = backend.differs('exclusive mode');
    if (reason) {
      it(`is refused with ENOTSUP: ${reason}`, () => {
        const poller = backend.poller();
        const listener = listen();
        expectFdError(() => poller.add(listener, READABLE, { exclusive: true }), 'ENOTSUP');
        expect(poller.has(listener)).toBe(false);
        poller.add(listener, READABLE, { exclusive: false });
      });
      return;
    }

    it.each(['level', 'edge'] as const)('wakes at least one of two pollers, in %s mode', (mode) => {
      const pollers = [backend.poller(), backend.poller()];
      const listener = listen();
      for (const poller of pollers) poller.add(listener, READABLE, { exclusive: true, mode });
      const client = closing(Socket.connect(addressOf(listener)));
      const woken = pollers.filter((poller) => waitOnce(poller, 100).get(listener.fd) === READABLE);
      expect(woken.length).toBeGreaterThanOrEqual(1);
      acceptOne(listener);
      client.close();
      for (const poller of pollers) expectNoEvents(poller);
    });

    it('cannot be modified: EINVAL, and it goes on as before', () => {
      const poller = backend.poller();
      const [a, b] = pair();
      poller.add(a, READABLE, { exclusive: true });
      expectFdError(() => poller.modify(a, WRITABLE), 'EINVAL');
      expectFdError(() => poller.modify(a, 0), 'EINVAL');
      say(b);
      expectEvents(poller, [[a, READABLE]]);
      expect(poller.delete(a)).toBe(true);
      poller.add(a, WRITABLE);
      expectEvents(poller, [[a, WRITABLE]]);
    });

    it('is not for one-shots, priority or pollers: EINVAL', () => {
      const poller = backend.poller();
      const [a] = pair();
      expectFdError(() => poller.add(a, READABLE, { exclusive: true, mode: 'oneshot' }), 'EINVAL');
      expectFdError(() => poller.add(a, READABLE, { exclusive: true, mode: 'edge-oneshot' }), 'EINVAL');
      expectFdError(() => poller.add(a, READABLE | PRIORITY, { exclusive: true }), 'EINVAL');
      const inner = closing(new Poller({ backend: 'epoll' }));
      expectFdError(() => poller.add(inner, READABLE, { exclusive: true }), 'EINVAL');
      expect(poller.size).toBe(0);
    });

    it('knows no READ_CLOSED: a half-closed peer is only readable', () => {
      const poller = backend.poller();
      const [a, b] = pair();
      poller.add(a, READABLE, { exclusive: true });
      b.shutdown('write');
      const flags = waitOnce(poller, 1000).get(a.fd) ?? 0;
      expect(flags & READ_CLOSED).toBe(0);
      expect(flags).toBe(READABLE);
    });
  });

  describe('priority', () => {
    const reason = backend.differs('priority');
    if (reason) {
      it(`is refused with ENOTSUP: ${reason}`, () => {
        const poller = backend.poller();
        const [, server] = connection();
        expectFdError(() => poller.add(server, PRIORITY), 'ENOTSUP');
        expectFdError(() => poller.add(server, READABLE | PRIORITY), 'ENOTSUP');
        expect(poller.size).toBe(0);
      });
      return;
    }

    it('reports an out-of-band byte as priority only, and MSG_OOB reads it', () => {
      const poller = backend.poller();
      const [client, server] = connection();
      poller.add(server, READABLE | PRIORITY);
      expectNoEvents(poller);
      expect(client.send(Buffer.from('!'), 0, 1, oob)).toBe(1);
      expectEvents(poller, [[server, PRIORITY]]);
      const byte = Buffer.alloc(1);
      expect(server.recv(byte, 0, 1, oob)).toBe(1);
      expect(byte.toString()).toBe('!');
    });

    it('is not reported to who did not ask', () => {
      const poller = backend.poller();
      const [client, server] = connection();
      poller.add(server, READABLE);
      client.send(Buffer.from('!'), 0, 1, oob);
      expectNoEvents(poller);
    });
  });
});
