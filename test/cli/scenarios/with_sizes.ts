import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Measurement, Scenario } from '../../../lib/cli/scenario.ts';
import { context, usable } from './context.ts';

/** What select has to be left out at: 1000 pairs are beyond FD_SETSIZE wherever it is the usual 1024. */
const limited = usable.includes('select');

export function openDescriptors(): number {
  return readdirSync('/dev/fd').length;
}

/** What holds for every scenario that measures the backends in this process. */
export function keepsThePromisesOfSets(
  scenario: Scenario,
  /** A parameter of each measurement, in the order that is expected of a backend with all sizes. */
  expected: (measurement: Measurement) => string,
  all: (backend: string) => readonly string[],
): void {
  it('measures every backend in every way, and states every limit', { timeout: 60_000 }, async () => {
    const before = openDescriptors();
    let planned = 0;
    const step = (_: string, sliceMs: number) => {
      planned += sliceMs;
    };
    const run = context({ step });
    const { measurements, failures, notes } = await scenario.run(run);

    expect(failures).toEqual([]);
    const short = notes.some((note) => note.includes('RLIMIT_NOFILE') && note.includes('ulimit -n'));
    for (const backend of usable) {
      const of = measurements.filter(({ subject, metric }) => subject === backend && metric === scenario.metrics[0]);
      const measured = of.map(expected);
      if (!short) expect(measured).toEqual(all(backend));
      else expect(measured).not.toEqual([]);
    }
    if (limited && !short) expect(notes).toContainEqual(expect.stringMatching(/^select stops below n = 1,000/));
    for (const metric of scenario.metrics) {
      const of = measurements.filter((measurement) => measurement.metric === metric);
      expect(of.length * scenario.metrics.length).toBe(measurements.length);
    }
    expect(measurements.every(({ samples }) => samples.length === 1 && samples.every((value) => value > 0))).toBe(true);
    expect(planned).toBeLessThanOrEqual(scenario.duration(run));
    expect(openDescriptors()).toBe(before);
  });

  it('draws plots of metrics and parameters that there are', () => {
    const names = scenario.metrics.map(({ name }) => name);
    expect(scenario.plots.map(({ metric }) => metric).filter((name) => !names.includes(name))).toEqual([]);
  });

  it('stops between two slices', async () => {
    const controller = new AbortController();
    const before = openDescriptors();
    let steps = 0;
    const step = () => {
      if (++steps === 3) controller.abort();
    };
    await scenario.run(context({ signal: controller.signal, step }));
    expect(steps).toBe(3);
    expect(openDescriptors()).toBe(before);
  });

  it('measures nothing, and opens nothing, when it is stopped before', async () => {
    const before = openDescriptors();
    const { measurements, failures } = await scenario.run(context({ signal: AbortSignal.abort() }));
    expect([measurements, failures]).toEqual([[], []]);
    expect(openDescriptors()).toBe(before);
  });
}
