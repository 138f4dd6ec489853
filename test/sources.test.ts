import { describe, expect, it, onTestFinished } from 'vitest';
import { openBackend } from '../lib/backends.ts';
import { Batch } from '../lib/batch.ts';
import { native } from '../lib/binding.ts';
import { Sources } from '../lib/sources.ts';
import { checkDescriptorsAfterEachTest } from './support/descriptors.ts';

const failing = (name: string, code: string): unknown => expect.objectContaining({ name, code });

/** The sources of a poller of the addon, how often they were said to have changed, and its wait. */
const opened = (): { sources: Sources<string>; batch: Batch<string>; changed: number[]; wait: () => void } => {
  const { handle } = openBackend(undefined, 8);
  onTestFinished(() => void native.closePoller(handle));
  const batch = new Batch<string>(8);
  const changed: number[] = [];
  const sources: Sources<string> = new Sources(handle, batch, () => changed.push(sources.keeping));
  const wait = (): void => {
    batch.beforeWait();
    const answer = native.pollerWait(handle, 0, batch.buffer);
    expect(answer).toBeGreaterThanOrEqual(0);
    batch.begin(answer);
  };
  return { sources, batch, changed, wait };
};

describe('the sources of a poller', () => {
  checkDescriptorsAfterEachTest();

  it('know each source by its slot, with its data', () => {
    const { sources, batch } = opened();
    const added = [
      sources.addTimer(Infinity, { data: 'timer' }),
      sources.addSignal('SIGWINCH', { data: 'signal' }),
      sources.addProcess(process.pid, { data: 'process' }),
      sources.addWatch(import.meta.dirname, { data: 'watch' }),
    ];
    expect(new Set(added.map(({ slot }) => slot)).size).toBe(4);
    expect(added.map(({ slot }) => batch.sources.get(slot))).toEqual(added);
    expect(added.map(({ slot }) => batch.data[slot])).toEqual(['timer', 'signal', 'process', 'watch']);
    for (const source of added) source.close();
    expect([batch.sources.size, batch.data.every((data) => data === undefined)]).toEqual([0, true]);
  });

  it('count those that keep a poller alive: all but signals', () => {
    const { sources, changed } = opened();
    const signal = sources.addSignal('SIGWINCH');
    expect([sources.keeping, changed]).toEqual([0, []]);
    const [timer, watch] = [sources.addTimer(Infinity), sources.addWatch(import.meta.dirname)];
    for (const source of [watch, signal, timer, watch]) source.close();
    expect([sources.keeping, changed]).toEqual([0, [1, 2, 1, 0]]);
  });

  it('count a timer that has fired no more, until it is set, and not less when it is closed then', () => {
    const { sources, batch, changed, wait } = opened();
    const timer = sources.addTimer(0, { data: 'timer' });
    wait();
    expect([timer.count, timer.closed, sources.keeping]).toEqual([1, true, 0]);
    timer.set(0);
    expect([timer.closed, sources.keeping]).toEqual([false, 1]);
    wait();
    wait();
    expect([batch.sources.size, sources.keeping]).toEqual([0, 0]);
    timer.set(Infinity);
    expect([batch.sources.get(timer.slot), batch.data[timer.slot], sources.keeping]).toEqual([timer, 'timer', 1]);
    timer.set(0);
    wait();
    timer.close();
    expect([sources.keeping, changed]).toEqual([0, [1, 0, 1, 0, 1, 0]]);
    expect(() => timer.set(0)).toThrow(failing('FdError', 'ERR_FDPOLL_CLOSED'));
  });

  it('silence the event of one that is closed inside the batch, and keep its data until the next wait', () => {
    const { sources, batch, wait } = opened();
    const timer = sources.addTimer(0, { every: 60_000, data: 'timer' });
    wait();
    timer.close();
    expect([batch.length, batch.flags[0], batch.data[timer.slot]]).toEqual([1, 0, 'timer']);
    wait();
    expect([batch.length, batch.data[timer.slot], batch.sources.size]).toEqual([0, undefined, 0]);
  });

  it('leave the slot of one that has ended to whoever has it by now, when it is closed', () => {
    const { sources, batch, wait } = opened();
    const ended = sources.addTimer(0);
    wait();
    wait();
    const next = sources.addTimer(Infinity, { data: 'next' });
    expect(next.slot).toBe(ended.slot);
    ended.close();
    expect([batch.sources.get(next.slot), batch.data[next.slot], sources.keeping]).toEqual([next, 'next', 1]);
  });

  it('are closed with it, and do not ask it any more', () => {
    const { sources, changed } = opened();
    const timer = sources.addTimer(Infinity);
    sources.close();
    timer.close();
    expect([timer.closed, changed]).toEqual([true, [1]]);
    expect(() => timer.set(1)).toThrow(failing('FdError', 'ERR_FDPOLL_CLOSED'));
  });

  it('of a poller that is closed take none', () => {
    const sources = new Sources(-1, new Batch(1), () => undefined);
    const closed = failing('FdError', 'ERR_FDPOLL_CLOSED');
    expect(() => sources.addTimer(1)).toThrow(closed);
    expect(() => sources.addSignal('SIGHUP')).toThrow(closed);
    expect(() => sources.addProcess(1)).toThrow(closed);
    expect(() => sources.addWatch('.')).toThrow(closed);
  });

  it('check what a process is', () => {
    const { sources } = opened();
    for (const pid of [0, -1, 1.5, 2 ** 31, Number.NaN]) {
      expect(() => sources.addProcess(pid)).toThrow(failing('RangeError', 'ERR_OUT_OF_RANGE'));
    }
    for (const pid of ['1', undefined, 1n]) {
      expect(() => sources.addProcess(pid as never)).toThrow(failing('TypeError', 'ERR_INVALID_ARG_TYPE'));
    }
  });

  it('check what a watch is', () => {
    const { sources, batch } = opened();
    const wrongType = failing('TypeError', 'ERR_INVALID_ARG_TYPE');
    const wrongValue = failing('TypeError', 'ERR_INVALID_ARG_VALUE');
    for (const path of [undefined, 1, Buffer.from('.'), new URL('file:///')]) {
      expect(() => sources.addWatch(path as never)).toThrow(wrongType);
    }
    for (const path of ['', 'a\0b']) expect(() => sources.addWatch(path)).toThrow(wrongValue);
    expect(() => sources.addWatch('.', { events: [] })).toThrow(wrongValue);
    expect(() => sources.addWatch('.', { events: 'create' as never })).toThrow(wrongType);
    expect(() => sources.addWatch('.', { mask: -1 })).toThrow(failing('RangeError', 'ERR_OUT_OF_RANGE'));
    expect(() => sources.addWatch('.', { mask: 2 ** 32 })).toThrow(failing('RangeError', 'ERR_OUT_OF_RANGE'));
    expect([batch.sources.size, sources.keeping]).toEqual([0, 0]);
  });

  it('say which path it was that cannot be watched', () => {
    const { sources } = opened();
    expect(() => sources.addWatch('/no/such/path')).toThrow(
      expect.objectContaining({ code: 'ENOENT', path: '/no/such/path' }),
    );
    expect(sources.keeping).toBe(0);
  });

  it.each([null, 1, 'data', true])('take no options that are no object: %o', (options) => {
    const { sources } = opened();
    const [wrong, none] = [failing('TypeError', 'ERR_INVALID_ARG_TYPE'), options as never];
    expect(() => sources.addTimer(1, none)).toThrow(wrong);
    expect(() => sources.addSignal('SIGHUP', none)).toThrow(wrong);
    expect(() => sources.addProcess(1, none)).toThrow(wrong);
    expect(() => sources.addWatch('.', none)).toThrow(wrong);
  });
});
