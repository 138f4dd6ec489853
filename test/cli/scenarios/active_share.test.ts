import { describe, expect, it } from 'vitest';
import { activeShare } from '../../../lib/cli/scenarios/active_share.ts';
import { keepsThePromisesOfSets } from './with_sizes.ts';

describe('active-share', () => {
  it('goes by its name', () => {
    expect(activeShare.name).toBe('active-share');
  });

  keepsThePromisesOfSets(
    activeShare,
    ({ parameters }) => `${parameters.active} of ${parameters.pairs}, ${parameters.percent} %`,
    (backend) => [
      ...['1 of 400, 0.25 %', '4 of 400, 1 %', '40 of 400, 10 %', '400 of 400, 100 %'],
      ...(backend === 'select'
        ? []
        : ['1 of 1000, 0.1 %', '10 of 1000, 1 %', '100 of 1000, 10 %', '1000 of 1000, 100 %']),
    ],
  );
});
