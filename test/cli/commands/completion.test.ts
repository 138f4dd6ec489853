import { describe, expect, it } from 'vitest';
import { runArguments } from '../../../lib/cli/arguments.ts';
import { scripts } from '../../../lib/cli/completion.ts';
import { testHost } from '../host.ts';

async function run(...argv: string[]) {
  const host = testHost();
  const status = await runArguments(argv, host);
  return { status, out: host.out(), err: host.err() };
}

describe('fdpoll completion', () => {
  it.each(['bash', 'zsh', 'fish'] as const)('prints the script for %s', async (shell) => {
    expect(await run('completion', shell)).toEqual({ status: 0, out: scripts[shell], err: '' });
  });

  it('refuses other shells, and says which there are', async () => {
    const { status, out, err } = await run('completion', 'ksh');
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toContain('Allowed choices are bash, zsh, fish.');
  });
});

describe('fdpoll complete', () => {
  it('takes words that look like options, an empty one and nonsense', async () => {
    expect(await run('complete', '--', 'compare', '--qu')).toEqual({ status: 0, out: '--quick\n', err: '' });
    expect((await run('complete', '--', '')).out).toContain('compare\n');
    expect(await run('complete', '--', 'nonsense', '-x')).toEqual({ status: 0, out: '', err: '' });
  });

  it('is for scripts, not in the help', async () => {
    expect((await run('--help')).out).not.toMatch(/^ {2}complete /m);
  });
});
