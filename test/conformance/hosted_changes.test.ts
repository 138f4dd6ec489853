import { expect, it } from 'vitest';
import { READABLE, type Socket, WRITABLE } from '../../lib/index.ts';
import { describeEachHosting, pause, until } from '../support/hosted.ts';
import { connection, drain, openPipe, openPipeAt, pair, say } from '../support/sockets.ts';

/** Time for a helper thread to get into its system call. */
const settle = (): Promise<void> => pause(5);

describeEachHosting('a change while a started poller waits', (host) => {
  it('adds: the running wait sees it', async () => {
    const poller = host.poller<string>();
    const seen: string[] = [];
    poller.start((events) => {
      for (const event of events) {
        seen.push(event.data);
        poller.delete(event.fd);
      }
    });
    await settle();
    poller.add(pair()[0], WRITABLE, { data: 'writable at once' });
    await until('the event', () => seen.length === 1);
    const [a, b] = pair();
    await settle();
    poller.add(a, READABLE, { data: 'readable later' });
    await settle();
    say(b);
    await until('the second event', () => seen.length === 2);
    expect(seen).toEqual(['writable at once', 'readable later']);
  });

  it('modifies: interest and label take effect in the running wait', async () => {
    const poller = host.poller<string>();
    const [a] = pair();
    const seen: unknown[] = [];
    poller.add(a, READABLE, { data: 'old' });
    poller.start((events) => {
      for (const event of events) seen.push([event.flags, event.data]);
      poller.modify(a, READABLE);
    });
    await settle();
    poller.modify(a, WRITABLE, { data: 'new' });
    await until('the event', () => seen.length === 1);
    expect(seen).toEqual([[WRITABLE, 'new']]);
  });

  it('parks and unparks', async () => {
    const poller = host.poller();
    const [a, b] = pair();
    poller.add(a, READABLE);
    let batches = 0;
    poller.start(() => {
      batches++;
      drain(a);
    });
    await settle();
    poller.modify(a, 0);
    say(b);
    await pause(10);
    expect(batches).toBe(0);
    poller.modify(a, READABLE);
    await until('the event', () => batches === 1);
  });

  it('deletes: nothing is reported any more, and a new registration of the number is', async () => {
    const poller = host.poller<string>();
    const [a, b] = pair();
    const seen: string[] = [];
    poller.add(a, READABLE, { data: 'old' });
    poller.start((events) => {
      for (const event of events) seen.push(event.data);
      drain(a);
    });
    await settle();
    poller.delete(a);
    say(b);
    await pause(10);
    expect(seen).toEqual([]);
    poller.add(a, READABLE, { data: 'new' });
    await until('the event', () => seen.length === 1);
    expect(seen).toEqual(['new']);
  });

  it('closes: the peer learns of it at once', async () => {
    const poller = host.poller();
    const [client, server] = connection();
    poller.add(client, READABLE);
    poller.start(() => {});
    await settle();
    const start = performance.now();
    client.close();
    await until('the end', () => drain(server).ended);
    expect(performance.now() - start).toBeLessThan(500);
  });

  it('re-arms a one-shot', async () => {
    const poller = host.poller();
    const [a, b] = pair();
    poller.add(a, READABLE, { mode: 'oneshot' });
    let batches = 0;
    poller.start(() => void batches++);
    say(b);
    await until('the event', () => batches === 1);
    await pause(10);
    expect(batches).toBe(1);
    poller.modify(a, READABLE);
    await until('the second event', () => batches === 2);
  });

  it('reports nothing of a number that was closed and used again', async () => {
    const poller = host.poller<string>();
    const { read, end } = openPipe();
    const seen: string[] = [];
    poller.add(read, READABLE, { data: 'old' });
    poller.start((events) => {
      for (const event of events) {
        seen.push(event.data);
        poller.delete(event.fd);
      }
    });
    await settle();
    poller.delete(read);
    end(read);
    const reused = openPipeAt(read);
    poller.add(reused.read, READABLE, { data: 'new' });
    reused.end(reused.write);
    await until('the event', () => seen.length > 0);
    expect(seen).toEqual(['new']);
  });

  it('comes in a storm from beside the wait, and all is as the last one said', async () => {
    const poller = host.poller<number>();
    const pairs = Array.from({ length: 20 }, () => pair());
    let [seed, events] = [1, 0];
    const random = (below: number): number => {
      seed = (seed * 48271) % 2147483647;
      return seed % below;
    };
    poller.start((batch) => {
      for (const event of batch) {
        events++;
        expect(event.data).toBe(event.fd);
        drain(pairs.find(([a]) => a.fd === event.fd)?.[0] as Socket);
      }
    });
    for (let round = 0; round < 2000; round++) {
      const [a, b] = pairs[random(pairs.length)] as [Socket, Socket];
      const what = random(5);
      if (what === 0) poller.delete(a);
      else if (!poller.has(a)) poller.add(a, READABLE, { data: a.fd });
      else if (what === 1) poller.modify(a, random(4));
      else say(b);
      if (round % 50 === 0) await pause(0);
    }
    for (const [a, b] of pairs) {
      drain(a);
      poller.delete(a);
      say(b);
    }
    await pause(5);
    events = 0;
    for (const [a] of pairs) poller.add(a, READABLE, { data: a.fd });
    await until('twenty events', () => events === 20);
  });

  it('does not lose its wake-up to a waker, nor the waker’s to a change', async () => {
    const poller = host.poller();
    const [a] = pair();
    let woken = 0;
    poller.start((events) => {
      if (events.woken) woken++;
    });
    for (let round = 1; round <= 100; round++) {
      poller.add(a, READABLE);
      poller.waker.wake();
      poller.delete(a);
      await until(`wake-up ${round}`, () => woken === round);
    }
    await pause(5);
    expect(woken).toBe(100);
  });

  it('is refused by itself as it would be without a wait', async () => {
    const poller = host.poller();
    const [a] = pair();
    poller.start(() => {});
    await settle();
    poller.add(a, READABLE);
    expect(() => poller.add(a, READABLE)).toThrow(/EEXIST/);
    expect(() => poller.modify(pair()[0], READABLE)).toThrow(/ENOENT/);
    expect(poller.delete(pair()[0])).toBe(false);
  });
});
