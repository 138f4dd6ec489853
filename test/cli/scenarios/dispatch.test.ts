import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dispatch } from '../../../lib/cli/scenarios/dispatch.ts';
import { context, usable } from './context.ts';

function openDescriptors(): number {
  return readdirSync('/dev/fd').length;
}

describe('dispatch', () => {
  it('measures every backend at every n, and states where select stops', { timeout: 60_000 }, async () => {
    const before = openDescriptors();
    let planned = 0;
    const step = (_: string, sliceMs: number) => {
      planned += sliceMs;
    };
    const run = context({ step });
    const { measurements, failures, notes } = await dispatch.run(run);
    const counts = (subject: string) =>
      measurements.filter((measurement) => measurement.subject === subject).map(({ parameters }) => parameters.pairs);

    expect(failures).toEqual([]);
    const limited = notes.some((note) => note.includes('RLIMIT_NOFILE'));
    for (const backend of usable) {
      if (!limited) expect(counts(backend).at(-1)).toBe(backend === 'select' ? 300 : 4000);
      expect(counts(backend)).toContain(10);
    }
    if (usable.includes('select') && !limited) expect(notes).toContainEqual(expect.stringContaining('select stops'));
    expect(measurements.every(({ samples }) => samples.length === 1 && samples.every((value) => value > 0))).toBe(true);
    expect(planned).toBeLessThanOrEqual(dispatch.duration(run));
    expect(openDescriptors()).toBe(before);
  });

  it('stops between two slices', async () => {
    const controller = new AbortController();
    const before = openDescriptors();
    let steps = 0;
    const step = () => {
      if (++steps === 3) controller.abort();
    };
    await dispatch.run(context({ signal: controller.signal, step }));
    expect(steps).toBe(3);
    expect(openDescriptors()).toBe(before);
  });
});
