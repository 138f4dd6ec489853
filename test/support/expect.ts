import { expect } from 'vitest';
import {
  type Descriptor,
  ERROR,
  type Events,
  FdError,
  type Poller,
  PRIORITY,
  READ_CLOSED,
  READABLE,
  WRITABLE,
  WRITE_CLOSED,
} from '../../lib/index.ts';

const names: readonly (readonly [string, number])[] = [
  ['READABLE', READABLE],
  ['WRITABLE', WRITABLE],
  ['PRIORITY', PRIORITY],
  ['READ_CLOSED', READ_CLOSED],
  ['WRITE_CLOSED', WRITE_CLOSED],
  ['ERROR', ERROR],
];

/** Flags in words, so that a failure can be read. */
export const flagNames = (flags: number): string => {
  const known = names.filter(([, flag]) => (flags & flag) !== 0).map(([name]) => name);
  const rest = flags & ~63;
  return [...known, ...(rest === 0 ? [] : [`0x${rest.toString(16)}`])].join('|') || 'none';
};

export const fdOf = (descriptor: Descriptor): number => (typeof descriptor === 'number' ? descriptor : descriptor.fd);

const asNames = (events: Iterable<readonly [number, number]>): Record<string, string> =>
  Object.fromEntries([...events].map(([fd, flags]) => [fd, flagNames(flags)]));

/** One wait: descriptor and flags of each event of the batch, after the promises that hold for every batch. */
export const waitOnce = (poller: Poller, timeout = 0): Map<number, number> => {
  const events = poller.wait(timeout);
  const seen = new Map<number, number>();
  for (let i = 0; i < events.length; i++) {
    const fd = events.fds[i] ?? -1;
    const flags = events.flags[i] ?? 0;
    expect(seen.has(fd), `one event for descriptor ${fd} in a batch`).toBe(false);
    expect(flags, `flags of descriptor ${fd}`).toBeGreaterThan(0);
    seen.set(fd, flags);
  }
  return seen;
};

/** Waits until each of these descriptors had its event, with exactly these flags, and fails on any other. */
export const expectEvents = (poller: Poller, expected: readonly (readonly [Descriptor, number])[]): void => {
  const seen = new Map<number, number>();
  const deadline = performance.now() + 2000;
  while (seen.size < expected.length && performance.now() < deadline)
    for (const [fd, flags] of waitOnce(poller, deadline - performance.now())) seen.set(fd, flags);
  expect(asNames(seen)).toEqual(asNames(expected.map(([descriptor, flags]) => [fdOf(descriptor), flags])));
};

/** Waits until so many descriptors are reported in one batch. */
export const batchOf = (poller: Poller, count: number): Events => {
  const deadline = performance.now() + 2000;
  for (;;) {
    const events = poller.wait(deadline - performance.now());
    if (events.length === count) return events;
    expect(performance.now(), `${count} events in one batch`).toBeLessThan(deadline);
  }
};

/** Waits for one descriptor until its event has all these flags; returns the flags of that event. */
export const waitForFlags = (poller: Poller, descriptor: Descriptor, flags: number): number => {
  const deadline = performance.now() + 2000;
  let last = 0;
  while (performance.now() < deadline) {
    last = waitOnce(poller, deadline - performance.now()).get(fdOf(descriptor)) ?? 0;
    if ((last & flags) === flags) return last;
  }
  expect.fail(`expected ${flagNames(flags)}, the last event had ${flagNames(last)}`);
};

/** A wait that lasts its whole time and reports nothing. */
export const expectNoEvents = (poller: Poller, timeout = 10): void => {
  const start = performance.now();
  expect(asNames(waitOnce(poller, timeout))).toEqual({});
  expect(performance.now() - start, 'a wait without events lasts its time').toBeGreaterThanOrEqual(timeout);
};

/** What the call throws; fails when it does not. */
export const thrownBy = (call: () => unknown): unknown => {
  try {
    call();
  } catch (error) {
    return error;
  }
  return expect.fail('expected the call to throw');
};

/** The call throws an FdError with this code, in the shape of Node's system errors. */
export const expectFdError = (call: () => unknown, code: string, syscall?: string): FdError => {
  const error = thrownBy(call);
  expect(error, `expected an FdError ${code}`).toBeInstanceOf(FdError);
  const fdError = error as FdError;
  expect(fdError.code).toBe(code);
  if (syscall !== undefined) expect(fdError.syscall).toBe(syscall);
  expect(fdError.errno).toBeLessThan(0);
  expect(fdError.message).toMatch(new RegExp(`^${fdError.syscall} ${code}: [a-z]`));
  return fdError;
};

/** The call throws an Error of this class with this code and a message that says something. */
export const expectError = (call: () => unknown, type: new (message?: string) => Error, code: string): Error => {
  const error = thrownBy(call) as Error & { code?: unknown };
  expect(error).toBeInstanceOf(type);
  expect(error.code, error.message).toBe(code);
  expect(error.message.length).toBeGreaterThan(10);
  return error;
};

/** The argument is of a wrong type. */
export const expectWrongType = (call: () => unknown): Error => expectError(call, TypeError, 'ERR_INVALID_ARG_TYPE');

/** The argument is of the right type, but no value that can be taken. */
export const expectOutOfRange = (call: () => unknown): Error => expectError(call, RangeError, 'ERR_OUT_OF_RANGE');

/** The string is not one of those that exist. */
export const expectUnknownValue = (call: () => unknown): Error => expectError(call, TypeError, 'ERR_INVALID_ARG_VALUE');

/** The object was closed before. */
export const expectClosed = (call: () => unknown): void => {
  const error = thrownBy(call) as Error & { code?: unknown };
  expect(error).toBeInstanceOf(Error);
  expect(error.code, error.message).toBe('ERR_FDPOLL_CLOSED');
};
