import { describe, expect, it } from 'vitest';
import { openedBy, ownDescriptors } from '../../../lib/cli/doctor/own_descriptors.ts';
import { close, eventfd } from '../../../lib/index.ts';

/** One list after another, as /proc/self/fd would tell them. */
const lists = (...given: [number, string][][]) => {
  const left = [...given];
  return () => new Map(left.shift());
};

describe('openedBy', () => {
  it('finds what was opened meanwhile', () => {
    const list = lists(
      [[0, '/dev/null']],
      [
        [0, '/dev/null'],
        [5, 'anon_inode:[timerfd]'],
      ],
    );
    expect(openedBy(/timerfd/, () => {}, list)).toBe(5);
  });

  it('passes over what was there before, and what is of another kind', () => {
    const before: [number, string][] = [[3, 'anon_inode:inotify']];
    const list = lists(before, [...before, [4, 'pipe:[1]'], [6, 'anon_inode:inotify']]);
    expect(openedBy(/inotify/, () => {}, list)).toBe(6);
  });

  it('finds a number that was something else before', () => {
    expect(openedBy(/pidfd/, () => {}, lists([[7, 'pipe:[1]']], [[7, 'pidfd:[99]']]))).toBe(7);
  });

  it('throws when there is none', () => {
    expect(() => openedBy(/timerfd/, () => {}, lists([], []))).toThrow('none was opened');
  });

  it('throws what opening throws', () => {
    const open = () => {
      throw new Error('EMFILE');
    };
    expect(() => openedBy(/timerfd/, open, lists([], []))).toThrow('EMFILE');
  });
});

describe.skipIf(process.platform !== 'linux')('ownDescriptors', () => {
  it('tells what each is', () => {
    const fd = eventfd();
    expect(ownDescriptors().get(fd)).toBe('anon_inode:[eventfd]');
    close(fd);
    expect(ownDescriptors().has(fd)).toBe(false);
  });
});
