import { constants } from 'node:os';
import { expect, it } from 'vitest';
import { type Events, READABLE, Socket, WRITABLE, waitFor } from '../../lib/index.ts';
import { describeEachBackend } from '../support/backends.ts';
import { batchOf } from '../support/expect.ts';
import {
  acceptOne,
  addressOf,
  closing,
  connect,
  drain,
  fill,
  listen,
  openPipe,
  pair,
  poke,
  reset,
  say,
} from '../support/sockets.ts';

const indexOf = (events: Events, fd: number): number => events.fds.subarray(0, events.length).indexOf(fd);

/** What was received of a socket, as text; or the number that says why not. */
const heard = (events: Events, slab: Uint8Array, socket: Socket): string | number => {
  const i = indexOf(events, socket.fd);
  const length = events.lengths[i] as number;
  const offset = events.offsets[i] as number;
  return length > 0 ? Buffer.from(slab.subarray(offset, offset + length)).toString() : length;
};

describeEachBackend('events.receive and events.send', (backend) => {
  it('receive from every readable socket at once, and send it back', () => {
    const poller = backend.poller();
    const pairs = Array.from({ length: 20 }, () => pair());
    for (const [i, [ours, theirs]] of pairs.entries()) {
      poller.add(ours, READABLE);
      say(theirs, `message ${i}`.repeat(i + 1));
    }
    const events = batchOf(poller, 20);
    const slab = Buffer.alloc(65536);
    expect(events.receive(slab, 4096)).toBe(20);
    for (const [i, [ours]] of pairs.entries()) expect(heard(events, slab, ours)).toBe(`message ${i}`.repeat(i + 1));
    expect(events.send(slab)).toBe(20);
    for (const [i, [ours, theirs]] of pairs.entries()) {
      expect(events.sent[indexOf(events, ours.fd)]).toBe(events.lengths[indexOf(events, ours.fd)]);
      expect(drain(theirs).text).toBe(`message ${i}`.repeat(i + 1));
    }
  });

  it('keep the ranges apart, and inside the slab', () => {
    const poller = backend.poller();
    const pairs = Array.from({ length: 8 }, () => pair());
    for (const [ours, theirs] of pairs) {
      poller.add(ours, READABLE);
      say(theirs, 'x'.repeat(100));
    }
    const events = batchOf(poller, 8);
    const memory = Buffer.alloc(4096, 7);
    const slab = memory.subarray(512, 2560);
    expect(events.receive(slab, 100)).toBe(8);
    const ranges = Array.from({ length: 8 }, (_, i) => [events.offsets[i] as number, events.lengths[i] as number]);
    ranges.sort(([a = 0], [b = 0]) => a - b);
    let end = 0;
    for (const [offset = -1, length = 0] of ranges) {
      expect(offset).toBeGreaterThanOrEqual(end);
      end = offset + length;
    }
    expect(end).toBeLessThanOrEqual(slab.length);
    expect(memory.subarray(0, 512).every((byte) => byte === 7)).toBe(true);
    expect(memory.subarray(2560).every((byte) => byte === 7)).toBe(true);
  });

  it('take at most `each` bytes of one socket; the rest is reported again', () => {
    const poller = backend.poller();
    const [ours, theirs] = pair();
    poller.add(ours, READABLE);
    say(theirs, 'abcdefghij');
    const slab = Buffer.alloc(64);
    const parts: (string | number)[] = [];
    for (let i = 0; i < 3; i++) {
      const events = batchOf(poller, 1);
      events.receive(slab, 4);
      parts.push(heard(events, slab, ours));
    }
    expect(parts).toEqual(['abcd', 'efgh', 'ij']);
  });

  it('stop when the slab is full, and go on at the next call', () => {
    const poller = backend.poller();
    const pairs = Array.from({ length: 10 }, () => pair());
    for (const [i, [ours, theirs]] of pairs.entries()) {
      poller.add(ours, READABLE);
      say(theirs, String.fromCharCode(97 + i).repeat(64));
    }
    const events = batchOf(poller, 10);
    const slab = Buffer.alloc(256);
    const rounds: number[] = [];
    for (let n = events.receive(slab, 64); n > 0; n = events.receive(slab, 64)) {
      rounds.push(n);
      expect(events.lengths.subarray(0, 10).filter((length) => length > 0).length).toBe(n);
      expect(events.send(slab)).toBe(n);
    }
    expect(rounds).toEqual([4, 4, 2]);
    for (const [i, [, theirs]] of pairs.entries())
      expect(drain(theirs).text).toBe(String.fromCharCode(97 + i).repeat(64));
  });

  it('serve everyone in turn when the slab is small and all are always ready', () => {
    const poller = backend.poller();
    const pairs = Array.from({ length: 4 }, () => pair());
    for (const [ours] of pairs) poller.add(ours, READABLE);
    const slab = Buffer.alloc(64);
    const served = new Map<number, number>();
    for (let round = 0; round < 12; round++) {
      for (const [, theirs] of pairs) say(theirs, 'more');
      const events = batchOf(poller, 4);
      expect(events.receive(slab, 64)).toBe(1);
      const fd = events.fds[events.lengths.subarray(0, 4).findIndex((length) => length > 0)] as number;
      served.set(fd, (served.get(fd) ?? 0) + 1);
    }
    expect(Math.min(...pairs.map(([ours]) => served.get(ours.fd) ?? 0))).toBeGreaterThan(0);
  });

  it('say 0 for an end, a negative errno for an error, and -1 for what was not read', () => {
    const poller = backend.poller();
    const [ended, gone] = pair();
    gone.close();
    const listener = listen();
    const client = connect(addressOf(listener));
    const victim = acceptOne(listener);
    connect(addressOf(listener));
    reset(client, victim);
    waitFor(victim, READABLE, 2000);
    waitFor(listener, READABLE, 2000);
    const pipe = openPipe();
    poke(pipe.write);
    const [quiet] = pair();
    poller.add(ended, READABLE);
    poller.add(victim, READABLE);
    poller.add(listener, READABLE);
    poller.add(pipe.read, READABLE);
    poller.add(quiet, WRITABLE);
    const events = batchOf(poller, 5);
    const slab = Buffer.alloc(1024);
    const failed = !backend.differs('socket errors after the event');
    expect(events.receive(slab, 64)).toBe(2);
    const lengthOf = (fd: number) => events.lengths[indexOf(events, fd)];
    expect(lengthOf(ended.fd)).toBe(0);
    expect(lengthOf(victim.fd)).toBe(failed ? -constants.errno.ECONNRESET : 0);
    for (const fd of [listener.fd, pipe.read, quiet.fd]) expect(lengthOf(fd)).toBe(-1);
    expect(events.send(slab)).toBe(0);
    expect([...events.sent.subarray(0, 5)]).toEqual([-1, -1, -1, -1, -1]);
    closing(listener.accept() ?? expect.fail('the connection is still there'));
  });

  it('say in `sent` how much went, for the caller to finish', () => {
    const poller = backend.poller();
    const [ours, theirs] = pair();
    poller.add(ours, READABLE);
    const filled = fill(ours);
    say(theirs, 'no room for this');
    const events = batchOf(poller, 1);
    const slab = Buffer.alloc(1024);
    expect(events.receive(slab, 64)).toBe(1);
    expect(events.send(slab)).toBe(0);
    expect(events.sent[0]).toBe(-1);
    expect(drain(theirs).text.length).toBe(filled);
    expect(ours.send(slab, events.offsets[0], events.lengths[0])).toBe(16);
    expect(drain(theirs).text).toBe('no room for this');
  });

  it('say in `sent` that the peer is gone, without SIGPIPE', () => {
    const poller = backend.poller();
    const [ours, theirs] = pair();
    poller.add(ours, READABLE);
    say(theirs, 'last words');
    const events = batchOf(poller, 1);
    const slab = Buffer.alloc(1024);
    expect(events.receive(slab, 64)).toBe(1);
    theirs.close();
    expect(events.send(slab)).toBe(0);
    expect(events.sent[0]).toBe(-constants.errno.EPIPE);
  });

  it('leave alone what was deleted, closed or parked within the batch', () => {
    const poller = backend.poller();
    const pairs = Array.from({ length: 3 }, () => pair());
    for (const [ours, theirs] of pairs) {
      poller.add(ours, READABLE);
      say(theirs, 'text');
    }
    const [[deleted], [closed], [kept]] = pairs as [[Socket, Socket], [Socket, Socket], [Socket, Socket]];
    const events = batchOf(poller, 3);
    poller.delete(deleted);
    const { fd } = closed;
    closed.close();
    const slab = Buffer.alloc(1024);
    expect(events.receive(slab, 64)).toBe(1);
    expect(events.lengths[indexOf(events, fd)]).toBe(-1);
    expect(heard(events, slab, deleted)).toBe(-1);
    expect(heard(events, slab, kept)).toBe('text');
    expect(drain(deleted).text).toBe('text');
  });

  it('send nothing to a socket that was closed after the receive, nor to the next owner of its number', () => {
    const poller = backend.poller();
    const [ours, theirs] = pair();
    poller.add(ours, READABLE);
    say(theirs, 'secret');
    const events = batchOf(poller, 1);
    const slab = Buffer.alloc(1024);
    expect(events.receive(slab, 64)).toBe(1);
    const { fd } = ours;
    ours.close();
    const next = pair();
    expect(next.some((socket) => socket.fd === fd)).toBe(true);
    expect(events.send(slab)).toBe(0);
    expect([drain(next[0]).text, drain(next[1]).text]).toEqual(['', '']);
  });

  it('pass over a registered number, an accepted listener’s queue and datagrams', () => {
    const poller = backend.poller();
    const [a, b] = Socket.pair('dgram');
    closing(a);
    closing(b);
    const [c, d] = pair();
    poller.add(a, READABLE);
    poller.add(c.fd, READABLE);
    say(b, 'datagram');
    say(d, 'by number');
    const events = batchOf(poller, 2);
    const slab = Buffer.alloc(1024);
    expect(events.receive(slab, 64)).toBe(0);
    expect(drain(c).text).toBe('by number');
    const buffer = Buffer.alloc(64);
    expect(buffer.toString('utf8', 0, a.recv(buffer))).toBe('datagram');
  });

  it('have nothing to do outside of a batch', () => {
    const poller = backend.poller();
    const slab = Buffer.alloc(1024);
    const events = poller.wait(0);
    expect([events.receive(slab, 64), events.send(slab)]).toEqual([0, 0]);
  });

  it('start again with every wait', () => {
    const poller = backend.poller();
    const [ours, theirs] = pair();
    poller.add(ours, READABLE);
    const slab = Buffer.alloc(1024);
    say(theirs, 'one');
    batchOf(poller, 1).receive(slab, 64);
    say(theirs, 'two');
    const events = batchOf(poller, 1);
    expect(events.send(slab), 'what the batch before received is not sent').toBe(0);
    expect(events.receive(slab, 64)).toBe(1);
    expect(heard(events, slab, ours)).toBe('two');
  });

  it('serve one-shot registrations too, which stay spent', () => {
    const poller = backend.poller();
    const [ours, theirs] = pair();
    poller.add(ours, READABLE, { mode: 'oneshot' });
    say(theirs, 'once');
    const events = batchOf(poller, 1);
    const slab = Buffer.alloc(64);
    expect(events.receive(slab, 64)).toBe(1);
    expect(events.send(slab)).toBe(1);
    say(theirs, 'more');
    expect(poller.wait(10).length).toBe(0);
  });
});
