import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { idle } from '../../../lib/cli/scenarios/idle.ts';
import { compareRounds } from '../../../lib/cli/statistics.ts';
import { FdError, Socket } from '../../../lib/index.ts';
import { context, noPrograms, usable } from './context.ts';
import { openDescriptors } from './with_sizes.ts';

const subjects = [...usable, 'node:net'];
let directory: string;
let before: number;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fdpoll-'));
  vi.stubEnv('TMPDIR', directory);
  before = openDescriptors();
});

afterEach(() => {
  expect(openDescriptors()).toBe(before);
  expect(readdirSync(directory)).toEqual([]);
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

describe('idle', () => {
  it('measures every subject with every metric, and leaves nothing behind', { timeout: 60_000 }, async () => {
    let planned = 0;
    const step = (_: string, sliceMs: number) => {
      planned += sliceMs;
    };
    const run = context({ step });
    const { measurements, failures, notes } = await idle.run(run);
    expect(failures).toEqual([]);
    expect(measurements.map(({ subject, metric }) => [subject, metric.name])).toEqual(
      subjects.flatMap((subject) => idle.metrics.map(({ name }) => [subject, name])),
    );
    for (const { metric, samples } of measurements) {
      expect(samples).toHaveLength(1);
      if (metric.name === 'heap-per-connection') expect(samples[0]).toBeGreaterThan(0);
      if (metric.name === 'wake-ups-per-second') expect(samples[0]).toBeGreaterThanOrEqual(0);
    }
    expect(notes[0]).toContain('With few connections');
    expect(planned).toBe(idle.duration(run));
  });

  it('shrinks to what the limit of descriptors allows, and says so', { timeout: 60_000 }, async () => {
    const pair = Socket.pair;
    let opened = 0;
    vi.spyOn(Socket, 'pair').mockImplementation(() => {
      if (opened++ >= 100) throw new FdError('EMFILE', 'too many open files');
      return pair();
    });
    const { measurements, notes } = await idle.run(context({ backends: ['poll'] }));
    expect(measurements[0]?.parameters).toEqual({ connections: 110 });
    expect(notes).toContainEqual(expect.stringMatching(/^110 connections instead of 900: RLIMIT_NOFILE/));
  });

  it('names the subjects whose process does not start', async () => {
    const { measurements, failures } = await idle.run(context(noPrograms));
    expect(measurements).toEqual([]);
    expect(failures.map(({ scenario, subject }) => [scenario, subject])).toEqual(
      subjects.map((subject) => ['idle', subject]),
    );
  });

  it('stops between two slices, and ends the process that was started for the next one', async () => {
    const controller = new AbortController();
    let steps = 0;
    const step = () => {
      if (++steps === 2) controller.abort();
    };
    await idle.run(context({ signal: controller.signal, step }));
    expect(steps).toBe(2);
  });

  it('takes two that never woke up for alike', () => {
    expect(compareRounds([0, 0, 0, 0, 0], [0, 0, 0, 0, 0])).toEqual({ ratio: 1, low: 1, high: 1, verdict: 'same' });
  });
});
