import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ERROR, INTEREST, PRIORITY, READ_CLOSED, READABLE, WRITABLE, WRITE_CLOSED } from '../lib/constants.ts';

const header = readFileSync(new URL('../native/core/backend.h', import.meta.url), 'utf8');
const flags = { READABLE, WRITABLE, PRIORITY, READ_CLOSED, WRITE_CLOSED, ERROR };

/** What the header says of a name: READ_CLOSED is kReadClosed there. */
const inTheHeader = (name: string): number => {
  const words = name.split('_').map((word) => word.charAt(0) + word.slice(1).toLowerCase());
  return Number(new RegExp(`\\bk${words.join('')} = (\\d+),`).exec(header)?.[1]);
};

it.each(Object.entries(flags))('%s has the number of native/core/backend.h', (name, flag) => {
  expect(flag).toBe(inTheHeader(name));
});

it('an interest is made of what the header makes it of', () => {
  expect(/kInterestMask = ([^;]+);/.exec(header)?.[1]).toBe('kReadable | kWritable | kPriority');
  expect(INTEREST).toBe(READABLE | WRITABLE | PRIORITY);
});

it('each flag is one bit, and no two are the same', () => {
  const bits = Object.values(flags);
  expect(new Set(bits).size).toBe(bits.length);
  for (const bit of bits) expect(Math.log2(bit) % 1).toBe(0);
});
