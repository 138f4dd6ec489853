import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { Signal, signalNumber } from '../lib/signal.ts';
import { FakeHome } from './support/batches.ts';

describe('the number of a signal', () => {
  it.each(['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGWINCH', 'SIGPIPE', 'SIGINT'] as const)('is that of %s', (signal) => {
    expect(signalNumber(signal)).toBe(constants.signals[signal]);
  });

  it.each([
    'SIGNONE',
    '',
    'sigterm',
    'SIGTERM ',
    'toString',
    '__proto__',
    'constructor',
  ])('is none for %j', (signal) => {
    expect(() => signalNumber(signal)).toThrow(
      expect.objectContaining({ name: 'TypeError', code: 'ERR_UNKNOWN_SIGNAL' }),
    );
  });

  it.each([
    undefined,
    null,
    15,
    15n,
    {},
    ['SIGTERM'],
    Symbol('SIGTERM'),
  ])('is none for what is no string: %o', (signal) => {
    expect(() => signalNumber(signal)).toThrow(
      expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' }),
    );
  });

  it.each([
    ['SIGKILL', /can be caught/],
    ['SIGSTOP', /can be caught/],
    ['SIGCHLD', /addProcess/],
    ['SIGSEGV', /fault/],
    ['SIGBUS', /fault/],
    ['SIGFPE', /fault/],
    ['SIGILL', /fault/],
  ])('is refused for %s', (signal, why) => {
    expect(() => signalNumber(signal)).toThrow(why);
    expect(() => signalNumber(signal)).toThrow(
      expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' }),
    );
  });
});

describe('a signal', () => {
  it('counts what the current batch tells, and never ends', () => {
    const home = new FakeHome();
    const signal = new Signal(home, 1, 'SIGHUP');
    expect([signal.kind, signal.signal, signal.count]).toEqual(['signal', 'SIGHUP', 0]);
    home.tell([signal, 3]);
    expect([signal.count, signal.closed]).toEqual([3, false]);
    home.tell();
    expect([signal.count, signal.closed]).toEqual([0, false]);
  });
});
