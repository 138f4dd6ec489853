import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { native } from '../lib/binding.ts';
import { READABLE, WRITABLE } from '../lib/constants.ts';
import type { Events } from '../lib/events.ts';
import { BAD_ARGUMENT, CLOSED_HANDLE } from '../lib/native.ts';
import { Poller } from '../lib/poller.ts';
import type { Mode } from '../lib/poller_options.ts';
import { failed } from './support/answers.ts';
import { expectClosed, expectFdError, expectOutOfRange, expectWrongType, thrownBy } from './support/expect.ts';
import { closing } from './support/sockets.ts';

// The numbers are packed there and unpacked in lib/poller.ts.
const binding = readFileSync(new URL('../native/binding/poller_binding.cc', import.meta.url), 'utf8');
const packed = (name: string): number => 2 ** Number(new RegExp(`\\b${name} = [^;]*<< (\\d+);`).exec(binding)?.[1]);
const SLOT_SPAN = packed('kSlotSpan');
const WOKEN = packed('kWoken');
const EVENTS_MAX = packed('kEventsMax');
const KEEP_MODE = Number(/\bkKeepMode = (\d+);/.exec(binding)?.[1]);

afterEach(() => {
  vi.restoreAllMocks();
});

const open = (maxEvents = 4): Poller<string> => closing(new Poller<string>({ maxEvents }));

const waitAnswers = (poller: Poller<string>, answer: number): Events<string> => {
  vi.spyOn(native, 'pollerWait').mockReturnValueOnce(answer);
  return poller.wait(0);
};

/** One wait whose events have these slots. */
const deliver = (poller: Poller<string>, ...slots: number[]): Events<string> => {
  vi.spyOn(native, 'pollerWait').mockImplementationOnce((_poller, _timeout, buffer) => {
    const columns = new Int32Array(buffer);
    const capacity = columns.length / 7;
    for (const [event, slot] of slots.entries()) {
      columns[event] = 100 + event;
      columns[capacity + event] = READABLE;
      columns[3 * capacity + event] = slot;
    }
    return slots.length;
  });
  return poller.wait(0);
};

const addAnswers = (poller: Poller<string>, answer: number, data: string): void => {
  vi.spyOn(native, 'pollerAdd').mockReturnValueOnce(answer);
  poller.add(5, READABLE, { data });
};

const deleteAnswers = (poller: Poller<string>, answer: number): boolean => {
  vi.spyOn(native, 'pollerDelete').mockReturnValueOnce(answer);
  return poller.delete(5);
};

describe('what a wait answers', () => {
  it.each([0, 1, EVENTS_MAX - 1, EVENTS_MAX])('is %d events, or as many and a wake-up', (count) => {
    const poller = open(EVENTS_MAX);
    const events = waitAnswers(poller, count + WOKEN);
    expect([events.length, events.woken]).toEqual([count, true]);
    expect(waitAnswers(poller, count)).toBe(events);
    expect([events.length, events.woken]).toEqual([count, false]);
  });

  it('leads to the data by the slot, however high', () => {
    const poller = open();
    addAnswers(poller, 3, 'c');
    addAnswers(poller, 0, 'a');
    addAnswers(poller, SLOT_SPAN - 1, 'last');
    expect([...deliver(poller, SLOT_SPAN - 1, 0, 3)].map((event) => event.data)).toEqual(['last', 'a', 'c']);
  });

  it('is thrown when it is a failed call, and the batch is empty then', () => {
    const poller = open();
    const events = deliver(poller, 0, 1);
    expect(events.length).toBe(2);
    expectFdError(() => waitAnswers(poller, failed('epoll_wait', 'EINVAL')), 'EINVAL', 'epoll_wait');
    expect(events.length).toBe(0);
    expectClosed(() => waitAnswers(poller, CLOSED_HANDLE));
  });

  it('names the timeout when that was refused, else the columns', () => {
    const poller = open();
    expect(expectOutOfRange(() => poller.wait(Number.NaN)).message).toMatch(/"timeout"/);
    expect(expectWrongType(() => poller.wait('1' as unknown as number)).message).toMatch(/"timeout"/);
    expect(expectOutOfRange(() => waitAnswers(poller, BAD_ARGUMENT)).message).toMatch(/"events".*transferred/);
  });
});

