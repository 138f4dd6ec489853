import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { chooseRate, echoLatency } from '../../../lib/cli/scenarios/echo_latency.ts';
import { echoPeers } from '../../../lib/cli/scenarios/echo_peers.ts';
import { context, noPrograms, usable } from './context.ts';

const [best = ''] = usable;
const subjects = { tcp: [...usable, `${best}, batch`, 'node:net'], udp: [best, 'node:dgram'] };
const percentiles = [50, 90, 99, 99.9, 100];

describe('echo-latency', () => {
  it('measures every percentile of every subject at one rate, and leaves nothing behind', {
    timeout: 60_000,
  }, async () => {
    const before = readdirSync('/dev/fd').length;
    let planned = 0;
    const step = (_: string, sliceMs: number) => {
      planned += sliceMs;
    };
    const run = context({ step });
    const { measurements, failures, notes } = await echoLatency.run(run);
    expect(failures).toEqual([]);
    for (const transport of ['tcp', 'udp'] as const) {
      const of = (name: string) =>
        measurements.filter(({ metric, parameters }) => metric.name === name && parameters.transport === transport);
      expect(of('latency').map(({ subject, parameters }) => [parameters.percentile, subject])).toEqual(
        percentiles.flatMap((percentile) => subjects[transport].map((subject) => [percentile, subject])),
      );
      expect(of('server-cpu-per-message').map(({ subject }) => subject)).toEqual(subjects[transport]);
      expect(new Set(of('latency').map(({ parameters }) => parameters.rate)).size).toBe(1);
      expect(notes).toContainEqual(expect.stringMatching(new RegExp(`^${transport}: .* of what the slowest`)));
    }
    expect(measurements.every(({ samples }) => samples.length === 1 && samples.every((value) => value > 0))).toBe(true);
    expect(planned).toBe(echoLatency.duration(run));
    expect(readdirSync('/dev/fd').length).toBe(before);
  });

  it('names the subjects whose server does not start', async () => {
    const { measurements, failures } = await echoLatency.run(context(noPrograms));
    expect(measurements).toEqual([]);
    expect(failures.map(({ scenario, subject }) => [scenario, subject])).toEqual(
      echoPeers(context()).map(({ subject }) => ['echo-latency', subject]),
    );
  });

  it('stops between two slices', async () => {
    const controller = new AbortController();
    let steps = 0;
    const step = () => {
      if (++steps === 2) controller.abort();
    };
    const { measurements } = await echoLatency.run(context({ signal: controller.signal, step }));
    expect([steps, measurements]).toEqual([2, []]);
  });
});

describe('chooseRate', () => {
  const rate = (...capacities: number[]) =>
    chooseRate('tcp', new Map(capacities.map((capacity, i) => [`server ${i}`, capacity])));

  it('leaves the slowest server half of its time, or more', () => {
    expect(rate(100_000, 19_000, 50_000)).toEqual({
      rate: 5000,
      note: 'tcp: 5,000 messages a second are 26 % of what the slowest server, server 1, took in a closed loop before.',
    });
  });

  it('is not above the highest nor below the lowest', () => {
    expect([rate(1e6).rate, rate(1).rate]).toEqual([10_000, 100]);
  });
});
