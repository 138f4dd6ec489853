import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BATCH, NODE_DGRAM, SEGMENTS } from '../../../lib/cli/datagrams/costs.ts';
import { udpBatch } from '../../../lib/cli/scenarios/udp_batch.ts';
import { context, noPrograms } from './context.ts';

describe('udp-batch', () => {
  it('measures each batch with every metric, and leaves nothing behind', { timeout: 60_000 }, async () => {
    const before = readdirSync('/dev/fd').length;
    let planned = 0;
    const step = (_: string, sliceMs: number) => {
      planned += sliceMs;
    };
    const run = context({ step });
    const { measurements, failures, notes } = await udpBatch.run(run);
    expect(failures).toEqual([]);
    const batches = (subject: string) =>
      measurements
        .filter((measurement) => measurement.subject === subject && measurement.metric.name === 'send-time')
        .map(({ parameters }) => parameters.batch);
    expect(batches(BATCH)).toEqual([1, 2, 4, 8, 16, 32, 64]);
    expect(batches(NODE_DGRAM)).toEqual([1]);
    const whole = notes.length === 0;
    expect(batches(SEGMENTS)).toEqual(whole ? [1, 2, 4, 8, 16, 32, 64] : []);
    expect(measurements).toHaveLength(udpBatch.metrics.length * (whole ? 15 : 8));
    expect(measurements.every(({ samples }) => samples.length === 1 && samples.every((value) => value > 0))).toBe(true);
    if (whole) expect(planned).toBe(udpBatch.duration(run));
    expect(readdirSync('/dev/fd').length).toBe(before);
  });

  it('names the subjects whose program does not start', async () => {
    const { measurements, failures } = await udpBatch.run(context(noPrograms));
    expect(measurements).toEqual([]);
    expect(failures.map(({ subject }) => subject)).toEqual(expect.arrayContaining([BATCH, NODE_DGRAM]));
  });

  it('stops between two slices', async () => {
    const controller = new AbortController();
    let steps = 0;
    const step = () => {
      if (++steps === 3) controller.abort();
    };
    await udpBatch.run(context({ signal: controller.signal, step }));
    expect(steps).toBe(3);
  });
});
