import { describe, expect, it } from 'vitest';
import { accept } from '../../../lib/cli/scenarios/accept.ts';
import { backends } from '../../../lib/index.ts';
import { leavesNothingBehind } from '../left_behind.ts';
import { context, noPrograms, usable } from './context.ts';
import { keepsThePromises } from './turns.ts';

const exclusive = backends().flatMap(({ name, capabilities }) => (capabilities.exclusive ? [name] : []));
const subjects = usable.flatMap((backend) => [
  `${backend}, shared`,
  ...(exclusive.includes(backend) ? [`${backend}, exclusive`] : []),
  `${backend}, reuseport`,
]);

describe('accept', () => {
  it('goes by its name', () => {
    expect(accept.name).toBe('accept');
  });

  keepsThePromises(accept, subjects);

  it('has figures that can be, with one client and with many', async () => {
    const [backend = 'poll'] = usable;
    const { measurements } = await accept.run(context({ backends: [backend] }));
    expect(new Set(measurements.map(({ parameters }) => parameters.clients))).toEqual(new Set([1, 16]));
    for (const { metric, samples } of measurements) {
      const [value = 0] = samples;
      if (metric.name === 'wake-ups-per-connection') expect(value).toBeGreaterThanOrEqual(1);
      if (metric.name === 'busiest-share') expect(value).toBeGreaterThanOrEqual(25);
      if (metric.name === 'fairness') expect([value >= 0.25, value <= 1]).toEqual([true, true]);
    }
  });

  it('says which backends have no exclusive wake-ups', async () => {
    const { notes } = await accept.run(context({ signal: AbortSignal.abort() }));
    expect(notes).toEqual(
      usable.filter((backend) => !exclusive.includes(backend)).map((backend) => `${backend} has no exclusive wake-ups`),
    );
  });

  it('names every subject when the clients do not start', async () => {
    await leavesNothingBehind(async () => {
      const { measurements, failures } = await accept.run(context(noPrograms));
      expect(measurements).toEqual([]);
      expect(failures.map(({ subject }) => subject)).toEqual(subjects);
    });
  });

  it('names every subject when the Workers do not start', async () => {
    const [backend = 'poll'] = usable;
    await leavesNothingBehind(async () => {
      const run = context({ backends: [backend] });
      const program = (name: string) => (name === 'accept_worker' ? '/dev/null' : run.program(name));
      const { measurements, failures } = await accept.run({ ...run, program });
      expect(measurements).toEqual([]);
      const its = subjects.filter((subject) => subject.startsWith(backend));
      expect(failures.map(({ subject, message }) => [subject, message])).toEqual(
        its.map((subject) => [subject, 'a Worker has ended']),
      );
    });
  });
});
