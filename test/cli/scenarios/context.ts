import type { Context } from '../../../lib/cli/scenario.ts';
import { type BackendName, backends } from '../../../lib/index.ts';

export const usable: readonly BackendName[] = backends().flatMap(({ name, usable }) => (usable ? [name] : []));

/** The shortest run there is: one counted round. */
export function context(more: Partial<Context> = {}): Context {
  return {
    backends: usable,
    quick: true,
    rounds: 1,
    // A script that ends at once and says nothing.
    serverPath: '/dev/null',
    signal: new AbortController().signal,
    step: () => {},
    ...more,
  };
}