describe('what a removal answers', () => {
  it('frees the slot of a descriptor that is not in the batch', () => {
    const poller = open();
    addAnswers(poller, 1, 'b');
    expect(deleteAnswers(poller, 1)).toBe(true);
    expect(deliver(poller, 1).data(0)).toBeUndefined();
  });

  it('silences the event that it names and keeps its data until the next wait', () => {
    const poller = open(EVENTS_MAX);
    addAnswers(poller, SLOT_SPAN - 1, 'last');
    const events = deliver(poller, 0, SLOT_SPAN - 1);
    expect(deleteAnswers(poller, SLOT_SPAN - 1 + 2 * SLOT_SPAN)).toBe(true);
    expect([events.flags[0], events.flags[1], events.data(1)]).toEqual([READABLE, 0, 'last']);
    expect(deliver(poller, SLOT_SPAN - 1).data(0)).toBeUndefined();
  });

  it('reaches the last event that a batch can have', () => {
    const poller = open(EVENTS_MAX);
    const { flags } = waitAnswers(poller, EVENTS_MAX);
    flags[EVENTS_MAX - 1] = READABLE;
    deleteAnswers(poller, 7 + EVENTS_MAX * SLOT_SPAN);
    expect(flags[EVENTS_MAX - 1]).toBe(0);
  });

  it('is false for what is unknown and throws when the poller is closed', () => {
    const poller = open();
    expect(deleteAnswers(poller, -1)).toBe(false);
    expectClosed(() => deleteAnswers(poller, CLOSED_HANDLE));
  });
});

describe('what an addition answers', () => {
  it('silences the event of the dead registration that it replaced', () => {
    const poller = open();
    addAnswers(poller, 1, 'old');
    const events = deliver(poller, 0, 1);
    addAnswers(poller, 1 + SLOT_SPAN, 'new');
    expect([...events.flags.subarray(0, 2)]).toEqual([READABLE, 0]);
    expect(deliver(poller, 1).data(0)).toBe('new');
  });

  it('is thrown when it is a failed call, and the label is not taken', () => {
    const poller = open();
    addAnswers(poller, 0, 'kept');
    const error = thrownBy(() => addAnswers(poller, failed('epoll_ctl', 'ENOSPC'), 'lost'));
    expect(error).toMatchObject({ code: 'ENOSPC', syscall: 'epoll_ctl', fd: 5 });
    expect(deliver(poller, 0).data(0)).toBe('kept');
  });
});

describe('what is asked of the addon', () => {
  it.each([
    ['level', 0],
    ['edge', 1],
    ['oneshot', 2],
    ['edge-oneshot', 3],
  ] as const)('%s is the mode %d, 4 more when exclusive, and left out is the one before', (name, number) => {
    const poller = open();
    const add = vi.spyOn(native, 'pollerAdd').mockReturnValue(0);
    const modify = vi.spyOn(native, 'pollerModify').mockReturnValue(0);
    poller.add(5, READABLE, { mode: name });
    poller.add({ fd: 6 }, WRITABLE, { mode: name, exclusive: true });
    poller.modify(5, READABLE, { mode: name });
    poller.modify(5, WRITABLE, {});
    expect(add.mock.calls.map(([, ...rest]) => rest)).toEqual([
      [5, READABLE, number],
      [6, WRITABLE, number + 4],
    ]);
    expect(modify.mock.calls.map(([, ...rest]) => rest)).toEqual([
      [5, READABLE, number],
      [5, WRITABLE, KEEP_MODE],
    ]);
  });

  it('is nothing when an argument is wrong', () => {
    const poller = open();
    const add = vi.spyOn(native, 'pollerAdd');
    expectOutOfRange(() => poller.add(-1, READABLE));
    expectOutOfRange(() => poller.add(1, 64));
    expect(expectWrongType(() => poller.add(1, 1, { exclusive: 1 as unknown as boolean })).message).toMatch(
      /exclusive/,
    );
    expect(thrownBy(() => poller.add(1, 1, { mode: 'edged' as Mode }))).toMatchObject({
      code: 'ERR_INVALID_ARG_VALUE',
      message: expect.stringMatching(/"options.mode" must be one of 'level', 'edge', 'oneshot', 'edge-oneshot'/),
    });
    expect(add).not.toHaveBeenCalled();
  });

  it.each([0, EVENTS_MAX + 1, 1.5, Number.NaN, -1])('is no poller when maxEvents is %d', (maxEvents) => {
    const ask = vi.spyOn(native, 'openPoller');
    expect(expectOutOfRange(() => new Poller({ maxEvents })).message).toMatch(/"options.maxEvents"/);
    expect(ask).not.toHaveBeenCalled();
  });
});
