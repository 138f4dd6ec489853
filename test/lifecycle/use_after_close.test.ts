import { expect, it } from 'vitest';
import { Poller, READABLE, WRITABLE } from '../../lib/index.ts';
import { describeEachBackend } from '../support/backends.ts';
import { openDescriptors } from '../support/descriptors.ts';
import { expectClosed, expectEvents } from '../support/expect.ts';
import { closing, openPipe, pair, say } from '../support/sockets.ts';

describeEachBackend('a closed poller', (backend) => {
  it('throws ERR_FDPOLL_CLOSED from every method', () => {
    const poller = backend.poller();
    const [a] = pair();
    poller.add(a, READABLE);
    poller.close();
    expectClosed(() => poller.add(a, READABLE));
    expectClosed(() => poller.modify(a, READABLE));
    expectClosed(() => poller.delete(a));
    expectClosed(() => poller.has(a));
    expectClosed(() => poller.wait(0));
    expectClosed(() => poller.wait());
  });

  it('can be closed again, and knows that it is closed', () => {
    const poller = backend.poller();
    expect(poller.closed).toBe(false);
    poller.close();
    poller.close();
    poller[Symbol.dispose]();
    expect(poller.closed).toBe(true);
    expect(poller.backend).toBe(backend.name);
    expect(poller.fd).toBe(-1);
    expect(poller.size).toBe(0);
  });

  it('closes no number that somebody else has by now', async () => {
    const poller = new Poller({ backend: backend.name });
    poller.waker.wake();
    poller.close();
    const pipes = Array.from({ length: 8 }, () => openPipe());
    poller.close();
    poller[Symbol.dispose]();
    const before = openDescriptors();
    await new Promise((resolve) => setTimeout(resolve, 5));
    for (const { read, write } of pipes)
      for (const fd of [read, write]) expect(before.some((entry) => entry.startsWith(`${fd} `))).toBe(true);
  });

  it('is what using leaves behind', () => {
    let kept: Poller;
    {
      using poller = new Poller({ backend: backend.name });
      kept = poller;
      expect(kept.wait(0).length).toBe(0);
    }
    expect(kept.closed).toBe(true);
  });

  it('leaves its descriptors open, and those of other pollers registered', () => {
    const poller = backend.poller();
    const other = backend.poller();
    const [a, b] = pair();
    poller.add(a, READABLE);
    other.add(a, READABLE);
    poller.close();
    say(b);
    expectEvents(other, [[a, READABLE]]);
    expect(a.closed).toBe(false);
  });

  it('makes its waker say false', () => {
    const poller = backend.poller();
    const { waker } = poller;
    poller.waker.wake();
    poller.close();
    expect(waker.wake()).toBe(false);
  });

  it('inside the iteration of its own batch ends it', () => {
    const poller = backend.poller();
    for (let i = 0; i < 3; i++) poller.add(pair()[0], WRITABLE);
    let rounds = 0;
    for (const event of poller.wait(1000)) {
      expect(event.flags).toBe(WRITABLE);
      rounds++;
      poller.close();
    }
    expect(rounds).toBe(1);
  });

  it('lets sockets close that were registered with it', () => {
    const poller = backend.poller();
    const [a, b] = pair();
    poller.add(a, READABLE);
    poller.close();
    a.close();
    b.close();
    expect(a.closed && b.closed).toBe(true);
  });

  it('does not hold its successor back', () => {
    for (let round = 0; round < 50; round++) {
      const poller = new Poller({ backend: backend.name });
      const [a] = pair();
      poller.add(a, WRITABLE);
      expectEvents(poller, [[a, WRITABLE]]);
      poller.close();
    }
    expect(closing(new Poller({ backend: backend.name })).wait(0).length).toBe(0);
  });
});
