import { describe, expect, it } from 'vitest';
import { cpuTime } from '../../lib/cli/cpu_time.ts';

describe('cpuTime', () => {
  it('only grows, and does so while the process computes', () => {
    const before = cpuTime();
    let last = before;
    while (cpuTime() === before) last = cpuTime();
    expect(before).toBeGreaterThan(0);
    expect(last).toBeGreaterThanOrEqual(before);
    expect(cpuTime()).toBeGreaterThan(before);
  });
});
