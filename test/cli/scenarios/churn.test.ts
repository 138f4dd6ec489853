import { describe, expect, it } from 'vitest';
import { churn } from '../../../lib/cli/scenarios/churn.ts';
import { keepsThePromisesOfSets } from './with_sizes.ts';

const SIZES = [10, 300, 1000, 10_000];

describe('churn', () => {
  it('goes by its name', () => {
    expect(churn.name).toBe('churn');
  });

  keepsThePromisesOfSets(
    churn,
    ({ parameters }) => `${parameters.cycle} ${parameters.registered}`,
    (backend) =>
      ['add-delete', 'add-modify-delete'].flatMap((cycle) =>
        SIZES.filter((n) => backend !== 'select' || n < 1000).map((n) => `${cycle} ${n}`),
      ),
  );
});
