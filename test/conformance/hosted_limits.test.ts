import { closeSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Poller, READABLE } from '../../lib/index.ts';
import { runFixture } from '../support/children.ts';
import { isCloseOnExec, openDescriptors } from '../support/descriptors.ts';
import { expectError, expectFdError, expectOutOfRange } from '../support/expect.ts';
import { collectUncaught, describeEachHosting, pause, until } from '../support/hosted.ts';
import { lacks } from '../support/runtimes.ts';
import { closing, drain, pair, say } from '../support/sockets.ts';
import { startWorker } from '../support/threads.ts';

const numberOf = (entry: string): number => Number.parseInt(entry, 10);

describeEachHosting('the limits of a started poller', (host) => {
  const onLoop = host.hosting === 'loop';

  it('are those of its backend: the loop is for epoll alone', () => {
    const make = (): Poller => closing(new Poller({ backend: host.name, hosting: 'loop' }));
    if (host.name === 'epoll' && !lacks('hosting on the event loop')) expect(make().backend).toBe('epoll');
    else expectError(make, Error, 'ERR_FDPOLL_BACKEND_UNAVAILABLE');
  });

  it('are descriptors: starting fails with EMFILE, leaks none, and the poller goes on working', async () => {
    const { stdout, stderr, code } = await runFixture('hosted_exhausted.mjs', [host.name, host.hosting], {
      descriptors: 128,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({ codes: onLoop ? ['EMFILE'] : [], works: true, left: 0 });
  });

  it('keeps what it opens from children', () => {
    const poller = host.poller();
    const before = openDescriptors();
    poller.start(() => {});
    const mine = openDescriptors().filter((entry) => !before.includes(entry) && /eventpoll|eventfd|pipe/.test(entry));
    expect(mine.length).toBe(onLoop ? 1 : 0);
    for (const entry of mine) expect(isCloseOnExec(numberOf(entry))).toBe(true);
    poller.stop();
    expect(openDescriptors()).toEqual(before);
  });

  it('nest: one that is started may watch another, to the depth that the kernel allows', async () => {
    if (host.name !== 'epoll') {
      const [outer, inner] = [host.poller(), host.poller()];
      outer.start(() => {});
      if (host.differs('pollable descriptor') === undefined) outer.add(inner, READABLE);
      else expectOutOfRange(() => outer.add(inner, READABLE));
      return;
    }
    const pollers: Poller[] = [host.poller()];
    const poller = host.poller();
    poller.start(() => {});
    let refused: unknown;
    for (let depth = 1; depth < 8 && refused === undefined; depth++) {
      const inner = pollers.at(-1) as Poller;
      try {
        poller.add(inner, READABLE);
        poller.delete(inner);
        const outer = host.poller();
        outer.add(inner, READABLE);
        pollers.push(outer);
      } catch (error) {
        refused = error;
      }
    }
    expect(refused).toMatchObject({ code: 'ELOOP', syscall: 'epoll_ctl' });
    await pause(5);
    // As deep as poller and kernel can take it, with no edge left for the event loop.
    poller.stop();
    if (!onLoop) return;
    poller.add(pollers.at(-1) as Poller, READABLE);
    expectFdError(() => poller.start(() => {}), 'ELOOP', 'epoll_ctl');
    expect(poller.wait(0).length).toBe(0);
  });

  it('hears of an inner poller’s events', async () => {
    const outer = host.poller();
    const inner = closing(new Poller());
    const [a, b] = pair();
    inner.add(a, READABLE);
    if (inner.fd < 0) {
      expect(inner.backend).not.toBe('epoll');
      return;
    }
    outer.add(inner, READABLE);
    let told = 0;
    outer.start(() => {
      told += inner.wait(0).length;
      drain(a);
    });
    say(b);
    await until('the inner event', () => told === 1);
  });

  it('survives that its own descriptor is closed by somebody else', async () => {
    const uncaught = collectUncaught();
    const poller = host.poller();
    const [a, b] = pair();
    poller.add(a, READABLE);
    const before = openDescriptors();
    let release = (): void => {};
    let batches = 0;
    poller.start(() => {
      batches++;
      drain(a);
      return new Promise<void>((resolve) => {
        release = resolve;
      });
    });
    const mine = openDescriptors().filter((entry) => !before.includes(entry) && entry.includes('eventpoll'));
    expect(mine.length).toBe(onLoop ? 1 : 0);
    say(b);
    await until('the callback is called', () => batches === 1);
    for (const entry of mine) closeSync(numberOf(entry));
    release();
    await pause(5);
    if (onLoop) {
      expect(uncaught.map((error) => (error as { code?: unknown }).code)).toEqual(['EBADF']);
      expect(poller.closed).toBe(true);
    } else {
      say(b);
      await until('it goes on', () => batches === 2);
    }
  });

  it('makes an error of the Worker of what its callback throws there', async () => {
    const { worker } = await startWorker('hosted_states.mjs', {
      backend: host.name,
      hosting: host.hosting,
      state: 'throws when told',
    });
    const error = new Promise((resolve) => worker.once('error', resolve));
    worker.postMessage('throw');
    expect(await error).toMatchObject({ message: 'on purpose' });
  });
});
