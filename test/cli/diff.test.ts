import { describe, expect, it } from 'vitest';
import { type Change, type Diff, diffResults } from '../../lib/cli/diff.ts';
import type { Result, Results } from '../../lib/cli/results.ts';
import type { Metric } from '../../lib/cli/scenario.ts';
import { simulate } from './runs.ts';
import { measured, resultsOf, time } from './samples.ts';

const threshold = 0.1;
const memory: Metric = { name: 'memory', title: 'memory', unit: 'B', better: 'lower' };

function count({ comparisons }: Diff, change: Change): number {
  return comparisons.filter((comparison) => comparison.change === change).length;
}

describe('diffResults of two runs of the same', () => {
  it.each([
    ['a quiet machine', { noise: 0.01, drift: 0.01 }],
    ['a machine that others use', { noise: 0.05, drift: 0.1 }],
    ['a machine that is half as fast for a while', { noise: 0.03, drift: 0.5 }],
    ['a machine that is all noise', { noise: 0.3, drift: 0.3 }],
  ])('tells no change on %s', (_, noise) => {
    let told = 0;
    for (let seed = 0; seed < 40; seed += 2) {
      const diff = diffResults(simulate({ seed, ...noise }), simulate({ seed: seed + 1, machine: 1.3, ...noise }), {
        threshold,
      });
      if (count(diff, 'worse') + count(diff, 'better') > 0) told++;
    }
    expect(told).toBeLessThanOrEqual(1);
  });

  it('is sure of that where it is quiet, and not where it is all noise', () => {
    const pair = (noise: number) =>
      diffResults(simulate({ seed: 1, noise }), simulate({ seed: 2, noise, machine: 1.3 }), { threshold });
    const [quiet, loud] = [pair(0.01), pair(0.3)];
    expect(count(quiet, 'same')).toBeGreaterThan(0.9 * quiet.comparisons.length);
    expect(count(loud, 'noisy')).toBeGreaterThan(0.9 * loud.comparisons.length);
  });

  it('says what the machine was slower by', () => {
    const { machine } = diffResults(simulate({ seed: 1 }), simulate({ seed: 2, machine: 1.5 }), { threshold });
    expect(machine.ratio).toBeGreaterThan(1.4);
    expect(machine.ratio).toBeLessThan(1.6);
    expect(machine).toMatchObject({ figures: 60, adjusted: true, scenarios: { test: machine.ratio } });
  });

  it('tells no change of those who took turns with nobody, when the machine was as fast in none of its windows', () => {
    const alone = (seed: number): Results => {
      const run = simulate({ seed, noise: 0.01, drift: 0.3, sizes: 30 });
      const isAlone = ({ parameters, subject }: Result) => Number(parameters.pairs) > 150 && subject !== 'epoll';
      return { ...run, results: run.results.filter((result) => !isAlone(result)) };
    };
    let told = 0;
    for (let seed = 0; seed < 40; seed += 2) {
      const diff = diffResults(alone(seed), alone(seed + 1), { threshold });
      if (count(diff, 'worse') + count(diff, 'better') > 0) told++;
    }
    expect(told).toBeLessThanOrEqual(1);
  });

  it('does not judge what jumps by itself', () => {
    const [before, after] = [simulate({ seed: 1 }), simulate({ seed: 2, cost: () => 3 })];
    const unsteady = (results: Results): Results => ({
      ...results,
      scenarios: results.scenarios.map((scenario) => ({
        ...scenario,
        metrics: scenario.metrics.map((metric) => ({ ...metric, unsteady: true })),
      })),
    });
    const diff = diffResults(unsteady(before), unsteady(after), { threshold, absolute: true });
    expect(count(diff, 'noisy')).toBe(diff.comparisons.length);
    expect(diff.comparisons[0]?.measured).toBeGreaterThan(2);
    expect(count(diffResults(before, after, { threshold, absolute: true }), 'worse')).toBeGreaterThan(0);
  });

  it('finds nothing at all in a file and itself', () => {
    const results = simulate({ seed: 1 });
    const diff = diffResults(results, results, { threshold });
    expect(count(diff, 'worse') + count(diff, 'better')).toBe(0);
    expect(diff).toMatchObject({ onlyBefore: [], onlyAfter: [], environment: [], machine: { ratio: 1 } });
  });
});

