import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { built } from '../dist.ts';
import { rich } from '../report/plots.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdpoll-'));
  writeFileSync(join(folder, 'results.json'), JSON.stringify(rich));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function fdpoll(argv: readonly string[], input?: string) {
  const options = { cwd: folder, encoding: 'utf8', ...(input !== undefined && { input }) } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [built('cli/main.js'), ...argv], options);
  return { status, stdout, stderr };
}

describe('fdpoll report', () => {
  it('writes what its options ask for', () => {
    const argv = 'report results.json -o report.html --svg pictures --markdown report.md'.split(' ');
    expect(fdpoll(argv)).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(readdirSync(folder).sort()).toEqual(['pictures', 'report.html', 'report.md', 'results.json']);
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('<svg ');
  });

  it('is part of a pipe', () => {
    const { status, stdout } = fdpoll(['report', '-', '-o', '-'], JSON.stringify(rich));
    expect(status).toBe(0);
    expect(stdout).toMatch(/<\/html>\n$/);
  });

  it.each([
    [['report'], "missing required argument 'results'"],
    [['report', 'results.json'], 'nothing to write'],
    [['report', 'results.json', '--pdf', 'x'], "unknown option '--pdf'"],
    [['report', 'none.json', '-o', '-'], 'cannot read none.json'],
  ])('refuses %j with status 2', (argv, message) => {
    expect(fdpoll(argv)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining(message) });
  });

  it('has help with examples', () => {
    expect(fdpoll(['report', '--help']).stdout).toContain('fdpoll report results.json -o report.html');
  });

  it('alone loads what draws', () => {
    const main = readFileSync(built('cli/main.js'), 'utf8');
    expect(main).not.toMatch(/^import[^;]*zrender/m);
    expect(main.length).toBeLessThan(200_000);
  });
});
