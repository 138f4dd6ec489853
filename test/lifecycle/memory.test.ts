import { expect, it } from 'vitest';
import { describeEachBackend } from '../support/backends.ts';
import { runFixture } from '../support/children.ts';

const loops = [
  ['sockets', 100_000],
  ['registrations', 300_000],
  ['connections', 20_000],
  ['pipes', 50_000],
  ['waits', 500_000],
  ['errors', 50_000],
  ['pollers', 3_000],
] as const;

describeEachBackend('resident memory', (backend) => {
  it.each(
    loops,
  )('stays flat in a loop over %s that never returns to the event loop, %d rounds', async (what, count) => {
    // A small young generation: what grows then is what nobody frees.
    const flags = ['--max-semi-space-size=1'];
    const { code, stdout, stderr } = await runFixture('memory.mjs', [backend.name, what, String(count)], { flags });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { before, after } = JSON.parse(stdout) as { before: number; after: number };
    expect(after - before, `MB from ${before.toFixed(1)} to ${after.toFixed(1)}`).toBeLessThan(20);
  });
});
