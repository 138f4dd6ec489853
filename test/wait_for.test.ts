import { afterEach, describe, expect, it, vi } from 'vitest';
import { native } from '../lib/binding.ts';
import { READABLE, WRITABLE } from '../lib/constants.ts';
import { waitFor, waitForAll } from '../lib/wait_for.ts';
import { failed } from './support/answers.ts';
import { expectFdError, expectOutOfRange, expectWrongType } from './support/expect.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const columns = (n = 2): [Int32Array, Uint32Array, Uint32Array] => [
  new Int32Array(n).fill(-1),
  new Uint32Array(n).fill(READABLE),
  new Uint32Array(n).fill(63),
];

describe('waitFor', () => {
  it('asks the addon, by default for ever', () => {
    const asked = vi.spyOn(native, 'waitFor').mockReturnValue(WRITABLE);
    expect(waitFor({ fd: 7 }, WRITABLE)).toBe(WRITABLE);
    expect(waitFor(8, READABLE, 1.5)).toBe(WRITABLE);
    expect(asked.mock.calls).toEqual([
      [7, WRITABLE, Infinity],
      [8, READABLE, 1.5],
    ]);
  });

  it('names the descriptor in its errors', () => {
    vi.spyOn(native, 'waitFor').mockReturnValue(failed('poll', 'EBADF'));
    expect(expectFdError(() => waitFor(7, READABLE, 0), 'EBADF', 'poll').fd).toBe(7);
  });

  it('refuses what is wrong before it asks', () => {
    const asked = vi.spyOn(native, 'waitFor');
    expectOutOfRange(() => waitFor(-1, READABLE));
    expectOutOfRange(() => waitFor(1, 64));
    expectOutOfRange(() => waitFor(1, READABLE, Number.NaN));
    expectWrongType(() => waitFor(1, READABLE, null as unknown as number));
    expect(asked).not.toHaveBeenCalled();
  });
});

describe('waitForAll', () => {
  it('passes over negative descriptors and clears their flags', () => {
    const [fds, interests, flags] = columns();
    expect(waitForAll(fds, interests, flags, 0)).toBe(0);
    expect([...flags]).toEqual([0, 0]);
  });

  it('takes no descriptors at all', () => {
    expect(waitForAll(...columns(0), 0)).toBe(0);
  });

  it.each([
    [0, 'fds', /Int32Array/],
    [1, 'interests', /Uint32Array/],
    [2, 'flags', /Uint32Array/],
  ] as const)('names the array that is of another kind: %d is %s', (i, name, kind) => {
    for (const wrong of [new Float64Array(2), [1, 2], new ArrayBuffer(8), null, undefined]) {
      const args = columns() as unknown[];
      args[i] = wrong;
      const { message } = expectWrongType(() => waitForAll(...(args as ReturnType<typeof columns>), 0));
      expect(message).toMatch(new RegExp(`^"${name}"`));
      expect(message).toMatch(kind);
    }
  });

  it('wants columns of one length, and says which is not', () => {
    const [fds, interests, flags] = columns();
    expect(expectOutOfRange(() => waitForAll(fds, new Uint32Array(3), flags, 0)).message).toBe(
      '"interests.length" must be fds.length, 2. Received 3',
    );
    expect(expectOutOfRange(() => waitForAll(fds, interests, new Uint32Array(1), 0)).message).toMatch(
      /^"flags.length" must be fds.length, 2/,
    );
  });

  it('refuses an interest that nobody can ask for, wherever it is', () => {
    const [fds, interests, flags] = columns();
    interests[1] = 64;
    expectOutOfRange(() => waitForAll(fds, interests, flags, 0));
    expectOutOfRange(() => waitForAll(...columns(), Number.NaN));
  });

  it('says so when the addon refuses an array', () => {
    vi.spyOn(native, 'waitForAll').mockReturnValue(-2);
    expect(expectWrongType(() => waitForAll(...columns(), 0)).message).toMatch(/"fds".*attached and aligned/);
  });
});
