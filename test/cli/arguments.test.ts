import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../lib/cli/arguments.ts';
import packageJson from '../../package.json' with { type: 'json' };

function parse(...argv: string[]) {
  let out = '';
  let err = '';
  const parsed = parseArguments(argv, ['dispatch', 'echo'], {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { parsed, out, err };
}

describe('parseArguments', () => {
  it('compares everything by default', () => {
    expect(parse('compare').parsed).toEqual({ compare: { quick: false } });
  });

  it('reads every option', () => {
    const argv = '--quick --backend epoll poll --scenario echo --rounds 3 --json out.json'.split(' ');
    expect(parse('compare', ...argv).parsed).toEqual({
      compare: { quick: true, backends: ['epoll', 'poll'], scenarios: ['echo'], rounds: 3, json: 'out.json' },
    });
  });

  it('takes a repeated option as a list, and what is there twice once', () => {
    const argv = '--backend epoll --backend poll --backend epoll'.split(' ');
    expect(parse('compare', ...argv).parsed).toEqual({ compare: { quick: false, backends: ['epoll', 'poll'] } });
  });

  it('takes - for standard output', () => {
    expect(parse('compare', '--json', '-').parsed).toEqual({ compare: { quick: false, json: '-' } });
  });

  it('prints the version', () => {
    const { parsed, out, err } = parse('--version');
    expect({ parsed, err }).toEqual({ parsed: { status: 0 }, err: '' });
    expect(out.split('\n')[0]).toBe(`fdpoll ${packageJson.version}`);
  });

  it.each([[['--help']], [['compare', '--help']]])('prints help with examples for %j', (argv) => {
    const { parsed, out, err } = parse(...argv);
    expect(parsed).toEqual({ status: 0 });
    expect(out).toContain('Examples:');
    expect(err).toBe('');
  });

  it('prints help and fails without a command', () => {
    const { parsed, out, err } = parse();
    expect(parsed).toEqual({ status: 2 });
    expect(out).toBe('');
    expect(err).toContain('Usage: fdpoll');
  });

  it.each([
    [['contrast'], "unknown command 'contrast'"],
    [['compare', '--fast'], "unknown option '--fast'"],
    [['compare', 'epoll'], 'too many arguments'],
    [['compare', '--backend'], 'argument missing'],
    [['compare', '--scenario', 'ping'], "argument 'ping' is invalid"],
    [['compare', '--rounds', 'many'], "argument 'many' is invalid"],
    [['compare', '--rounds', '0'], "argument '0' is invalid"],
    [['compare', '--rounds', '-1'], "argument '-1' is invalid"],
    [['compare', '--rounds', '1.5'], "argument '1.5' is invalid"],
    [['compare', '--rounds', '1e9'], "argument '1e9' is invalid"],
    [['compare', '--rounds', '100000'], "argument '100000' is invalid"],
  ])('refuses %j on standard error', (argv, message) => {
    const { parsed, out, err } = parse(...argv);
    expect(parsed).toEqual({ status: 2 });
    expect(out).toBe('');
    expect(err).toContain(message);
  });
});
