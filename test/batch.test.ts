import { describe, expect, it } from 'vitest';
import { Batch } from '../lib/batch.ts';
import { READABLE, WRITABLE } from '../lib/constants.ts';
import { Signal } from '../lib/signal.ts';
import { Timer } from '../lib/timer.ts';
import { FakeHome, sourceAt, threeEvents } from './support/batches.ts';

describe('a batch', () => {
  it('keeps its columns one after the other in the buffer that the addon fills', () => {
    const batch = new Batch(3);
    new Int32Array(batch.buffer).set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect([...batch.fds]).toEqual([1, 2, 3]);
    expect([...batch.flags]).toEqual([4, 5, 6]);
    expect([...batch.available]).toEqual([7, 8, 9]);
    expect([...batch.slots]).toEqual([10, 11, 12]);
  });

  it('gives back the data of what is silenced until the next wait, and lets its owner go at once', () => {
    const { batch, events } = threeEvents();
    batch.silence(1, 0);
    expect(events.flags[1]).toBe(0);
    expect(events.data(1)).toBe('a');
    expect(batch.owners[0]).toBeUndefined();
    batch.beforeWait();
    expect(events.data(1)).toBeUndefined();
    batch.take(0, 'new', undefined);
    batch.beforeWait();
    expect(events.data(1)).toBe('new');
  });

  it('leaves the data of a slot alone that somebody took before the next wait', () => {
    const { batch } = threeEvents();
    batch.silence(1, 0);
    batch.take(0, 'new', undefined);
    batch.beforeWait();
    expect(batch.data[0]).toBe('new');
  });

  it('knows how far iterating has come, up to the next wait', () => {
    const { batch, events } = threeEvents();
    expect(batch.taken).toBe(0);
    for (const _ of events) break;
    expect(batch.taken).toBe(1);
    for (const _ of events);
    for (const _ of events) break;
    expect(batch.taken).toBe(3);
    batch.beforeWait();
    expect(batch.taken).toBe(0);
  });

  it('forgets at once what is removed outside of it', () => {
    const { batch } = threeEvents();
    batch.forget(1);
    expect([batch.data[1], batch.owners[1]]).toEqual([undefined, undefined]);
    expect(batch.data[0]).toBe('a');
  });

  it('silences the event of a registration that was replaced, and no event of an earlier batch', () => {
    const { batch } = threeEvents();
    batch.silenceReplaced(0);
    expect([...batch.flags]).toEqual([READABLE, 0, WRITABLE, 0]);
    batch.length = 2;
    batch.silenceReplaced(1);
    expect(batch.flags[2]).toBe(WRITABLE);
  });

  it('is empty when it is cleared', () => {
    const { batch, events } = threeEvents();
    batch.woken = true;
    batch.clear();
    expect([events.length, events.woken, [...events]]).toEqual([0, false, []]);
    expect([events.data(0), batch.data.length, batch.owners.length]).toEqual([undefined, 0, 0]);
  });

  it('takes what a source has to tell out of the column `available`, and nothing of a descriptor', () => {
    const home = new FakeHome();
    const [first, second] = [new Timer(home, 1, 5, undefined), new Signal(home, 0, 'SIGHUP')];
    home.tell([first, 3], [second, 4]);
    expect([first.count, second.count]).toEqual([3, 4]);
    expect([...home.batch.available.subarray(0, 2)]).toEqual([-1, -1]);
    expect([0, 1, 2].map((i) => home.batch.sourceOf(i))).toEqual([first, second, undefined]);
    const { batch } = threeEvents();
    batch.begin(3 + 2 ** 24);
    expect({ woken: batch.woken, length: batch.length, available: batch.available[0] }).toEqual({
      woken: true,
      length: 3,
      available: 12,
    });
  });

  it('lets a source go that has ended, and its data, with the next wait', () => {
    const home = new FakeHome<string>();
    const timer = new Timer(home, 2, 0, 'data');
    home.batch.take(2, 'data', undefined);
    home.tell([timer, 1]);
    expect([timer.closed, home.batch.data[2], home.batch.sourceOf(0)]).toEqual([true, 'data', timer]);
    home.batch.beforeWait();
    expect([home.batch.data[2], home.batch.sources.size]).toEqual([undefined, 0]);
  });

  it('keeps a source that ended and goes on after all', () => {
    const home = new FakeHome<string>();
    const timer = new Timer(home, 2, 0, 'data');
    home.batch.take(2, 'data', undefined);
    home.tell([timer, 1]);
    home.batch.stay(2);
    home.batch.beforeWait();
    expect([home.batch.data[2], home.batch.sources.get(2)]).toEqual(['data', timer]);
  });

  it('gives a slot that is taken anew to the next one, and forgets the source that had it', () => {
    const home = new FakeHome<string>();
    home.tell([new Timer(home, 2, 0, undefined), 1]);
    home.batch.take(2, 'a descriptor', undefined);
    expect(home.batch.sources.size).toBe(0);
    home.batch.beforeWait();
    expect(home.batch.data[2]).toBe('a descriptor');
  });

  it('untells the sources from a place on that are not silent', () => {
    const home = new FakeHome();
    const timers = [0, 1, 2].map((slot) => new Timer(home, slot, 0, undefined));
    home.tell(...timers.map((timer): [Timer, number] => [timer, 1]));
    home.batch.silence(1, 1);
    home.batch.untell(1);
    expect(timers.map(({ closed, count }) => [closed, count])).toEqual([
      [true, 1],
      [true, 1],
      [false, 0],
    ]);
  });

  it('forgets a source that is removed outside of it', () => {
    const { batch } = threeEvents();
    sourceAt(batch, 2);
    batch.forget(1);
    expect(batch.sources.size).toBe(0);
  });
});
