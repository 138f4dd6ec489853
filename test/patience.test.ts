import { expect, it } from 'vitest';
import { READABLE, WRITABLE } from '../lib/constants.ts';
import { patiently } from '../lib/patience.ts';
import { checkDescriptorsAfterEachTest } from './support/descriptors.ts';
import { pair, say } from './support/sockets.ts';

const answers = <T>(...list: T[]): (() => T) => {
  let i = 0;
  return () => list[Math.min(i++, list.length - 1)] as T;
};

checkDescriptorsAfterEachTest();

it('a call that was blocked is tried again when the descriptor is ready, and its answer given', () => {
  const [a] = pair();
  a.timeout = 10_000;
  expect(patiently(a, WRITABLE, -1, answers(42))).toBe(42);
});

it('goes on as long as somebody else takes what was there', () => {
  const [a] = pair();
  a.timeout = Number.POSITIVE_INFINITY;
  expect(patiently(a, WRITABLE, undefined, answers<string | undefined>(undefined, undefined, 'mine'))).toBe('mine');
});

it('gives the blocked answer when the time is over, after one more try and never early', () => {
  const [a, b] = pair();
  a.timeout = 30;
  let tries = 0;
  const start = performance.now();
  expect(
    patiently(a, READABLE, -1, () => {
      tries++;
      return -1;
    }),
  ).toBe(-1);
  expect(performance.now() - start).toBeGreaterThanOrEqual(30);
  expect(tries).toBe(1);
  say(b);
});

it('gives what the last try brings, although the time is over', () => {
  const [a] = pair();
  a.timeout = 1;
  expect(patiently(a, READABLE, -1, answers(7))).toBe(7);
});

it('lets an error of the call through', () => {
  const [a] = pair();
  a.timeout = 1000;
  expect(() =>
    patiently(a, WRITABLE, -1, () => {
      throw new Error('reset');
    }),
  ).toThrow('reset');
});
