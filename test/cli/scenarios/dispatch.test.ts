import { describe, expect, it } from 'vitest';
import { dispatch } from '../../../lib/cli/scenarios/dispatch.ts';
import { backends } from '../../../lib/index.ts';
import { keepsThePromisesOfSets } from './with_sizes.ts';

const SIZES = [10, 100, 300, 1000, 4000];

function modesOf(backend: string): string[] {
  const capabilities = backends().find(({ name }) => name === backend)?.capabilities;
  return ['level', ...(capabilities?.edge ? ['edge'] : []), ...(capabilities?.oneshot ? ['oneshot'] : [])];
}

describe('dispatch', () => {
  it('goes by its name', () => {
    expect(dispatch.name).toBe('dispatch');
  });

  keepsThePromisesOfSets(
    dispatch,
    ({ parameters }) => `${parameters.mode} ${parameters.pairs}`,
    (backend) =>
      modesOf(backend).flatMap((mode) =>
        SIZES.filter((n) => backend !== 'select' || n < 1000).map((n) => `${mode} ${n}`),
      ),
  );
});
