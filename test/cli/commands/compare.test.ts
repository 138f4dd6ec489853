import { describe, expect, it } from 'vitest';
import { runArguments } from '../../../lib/cli/arguments.ts';
import { parseResults } from '../../../lib/cli/results.ts';
import { scenarios } from '../../../lib/cli/scenarios/index.ts';
import { testHost } from '../host.ts';

async function run(...argv: string[]) {
  // Interrupted before it begins: what is asked for is all that there is to see.
  const host = testHost({ signal: AbortSignal.abort({ status: 130, message: '' }) });
  const status = await runArguments(argv, host);
  return { status, out: host.out(), err: host.err() };
}

/** What the file of results says was run. */
async function commandOf(...argv: string[]): Promise<string> {
  const { status, out } = await run(...argv, '--json', '-');
  expect(status).toBe(130);
  return parseResults(out, 'standard output').command;
}

describe('fdpoll compare', () => {
  it('compares everything by default', async () => {
    expect(await commandOf('compare')).toBe('fdpoll compare');
  });

  it('reads every option, short or long, and keeps what repeats the run', async () => {
    const typed = 'fdpoll compare --scenario echo --quick --backend poll --rounds 3';
    expect(await commandOf(...typed.split(' ').slice(1))).toBe(typed);
    expect(await commandOf('compare', '-q', '-b', 'poll', '-s', 'echo', '-r', '3')).toBe(typed);
  });

  it('takes a repeated option as a list, and what is there twice once', async () => {
    const list = ['--scenario', 'echo', 'dispatch', '--scenario', 'echo'];
    expect(await commandOf('compare', ...list)).toBe('fdpoll compare --scenario echo --scenario dispatch');
    expect(await commandOf('compare', '--backend', 'poll', '--backend', 'poll')).toBe('fdpoll compare --backend poll');
  });

  it.each([
    [['--backend'], 'argument missing'],
    [['--scenario', 'eco'], "argument 'eco' is invalid. Did you mean echo?"],
    [['--rounds', 'many'], "argument 'many' is invalid. It must be a whole number from 1 to 1000."],
    [['--rounds', '0'], "argument '0' is invalid"],
    [['--rounds', '-1'], "argument '-1' is invalid"],
    [['--rounds', '1.5'], "argument '1.5' is invalid"],
    [['--rounds', '1e9'], "argument '1e9' is invalid"],
    [['--rounds', '100000'], "argument '100000' is invalid"],
    [['--backend', 'epol'], "no usable backend 'epol'"],
  ])('refuses %j', async (argv, message) => {
    const { status, out, err } = await run('compare', ...argv);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toContain(message);
  });
});

describe('fdpoll run', () => {
  it('takes the scenarios by themselves', async () => {
    expect(await commandOf('run', 'ping-pong', 'echo', '--quick')).toBe('fdpoll run ping-pong echo --quick');
  });

  it('lists the scenarios in its help', async () => {
    const { status, out } = await run('run', '--help');
    expect(status).toBe(0);
    for (const { name, title } of scenarios) expect(out).toMatch(new RegExp(`^  ${name} +${title}$`, 'm'));
  });

  it.each([
    [[], "missing required argument 'scenario'"],
    [['ping-pnog'], 'Did you mean ping-pong?'],
    [['all'], 'There are dispatch, '],
  ])('refuses %j', async (argv, message) => {
    const { status, out, err } = await run('run', ...argv);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toContain(message);
  });
});
