import { describe, expect, it } from 'vitest';
import { toResult } from '../../lib/cli/scenario.ts';

describe('toResult', () => {
  it('has exactly the keys of the format', () => {
    const result = toResult({
      scenario: 'echo',
      subject: 'node:net',
      parameters: { connections: 64, bytes: 64 },
      metric: { name: 'messages-per-second', title: 'messages per second', unit: '1/s', better: 'higher' },
      samples: [3, 1, 2],
    });
    expect(result).toEqual({
      scenario: 'echo',
      subject: 'node:net',
      parameters: { connections: 64, bytes: 64 },
      metric: 'messages-per-second',
      unit: '1/s',
      median: 2,
      min: 1,
      max: 3,
      rounds: 3,
    });
  });

  it('leaves out digits that are noise', () => {
    const metric = { name: 'time', title: 'time', unit: 'µs', better: 'lower' } as const;
    const result = toResult({
      scenario: 'test',
      subject: 'poll',
      parameters: {},
      metric,
      samples: [1 / 3, 123_456.789],
    });
    expect([result.min, result.max]).toEqual([0.333333, 123_457]);
  });
});
