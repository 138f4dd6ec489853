import { describe, expect, it } from 'vitest';
import { ERROR, PRIORITY, READ_CLOSED, READABLE, WRITABLE, WRITE_CLOSED } from '../lib/constants.ts';
import { Event } from '../lib/events.ts';
import { sourceAt, threeEvents } from './support/batches.ts';

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

  it('give the source of an event that is of one, and of no other', () => {
    const { batch, events } = threeEvents();
    const { timer } = sourceAt(batch, 1);
    expect([0, 1, 2, 3, -1, 0.5, Number.NaN].map((i) => events.source(i))).toEqual([
      undefined,
      timer,
      ...Array.from({ length: 5 }, () => undefined),
    ]);
    expect([...events].map(({ source }) => source)).toEqual([undefined, timer, undefined]);
    batch.length = 1;
    expect(events.source(1)).toBeUndefined();
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
  it('has its source, or none', () => {
    const { timer } = sourceAt(threeEvents().batch, 0);
    expect(new Event(-1, READABLE, -1, 'a', timer)).toMatchObject({ fd: -1, readable: true, source: timer });
    expect(new Event(1, READABLE, -1, 'a').source).toBeUndefined();
  });

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
