import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Argument, Command, Option } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { candidates, scripts } from '../../lib/cli/completion.ts';
import { choosing, offering } from '../../lib/cli/names.ts';
import { built } from './dist.ts';

function complete(line: string): string[] {
  const program = new Command('fdpoll').option('-V, --version', '');
  program
    .command('run')
    .addArgument(choosing(new Argument('<scenario...>'), ['dispatch', 'echo']))
    .option('-q, --quick', '')
    .option('-j, --json <file>', '')
    .addOption(offering(new Option('-b, --backend <name...>'), ['epoll', 'poll']));
  program.command('diff').argument('<before>').argument('<after>').option('--json', '');
  program.command('schema');
  program.command('completion').addArgument(new Argument('<shell>').choices(['bash', 'zsh']));
  program.command('complete', { hidden: true });
  return candidates(program, line.split(' '));
}

describe('candidates', () => {
  it.each([
    ['', ['run', 'diff', 'schema', 'completion', 'help']],
    ['com', ['completion']],
    ['-', ['--version', '--help']],
    ['help ', ['run', 'diff', 'schema', 'completion', 'help']],
    ['help run ', []],
    ['run ', ['dispatch', 'echo']],
    ['run e', ['echo']],
    ['run dispatch ', ['dispatch', 'echo']],
    ['run --', ['--quick', '--json', '--backend', '--help']],
    ['run echo --b', ['--backend']],
    ['run --quick e', ['echo']],
    ['run echo --backend ', ['epoll', 'poll']],
    ['run echo -b epoll p', ['poll']],
    ['run echo --json ', []],
    ['run --json file d', ['dispatch']],
    ['completion ', ['bash', 'zsh']],
    ['completion bash ', []],
    ['diff ', []],
    ['diff --json ', []],
    ['schema ', ['--help']],
    ['contrast ', []],
  ])('offers for %j: %j', (line, names) => {
    expect(complete(line)).toEqual(names);
  });
});

/** A directory with the command in it, by its name. */
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'fdpoll-'));
  const path = join(directory, 'fdpoll');
  writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' '${built('cli/main.js')}' "$@"\n`);
  chmodSync(path, 0o755);
  writeFileSync(join(directory, 'results.json'), '');
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

function run(shell: string, argv: readonly string[]): string {
  const env = { ...process.env, PATH: `${directory}${delimiter}${process.env.PATH}`, HOME: directory };
  return execFileSync(shell, argv, { cwd: directory, encoding: 'utf8', env });
}

/** Whether a shell is installed. */
function has(shell: string): boolean {
  try {
    execFileSync(shell, ['-c', 'exit'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

// Each completion starts the command once.
const SLOW = { timeout: 60_000 };

describe('in bash, the script', () => {
  /** What bash would offer after these words. */
  const offers = (...asked: string[][]) => {
    const asks = asked.map((words) => {
      const quoted = ['fdpoll', ...words].map((word) => `'${word}'`).join(' ');
      return `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; _fdpoll; echo "\${COMPREPLY[*]}"`;
    });
    const text = run('bash', ['--norc', '--noprofile', '-c', ['source <(fdpoll completion bash)', ...asks].join('\n')]);
    return text.trimEnd().split('\n');
  };

  it('offers commands, scenarios, options and backends', SLOW, () => {
    expect(offers(['co'], ['run', 'p'], ['run', 'echo', '--q'], ['run', 'echo', '--backend', 'epoll', 's'])).toEqual([
      'compare completion',
      'ping-pong',
      '--quick',
      'select',
    ]);
  });

  it('leaves files to the shell', SLOW, () => {
    expect(offers(['diff', 'res'])).toEqual(['']);
    expect(run('bash', ['-c', 'source <(fdpoll completion bash); complete -p fdpoll'])).toContain('-o default');
  });

  it('runs nothing of what was typed', SLOW, () => {
    expect(offers(['run', '$(touch typed)'])).toEqual(['']);
    expect(run('ls', [])).not.toContain('typed');
  });

  it('can be sourced twice', SLOW, () => {
    const twice = 'source <(fdpoll completion bash); source <(fdpoll completion bash)';
    expect(run('bash', ['--norc', '-c', `{ ${twice}; } 2>&1`])).toBe('');
  });
});

describe.runIf(has('zsh'))('in zsh, the script', () => {
  it('can be sourced, and registers itself', SLOW, () => {
    const setUp = 'autoload -Uz compinit && compinit -u; source <(fdpoll completion zsh)';
    expect(run('zsh', ['-f', '-c', `${setUp}; echo $_comps[fdpoll]`])).toBe('_fdpoll\n');
  });

  it('hands on what was typed', SLOW, () => {
    const stubs = 'compdef() { :; }; compadd() { shift; print -l -- "$@"; }; _files() { echo files; }';
    const ask = (words: string, current: number) =>
      run('zsh', [
        '-f',
        '-c',
        `${stubs}; source <(fdpoll completion zsh); words=(fdpoll ${words}); CURRENT=${current}; _fdpoll`,
      ]);
    expect(ask('run p', 3)).toBe('ping-pong\n');
    expect(ask("diff ''", 3)).toBe('files\n');
  });
});

describe.runIf(has('fish'))('in fish, the script', () => {
  it('offers what the command offers', SLOW, () => {
    const offers = (line: string) =>
      run('fish', ['--no-config', '-c', `fdpoll completion fish | source; complete -C '${line}'`])
        .trim()
        .split('\n');
    expect(offers('fdpoll run p')).toContain('ping-pong');
    expect(offers('fdpoll diff res')).toContain('results.json');
  });
});

describe('scripts', () => {
  it('are there for three shells', () => {
    expect(Object.keys(scripts)).toEqual(['bash', 'zsh', 'fish']);
  });
});
