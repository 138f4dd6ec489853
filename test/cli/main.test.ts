import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseResults, readResults } from '../../lib/cli/results.ts';
import { scenarios } from '../../lib/cli/scenarios/index.ts';
import { backends, version } from '../../lib/index.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { complaints } from './ajv.ts';
import { built } from './dist.ts';

const usable = backends().flatMap(({ name, usable }) => (usable ? [name as string] : []));
const ESCAPE = '\u001b';
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fdpoll-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

type Child = ChildProcessByStdio<null, Readable, Readable>;

function start(...argv: string[]): Child {
  return spawn(process.execPath, [built('cli/main.js'), ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function finish(child: Child) {
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const [stdout, stderr, [status, signal]] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { stdout, stderr, status, signal };
}

/** On a terminal of 100 columns: what it shows, both streams together. */
async function onTerminal(argv: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const command = [process.execPath, built('cli/main.js'), ...argv].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['--quiet', '--return', '--command', `stty cols 100; ${command}`, '/dev/null'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const { stdout, status } = await finish(child);
  return { output: stdout, status };
}

describe('fdpoll', () => {
  it('prints its version on the first line, then how the addon was built', async () => {
    const { stdout, ...rest } = await finish(start('--version'));
    expect(rest).toEqual({ stderr: '', status: 0, signal: null });
    const [first, ...facts] = stdout.trimEnd().split('\n');
    expect(first).toBe(`fdpoll ${packageJson.version}`);
    expect(facts).toContain(`backends  ${version.backends.join(' ')}`);
    expect(facts).toContain(`system    ${process.platform} ${process.arch}`);
  });

  it('refuses what it does not know with status 2', async () => {
    const { stdout, stderr, status } = await finish(start('compare', '--rounds', 'x'));
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
    expect(stderr).toContain("'x' is invalid");
  });

  it('refuses an absent backend with a list of what exists', async () => {
    const { stdout, stderr, status } = await finish(start('compare', '--backend', 'fifo'));
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
    for (const name of usable) expect(stderr).toContain(name);
  });
});

describe('fdpoll compare', () => {
  it('compares every backend in every scenario and writes a report and a file', { timeout: 120_000 }, async () => {
    const path = join(directory, 'results.json');
    const { stdout, stderr, status } = await finish(start('compare', '--quick', '--rounds', '1', '--json', path));
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    for (const { name, title } of scenarios) expect(stdout).toContain(`\n${name}: ${title}\n`);

    expect(complaints(JSON.parse(readFileSync(path, 'utf8')))).toEqual([]);
    const { results, interrupted, failures } = readResults(path);
    expect({ interrupted, failures }).toEqual({ interrupted: false, failures: [] });
    expect(new Set(results.map(({ scenario }) => scenario))).toEqual(new Set(scenarios.map(({ name }) => name)));
    expect(results.every(({ rounds, samples }) => rounds === 1 && samples.length === 1)).toBe(true);
    const subjects = (scenario: string) => [
      ...new Set(results.filter((result) => result.scenario === scenario).map(({ subject }) => subject)),
    ];
    expect(subjects('dispatch')).toEqual(usable);
    expect(subjects('ping-pong')).toEqual(usable);
  });

  it('writes JSON and nothing else to standard output when asked to', { timeout: 60_000 }, async () => {
    const backend = usable[0] ?? '';
    const argv = ['--quick', '--rounds', '1', '--backend', backend, '--scenario', 'ping-pong', '--json', '-'];
    const { stdout, stderr, status } = await finish(start('compare', ...argv));
    expect(status).toBe(0);
    expect(complaints(JSON.parse(stdout))).toEqual([]);
    expect(parseResults(stdout, 'standard output').results).not.toEqual([]);
    expect(stderr).toContain('ping-pong');
  });

  it('fits a report into 80 columns, without colour or a progress bar, where there is no terminal', {
    timeout: 60_000,
  }, async () => {
    const child = start('run', 'ping-pong', '--quick', '--rounds', '1');
    const { stdout, stderr } = await finish(child);
    expect(stderr).toBe('');
    expect(stdout).not.toContain(ESCAPE);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('prints what is finished when it is interrupted, and ends its servers', { timeout: 60_000 }, async () => {
    const path = join(directory, 'results.json');
    const child = start('run', 'ping-pong', 'echo', '--quick', '--rounds', '1', '--json', path);
    let seen = '';
    child.stdout.on('data', (data) => {
      if (!seen.includes('per CPU second')) {
        seen += data;
        if (seen.includes('per CPU second')) child.kill('SIGINT');
      }
    });
    // The servers share this standard error: its end is theirs.
    const { stderr, status } = await finish(child);
    expect({ stderr, status }).toEqual({
      stderr: 'fdpoll: interrupted; only finished rounds are reported\n',
      status: 130,
    });
    expect(complaints(JSON.parse(readFileSync(path, 'utf8')))).toEqual([]);
    const { results, interrupted } = readResults(path);
    const subjects = results.filter(({ scenario }) => scenario === 'ping-pong').map(({ subject }) => subject);
    expect(interrupted).toBe(true);
    expect([...new Set(subjects)]).toEqual(usable);
    expect(results.some(({ scenario }) => scenario === 'echo')).toBe(false);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('ends on %s with status %d', { timeout: 60_000 }, async (signal, expected) => {
    const child = start('run', 'ping-pong', '--quick');
    child.stdout.once('data', () => child.kill(signal));
    const { status } = await finish(child);
    expect(status).toBe(expected);
  });

  it('does not crash when nobody reads its output', { timeout: 60_000 }, async () => {
    const child = start('run', 'ping-pong', '--quick', '--rounds', '1');
    child.stdout.destroy();
    const exited = once(child, 'exit');
    expect(await text(child.stderr)).toBe('');
    expect(await exited).toEqual([141, null]);
  });
});

// The `script` of the BSDs takes other options.
describe.skipIf(process.platform !== 'linux')('on a terminal, fdpoll', () => {
  it('shows how far it is and how long it will take, and clears that in the end', { timeout: 60_000 }, async () => {
    const { output, status } = await onTerminal(['run', 'ping-pong', '--quick', '--rounds', '1']);
    expect(status).toBe(0);
    expect(output).toMatch(/\d+ % {2}\d+ s left {2}ping-pong {2}\w+ warm-up/);
    const end = output.slice(output.lastIndexOf(' s left'));
    expect(end).toContain(`${ESCAPE}[2K`);
    expect(end).toContain('ping-pong: what sleeping and waking up cost');
  });

  it.each(['NO_COLOR', 'FORCE_COLOR'])('writes no colour, whatever %s says', async (name) => {
    const { output } = await onTerminal(['compare', '--help'], { [name]: '1' });
    expect(output).toContain('Usage: fdpoll compare');
    expect(output).not.toContain(ESCAPE);
  });
});
