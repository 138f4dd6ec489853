import { expect, it } from 'vitest';
import type { Scenario } from '../../../lib/cli/scenario.ts';
import { leavesNothingBehind } from '../left_behind.ts';
import { context } from './context.ts';

/** What holds for every scenario: what it measures of whom, in what it has planned, and that it stops when it is told to. */
export function keepsThePromises(scenario: Scenario, subjects: readonly string[]): void {
  it('measures every subject, in as many slices as it has planned, and leaves nothing behind', {
    timeout: 60_000,
  }, async () => {
    let planned = 0;
    const run = context({
      step: (_, sliceMs) => {
        planned += sliceMs;
      },
    });
    await leavesNothingBehind(async () => {
      const { measurements, failures } = await scenario.run(run);
      expect(failures).toEqual([]);
      for (const { name } of scenario.metrics) {
        const measured = measurements.filter(({ metric }) => metric.name === name);
        expect([...new Set(measured.map(({ subject }) => subject))]).toEqual(subjects);
      }
      const samples = measurements.flatMap((measurement) => measurement.samples);
      expect(samples.length).toBe(measurements.length);
      expect(samples.every((value) => value > 0 && Number.isFinite(value))).toBe(true);
    });
    expect(planned).toBe(scenario.duration(run));
  });

  it('has plots of metrics and parameters that it has', async () => {
    const { measurements } = await scenario.run(context({ backends: [] }));
    for (const { metric, x, where = {} } of scenario.plots) {
      expect(scenario.metrics.map(({ name }) => name)).toContain(metric);
      for (const { parameters } of measurements.filter((measurement) => measurement.metric.name === metric)) {
        expect(Object.keys(parameters)).toEqual(expect.arrayContaining([...(x ? [x] : []), ...Object.keys(where)]));
      }
    }
  });

  it('stops between two slices, and leaves nothing behind', async () => {
    const controller = new AbortController();
    let steps = 0;
    const step = () => {
      if (++steps === 3) controller.abort();
    };
    await leavesNothingBehind(() => scenario.run(context({ signal: controller.signal, step })));
    expect(steps).toBe(3);
  });
}
