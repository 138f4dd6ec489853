import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Load } from '../../../lib/cli/load/load.ts';
import { pair } from '../../support/sockets.ts';
import { startServer } from './peers.ts';

describe('Load', () => {
  it('does what it is asked for, and closes what it has', async () => {
    const { addresses } = await startServer('poll', ['tcp']);
    const [, control] = pair();
    const before = readdirSync('/dev/fd').length;
    const load = new Load(control);
    const target = { transport: 'tcp', address: addresses.tcp ?? '', connections: 2, bytes: 8 } as const;
    for (const open of ['a', 'b']) expect(load.answer({ open, target })).toEqual({});
    expect(load.answer({ closed: 'a', ms: 5 })).toMatchObject({ messages: expect.any(Number) });
    expect(load.answer({ fixed: 'b', ms: 20, rate: 100 })).toMatchObject({ messages: 2, lost: 0 });
    expect(load.answer({ close: 'a' })).toEqual({});
    expect(() => load.answer({ closed: 'a', ms: 5 })).toThrow('there is no connection to a');
    load.close();
    expect(readdirSync('/dev/fd').length).toBe(before);
  });

  it('closes twice what it never had', () => {
    const load = new Load(pair()[0]);
    expect(load.answer({ close: 'nothing' })).toEqual({});
    load.close();
    load.close();
  });
});
