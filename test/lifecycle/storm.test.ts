import { describe, expect, it } from 'vitest';
import { runFixture } from '../support/children.ts';

// FDPOLL_STORM=1000 for the storm in full, FDPOLL_STORM_SEED for another one.
const count = Number(process.env.FDPOLL_STORM ?? 60);
const seed = Number(process.env.FDPOLL_STORM_SEED ?? 1);
const patience = { timeout: 60_000 + count * 5000 };

describe('a storm of Workers that are terminated', () => {
  it(`leaves nothing behind: ${count}, in states and at moments that chance gives`, patience, async () => {
    const { code, signal, stdout, stderr } = await runFixture('storm.mjs', [String(count), String(seed)]);
    expect({ code, signal, stderr }, `seed ${seed}: ${stdout}`).toEqual({ code: 0, signal: null, stderr: '' });
    const { problems, opened, threads, memory } = JSON.parse(stdout);
    expect({ problems, opened, threads }, `seed ${seed}`).toEqual({ problems: [], opened: [], threads: 0 });
    // Sanitizers keep what was freed.
    const most = process.env.ASAN_OPTIONS === undefined ? 100 : 1000;
    expect(memory, `MB more, seed ${seed}`).toBeLessThan(most);
  });
});
