import { describe, expect, it } from 'vitest';
import { dispatchChanges } from '../../../lib/cli/scenarios/dispatch_changes.ts';
import { keepsThePromisesOfSets } from './with_sizes.ts';

const SIZES = [10, 100, 1000, 4000];

describe('dispatch-changes', () => {
  it('goes by its name', () => {
    expect(dispatchChanges.name).toBe('dispatch-changes');
  });

  keepsThePromisesOfSets(
    dispatchChanges,
    ({ parameters }) => `${parameters.changes} ${parameters.pairs}`,
    (backend) =>
      ['delete-add', 'modify'].flatMap((change) =>
        SIZES.filter((n) => backend !== 'select' || n < 1000).map((n) => `${change} ${n}`),
      ),
  );
});
