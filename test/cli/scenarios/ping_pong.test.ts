import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pingPong } from '../../../lib/cli/scenarios/ping_pong.ts';
import { built } from '../dist.ts';
import { context, usable } from './context.ts';

describe('ping-pong', () => {
  it('measures every subject with every metric, and leaves nothing behind', async () => {
    const before = readdirSync('/dev/fd').length;
    let planned = 0;
    const step = (_: string, sliceMs: number) => {
      planned += sliceMs;
    };
    const run = context({ serverPath: built('echo_server.js'), step });
    const { measurements, failures } = await pingPong.run(run);

    expect(failures).toEqual([]);
    expect(measurements.map(({ subject, metric }) => [subject, metric.name])).toEqual(
      usable.flatMap((subject) => pingPong.metrics.map(({ name }) => [subject, name])),
    );
    expect(measurements.every(({ samples }) => samples.length === 1 && samples.every((value) => value > 0))).toBe(true);
    expect(planned).toBe(pingPong.duration(run));
    expect(readdirSync('/dev/fd').length).toBe(before);
  });

  it('names the subjects whose server does not start', async () => {
    const before = readdirSync('/dev/fd').length;
    const { measurements, failures } = await pingPong.run(context());
    expect(readdirSync('/dev/fd').length).toBe(before);
    expect(measurements).toEqual([]);
    expect(failures.map(({ scenario, subject }) => [scenario, subject])).toEqual(
      usable.map((subject) => ['ping-pong', subject]),
    );
  });
});
