import { afterEach, describe, expect, it, vi } from 'vitest';
import { sweepSizes } from '../../../lib/cli/scenarios/sizes.ts';
import { FdError, Socket } from '../../../lib/index.ts';
import { context } from './context.ts';
import { openDescriptors } from './with_sizes.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const nothing = { measurements: [], failures: [] };

function limitPairs(limit: number): void {
  const pair = Socket.pair;
  let opened = 0;
  vi.spyOn(Socket, 'pair').mockImplementation(() => {
    if (opened++ >= limit) throw new FdError('EMFILE', 'too many open files');
    return pair();
  });
}

describe('sweepSizes', () => {
  it('measures at every size with that many pairs, and closes them', async () => {
    const before = openDescriptors();
    const seen: [number, number][] = [];
    const { notes } = await sweepSizes(context({ backends: ['poll'] }), {
      sizes: [2, 5],
      measure: async (n, _, pairs) => {
        seen.push([n, pairs.count]);
        return nothing;
      },
    });
    expect(seen).toEqual([
      [2, 2],
      [5, 5],
    ]);
    expect(notes).toEqual([]);
    expect(openDescriptors()).toBe(before);
  });

  it.each([
    [150, [10, 134 - 4], 'n stops at 130: RLIMIT_NOFILE'],
    [27, [10], 'n stops at 10: RLIMIT_NOFILE'],
  ])('shrinks to what %d pairs allow, and says so', async (limit, sizes, note) => {
    limitPairs(limit);
    const seen: number[] = [];
    const { notes } = await sweepSizes(context({ backends: ['poll'] }), {
      sizes: [10, 1000, 2000],
      measure: async (n) => {
        seen.push(n);
        return nothing;
      },
    });
    expect(seen).toEqual(sizes);
    expect(notes).toEqual([expect.stringContaining(note)]);
  });

  it('goes on without a backend that has failed', async () => {
    const seen: string[] = [];
    const { failures } = await sweepSizes(context({ backends: ['epoll', 'poll'] }), {
      sizes: [1, 2],
      measure: async (n, subjects) => {
        seen.push(`${n} ${subjects}`);
        return n === 1
          ? { ...nothing, failures: [{ scenario: 'test', subject: 'epoll', message: 'no luck' }] }
          : nothing;
      },
    });
    expect(seen).toEqual(['1 epoll,poll', '2 poll']);
    expect(failures).toHaveLength(1);
  });

  it('closes the pairs when measuring throws', async () => {
    const before = openDescriptors();
    const measure = () => Promise.reject(new Error('no luck'));
    await expect(sweepSizes(context(), { sizes: [2], measure })).rejects.toThrow('no luck');
    expect(openDescriptors()).toBe(before);
  });
});
