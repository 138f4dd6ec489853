import { describe, expect, it } from 'vitest';
import type { Metric } from '../../lib/cli/scenario.ts';
import { sortByVariant, takeVariantTurns, type VariantTurns } from '../../lib/cli/variants.ts';

const metric: Metric = { name: 'time', title: 'time', unit: 'µs', better: 'lower' };

function turns(measure: VariantTurns['measure'], more: Partial<VariantTurns> = {}): VariantTurns {
  return {
    scenario: 'test',
    subjects: ['a', 'b'],
    parameter: 'mode',
    variants: ['x', 'y'],
    parameters: { n: 1 },
    metrics: [metric],
    rounds: 2,
    signal: new AbortController().signal,
    sliceMs: 1,
    step: () => {},
    measure,
    ...more,
  };
}

describe('takeVariantTurns', () => {
  it('takes all variants of all subjects in one round', async () => {
    const seen: string[] = [];
    const measure = (subject: string, variant: string) => {
      seen.push(subject + variant);
      return [1];
    };
    await takeVariantTurns(turns(measure, { rounds: 1 }));
    expect(seen.join(' ')).toBe('ax bx ay by ax bx ay by');
  });

  it('gives each variant as a parameter of its subject', async () => {
    const { measurements } = await takeVariantTurns(turns((subject) => [subject === 'a' ? 1 : 2]));
    expect(measurements.map(({ subject, parameters, samples }) => [subject, parameters, samples])).toEqual([
      ['a', { mode: 'x', n: 1 }, [1, 1]],
      ['b', { mode: 'x', n: 1 }, [2, 2]],
      ['a', { mode: 'y', n: 1 }, [1, 1]],
      ['b', { mode: 'y', n: 1 }, [2, 2]],
    ]);
  });

  it('leaves out what a subject does not have', async () => {
    const has = (subject: string, variant: string) => subject === 'a' || variant === 'x';
    const { measurements } = await takeVariantTurns(turns(() => [1], { has }));
    expect(measurements.map(({ subject, parameters }) => subject + parameters.mode)).toEqual(['ax', 'bx', 'ay']);
  });

  it('names the variant that fails, and goes on with the others', async () => {
    const measure = (subject: string, variant: string) => {
      if (subject === 'a' && variant === 'y') throw new Error('no luck');
      return [1];
    };
    const { measurements, failures } = await takeVariantTurns(turns(measure));
    expect(failures).toEqual([{ scenario: 'test', subject: 'a', message: 'mode y: no luck' }]);
    expect(measurements.map(({ subject, parameters }) => subject + parameters.mode)).toEqual(['ax', 'bx', 'by']);
  });
});

describe('sortByVariant', () => {
  it('puts all of one variant after the other, and keeps the order within', () => {
    const measured = ['y1', 'x1', 'y2', 'x2'].map((name) => {
      return { scenario: 'test', subject: name, parameters: { mode: name[0] ?? '' }, metric, samples: [1] };
    });
    expect(sortByVariant(measured, 'mode', ['x', 'y']).map(({ subject }) => subject)).toEqual(['x1', 'x2', 'y1', 'y2']);
  });
});
