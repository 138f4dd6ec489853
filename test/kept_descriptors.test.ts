import { closeSync, fstatSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { closeKept, keepDuplicates } from '../lib/kept_descriptors.ts';
import { checkDescriptorsAfterEachTest, isCloseOnExec, openDescriptors } from './support/descriptors.ts';
import { expectFdError, expectOutOfRange, expectWrongType } from './support/expect.ts';
import { closedNumber, openPipe } from './support/sockets.ts';

describe('descriptors that are kept until they are sent', () => {
  checkDescriptorsAfterEachTest();

  it('are duplicates, close-on-exec, which are closed once', () => {
    const { read, write } = openPipe();
    const kept = keepDuplicates([read, write, read]);
    expect(new Set([read, write, ...kept]).size).toBe(5);
    expect(kept.map((fd) => fstatSync(fd).ino)).toEqual([read, write, read].map((fd) => fstatSync(fd).ino));
    if (process.platform === 'linux') expect(kept.every(isCloseOnExec)).toBe(true);
    closeKept(kept);
    const other = openPipe();
    closeKept(kept);
    expect(kept, 'the number is used again').toContain(other.read);
    expect(fstatSync(other.read).isFIFO()).toBe(true);
  });

  it('are none when one of them fails', () => {
    const before = openDescriptors();
    expectFdError(() => keepDuplicates([0, 1, closedNumber() + 100]), 'EBADF', 'dup');
    expectOutOfRange(() => keepDuplicates([0, -1]));
    expectOutOfRange(() => keepDuplicates([0, 2 ** 31]));
    expectWrongType(() => keepDuplicates([0, '1' as unknown as number]));
    expect(openDescriptors()).toEqual(before);
  });

  it('may be closed by others: the number is kept for the next', () => {
    const [first = -1] = keepDuplicates([0]);
    closeSync(first);
    const [second = -2] = keepDuplicates([1]);
    expect(second).toBe(first);
    closeKept([second]);
    expect(() => fstatSync(second)).toThrow(/EBADF/);
  });
});
