import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Scenario } from '../../../lib/cli/scenario.ts';
import { context, noPrograms } from './context.ts';

/** What holds for every scenario whose subjects are server processes. */
export function keepsThePromisesOfServers(scenario: Scenario, subjects: readonly string[]): void {
  it('measures every subject with every metric, and leaves nothing behind', async () => {
    const before = readdirSync('/dev/fd').length;
    let planned = 0;
    const step = (_: string, sliceMs: number) => {
      planned += sliceMs;
    };
    const run = context({ step });
    const { measurements, failures } = await scenario.run(run);
    expect(failures).toEqual([]);
    expect(measurements.map(({ subject, metric }) => [subject, metric.name])).toEqual(
      subjects.flatMap((subject) => scenario.metrics.map(({ name }) => [subject, name])),
    );
    expect(measurements.every(({ samples }) => samples.length === 1 && samples.every((value) => value > 0))).toBe(true);
    expect(planned).toBe(scenario.duration(run));
    expect(readdirSync('/dev/fd').length).toBe(before);
  });

  it('names the subjects whose server does not start', async () => {
    const before = readdirSync('/dev/fd').length;
    const { measurements, failures } = await scenario.run(context(noPrograms));
    expect(readdirSync('/dev/fd').length).toBe(before);
    expect(measurements).toEqual([]);
    expect(failures.map((failure) => [failure.scenario, failure.subject])).toEqual(
      subjects.map((subject) => [scenario.name, subject]),
    );
  });
}
