import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type Events, monotonicTime, type Poller, READABLE, type Source, waitFor } from '../../lib/index.ts';
import { describeEachBackend } from '../support/backends.ts';
import { describeEachDriver } from '../support/driven.ts';
import { collectUncaught, describeEachHosting, until } from '../support/hosted.ts';
import { openPipe, poke, readByte } from '../support/sockets.ts';

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'fdpoll-sources-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

/** The next signal, timer and change of a file are there, and a byte in the pipe; none is taken yet. */
const everything = (poller: Poller<string>): { sources: Source[]; pipe: ReturnType<typeof openPipe> } => {
  const [dir, pipe] = [folder(), openPipe()];
  poller.add(pipe.read, READABLE, { data: 'pipe' });
  const sources = [
    poller.addTimer(0, { data: 'timer' }),
    poller.addTimer(0, { every: 60_000, data: 'ticker' }),
    poller.addSignal('SIGUSR2', { data: 'signal' }),
    poller.addWatch(dir, { events: ['create'], data: 'watch' }),
  ] as Source[];
  poke(pipe.write);
  process.kill(process.pid, 'SIGUSR2');
  writeFileSync(join(dir, 'file'), '');
  const now = monotonicTime();
  while (monotonicTime() - now < 1_000_000n) {}
  return { sources, pipe };
};

