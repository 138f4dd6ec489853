import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runFixture } from './support/children.ts';
import { type Bundle, bundleProgram, missing } from './support/programs.ts';
import { runtimeCommand } from './support/runtimes.ts';

// Processes with numbers of their own, among them the one that the program names, and an /etc of its own.
const namespace = [
  'unshare',
  '--pid',
  '--fork',
  '--mount-proc',
  'sh',
  '-c',
  'mount -t tmpfs none /etc && exec "$@"',
  'sh',
];
const possible = spawnSync(namespace[0] as string, [...namespace.slice(1), 'true']).status === 0;

describe.skipIf(missing !== '')(`the program graceful.ts, as it stands${missing}`, () => {
  let program: Bundle;
  beforeAll(async () => {
    program = await bundleProgram('graceful.ts', { after: `function reload() { console.log('reload'); }` });
  });
  afterAll(() => program.remove());

  it('ticks, reloads, hears of a process, and ends when it is told to', async () => {
    if (!possible) {
      // Only root may make the process of that number.
      const { code, stderr } = await runFixture(program.fixture);
      expect(code).not.toBe(0);
      expect(stderr).toContain('pidfd_open ESRCH');
      return;
    }
    const { stdout, ...ended } = await runFixture('graceful.mjs', [...runtimeCommand(), program.path], {
      within: namespace,
      env: { NODE_EXTRA_CA_CERTS: '' },
    });
    expect(ended).toEqual({ code: 0, signal: null, stderr: '' });
    const { lines, ...its } = JSON.parse(stdout) as { lines: string[]; code: number | null; signal: string | null };
    expect(its).toEqual({ code: 0, signal: null });
    expect(lines.slice(0, 3)).toEqual(['missed 0', 'reload', 'reload']);
    // How it ended is its parent's to know, and that of new kernels when the parent knows it.
    expect(lines[3]).toMatch(/^exit (3|undefined) undefined$/);
    expect(lines.length).toBe(4);
  });
});
