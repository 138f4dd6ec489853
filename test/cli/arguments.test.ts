import { describe, expect, it } from 'vitest';
import { commands, runArguments } from '../../lib/cli/arguments.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { testHost } from './host.ts';

async function run(...argv: string[]) {
  const host = testHost();
  const status = await runArguments(argv, host);
  return { status, out: host.out(), err: host.err() };
}

describe('runArguments', () => {
  it('prints the version', async () => {
    const { status, out, err } = await run('--version');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out.split('\n')[0]).toBe(`fdpoll ${packageJson.version}`);
  });

  it.each([
    [['--help']],
    [['help']],
    [['compare', '--help']],
    [['help', 'run']],
  ])('prints help with examples for %j', async (argv) => {
    const { status, out, err } = await run(...argv);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toContain('Examples:\n');
  });

  it('lists every command in its help, and says what the exit statuses mean', async () => {
    const { out } = await run('--help');
    expect(out.match(/^ {2}\w+ .* {2}\w/gm)?.length).toBeGreaterThan(commands.length);
    for (const status of [0, 1, 2, 129, 130, 141, 143]) expect(out).toMatch(new RegExp(`^ .*\\b${status}\\b`, 'm'));
  });

  it('gives every command a help of its own, with examples', async () => {
    const { out } = await run('--help');
    const names = [...(out.split('Commands:')[1] ?? '').matchAll(/^ {2}(\w+)/gm)].flatMap(([, name = '']) => name);
    for (const name of names.filter((its) => its !== 'help' && its !== 'fdpoll')) {
      const help = await run(name, '--help');
      expect(help).toMatchObject({ status: 0, err: '' });
      expect(help.out).toContain('Examples:\n');
    }
  });

  it('prints its help on standard error without a command, and fails', async () => {
    const { status, out, err } = await run();
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toContain('Usage: fdpoll');
  });

  it.each([
    [['contrast'], "unknown command 'contrast'"],
    [['compair'], 'Did you mean compare?'],
    [['compare', '--fast'], "unknown option '--fast'"],
    [['compare', '--quik'], 'Did you mean --quick?'],
    [['compare', 'epoll'], 'too many arguments'],
    [['help', 'contrast'], ''],
  ])('refuses %j on standard error, with status 2', async (argv, message) => {
    const { status, out, err } = await run(...argv);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toContain(message);
  });
});
