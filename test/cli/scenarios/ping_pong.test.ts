import { describe, expect, it } from 'vitest';
import { pingPong } from '../../../lib/cli/scenarios/ping_pong.ts';
import { usable } from './context.ts';
import { keepsThePromisesOfServers } from './with_servers.ts';

describe('ping-pong', () => {
  it('goes by its name', () => {
    expect(pingPong.name).toBe('ping-pong');
  });

  keepsThePromisesOfServers(pingPong, usable);
});
