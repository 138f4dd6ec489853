import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Comparison } from '../../lib/cli/compare.ts';
import { backends, version } from '../../lib/index.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { built } from './dist.ts';

const usable = backends().flatMap(({ name, usable }) => (usable ? [name as string] : []));
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

function checkComparison(comparison: Comparison): void {
  expect(Object.keys(comparison)).toEqual(['version', 'environment', 'results']);
  expect(comparison.version).toBe(1);
  for (const result of comparison.results) {
    expect(Object.keys(result)).toEqual([
      'scenario',
      'subject',
      'parameters',
      'metric',
      'unit',
      'median',
      'min',
      'max',
      'rounds',
    ]);
    expect(result.rounds).toBe(1);
    expect(result.min).toBeGreaterThan(0);
    expect(result.median).toBeGreaterThanOrEqual(result.min);
    expect(result.max).toBeGreaterThanOrEqual(result.median);
  }
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
  it('compares every backend in every scenario and writes a report and a file', { timeout: 60_000 }, async () => {
    const path = join(directory, 'results.json');
    const { stdout, stderr, status } = await finish(start('compare', '--quick', '--rounds', '1', '--json', path));
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    for (const title of ['dispatch', 'ping-pong', 'echo']) expect(stdout).toMatch(new RegExp(`^${title}$`, 'm'));
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);

    const comparison = JSON.parse(readFileSync(path, 'utf8')) as Comparison;
    checkComparison(comparison);
    const subjects = (scenario: string) => [
      ...new Set(comparison.results.filter((result) => result.scenario === scenario).map(({ subject }) => subject)),
    ];
    expect(subjects('dispatch')).toEqual(usable);
    expect(subjects('ping-pong')).toEqual(usable);
    expect(subjects('echo')).toEqual([...usable, 'node:net']);
  });

  it('writes JSON and nothing else to standard output when asked to', { timeout: 60_000 }, async () => {
    const backend = usable[0] ?? '';
    const argv = ['--quick', '--rounds', '1', '--backend', backend, '--scenario', 'ping-pong', '--json', '-'];
    const { stdout, stderr, status } = await finish(start('compare', ...argv));
    expect(status).toBe(0);
    checkComparison(JSON.parse(stdout) as Comparison);
    expect(stderr).toContain('ping-pong');
  });

  it('prints what is finished when it is interrupted, and ends its servers', { timeout: 60_000 }, async () => {
    const path = join(directory, 'results.json');
    const scenarios = ['--scenario', 'ping-pong', 'echo'];
    const child = start('compare', '--quick', '--rounds', '1', ...scenarios, '--json', path);
    let seen = '';
    child.stdout.on('data', (data) => {
      if (!seen.includes('per CPU second')) {
        seen += data;
        if (seen.includes('per CPU second')) child.kill('SIGINT');
      }
    });
    // The servers share this standard error: its end is theirs.
    const { stderr, status } = await finish(child);
    expect(status).toBe(130);
    expect(stderr).toBe('fdpoll: interrupted; only finished rounds are reported\n');
    const { results } = JSON.parse(readFileSync(path, 'utf8')) as Comparison;
    const subjects = results.filter(({ scenario }) => scenario === 'ping-pong').map(({ subject }) => subject);
    expect([...new Set(subjects)]).toEqual(usable);
    expect(results.some(({ scenario }) => scenario === 'echo')).toBe(false);
  });

  it('does not crash when nobody reads its output', { timeout: 60_000 }, async () => {
    const child = start('compare', '--quick', '--rounds', '1', '--scenario', 'ping-pong');
    child.stdout.destroy();
    const exited = once(child, 'exit');
    expect(await text(child.stderr)).toBe('');
    expect(await exited).toEqual([141, null]);
  });
});
