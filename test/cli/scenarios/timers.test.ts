import { describe, expect, it } from 'vitest';
import { driversOf } from '../../../lib/cli/hostings.ts';
import { timers } from '../../../lib/cli/scenarios/timers.ts';
import { context, usable } from './context.ts';
import { keepsThePromises } from './turns.ts';

const drivers = usable.flatMap((backend) => driversOf(backend, ['loop'])).map(({ subject }) => subject);

describe('timers', () => {
  it('goes by its name', () => {
    expect(timers.name).toBe('timers');
  });

  keepsThePromises(timers, [...drivers, `${usable[0]}, wait(timeout)`, 'setTimeout']);

  it('tells of every time that is asked for how late its timers are, and none of ours is early', async () => {
    const [backend = 'poll'] = usable;
    const { measurements, notes } = await timers.run(context({ backends: [backend] }));
    const measured = measurements.filter(({ subject, metric }) => subject === backend && metric.name === 'lateness');
    const pairs = [0.1, 0.5, 1, 2, 5, 10, 50].flatMap((asked) =>
      [50, 99, 100].map((percentile) => ({ asked, percentile })),
    );
    expect(measured.map(({ parameters }) => parameters)).toEqual(pairs);
    const early = measurements.filter(({ subject, metric }) => subject === backend && metric.name === 'not-early');
    expect(early.map(({ samples }) => samples)).toEqual([[100]]);
    expect(notes).toContainEqual(expect.stringContaining('1 of 50 ms'));
  });
});
