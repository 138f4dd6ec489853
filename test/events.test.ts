import { describe, expect, it } from 'vitest';
import { ERROR, PRIORITY, READ_CLOSED, READABLE, WRITABLE, WRITE_CLOSED } from '../lib/constants.ts';
import { Batch, Event, Events } from '../lib/events.ts';

/** Three events as the addon writes them; each slot's data is its letter. */
const threeEvents = (): { batch: Batch<string>; events: Events<string> } => {
  const batch = new Batch<string>(4);
  for (const [slot, letter] of ['a', 'b', 'c'].entries()) batch.take(slot, letter, { letter });
  batch.fds.set([7, 9, 4]);
  batch.flags.set([READABLE, READABLE | WRITABLE, WRITABLE]);
  batch.available.set([12, -1, -1]);
  batch.slots.set([2, 0, 1]);
  batch.length = 3;
  return { batch, events: new Events(batch, -1) };
};

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
});

describe('events', () => {
  it('are the columns of their batch, the same ones every time', () => {
    const { batch, events } = threeEvents();
    expect(events.length).toBe(3);
    expect(events.fds).toBe(batch.fds);
    expect(events.flags).toBe(batch.flags);
    expect(events.available).toBe(batch.available);
    expect([0, 1, 2].map((i) => events.data(i))).toEqual(['c', 'a', 'b']);
    batch.woken = true;
    expect(events.woken).toBe(true);
  });

  it.each([3, 4, -1, 0.5, Number.NaN, Infinity])('have no data at %d', (i) => {
    expect(threeEvents().events.data(i)).toBeUndefined();
  });

  it('iterate as events of their own, without what is silent', () => {
    const { batch, events } = threeEvents();
    batch.silence(1, 0);
    expect([...events].map(({ fd, flags, available, data }) => ({ fd, flags, available, data }))).toEqual([
      { fd: 7, flags: READABLE, available: 12, data: 'c' },
      { fd: 4, flags: WRITABLE, available: -1, data: 'b' },
    ]);
  });

  it('skip what falls silent while they are iterated', () => {
    const { batch, events } = threeEvents();
    const seen: number[] = [];
    for (const event of events) {
      seen.push(event.fd);
      batch.silence(1, 0);
    }
    expect(seen).toEqual([7, 4]);
  });

  it('end at once when the batch is cleared while they are iterated', () => {
    const { batch, events } = threeEvents();
    const seen: number[] = [];
    for (const event of events) {
      seen.push(event.fd);
      batch.clear();
    }
    expect(seen).toEqual([7]);
  });

  it('stay as they were seen when the batch goes on', () => {
    const { batch, events } = threeEvents();
    const [first] = events;
    batch.fds[0] = 100;
    batch.flags[0] = 0;
    batch.data[2] = 'other';
    expect(first).toMatchObject({ fd: 7, flags: READABLE, data: 'c' });
  });
});

describe('an event', () => {
  it.each([
    ['readable', READABLE],
    ['writable', WRITABLE],
    ['priority', PRIORITY],
    ['readClosed', READ_CLOSED],
    ['writeClosed', WRITE_CLOSED],
    ['error', ERROR],
  ] as const)('is %s by its flag and no other', (name, flag) => {
    expect(new Event(1, flag, -1, undefined)[name]).toBe(true);
    expect(new Event(1, 63 & ~flag, -1, undefined)[name]).toBe(false);
  });
});
