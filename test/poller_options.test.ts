import { describe, expect, it } from 'vitest';
import { modeToAdd, modeToModify, PLAINLY } from '../lib/poller_options.ts';
import { expectUnknownValue, expectWrongType } from './support/expect.ts';

describe('the mode of a registration', () => {
  it('is level when nothing is said', () => {
    expect([modeToAdd({}), modeToAdd({}), modeToAdd({ data: 1 })]).toEqual([0, 0, 0]);
  });

  it('is kept by modify when nothing is said', () => {
    expect([modeToModify({}), modeToModify({})]).toEqual([8, 8]);
  });

  it('is made of bits: edge, one-shot, exclusive', () => {
    const modes = ['level', 'edge', 'oneshot', 'edge-oneshot'] as const;
    expect(modes.map((mode) => modeToAdd({ mode }))).toEqual([0, 1, 2, 3]);
    expect(modes.map((mode) => modeToModify({ mode }))).toEqual([0, 1, 2, 3]);
    expect(modeToAdd({ mode: 'edge', exclusive: true })).toBe(5);
    expect(modeToAdd({ exclusive: false })).toBe(0);
  });

  it('is one of four words, and exclusive a boolean', () => {
    for (const read of [modeToAdd, modeToModify]) {
      expectUnknownValue(() => read({ mode: 'once' as never }));
      expectWrongType(() => read({ mode: 1 as never }));
    }
    expectWrongType(() => modeToAdd({ exclusive: 1 as never }));
  });
});

it('PLAINLY is what is registered when nothing is said', () => {
  expect(modeToAdd(PLAINLY)).toBe(modeToAdd({}));
});
