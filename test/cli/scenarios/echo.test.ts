import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { echo } from '../../../lib/cli/scenarios/echo.ts';
import { echoPeers, serving } from '../../../lib/cli/scenarios/echo_peers.ts';
import { context, noPrograms } from './context.ts';

const peers = echoPeers(context());
const groups = [
  ['tcp', 1],
  ['tcp', 64],
  ['tcp', 512],
  ['unix', 64],
  ['udp', 64],
] as const;

const left = () => [
  readdirSync('/dev/fd').length,
  readdirSync(tmpdir()).filter((name) => name.startsWith('fdpoll-echo-')).length,
];

describe('echo', () => {
  it('measures every subject with every metric over each transport, and leaves nothing behind', {
    timeout: 60_000,
  }, async () => {
    const before = left();
    let planned = 0;
    const step = (_: string, sliceMs: number) => {
      planned += sliceMs;
    };
    const run = context({ step });
    const { measurements, failures, notes } = await echo.run(run);
    expect([failures, notes]).toEqual([[], []]);
    expect(
      measurements.map(({ subject, metric, parameters }) => [
        parameters.transport,
        parameters.connections,
        subject,
        metric.name,
      ]),
    ).toEqual(
      groups.flatMap(([transport, connections]) =>
        serving(peers, transport).flatMap(({ subject }) =>
          echo.metrics.map(({ name }) => [transport, connections, subject, name]),
        ),
      ),
    );
    expect(measurements.every(({ samples }) => samples.length === 1 && samples.every((value) => value > 0))).toBe(true);
    expect(planned).toBe(echo.duration(run));
    expect(left()).toEqual(before);
  });

  it('names the subjects whose server does not start', async () => {
    const before = left();
    const { measurements, failures } = await echo.run(context(noPrograms));
    expect(left()).toEqual(before);
    expect(measurements).toEqual([]);
    expect(failures.map(({ scenario, subject }) => [scenario, subject])).toEqual(
      peers.map(({ subject }) => ['echo', subject]),
    );
  });

  it('stops between two slices', async () => {
    const before = left();
    const controller = new AbortController();
    let steps = 0;
    const step = () => {
      if (++steps === 3) controller.abort();
    };
    await echo.run(context({ signal: controller.signal, step }));
    expect(steps).toBe(3);
    expect(left()).toEqual(before);
  });
});