describeEachDriver('sources', (driver) => {
  it('of every kind come in one batch with descriptors', async () => {
    const { poller, next, expectNothing } = driver.driven<string>();
    const { pipe, sources } = everything(poller);
    const events = await next();
    expect(events.map(({ data }) => data).sort()).toEqual(['pipe', 'signal', 'ticker', 'timer', 'watch']);
    for (const { data, fd, source } of events) {
      expect(fd).toBe(data === 'pipe' ? pipe.read : -1);
      expect(source?.kind).toBe({ pipe: undefined, ticker: 'timer' }[data] ?? (data === 'pipe' ? undefined : data));
    }
    expect(poller.size).toBe(1);
    expect(sources.map(({ closed }) => closed)).toEqual([true, false, false, false]);
    readByte(pipe.read);
    await expectNothing();
  });

  it('silence each other within a batch when they are closed', async () => {
    const poller = driver.driven<string>();
    everything(poller.poller);
    const [first, ...others] = await poller.next();
    expect(first).toBeDefined();
    expect(others.length).toBe(4);
    // The iteration above is over; what a new one gives is told by the flags.
    for (const { source } of others) source?.close();
    await poller.poller.delete(others.find(({ fd }) => fd >= 0)?.fd ?? 0);
  });

  it('more than one batch holds come one after another, none twice', async () => {
    const { poller, next } = driver.driven<number>(3);
    const point = monotonicTime();
    for (let i = 0; i < 10; i++) poller.addTimer(point, { data: i });
    const got: number[] = [];
    while (got.length < 10) {
      const events = await next();
      expect(events.length).toBeLessThanOrEqual(3);
      got.push(...events.map(({ data }) => data));
    }
    expect(got).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('come and go by the thousand without growing', async () => {
    const { poller, next } = driver.driven<number>();
    for (let round = 0; round < 50; round++) {
      const timers = Array.from({ length: 100 }, (_, i) => poller.addTimer(60_000, { data: i }));
      const once = poller.addTimer(0, { data: -1 });
      const [event] = await next();
      expect([event?.data, event?.source]).toEqual([-1, once]);
      for (const timer of timers) timer.close();
    }
  });
});

describeEachBackend('within a batch, a source', (backend) => {
  it('that another one closes is silent: its flags are 0 and the iteration skips it', () => {
    const poller = backend.poller<string>();
    const { sources } = everything(poller);
    const events = poller.wait(1000);
    expect(events.length).toBe(5);
    const names: string[] = [];
    for (const event of events) {
      names.push(event.data);
      for (const source of sources) if (source !== event.source) source.close();
      poller.close();
    }
    expect(names.length).toBe(1);
  });

  it('is found by index, and gone with the next wait', () => {
    const poller = backend.poller<string>();
    const timer = poller.addTimer(0, { data: 'mine' });
    const events = poller.wait(1000);
    const seen = [
      events.fds[0],
      events.flags[0],
      events.available[0],
      events.data(0),
      events.source(0),
      events.source(1),
    ];
    expect(seen).toEqual([-1, READABLE, -1, 'mine', timer, undefined]);
    expect(poller.wait(0).length).toBe(0);
    expect([events.source(0), timer.count]).toEqual([undefined, 0]);
  });

  it('keeps its timer until the next wait for whoever closes and adds meanwhile', () => {
    const poller = backend.poller<string>();
    const timers = ['a', 'b', 'c'].map((data) => poller.addTimer(0n, { data }));
    const events = poller.wait(1000);
    for (const timer of timers) timer.close();
    const later = poller.addTimer(60_000, { data: 'later' });
    expect([0, 1, 2].map((i) => [events.data(i), events.flags[i]])).toEqual([
      ['a', 0],
      ['b', 0],
      ['c', 0],
    ]);
    later.set(0);
    expect([...poller.wait(1000)].map(({ data, source }) => [data, source])).toEqual([['later', later]]);
  });
});

describeEachBackend('the descriptor of a poller with sources', (backend) => {
  it('is readable when a timer is due, and while more is left than a batch took', () => {
    if (!backend.info.capabilities.pollable) {
      expect(backend.poller().fd).toBe(-1);
      return;
    }
    const [inner, outer] = [backend.poller<string>(2), backend.poller<string>()];
    const early = inner.addTimer(2, { data: 'before it was shown' });
    outer.add(inner, READABLE, { data: 'inner' });
    expect([...outer.wait(2000)].map(({ data }) => data)).toEqual(['inner']);
    expect([...inner.wait(0)].map(({ source }) => source)).toEqual([early]);
    expect(outer.wait(0).length).toBe(0);

    const point = monotonicTime() + 1_000_000n;
    for (let i = 0; i < 5; i++) inner.addTimer(point, { data: String(i) });
    for (let got = 0; got < 5; ) {
      expect(waitFor(inner, READABLE, 2000)).toBe(READABLE);
      got += inner.wait(0).length;
    }
    expect(waitFor(inner, READABLE, 0)).toBe(0);

    const late = inner.addTimer(60_000, { data: 'late' });
    expect(waitFor(inner, READABLE, 5)).toBe(0);
    late.set(1);
    expect(waitFor(inner, READABLE, 2000)).toBe(READABLE);
    late.close();
    expect(inner.wait(0).length).toBe(0);
    expect(waitFor(inner, READABLE, 0)).toBe(0);
  });
});

describeEachHosting('a callback that fails', (host) => {
  /** What has been told, in the order of the calls; the first call throws as it is told to. */
  const failing = async (
    take: (events: Events<string>) => void,
    throws: () => unknown,
    thrown = 'Error: on purpose',
  ): Promise<string[][]> => {
    const caught = collectUncaught();
    const poller = host.poller<string>();
    const { pipe } = everything(poller);
    const calls: string[][] = [];
    poller.start((events) => {
      calls.push(Array.from({ length: events.length }, (_, i) => events.data(i)).sort());
      if (calls.length > 1) {
        if (calls.at(-1)?.includes('pipe')) readByte(pipe.read);
        return;
      }
      take(events);
      return throws() as undefined;
    });
    await until('it was told of all again', () => new Set(calls.slice(1).flat()).size === 5);
    await until('the error', () => caught.length > 0);
    expect(caught.map(String)).toEqual([thrown]);
    const again = calls
      .slice(1)
      .flat()
      .filter((name) => name !== 'pipe')
      .sort();
    // Each source once more, and not twice.
    expect(again).toEqual(['signal', 'ticker', 'timer', 'watch']);
    return calls;
  };
  const throwing = (): never => {
    throw new Error('on purpose');
  };

  it('before it took anything is told of every source again', async () => {
    const calls = await failing(() => {}, throwing);
    expect(calls[0]).toEqual(['pipe', 'signal', 'ticker', 'timer', 'watch']);
  });

  it.each([null, undefined])('with %s is told of every source again', async (nothing) => {
    const throwsIt = (): never => {
      throw nothing;
    };
    const calls = await failing(() => {}, throwsIt, String(nothing));
    expect(calls[0]).toEqual(['pipe', 'signal', 'ticker', 'timer', 'watch']);
  });

  it('by a promise is told of every source again', async () => {
    const calls = await failing(
      () => {},
      async () => {
        await new Promise((resolve) => setImmediate(resolve));
        throwing();
      },
    );
    expect(calls[0]).toEqual(['pipe', 'signal', 'ticker', 'timer', 'watch']);
  });

  it('is not told again of what it took', async () => {
    const caught = collectUncaught();
    const poller = host.poller<string>();
    const point = monotonicTime();
    for (const data of ['a', 'b', 'c', 'd']) poller.addTimer(point, { data });
    const told: string[] = [];
    poller.start((events) => {
      for (const { data } of events) {
        told.push(data);
        if (told.length === 2) throw new Error('on purpose');
      }
    });
    await until('all were told', () => told.length === 4);
    expect(told).toEqual(['a', 'b', 'c', 'd']);
    await until('the error', () => caught.length === 1);
  });

  it('still knows what a process and a watch had to tell', async () => {
    collectUncaught();
    const poller = host.poller<string>();
    const dir = folder();
    const watch = poller.addWatch(dir, { events: ['create'] });
    const child = spawn('sh', ['-c', 'exit 4']);
    const source = poller.addProcess(child.pid as number);
    let [changes, ends, failures]: [string[], number, number] = [[], 0, 0];
    writeFileSync(join(dir, 'file'), '');
    poller.start(() => {
      if (failures++ < 3) throw new Error('on purpose');
      changes.push(...watch.changes.map(({ name }) => name ?? ''));
      if (source.closed) ends++;
    });
    await until('both were told', () => changes.length === 1 && ends > 0);
    expect([changes, source.exitCode]).toEqual([['file'], 4]);
  });
});
