import { readSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ERROR, type Poller, READ_CLOSED, READABLE, Socket, WRITABLE, WRITE_CLOSED } from '../../lib/index.ts';
import { type BackendUnderTest, describeEachBackend } from '../support/backends.ts';
import { expectEvents, expectFdError, expectNoEvents, flagNames, waitForFlags, waitOnce } from '../support/expect.ts';
import { closing, connection, drain, fill, openPipe, pair, poke, reset, say } from '../support/sockets.ts';

/** The event once the end is known: at once, but for backends that may report it late, after a first event without it. */
const expectEnd = (backend: BackendUnderTest, poller: Poller, socket: Socket, flags: number): void => {
  const expected = backend.sees(flags);
  const late = backend.differs('prompt read-closed flag') ? READ_CLOSED : 0;
  const seen = waitOnce(poller, 2000).get(socket.fd) ?? 0;
  expect(flagNames(seen & ~late)).toBe(flagNames(expected & ~late));
};

describeEachBackend('flags of a hang-up', (backend) => {
  describe('of a pipe', () => {
    it('make the drained read end readable', () => {
      const poller = backend.poller();
      const { read, write, end } = openPipe();
      poller.add(read, READABLE);
      expectNoEvents(poller);
      end(write);
      expectEvents(poller, [[read, backend.sees(READABLE | READ_CLOSED)]]);
      expect(readSync(read, Buffer.alloc(8))).toBe(0);
    });

    it('come with the bytes that are left', () => {
      const poller = backend.poller();
      const { read, write, end } = openPipe();
      poller.add(read, READABLE);
      poke(write);
      end(write);
      expectEvents(poller, [[read, backend.sees(READABLE | READ_CLOSED)]]);
      expect(readSync(read, Buffer.alloc(8))).toBe(1);
      expectEvents(poller, [[read, backend.sees(READABLE | READ_CLOSED)]]);
      expect(readSync(read, Buffer.alloc(8))).toBe(0);
    });

    it('make the write end writable when nobody reads', () => {
      const poller = backend.poller();
      const { read, write, end } = openPipe();
      poller.add(write, WRITABLE);
      end(read);
      const flags = waitOnce(poller, 2000).get(write) ?? 0;
      expect(flags & ~ERROR).toBe(backend.sees(WRITABLE | WRITE_CLOSED));
      if (backend.name === 'epoll' || backend.name === 'poll') expect(flags & ERROR).toBe(ERROR);
    });
  });

  describe('of a peer that shuts down its writing', () => {
    it.each(['tcp', 'unix'] as const)('are readable and read-closed, no error and not write-closed: %s', (kind) => {
      const poller = backend.poller();
      const [peer, socket] = kind === 'tcp' ? connection() : pair();
      poller.add(socket, READABLE | WRITABLE);
      expectEvents(poller, [[socket, WRITABLE]]);
      peer.shutdown('write');
      const missing = backend.differs('half-close flag') ? READ_CLOSED : 0;
      expectEnd(backend, poller, socket, (READABLE | WRITABLE | READ_CLOSED) & ~missing);
      expect(drain(socket)).toEqual({ text: '', ended: true });
      say(socket, 'still open');
      expect(drain(peer).text).toBe('still open');
    });

    it('say nothing to who asks for WRITABLE alone, and never spin', () => {
      const poller = backend.poller();
      const [peer, socket] = connection();
      fill(socket);
      peer.shutdown('write');
      poller.add(socket, WRITABLE);
      expectNoEvents(poller, 30);
      drain(peer);
      const flags = waitForFlags(poller, socket, WRITABLE);
      expect(flags).toBe(WRITABLE);
    });
  });

  describe('of a peer that closes', () => {
    it('are read-closed and write-closed on a unix socket', () => {
      const poller = backend.poller();
      const [a, b] = pair();
      poller.add(a, READABLE | WRITABLE);
      b.close();
      expectEnd(backend, poller, a, READABLE | WRITABLE | READ_CLOSED | WRITE_CLOSED);
    });

    it('are read-closed only with READABLE interest', () => {
      const poller = backend.poller();
      const [a, b] = pair();
      poller.add(a, READABLE);
      b.close();
      expectEnd(backend, poller, a, READABLE | READ_CLOSED);
    });

    it('are write-closed only with WRITABLE interest', () => {
      const poller = backend.poller();
      const [a, b] = pair();
      poller.add(a, WRITABLE);
      b.close();
      expectEvents(poller, [[a, backend.sees(WRITABLE | WRITE_CLOSED)]]);
    });

    it('come after both directions of a TCP connection were shut down', () => {
      const poller = backend.poller();
      const [peer, socket] = connection();
      peer.shutdown('write');
      socket.shutdown('write');
      poller.add(socket, READABLE | WRITABLE);
      expectEnd(backend, poller, socket, READABLE | WRITABLE | READ_CLOSED | WRITE_CLOSED);
      expect(drain(socket).ended).toBe(true);
    });
  });

  describe('of a connection that is reset', () => {
    const resetConnection = (): Socket => {
      const [peer, socket] = connection();
      reset(peer, socket);
      return socket;
    };

    it('are an error that is readable and writable', () => {
      const poller = backend.poller();
      const socket = resetConnection();
      poller.add(socket, READABLE | WRITABLE);
      const flags = waitForFlags(poller, socket, READABLE | WRITABLE);
      const expected = backend.sees(READABLE | WRITABLE | READ_CLOSED | WRITE_CLOSED | ERROR);
      if (backend.differs('socket errors after the event')) expect(flags & ~ERROR).toBe(expected & ~ERROR);
      else expect(flags).toBe(expected);
    });

    it('are an error to who asks for READABLE alone', () => {
      const poller = backend.poller();
      const socket = resetConnection();
      poller.add(socket, READABLE);
      const flags = waitForFlags(poller, socket, READABLE);
      expect(flags & (WRITABLE | WRITE_CLOSED)).toBe(0);
    });

    it('are an error to who asks for WRITABLE alone', () => {
      const poller = backend.poller();
      const socket = resetConnection();
      poller.add(socket, WRITABLE);
      const flags = waitForFlags(poller, socket, WRITABLE);
      expect(flags & (READABLE | READ_CLOSED)).toBe(0);
    });

    const lost = backend.differs('socket errors after the event');
    it(lost ? `leave only the end to recv: ${lost}` : 'leave ECONNRESET to recv, then the end', () => {
      const poller = backend.poller();
      const socket = resetConnection();
      poller.add(socket, READABLE);
      waitForFlags(poller, socket, READABLE);
      if (!lost) expectFdError(() => socket.recv(Buffer.alloc(8)), 'ECONNRESET');
      expect(socket.recv(Buffer.alloc(8))).toBe(0);
    });
  });

  describe('after N bytes and the end', () => {
    it.each([0, 1, 4096, 300_000])('give exactly %d bytes, one recv at each event', (count) => {
      for (const [peer, socket] of [connection(), pair()]) {
        const poller = backend.poller();
        const block = Buffer.alloc(count, 'n');
        let sent = 0;
        let received = 0;
        let last = 0;
        poller.add(socket, READABLE);
        const buffer = Buffer.alloc(10_000);
        for (let round = 0; round < 1000; round++) {
          if (sent < count) sent += Math.max(0, peer.send(block, sent));
          if (sent === count && !peer.closed) peer.close();
          last = waitOnce(poller, 2000).get(socket.fd) ?? expect.fail('no event');
          expect(last & READABLE).toBe(READABLE);
          const n = socket.recv(buffer);
          if (n === 0) break;
          received += n;
        }
        expect(received).toBe(count);
        expect(last & READ_CLOSED).toBe(backend.differs('half-close flag') ? 0 : READ_CLOSED);
      }
    });

    it('wait for a paused socket: the data, then the end, and no event in between', () => {
      const poller = backend.poller();
      const [peer, socket] = connection();
      poller.add(socket, READABLE);
      poller.modify(socket, 0);
      say(peer, 'before the end');
      peer.close();
      expectNoEvents(poller, 30);
      poller.modify(socket, READABLE);
      waitForFlags(poller, socket, READABLE);
      expect(drain(socket)).toEqual({ text: 'before the end', ended: true });
    });
  });

  if (backend.kind === 'epoll')
    it('come for a TCP socket that is neither connected nor listening', () => {
      const poller = backend.poller();
      const fresh = closing(new Socket('inet', 'stream'));
      poller.add(fresh, WRITABLE);
      expectEvents(poller, [[fresh, WRITABLE | WRITE_CLOSED]]);
    });

  const noEdges = backend.differs('edge mode');
  if (!noEdges)
    it('come once in edge mode', () => {
      const poller = backend.poller();
      const [a, b] = pair();
      poller.add(a, READABLE, { mode: 'edge' });
      b.close();
      expectEnd(backend, poller, a, READABLE | READ_CLOSED);
      expectNoEvents(poller, 30);
    });
});
