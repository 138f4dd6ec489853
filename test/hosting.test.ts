import { afterEach, describe, expect, it, vi } from 'vitest';
import { Batch } from '../lib/batch.ts';
import { native } from '../lib/binding.ts';
import { Events } from '../lib/events.ts';
import { Batches, Hosting, hostingOf, type Receiver } from '../lib/hosting.ts';
import { BAD_ARGUMENT } from '../lib/native.ts';
import { failed } from './support/answers.ts';
import { expectError, expectFdError, expectOutOfRange, expectUnknownValue, expectWrongType } from './support/expect.ts';
import { lacks } from './support/runtimes.ts';

afterEach(() => vi.restoreAllMocks());

/** A hosting whose addon is played by the test. */
const hosted = (receiver: Receiver<string>) => {
  let deliver = (_: number): void => {};
  vi.spyOn(native, 'hostPoller').mockImplementation((_, __, callback) => {
    deliver = callback;
    return 0;
  });
  const hold = vi.spyOn(native, 'holdPoller').mockReturnValue(0);
  const alive = vi.spyOn(native, 'keepAlivePoller').mockReturnValue(0);
  const unhost = vi.spyOn(native, 'unhostPoller').mockReturnValue(0);
  const rearm = vi.spyOn(native, 'rearmPoller').mockReturnValue(0);
  const batch = new Batch<string>(4);
  const events = new Events(batch, 1);
  const close = vi.fn(() => hosting.end());
  const hosting: Hosting<string> = new Hosting({ handle: 7, kind: 'loop', batch, events, receiver, close });
  return { hosting, batch, events, close, hold, alive, unhost, rearm, deliver: (answer: number) => deliver(answer) };
};

const onLoop = !lacks('hosting on the event loop');

describe('how a poller is hosted', () => {
  it('is on the loop for epoll under Node, and by a thread for everything else', () => {
    expect(hostingOf(undefined, 'epoll')).toBe(onLoop ? 'loop' : 'thread');
    for (const backend of ['kqueue', 'poll', 'select'] as const) expect(hostingOf(undefined, backend)).toBe('thread');
  });

  it('is as asked for, where it can be', () => {
    for (const backend of ['epoll', 'kqueue', 'poll', 'select'] as const)
      expect(hostingOf('thread', backend)).toBe('thread');
    if (onLoop) expect(hostingOf('loop', 'epoll')).toBe('loop');
    const error = expectError(() => hostingOf('loop', 'poll'), Error, 'ERR_FDPOLL_BACKEND_UNAVAILABLE');
    expect(error.message).toContain("hosting 'loop' is unavailable for backend 'poll'");
  });

  it('is by a thread where the runtime is not Node', () => {
    for (const name of ['bun', 'deno']) {
      const { versions } = process;
      vi.spyOn(process, 'versions', 'get').mockReturnValue({ ...versions, [name]: '1.0.0' });
      expect(hostingOf(undefined, 'epoll')).toBe('thread');
      expectError(() => hostingOf('loop', 'epoll'), Error, 'ERR_FDPOLL_BACKEND_UNAVAILABLE');
      vi.restoreAllMocks();
    }
  });

  it('is one of two words', () => {
    expectUnknownValue(() => hostingOf('process', 'epoll'));
    for (const wrong of [null, 1, true, {}]) expectWrongType(() => hostingOf(wrong, 'epoll'));
  });
});

describe('a hosting', () => {
  it('throws what the addon refuses', () => {
    vi.spyOn(native, 'hostPoller').mockReturnValue(failed('dup', 'EMFILE'));
    const make = (): unknown => {
      const batch = new Batch<string>(1);
      return new Hosting({
        handle: 1,
        kind: 'loop',
        batch,
        events: new Events(batch, 1),
        receiver: { receive: () => {} },
        close: () => {},
      });
    };
    expectFdError(make, 'EMFILE', 'dup');
    vi.spyOn(native, 'hostPoller').mockReturnValue(BAD_ARGUMENT);
    expectOutOfRange(make);
  });

  it('is held until it is resumed, and asks the addon for life only when something changes', () => {
    const { hosting, hold, alive } = hosted({ receive: () => {} });
    hosting.keepAlive(true);
    expect([hold.mock.calls, alive.mock.calls]).toEqual([[], []]);
    hosting.resume();
    hosting.keepAlive(true);
    hosting.keepAlive(false);
    hosting.keepAlive(false);
    expect(hold.mock.calls).toEqual([[7, false]]);
    expect(alive.mock.calls).toEqual([
      [7, true],
      [7, false],
    ]);
  });

  it('unpacks a batch and gives it to its receiver', () => {
    const seen: unknown[] = [];
    const { deliver, events } = hosted({ receive: (given) => void seen.push(given, given.length, given.woken) });
    deliver(3);
    deliver((1 << 24) + 2);
    expect(seen).toEqual([events, 3, false, events, 2, true]);
  });

  it('re-arms from where iterating had come to, and throws on', () => {
    const error = new Error('on purpose');
    const { deliver, rearm, batch } = hosted({
      receive: () => {
        batch.taken = 2;
        throw error;
      },
    });
    expect(() => deliver(3)).toThrow(error);
    expect(rearm.mock.calls).toEqual([[7, 2]]);
  });

  it('closes its poller and throws when the backend fails and nobody is told', () => {
    const { deliver, close, unhost } = hosted({ receive: () => expect.fail('no batch') });
    expectFdError(() => deliver(failed('epoll_wait', 'EBADF')), 'EBADF', 'epoll_wait');
    expect([close.mock.calls.length, unhost.mock.calls.length]).toEqual([1, 1]);
  });

  it('does nothing any more once it is over', () => {
    const end = vi.fn();
    const { hosting, hold, alive, unhost } = hosted({ receive: () => {}, end });
    hosting.end();
    hosting.end();
    hosting.resume();
    hosting.hold();
    hosting.keepAlive(true);
    expect(hosting.over).toBe(true);
    expect([end, unhost, hold, alive].map((mock) => mock.mock.calls.length)).toEqual([1, 1, 0, 0]);
  });
});

describe('batches that are iterated', () => {
  it('hold the next one back until somebody waits for it', async () => {
    const batches = new Batches<string>(() => {});
    const { hosting, deliver, hold, events } = hosted(batches);
    batches.hosting = hosting;
    const [first, second] = [batches.next(), batches.next()];
    deliver(1);
    expect(hold.mock.lastCall, 'one more waits').toEqual([7, false]);
    deliver(1);
    expect(hold.mock.lastCall).toEqual([7, true]);
    expect([await first, await second]).toEqual(new Array(2).fill({ done: false, value: events }));
  });

  it('tell whoever waits of a failure, and everybody else of the end', async () => {
    const batches = new Batches<string>(() => {});
    const { hosting, deliver } = hosted(batches);
    batches.hosting = hosting;
    const next = batches.next();
    deliver(failed('epoll_wait', 'EBADF'));
    await expect(next).rejects.toMatchObject({ code: 'EBADF' });
    expect(await batches.next()).toEqual({ done: true, value: undefined });
  });
});
