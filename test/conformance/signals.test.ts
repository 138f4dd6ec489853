import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import type { Event, Signal } from '../../lib/index.ts';
import { describeEachDriver } from '../support/driven.ts';

const send = (signal: NodeJS.Signals): void => void process.kill(process.pid, signal);

/** A listener of `process.on` until the test ends. */
const listen = (signal: NodeJS.Signals): { count: number; stop(): void } => {
  const heard = { count: 0, stop: () => void process.removeListener(signal, hear) };
  const hear = (): void => void heard.count++;
  process.on(signal, hear);
  onTestFinished(heard.stop);
  return heard;
};

const names = (events: readonly Event[]): string[] => events.map(({ source }) => (source as Signal).signal).sort();

describeEachDriver('a signal', (driver) => {
  it('is reported as often as it comes, with its count', async () => {
    const { poller, next, expectNothing } = driver.driven<string>();
    const signal = poller.addSignal('SIGUSR2', { data: 'mine' });
    expect(signal).toMatchObject({ kind: 'signal', signal: 'SIGUSR2', count: 0, closed: false });
    for (let round = 0; round < 3; round++) {
      send('SIGUSR2');
      const [event, ...more] = await next();
      expect(more).toEqual([]);
      expect(event).toMatchObject({ fd: -1, readable: true, data: 'mine' });
      expect(event?.source).toBe(signal);
      expect(signal.count).toBe(1);
    }
    await expectNothing();
    expect(signal.closed).toBe(false);
  });

  it('of several kinds loses none in a storm', async () => {
    const { poller, next } = driver.driven();
    const kinds: NodeJS.Signals[] = ['SIGUSR2', 'SIGWINCH', 'SIGHUP', 'SIGURG'];
    const signals = kinds.map((kind) => poller.addSignal(kind));
    const seen = new Map<string, number>();
    for (let round = 0; round < 20; round++) {
      // More than a pipe of libuv's holds, and then one of each other kind.
      for (let i = 0; i < 500; i++) send('SIGUSR2');
      for (const kind of kinds) send(kind);
      const got = new Set<string>();
      while (got.size < kinds.length) {
        for (const name of names(await next())) {
          got.add(name);
          seen.set(name, (seen.get(name) ?? 0) + 1);
        }
      }
    }
    for (const kind of kinds) expect(seen.get(kind), kind).toBeGreaterThanOrEqual(1);
    for (const signal of signals) signal.close();
  });

  it('reaches several pollers and process.on, in whatever order they come and go', async () => {
    const [first, second] = [driver.driven<string>(), driver.driven<string>()];
    const before = listen('SIGUSR2');
    const a = first.poller.addSignal('SIGUSR2', { data: 'a' });
    const between = listen('SIGUSR2');
    const b = second.poller.addSignal('SIGUSR2', { data: 'b' });
    const told = async (): Promise<string> =>
      (await Promise.all([first.next(), second.next()]))
        .flat()
        .map(({ data }) => data)
        .join('');

    let heard = once(process, 'SIGUSR2');
    send('SIGUSR2');
    await heard;
    expect([await told(), before.count, between.count]).toEqual(['ab', 1, 1]);

    before.stop();
    heard = once(process, 'SIGUSR2');
    send('SIGUSR2');
    await heard;
    expect([await told(), before.count, between.count]).toEqual(['ab', 1, 2]);

    a.close();
    heard = once(process, 'SIGUSR2');
    send('SIGUSR2');
    await heard;
    expect((await second.next()).map(({ data }) => data)).toEqual(['b']);
    await first.expectNothing();

    between.stop();
    send('SIGUSR2');
    expect((await second.next()).map(({ data }) => data)).toEqual(['b']);

    const after = listen('SIGUSR2');
    b.close();
    heard = once(process, 'SIGUSR2');
    send('SIGUSR2');
    await heard;
    expect(after.count).toBe(1);
    await second.expectNothing();
  });

  it('may be a source twice in one poller', async () => {
    const { poller, next } = driver.driven<string>();
    poller.addSignal('SIGUSR2', { data: 'one' });
    poller.addSignal('SIGUSR2', { data: 'two' });
    send('SIGUSR2');
    const got: string[] = [];
    while (got.length < 2) got.push(...(await next()).map(({ data }) => data));
    expect(got.sort()).toEqual(['one', 'two']);
  });

  it('that is closed is silent, also within the batch that has it', async () => {
    const { poller, next, expectNothing } = driver.driven<string>();
    const keep = poller.addSignal('SIGUSR2', { data: 'keep' });
    const away = poller.addSignal('SIGUSR2', { data: 'away' });
    send('SIGUSR2');
    await next();
    away.close();
    away.close();
    expect(away).toMatchObject({ closed: true });
    send('SIGUSR2');
    const events = (await next()).filter(({ data }) => data === 'away');
    expect(events).toEqual([]);
    keep.close();
    const other = listen('SIGUSR2');
    send('SIGUSR2');
    await expectNothing();
    while (other.count === 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it.each([
    ['SIGKILL', 'ERR_INVALID_ARG_VALUE'],
    ['SIGSTOP', 'ERR_INVALID_ARG_VALUE'],
    ['SIGSEGV', 'ERR_INVALID_ARG_VALUE'],
    ['SIGCHLD', 'ERR_INVALID_ARG_VALUE'],
    ['SIGNONE', 'ERR_UNKNOWN_SIGNAL'],
    ['toString', 'ERR_UNKNOWN_SIGNAL'],
    ['', 'ERR_UNKNOWN_SIGNAL'],
    [15, 'ERR_INVALID_ARG_TYPE'],
    [undefined, 'ERR_INVALID_ARG_TYPE'],
  ])('%s is refused', (name, code) => {
    const { poller } = driver.driven();
    expect(() => poller.addSignal(name as NodeJS.Signals)).toThrow(
      expect.objectContaining({ name: 'TypeError', code }),
    );
  });

  it('SIGCHLD is refused with the name of what to use', () => {
    const { poller } = driver.driven();
    expect(() => poller.addSignal('SIGCHLD')).toThrow(/addProcess/);
  });

  it('ends with its poller', async () => {
    const { poller } = driver.driven();
    const signal = poller.addSignal('SIGUSR2');
    poller.close();
    expect(signal).toMatchObject({ closed: true, count: 0 });
    expect(() => poller.addSignal('SIGUSR2')).toThrow(expect.objectContaining({ code: 'ERR_FDPOLL_CLOSED' }));
  });
});
