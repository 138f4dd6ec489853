import { afterEach, describe, expect, it, vi } from 'vitest';
import { holds, Pairs, roundDown } from '../../../lib/cli/scenarios/pairs.ts';
import { FdError, Socket } from '../../../lib/index.ts';
import { usable } from './context.ts';
import { openDescriptors } from './with_sizes.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** As if no more than `limit` pairs could be opened. */
function failAfter(limit: number, code: string): void {
  const pair = Socket.pair;
  let opened = 0;
  vi.spyOn(Socket, 'pair').mockImplementation(() => {
    if (opened++ >= limit) throw new FdError(code, code);
    return pair();
  });
}

describe('Pairs', () => {
  it('has as many as were asked for, and closes them', () => {
    const before = openDescriptors();
    const pairs = new Pairs();
    expect(pairs.grow(3)).toBeUndefined();
    expect(pairs.grow(2)).toBeUndefined();
    expect(pairs.count).toBe(3);
    expect(openDescriptors()).toBe(before + 6);
    pairs.close();
    expect(pairs.count).toBe(0);
    expect(openDescriptors()).toBe(before);
  });

  it('reads what is left in them', () => {
    const pairs = new Pairs();
    pairs.grow(2);
    pairs.writers[1]?.send(new Uint8Array(5000));
    pairs.drain();
    expect(pairs.readers.map((reader) => reader.recv(new Uint8Array(1)))).toEqual([-1, -1]);
    pairs.close();
  });

  it.each([
    ['EMFILE', 'RLIMIT_NOFILE is too low for 232 descriptors; as root, "ulimit -n 232" raises it'],
    ['ENFILE', "the system's limit of open files is too low for 232 descriptors (Linux: sysctl fs.file-max)"],
  ])('says at %s which limit is in the way and what helps, and leaves some descriptors free', (code, message) => {
    failAfter(40, code);
    const pairs = new Pairs();
    expect(pairs.grow(100)).toContain(message);
    expect(pairs.count).toBe(24);
    pairs.close();
  });

  it('passes on whatever else goes wrong', () => {
    failAfter(0, 'EPERM');
    expect(() => new Pairs().grow(1)).toThrow('EPERM');
  });
});

describe.each(usable)('holds on %s', (backend) => {
  it('is true for a low descriptor', () => {
    const [a, b] = Socket.pair();
    expect(holds(backend, a)).toBe(true);
    a.close();
    b.close();
  });

  if (backend === 'select')
    it('is false from FD_SETSIZE on', () => {
      const pairs = new Pairs();
      if (pairs.grow(600) === undefined) expect(holds(backend, pairs.readers.at(-1) as Socket)).toBe(false);
      pairs.close();
    });
});

describe('roundDown', () => {
  it.each([
    [7, 7],
    [99, 99],
    [123, 120],
    [9984, 9900],
    [100_000, 100_000],
  ])('makes %d a round %d', (count, rounded) => {
    expect(roundDown(count)).toBe(rounded);
  });
});
