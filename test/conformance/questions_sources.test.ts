import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Poller, Source, Timer } from '../../lib/index.ts';
import { describeEachDriver } from '../support/driven.ts';
import { expectClosed } from '../support/expect.ts';
import { collectUncaught, describeEachHosting, until } from '../support/hosted.ts';

type Kind = Source['kind'];

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'fdpoll-questions-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

interface Sourced {
  /** A source that has told nothing yet, with this label. */
  add(poller: Poller<string>, label: string): Source;
  /** Makes what it tells of happen; afterwards as well. */
  happen(): void;
}

/** One of each kind, and how what it tells of comes about. */
const sourced: Record<Kind, () => Sourced> = {
  timer: () => {
    const timers: Timer<string>[] = [];
    return {
      add: (poller, data) => {
        const timer = poller.addTimer(60_000, { data });
        timers.push(timer);
        return timer;
      },
      happen: () => {
        for (const timer of timers) if (!timer.closed) timer.set(0);
      },
    };
  },
  signal: () => ({
    add: (poller, data) => poller.addSignal('SIGWINCH', { data }),
    happen: () => void process.kill(process.pid, 'SIGWINCH'),
  }),
  process: () => {
    const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    onTestFinished(async () => {
      child.kill('SIGKILL');
      await ended;
    });
    return {
      add: (poller, data) => poller.addProcess(child.pid as number, { data }),
      happen: () => void child.kill('SIGKILL'),
    };
  },
  watch: () => {
    const dir = folder();
    let count = 0;
    return {
      add: (poller, data) => poller.addWatch(dir, { events: ['create'], data }),
      happen: () => writeFileSync(join(dir, `file${count++}`), ''),
    };
  },
};
const kinds = Object.keys(sourced) as Kind[];

// Signals that come before a poller of the test is there would end the process where it has no handler.
const ignoring = (): void => {
  const ignore = (): void => {};
  process.on('SIGWINCH', ignore);
  onTestFinished(() => void process.removeListener('SIGWINCH', ignore));
};

describeEachDriver('a source', (driver) => {
  it.each(kinds)('of the kind %s is told twice when it was added twice, and each is closed alone', async (kind) => {
    ignoring();
    const driven = driver.driven<string>();
    const of = sourced[kind]();
    const [first, second] = [of.add(driven.poller, 'first'), of.add(driven.poller, 'second')];
    expect(first).not.toBe(second);
    await driven.expectNothing();
    const third = of.add(driven.poller, 'third');
    third.close();
    third[Symbol.dispose]();
    expect([first.closed, second.closed, third.closed]).toEqual([false, false, true]);
    of.happen();
    const told = new Set<string>();
    while (told.size < 2) for (const { data } of await driven.next()) told.add(data);
    expect(told).toEqual(new Set(['first', 'second']));
    await driven.expectNothing();
  });

  it.each(kinds)('of the kind %s is silent once it is closed, and once its poller is', async (kind) => {
    ignoring();
    const [driven, other] = [driver.driven<string>(), driver.driven<string>()];
    const of = sourced[kind]();
    const [closed, orphan] = [of.add(driven.poller, 'closed'), of.add(other.poller, 'orphan')];
    await driven.expectNothing();
    closed.close();
    other.poller.close();
    of.happen();
    await driven.expectNothing();
    for (const source of [closed, orphan]) {
      expect(source.closed).toBe(true);
      source.close();
      if (source.kind === 'timer') expectClosed(() => source.set(0));
      if (source.kind === 'timer' || source.kind === 'signal') expect(source.count).toBe(0);
      if (source.kind === 'process') expect([source.exitCode, source.signalCode]).toEqual([undefined, undefined]);
      if (source.kind === 'watch') expect(source.changes).toEqual([]);
    }
    expectClosed(() => of.add(other.poller, 'too late'));
    expect(driven.poller.closed).toBe(false);
  });

  it.each(
    kinds,
  )('of the kind %s is added, closed and its poller closed inside of a batch that tells it', async (kind) => {
    ignoring();
    const driven = driver.driven<string>();
    const [of, later] = [sourced[kind](), sourced.timer()];
    const source = of.add(driven.poller, 'told');
    await driven.expectNothing();
    of.happen();
    const added = await driven.inside((events) => {
      for (const event of events) {
        expect(event.source).toBe(source);
        expect(event.data).toBe('told');
        source.close();
        source.close();
      }
      expect(events.flags[0]).toBe(0);
      const all = kinds.map((name) => sourced[name]().add(driven.poller, name));
      for (const one of all) one.close();
      return later.add(driven.poller, 'added inside');
    });
    await driven.expectNothing();
    later.happen();
    await driven.inside((events) => {
      expect([...events].map(({ data }) => data)).toEqual(['added inside']);
      driven.poller.close();
      expect([events.length, added.closed]).toEqual([0, true]);
    });
  });

  it.each(kinds)('of the kind %s takes options that are objects alone, and adds nothing else', async (kind) => {
    ignoring();
    const driven = driver.driven<string>();
    const { poller } = driven;
    const dir = folder();
    const add = {
      timer: (options: unknown) => poller.addTimer(0, options as never),
      signal: (options: unknown) => poller.addSignal('SIGWINCH', options as never),
      process: (options: unknown) => poller.addProcess(process.pid, options as never),
      watch: (options: unknown) => poller.addWatch(dir, options as never),
    }[kind];
    for (const wrong of [null, 1, 'data', true, 1n, Symbol('options')])
      expect(() => add(wrong)).toThrow(expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' }));
    const broken = {
      get data(): never {
        throw new RangeError('mine');
      },
    };
    expect(() => add(broken)).toThrow('mine');
    await driven.expectNothing();
    // What a getter does is done, and nobody crashes.
    const closing = {
      get data(): string {
        poller.close();
        return 'late';
      },
    };
    expectClosed(() => add(closing));
  });
});

describeEachHosting('a callback that is told of sources and throws', (host) => {
  it.each([
    ['an Error', new Error('on purpose')],
    ['null', null],
    ['undefined', undefined],
  ])('%s, hears of all of them again, and of what ended too', async (_, thrown) => {
    ignoring();
    const uncaught = collectUncaught();
    const poller = host.poller<string>();
    const all = kinds.map((kind) => [kind, sourced[kind]()] as const);
    for (const [kind, of] of all) of.add(poller, kind);
    const told = new Set<string>();
    let failures = 0;
    poller.start((events) => {
      if (failures++ < 3) throw thrown;
      for (const { data, source } of events) {
        told.add(data);
        expect(source?.kind).toBe(data);
      }
    });
    for (const [, of] of all) of.happen();
    await until('all four are told', () => told.size === 4);
    expect(uncaught).toEqual([thrown, thrown, thrown]);
    expect(poller.closed).toBe(false);
  });
});
