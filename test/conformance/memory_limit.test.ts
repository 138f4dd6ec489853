import { describe, expect, it } from 'vitest';
import { runFixture } from '../support/children.ts';
import { runtime } from '../support/runtimes.ts';

if (process.platform !== 'linux' || runtime !== 'node') {
  it('is tried where a process of Node can be limited from outside', () =>
    expect([process.platform, runtime]).not.toEqual(['linux', 'node']));
} else {
  describe('out of memory', () => {
    it('a poller of a million events is ENOMEM, and the process goes on', async () => {
      const { stdout, code, stderr } = await runFixture('memory_limit.mjs');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const { without, afterwards } = JSON.parse(stdout) as { without: string[]; afterwards: string[] };
      // What libraries have given back may do for some of them, and of the others V8 may be the one that gets none.
      expect(['malloc ENOMEM', 'RangeError', 'opened']).toEqual(expect.arrayContaining(without));
      expect(without).toContain('malloc ENOMEM');
      expect(new Set(afterwards)).toEqual(new Set(['opened']));
    });
  });
}
