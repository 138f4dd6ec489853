import type { Context } from '../../../lib/cli/scenario.ts';
import { type BackendName, backends } from '../../../lib/index.ts';
import { built } from '../dist.ts';

export const usable: readonly BackendName[] = backends().flatMap(({ name, usable }) => (usable ? [name] : []));

/** The shortest run there is: one counted round. */
export function context(more: Partial<Context> = {}): Context {
  return {
    backends: usable,
    quick: true,
    rounds: 1,
    program: (name) => built(`cli/${name}.js`),
    signal: new AbortController().signal,
    step: () => {},
    ...more,
  };
}

/** Programs that end at once and say nothing. */
export const noPrograms: Pick<Context, 'program'> = { program: () => '/dev/null' };
