import { closeSync } from 'node:fs';
import { expect, it } from 'vitest';
import { close, type Events, type Poller, READABLE, type Socket, WRITABLE } from '../../lib/index.ts';
import { describeEachBackend } from '../support/backends.ts';
import { expectEvents, expectNoEvents } from '../support/expect.ts';
import { openPipe, openPipeAt, pair, poke, say } from '../support/sockets.ts';

/** Two readable sockets in one batch; `indexOf` finds their places in it. */
const twoReady = (poller: Poller<Socket>): { sockets: [Socket, Socket]; events: Events<Socket> } => {
  const [a, b] = pair();
  const [c, d] = pair();
  say(b);
  say(d);
  poller.add(a, READABLE, { data: a });
  poller.add(c, READABLE, { data: c });
  const events = poller.wait(1000);
  expect(events.length).toBe(2);
  return { sockets: [events.data(0), events.data(1)], events };
};

describeEachBackend('a batch', (backend) => {
  it('is silent about the rest of a descriptor that is deleted', () => {
    const poller = backend.poller<Socket>();
    const { sockets, events } = twoReady(poller);
    expect(poller.delete(sockets[1])).toBe(true);
    expect([...events.flags.subarray(0, 2)]).toEqual([READABLE, 0]);
    expect([...events].map((event) => event.data)).toEqual([sockets[0]]);
  });

  it('is silent about the rest of a socket that is closed', () => {
    const poller = backend.poller<Socket>();
    const { sockets, events } = twoReady(poller);
    sockets[1].close();
    expect(events.flags[1]).toBe(0);
    expect([...events].map((event) => event.data)).toEqual([sockets[0]]);
  });

  it('is silent about the rest of a socket that is detached', () => {
    const poller = backend.poller<Socket>();
    const { sockets, events } = twoReady(poller);
    const fd = sockets[1].detach();
    expect(events.flags[1]).toBe(0);
    closeSync(fd);
  });

  it('is silent about the rest of a number that is closed with close(fd)', () => {
    const poller = backend.poller<string>();
    const one = openPipe();
    const other = openPipe();
    poke(one.write);
    poke(other.write);
    poller.add(one.read, READABLE);
    poller.add(other.read, READABLE);
    const events = poller.wait(1000);
    expect(events.length).toBe(2);
    const [keep, drop] = [events.fds[0] ?? -1, events.fds[1] ?? -1];
    (drop === one.read ? one : other).end(drop, close);
    expect([...events].map((event) => event.fd)).toEqual([keep]);
  });

  it('skips in an iteration that is under way what its body deletes', () => {
    const poller = backend.poller<Socket>();
    const { sockets, events } = twoReady(poller);
    const seen: Socket[] = [];
    for (const event of events) {
      seen.push(event.data);
      for (const socket of sockets) if (socket !== event.data) poller.delete(socket);
    }
    expect(seen).toEqual([sockets[0]]);
  });

  it('goes on when its body deletes the descriptor that it is at', () => {
    const poller = backend.poller<Socket>();
    const { sockets, events } = twoReady(poller);
    const seen: Socket[] = [];
    for (const event of events) {
      seen.push(event.data);
      event.data.close();
    }
    expect(seen).toEqual(sockets);
    expect(poller.size).toBe(0);
  });

  it('goes on after its body throws', () => {
    const poller = backend.poller<Socket>();
    const { sockets, events } = twoReady(poller);
    expect(() => {
      for (const event of events) throw event.data;
    }).toThrow();
    expect([...events].map((event) => event.data)).toEqual(sockets);
    expect(poller.wait(1000).length).toBe(2);
  });

  it('does not give a number that is added again the event of the old registration', () => {
    const poller = backend.poller<Socket>();
    const { sockets, events } = twoReady(poller);
    poller.delete(sockets[1]);
    poller.add(sockets[1], WRITABLE);
    expect(events.flags[1]).toBe(0);
    expect([...events].map((event) => event.fd)).toEqual([sockets[0].fd]);
  });

  it('is silent about the rest of a dead registration that add replaces', () => {
    const poller = backend.poller<string>();
    const dead = openPipe();
    poke(dead.write);
    poller.add(dead.read, READABLE, { data: 'dead' });
    const events = poller.wait(1000);
    expect(events.length).toBe(1);
    dead.end(dead.read);
    const next = openPipeAt(dead.read);
    poller.add(next.read, READABLE, { data: 'alive' });
    expect(events.flags[0]).toBe(0);
    expect([...events]).toEqual([]);
    expectNoEvents(poller);
  });

  it('may give the place of what is deleted to what is added: the data of the new one stays', () => {
    const poller = backend.poller<string>();
    const [a, b] = pair();
    const [c, d] = pair();
    say(b);
    poller.add(a, READABLE, { data: 'old' });
    expect(poller.wait(1000).length).toBe(1);
    poller.delete(a);
    say(d);
    poller.add(c, READABLE, { data: 'new' });
    for (let wait = 0; wait < 2; wait++) {
      const events = poller.wait(1000);
      expect(events.length).toBe(1);
      expect(events.data(0)).toBe('new');
    }
  });

  it('does not give a reused number the event of the socket that is gone', () => {
    const poller = backend.poller<Socket>();
    const { sockets, events } = twoReady(poller);
    const { fd } = sockets[1];
    sockets[1].close();
    const next = openPipeAt(fd);
    poller.add(next.read, READABLE);
    expect(events.flags[1]).toBe(0);
    expect([...events].map((event) => event.fd)).toEqual([sockets[0].fd]);
    sockets[0].close();
    expectNoEvents(poller);
    poke(next.write);
    expectEvents(poller, [[next.read, READABLE]]);
  });

  it('keeps its events when other descriptors are added, modified and deleted', () => {
    const poller = backend.poller<Socket>();
    const { sockets, events } = twoReady(poller);
    const [e] = pair();
    poller.add(e, WRITABLE, { data: e });
    poller.modify(e, 0);
    poller.delete(e);
    poller.modify(sockets[1], READABLE | WRITABLE);
    expect([...events].map((event) => event.data)).toEqual(sockets);
  });

  it('is followed by one with the data that a modify gave meanwhile', () => {
    const poller = backend.poller<string>();
    const [a, b] = pair();
    say(b);
    poller.add(a, READABLE, { data: 'then' });
    const events = poller.wait(1000);
    expect(events.data(0)).toBe('then');
    poller.modify(a, READABLE, { data: 'now' });
    expect(poller.wait(1000).data(0)).toBe('now');
  });

  it('is emptied by close', () => {
    const poller = backend.poller<Socket>();
    const { events } = twoReady(poller);
    poller.close();
    expect([...events]).toEqual([]);
  });

  it('silences a descriptor in the batches of two pollers', () => {
    const pollers = [backend.poller<string>(), backend.poller<string>()] as const;
    const [a, b] = pair();
    say(b);
    for (const poller of pollers) poller.add(a, READABLE);
    const batches = pollers.map((poller) => poller.wait(1000));
    a.close();
    for (const events of batches) expect([...events]).toEqual([]);
  });

  it('of several waits never shows an event of a descriptor that was deleted in between', () => {
    const poller = backend.poller<Socket>(1);
    const pairs = Array.from({ length: 8 }, () => pair());
    for (const [a, b] of pairs) {
      say(b);
      poller.add(a, READABLE, { data: a });
    }
    const gone = new Set<number>();
    for (let left = pairs.length; left > 0; left--) {
      const events = poller.wait(1000);
      expect(events.length).toBe(1);
      const socket = events.data(0);
      expect(gone.has(socket.fd)).toBe(false);
      gone.add(socket.fd);
      poller.delete(socket);
    }
    expectNoEvents(poller);
  });
});
