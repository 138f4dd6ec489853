import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runFixture } from './support/children.ts';
import { runtimeCommand } from './support/runtimes.ts';

const example = fileURLToPath(new URL('../examples/supervisor.mjs', import.meta.url));

/** A program of the shell that says which version it is, and then does this. */
const program = (folder: string, version: number, then: string): string => {
  const path = join(folder, `version${version}`);
  writeFileSync(path, `#!/bin/sh\necho version ${version}\n${then}\n`);
  chmodSync(path, 0o755);
  return path;
};

const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'fdp-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
};

/** The example, and a function that waits for a line like this; what comes before it is passed over. */
const supervise = (path: string) => {
  const [command = '', ...args] = runtimeCommand();
  const child = spawn(command, [...args, example, path], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const [seen, waiting]: [string[], (() => void)[]] = [[], []];
  createInterface(child.stdout).on('line', (line) => {
    seen.push(line);
    for (const look of waiting.splice(0)) look();
  });
  const line = async (pattern: RegExp): Promise<void> => {
    for (;;) {
      const at = seen.findIndex((each) => pattern.test(each));
      if (at >= 0) return void seen.splice(0, at + 1);
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };
  /** Ends it with this signal; how it ended. */
  const end = async (signal: NodeJS.Signals): Promise<unknown> => {
    child.kill(signal);
    const [code, by] = await ended;
    return { code, by, stderr };
  };
  return { child, line, end };
};
const well = { code: 0, by: null, stderr: '' };

describe('examples/supervisor.mjs', () => {
  it('starts its program again when it is replaced, when it is told to, and ends both', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'program');
    renameSync(program(folder, 1, 'exec sleep 60'), path);
    const { child, line, end } = supervise(path);
    await line(/^version 1$/);
    renameSync(program(folder, 2, 'exec sleep 60'), path);
    await line(/ended with SIGTERM$/);
    await line(/^version 2$/);
    child.kill('SIGHUP');
    await line(/ended with SIGTERM$/);
    await line(/^version 2$/);
    expect(await end('SIGTERM')).toEqual(well);
    await line(/ended with SIGTERM$/);
  });

  it('starts a program that ends again, later and later', async () => {
    const folder = temporaryFolder();
    const { line, end } = supervise(program(folder, 1, 'exit 7'));
    const times: number[] = [];
    for (let round = 0; round < 3; round++) {
      await line(/ended with 7$/);
      times.push(performance.now());
    }
    const [first = 0, second = 0, third = 0] = times;
    // 200 ms, then 400.
    expect(second - first).toBeGreaterThan(150);
    expect(third - second).toBeGreaterThan(350);
    expect(await end('SIGINT')).toEqual(well);
  });

  it('says what it cannot start, and tries again', async () => {
    const { line, end } = supervise(join(temporaryFolder(), 'nothing'));
    await line(/^cannot start it: .*ENOENT/);
    await line(/^cannot start it: .*ENOENT/);
    expect(await end('SIGTERM')).toEqual(well);
  });

  it('says how it is used', async () => {
    const { code, stderr } = await runFixture('../../examples/supervisor.mjs');
    expect([code, stderr]).toEqual([2, 'usage: supervisor.mjs PROGRAM [ARGUMENTS ...]\n']);
  });
});
