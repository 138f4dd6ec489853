import { afterEach, describe, expect, it, vi } from 'vitest';
import { STALLED_MS, stalled, untilDone } from '../../lib/cli/stall.ts';

afterEach(() => {
  vi.useRealTimers();
});

describe('untilDone', () => {
  it('waits until it is done', async () => {
    let finish = () => {};
    const waiting = untilDone('nothing came', ({ done }) => {
      finish = done;
    });
    finish();
    await expect(waiting).resolves.toBeUndefined();
  });

  it('rejects with what went wrong, also at the start', async () => {
    await expect(untilDone('nothing came', ({ fail }) => fail(new Error('later')))).rejects.toThrow('later');
    const throwing = () => {
      throw new Error('at once');
    };
    await expect(untilDone('nothing came', throwing)).rejects.toThrow('at once');
  });

  it('does not wait for ever, and leaves no timer', async () => {
    vi.useFakeTimers();
    const waiting = expect(untilDone('nothing came', () => {})).rejects.toThrow('nothing came for 10 s');
    await vi.advanceTimersByTimeAsync(STALLED_MS);
    await waiting;
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('stalled', () => {
  it('says what did not happen, and for how long', () => {
    expect(stalled('nothing came').message).toBe('nothing came for 10 s');
  });
});