describe('diffResults of what truly changed', () => {
  const slower = (subject: string) => (subject === 'epoll' ? 1.3 : 1);

  it('finds one that is slower by 30 %, on a machine that is slower, too, and nothing else', () => {
    for (let seed = 0; seed < 20; seed += 2) {
      const after = simulate({ seed: seed + 1, rounds: 11, machine: 1.2, cost: slower });
      const diff = diffResults(simulate({ seed, rounds: 11 }), after, { threshold });
      const worse = diff.comparisons.filter(({ change }) => change === 'worse');
      expect(new Set(worse.map(({ subject }) => subject))).toEqual(new Set(['epoll']));
      expect(worse.length).toBeGreaterThan(10);
      expect(count(diff, 'better')).toBe(0);
    }
  });

  it('finds the one that is faster', () => {
    const diff = diffResults(simulate({ seed: 1, cost: slower }), simulate({ seed: 2 }), { threshold });
    expect(count(diff, 'worse')).toBe(0);
    expect(count(diff, 'better')).toBeGreaterThan(10);
  });

  it('says by how much, for times and for rates alike', () => {
    const after = simulate({ seed: 2, machine: 1.2, noise: 0.01, cost: slower });
    const diff = diffResults(simulate({ seed: 1, noise: 0.01, drift: 0 }), after, { threshold });
    for (const { ratio, measured: raw, low, high } of diff.comparisons.filter(({ change }) => change === 'worse')) {
      expect(ratio).toBeCloseTo(1.3, 0);
      expect(raw).toBeGreaterThan(ratio ?? 0);
      expect(low).toBeLessThan(ratio ?? 0);
      expect(high).toBeGreaterThan(ratio ?? 0);
    }
  });

  it('does not tell what is less than the threshold', () => {
    const diff = diffResults(simulate({ seed: 1 }), simulate({ seed: 2, cost: slower }), { threshold: 0.5 });
    expect(count(diff, 'worse')).toBe(0);
  });

  it('takes a change of all for the machine, unless it is told that this was as fast', () => {
    const [before, after] = [simulate({ seed: 1, drift: 0 }), simulate({ seed: 2, drift: 0, cost: () => 1.5 })];
    expect(count(diffResults(before, after, { threshold }), 'worse')).toBe(0);
    const absolute = diffResults(before, after, { threshold, absolute: true });
    expect(count(absolute, 'worse')).toBe(absolute.comparisons.length);
    expect(absolute.machine).toMatchObject({ adjusted: false });
  });
});

describe('diffResults', () => {
  const steady = (value: number) => [value, value, value, value, value];
  const environment = resultsOf([]).environment;

  it('takes a few figures as they are', () => {
    const diff = diffResults(
      resultsOf([measured('epoll', time, steady(1))]),
      resultsOf([measured('epoll', time, steady(2))]),
      { threshold },
    );
    expect(diff.comparisons).toMatchObject([{ change: 'worse', before: 1, after: 2, measured: 2, ratio: 2 }]);
    expect(diff.machine.adjusted).toBe(false);
  });

  it('tells nothing after few rounds, however large it looks', () => {
    const [before, after] = [[1, 1, 1, 1], [9]].map((samples) => resultsOf([measured('epoll', time, samples)]));
    if (!before || !after) throw new Error('there are two');
    const [comparison] = diffResults(before, after, { threshold }).comparisons;
    expect(comparison).toMatchObject({ change: 'noisy', before: 1, after: 9 });
    expect(JSON.parse(JSON.stringify(comparison))).toEqual(comparison);
  });

  it('takes no part of a speed out of what is none', () => {
    const [before, after] = [1, 2].map((seed) => {
      const { results, ...rest } = simulate({ seed, machine: seed });
      return { ...rest, results: [...results, ...resultsOf([measured('epoll', memory, steady(100))]).results] };
    });
    if (!before || !after) throw new Error('there are two');
    const { comparisons } = diffResults(before, after, { threshold });
    expect(comparisons.find(({ metric }) => metric === 'memory')).toMatchObject({ ratio: 1, change: 'same' });
  });

  it('makes no ratio of nothing', () => {
    const [before, after] = [0, 5].map((value) => resultsOf([measured('epoll', memory, steady(value))]));
    if (!before || !after) throw new Error('there are two');
    const [comparison] = diffResults(before, after, { threshold }).comparisons;
    expect(comparison).toMatchObject({ change: 'noisy', before: 0, after: 5 });
    expect(comparison).not.toHaveProperty('ratio');
  });

  it('lists what is in one of them alone; the order of parameters is no difference', () => {
    const before = resultsOf([measured('a', time, steady(1), { x: 1, y: 2 }), measured('b', time, steady(1))]);
    const after = resultsOf([measured('a', time, steady(1), { y: 2, x: 1 }), measured('c', time, steady(1))]);
    const { comparisons, onlyBefore, onlyAfter } = diffResults(before, after, { threshold });
    expect([comparisons, onlyBefore, onlyAfter].map((all) => all.map(({ subject }) => subject))).toEqual([
      ['a'],
      ['b'],
      ['c'],
    ]);
  });

  it('names what differs between the machines', () => {
    const other = {
      ...environment,
      date: '2027-01-01',
      fdpoll: '1.3.0',
      kernel: 'Linux 6.2.0',
      cpu: { ...environment.cpu, available: 8 },
      backends: environment.backends.slice(1),
    };
    const { environment: differences } = diffResults(resultsOf([]), resultsOf([], { environment: other }), {
      threshold,
    });
    expect(differences.map(({ what, before, after }) => [what, before, after])).toEqual([
      ['fdpoll', '1.2.3', '1.3.0'],
      ['kernel', 'Linux 6.1.0 x86_64', 'Linux 6.2.0 x86_64'],
      ['cpu', '2 of 8 × Some CPU', '8 of 8 × Some CPU'],
      ['backends', 'epoll', ''],
    ]);
  });
});
