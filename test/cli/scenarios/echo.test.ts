import { describe, expect, it } from 'vitest';
import { echo } from '../../../lib/cli/scenarios/echo.ts';
import { usable } from './context.ts';
import { keepsThePromisesOfServers } from './with_servers.ts';

describe('echo', () => {
  it('goes by its name', () => {
    expect(echo.name).toBe('echo');
  });

  keepsThePromisesOfServers(echo, [...usable, 'node:net']);
});
