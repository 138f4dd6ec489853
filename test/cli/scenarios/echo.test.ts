import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { echo } from '../../../lib/cli/scenarios/echo.ts';
import { built } from '../dist.ts';
import { context, usable } from './context.ts';

const subjects = [...usable, 'node:net'];

describe('echo', () => {
  it('measures every subject with every metric, and leaves nothing behind', async () => {
    const before = readdirSync('/dev/fd').length;
    let planned = 0;
    const step = (_: string, sliceMs: number) => {
      planned += sliceMs;
    };
    const run = context({ serverPath: built('echo_server.js'), step });
    const { measurements, failures } = await echo.run(run);
    expect(failures).toEqual([]);
    expect(measurements.map(({ subject, metric }) => [subject, metric.name])).toEqual(
      subjects.flatMap((subject) => echo.metrics.map(({ name }) => [subject, name])),
    );
    expect(measurements.every(({ samples }) => samples.length === 1 && samples.every((value) => value > 0))).toBe(true);
    expect(planned).toBe(echo.duration(run));
    expect(readdirSync('/dev/fd').length).toBe(before);
  });

  it('names the subjects whose server does not start', async () => {
    const before = readdirSync('/dev/fd').length;
    const { measurements, failures } = await echo.run(context());
    expect(readdirSync('/dev/fd').length).toBe(before);
    expect(measurements).toEqual([]);
    expect(failures.map(({ scenario, subject }) => [scenario, subject])).toEqual(
      subjects.map((subject) => ['echo', subject]),
    );
  });
});
