import { expect, it } from 'vitest';
import { close, dup, READABLE, WRITABLE } from '../../lib/index.ts';
import { expectEvents } from '../support/expect.ts';
import { collectUncaught, describeEachHosting, pause, until } from '../support/hosted.ts';
import { drain, openPipe, pair, say } from '../support/sockets.ts';

describeEachHosting('the callback of a started poller', (host) => {
  it('may add, modify and delete', async () => {
    const poller = host.poller<string>();
    const [[a, b], [c, d]] = [pair(), pair()];
    const log: string[] = [];
    poller.add(a, READABLE, { data: 'a' });
    poller.start((events) => {
      for (const event of events) {
        log.push(event.data);
        if (event.data === 'a') {
          drain(a);
          poller.add(c, READABLE, { data: 'c' });
          poller.modify(a, WRITABLE, { data: 'a writable' });
        } else if (event.data === 'a writable') {
          poller.delete(a);
          say(d);
        } else {
          drain(c);
          poller.delete(c);
        }
      }
    });
    say(b);
    await until('three events', () => log.length === 3);
    expect(log).toEqual(['a', 'a writable', 'c']);
    expect(poller.size).toBe(0);
  });

  it('silences what it deletes or closes of its own batch', async () => {
    const poller = host.poller();
    const pairs = [pair(), pair(), pair()];
    for (const [a] of pairs) poller.add(a, WRITABLE);
    let told = 0;
    poller.start((events) => {
      for (const event of events) {
        told++;
        for (const [a] of pairs) if (a.fd !== event.fd) a.close();
      }
      poller.stop();
    });
    await until('the batch', () => told > 0);
    expect(told).toBe(1);
  });

  it.each(['stop', 'close'] as const)('may %s its poller', async (how) => {
    const poller = host.poller();
    const pairs = [pair(), pair()];
    for (const [a] of pairs) poller.add(a, WRITABLE);
    let batches = 0;
    poller.start((events) => {
      batches++;
      poller[how]();
      expect(events.length).toBe(how === 'stop' ? 2 : 0);
    });
    await until('the batch', () => batches === 1);
    await pause(10);
    expect(batches).toBe(1);
    expect(poller.closed).toBe(how === 'close');
  });

  it.each(['stop', 'close'] as const)('may %s its poller and throw', async (how) => {
    const uncaught = collectUncaught();
    const poller = host.poller();
    poller.add(pair()[0], WRITABLE, { mode: 'oneshot' });
    poller.start(() => {
      poller[how]();
      throw new Error('on purpose');
    });
    await until('the exception', () => uncaught.length === 1);
    await pause(5);
    expect(uncaught.length).toBe(1);
  });

  it('may stop its poller, wait on it and start it anew', async () => {
    const poller = host.poller();
    const [a, b] = pair();
    poller.add(a, READABLE);
    const log: string[] = [];
    poller.start(() => {
      log.push('first');
      poller.stop();
      expect(poller.wait(0).length).toBe(1);
      drain(a);
      poller.start(() => {
        log.push('second');
        drain(a);
      });
    });
    say(b);
    await until('the first', () => log.length === 1);
    await pause(5);
    say(b);
    await until('the second', () => log.length === 2);
    expect(log).toEqual(['first', 'second']);
  });

  it('may drive another poller: its wait, its start, its close', async () => {
    const [outer, inner] = [host.poller(), host.poller()];
    const [[a, b], [c]] = [pair(), pair()];
    outer.add(a, READABLE);
    inner.add(c, WRITABLE);
    const log: unknown[] = [];
    outer.start(() => {
      drain(a);
      log.push(inner.wait(0).length);
      inner.start(() => {
        log.push('inner');
        inner.close();
      });
    });
    say(b);
    await until('both', () => log.length === 2);
    expect(log).toEqual([1, 'inner']);
  });

  it('goes on after its number was closed and a duplicate keeps it ready', async () => {
    const poller = host.poller<string>();
    const [[a, b], { read, write, end }] = [pair(), openPipe()];
    poller.add(read, READABLE, { data: 'closed' });
    poller.add(a, READABLE, { data: 'alive' });
    const kept = dup(read);
    const seen = new Map<string, number>();
    poller.start((events) => {
      for (const event of events) seen.set(event.data, (seen.get(event.data) ?? 0) + 1);
      drain(a);
    });
    end(read);
    expect(poller.delete(read)).toBe(true);
    end(write);
    await pause(10);
    say(b);
    await until('the living one', () => seen.get('alive') === 1);
    say(b);
    await until('the living one again', () => seen.get('alive') === 2);
    expect(seen.get('closed')).toBe(undefined);
    close(kept);
    poller.stop();
    say(b);
    expectEvents(poller, [[a, READABLE]]);
  });
});
