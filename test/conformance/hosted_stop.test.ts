import { expect, it } from 'vitest';
import { READABLE, WRITABLE } from '../../lib/index.ts';
import { runFixture } from '../support/children.ts';
import { expectClosed, expectError, expectNoEvents, expectWrongType, thrownBy } from '../support/expect.ts';
import { describeEachHosting, pause, until } from '../support/hosted.ts';
import { lacks } from '../support/runtimes.ts';
import { drain, pair, say } from '../support/sockets.ts';
import { threadCount } from '../support/threads.ts';

const expectStarted = (call: () => unknown): void => {
  expect(expectError(call, Error, 'ERR_FDPOLL_STARTED').name).toBe('FdError');
};

describeEachHosting('starting and stopping a poller', (host) => {
  it('refuses wait, start and iterating while it is started, and nothing else', async () => {
    const poller = host.poller();
    const [a] = pair();
    poller.start(() => {});
    expectStarted(() => poller.wait(0));
    expectStarted(() => poller.wait());
    expectStarted(() => poller.start(() => {}));
    expectStarted(() => poller[Symbol.asyncIterator]());
    poller.add(a, READABLE);
    poller.modify(a, READABLE | WRITABLE);
    expect([poller.has(a), poller.size, poller.delete(a), poller.size]).toEqual([true, 1, true, 0]);
    poller.stop();
    expectNoEvents(poller);
  });

  it('can be stopped twice, waited on, and started again', async () => {
    const poller = host.poller();
    const [a, b] = pair();
    poller.add(a, READABLE);
    let batches = 0;
    for (let round = 0; round < 3; round++) {
      poller.start(() => {
        batches++;
        poller.stop();
      });
      say(b);
      await until('one batch', () => batches === round + 1);
      expect(poller.wait(1000).length).toBe(1);
      drain(a);
      poller.stop();
      expectNoEvents(poller);
    }
  });

  it('never calls back after stop() or close(), not even for what has happened already', async () => {
    for (const how of ['stop', 'close'] as const) {
      const poller = host.poller();
      const [a, b] = pair();
      poller.add(a, READABLE);
      let batches = 0;
      poller.start(() => void batches++);
      say(b);
      // Time for a helper thread to harvest, while this thread cannot be told.
      const end = performance.now() + 20;
      while (performance.now() < end);
      poller[how]();
      await pause(10);
      expect(batches, how).toBe(0);
    }
  });

  it.each([
    'edge',
    'oneshot',
    'edge-oneshot',
  ] as const)('loses no %s event by being stopped before it was told', async (mode) => {
    const poller = host.poller();
    const [a, b] = pair();
    const lacking = mode !== 'oneshot' && host.differs('edge mode') !== undefined;
    if (lacking) {
      expect(thrownBy(() => poller.add(a, READABLE, { mode }))).toMatchObject({ code: 'ENOTSUP' });
      return;
    }
    poller.add(a, READABLE, { mode });
    poller.start(() => {});
    say(b);
    poller.waker.wake();
    const end = performance.now() + 20;
    while (performance.now() < end);
    poller.stop();
    let [told, woken] = [0, false];
    for (let round = 0; round < 3; round++) {
      const events = poller.wait(20);
      told += events.length;
      woken ||= events.woken;
    }
    expect([told, woken]).toEqual([1, true]);
  });

  it('throws ERR_FDPOLL_CLOSED once it is closed', () => {
    const poller = host.poller();
    poller.start(() => {});
    poller.close();
    expectClosed(() => poller.start(() => {}));
    expectClosed(() => poller[Symbol.asyncIterator]());
    expectClosed(() => poller.ref());
    expectClosed(() => poller.unref());
    poller.stop();
    poller.close();
  });

  it('takes functions only, and stays stopped when given anything else', () => {
    const poller = host.poller();
    for (const wrong of [undefined, null, 0, 'x', {}, []]) expectWrongType(() => poller.start(wrong as never));
    expectNoEvents(poller);
  });

  it('has no helper thread left when it is stopped', async () => {
    const pollers = Array.from({ length: 8 }, () => host.poller());
    // libkqueue has one of its own as long as there are queues.
    const before = threadCount();
    for (const poller of pollers) poller.start(() => {});
    if (host.hosting === 'loop' || Number.isNaN(before)) expect(threadCount()).toEqual(before);
    else expect(threadCount()).toBeGreaterThanOrEqual(before + 8);
    for (const poller of pollers) poller.stop();
    await until('the threads are gone', () => !(threadCount() > before));
  });

  // Starting calls the hooks of node:async_hooks: any code may run inside of it.
  it.each([
    ['close', { code: 'ERR_FDPOLL_CLOSED', closed: true }],
    ['open', { code: 'none', closed: false }],
    ['start', { code: 'none', closed: false }],
  ])('survives what a hook of node:async_hooks does inside of start(): %s', async (what, outcome) => {
    const { stdout, stderr, code } = await runFixture('hosted_hooks.mjs', [host.name, host.hosting, what]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const ran = !lacks('hooks of async resources');
    expect(JSON.parse(stdout)).toEqual(ran ? { ...outcome, ran } : { code: 'none', closed: false, ran });
  });
});
