import { describe, expect, it } from 'vitest';
import { type Turns, takeTurns } from '../../lib/cli/rounds.ts';
import type { Metric } from '../../lib/cli/scenario.ts';

const first: Metric = { name: 'first', title: 'first', unit: '1', better: 'lower' };
const second: Metric = { name: 'second', title: 'second', unit: '1', better: 'higher' };

function turns(measure: Turns['measure'], more: Partial<Turns> = {}): Turns {
  return {
    scenario: 'test',
    subjects: ['a', 'b'],
    parameters: { n: 1 },
    metrics: [first],
    rounds: 2,
    sliceMs: 5,
    signal: new AbortController().signal,
    step: () => {},
    measure,
    ...more,
  };
}

describe('takeTurns', () => {
  it('measures the subjects in turn, after a warm-up round', async () => {
    const order: string[] = [];
    await takeTurns(turns((subject) => [order.push(subject)]));
    expect(order).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
  });

  it('does not count the warm-up', async () => {
    let turn = 0;
    const { measurements } = await takeTurns(turns(() => [turn++]));
    expect(measurements.map(({ subject, samples }) => [subject, samples])).toEqual([
      ['a', [2, 4]],
      ['b', [3, 5]],
    ]);
  });

  it('begins to count at once where there is nothing to warm up', async () => {
    let turn = 0;
    const { measurements } = await takeTurns(turns(() => [turn++], { warmUp: false }));
    expect(measurements.map(({ samples }) => samples)).toEqual([
      [0, 2],
      [1, 3],
    ]);
  });

  it('keeps the metrics of a sample apart', async () => {
    const { measurements } = await takeTurns(turns(() => [1, 2], { subjects: ['a'], metrics: [first, second] }));
    expect(measurements.map(({ metric, samples }) => [metric.name, samples])).toEqual([
      ['first', [1, 1]],
      ['second', [2, 2]],
    ]);
  });

  it('waits for one turn before the next begins', async () => {
    const order: string[] = [];
    const measure = async (subject: string) => {
      order.push(`${subject} begins`);
      await new Promise(setImmediate);
      return [order.push(`${subject} ends`)];
    };
    await takeTurns(turns(measure, { rounds: 0 }));
    expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });

  it('takes a promise that is rejected for a failure', async () => {
    const measure = (subject: string) => (subject === 'a' ? Promise.reject(new Error('gone')) : Promise.resolve([1]));
    const { measurements, failures } = await takeTurns(turns(measure));
    expect(failures).toEqual([{ scenario: 'test', subject: 'a', message: 'gone' }]);
    expect(measurements).toMatchObject([{ subject: 'b', samples: [1, 1] }]);
  });

  it('refuses a sample that lacks a metric', async () => {
    const lacking = turns(() => [1], { metrics: [first, second] });
    await expect(takeTurns(lacking)).rejects.toThrow('a sample of 1 values has no value 1');
  });

  it('leaves out a subject that fails, and goes on with the others', async () => {
    let turn = 0;
    const measure = (subject: string) => {
      turn++;
      if (subject === 'a' && turn > 2) throw new Error('broken');
      return [turn];
    };
    const { measurements, failures } = await takeTurns(turns(measure));
    expect(failures).toEqual([{ scenario: 'test', subject: 'a', message: 'broken' }]);
    expect(measurements.map(({ subject }) => subject)).toEqual(['b']);
    expect(turn).toBe(5);
  });

  it('says what comes next', async () => {
    const steps: [string, number][] = [];
    await takeTurns(turns(() => [1], { subjects: ['a'], step: (...step) => steps.push(step) }));
    expect(steps).toEqual([
      ['a warm-up', 5],
      ['a round 1/2', 5],
      ['a round 2/2', 5],
    ]);
  });

  it('keeps finished rounds when it is aborted', async () => {
    const controller = new AbortController();
    let turn = 0;
    const measure = () => {
      if (++turn === 3) controller.abort();
      return [turn];
    };
    const { measurements, failures } = await takeTurns(turns(measure, { signal: controller.signal }));
    expect(measurements.map(({ subject, samples }) => [subject, samples])).toEqual([['a', [3]]]);
    expect(failures).toEqual([]);
  });

  it('hears what happens in the event loop while it runs', async () => {
    const controller = new AbortController();
    let turn = 0;
    setTimeout(() => controller.abort(), 1);
    const spin = (end: number) => {
      while (performance.now() < end);
    };
    await takeTurns(
      turns(
        () => {
          spin(performance.now() + 2);
          return [++turn];
        },
        { rounds: 1000, signal: controller.signal },
      ),
    );
    expect(turn).toBeLessThan(100);
  });
});
