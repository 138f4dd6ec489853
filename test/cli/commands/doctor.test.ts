import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Diagnosis, diagnosisSchema } from '../../../lib/cli/doctor/diagnosis.ts';
import { readText } from '../../../lib/cli/text_file.ts';
import { checkDescriptorsAfterEachTest } from '../../support/descriptors.ts';
import { fixturePath } from '../../support/threads.ts';
import { built } from '../dist.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fdpoll-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

interface Surroundings {
  /** What runs the command. */
  readonly within?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs the command as it is shipped. */
async function run(argv: readonly string[], { within = [], env = {} }: Surroundings = {}) {
  const [command = '', ...rest] = [...within, process.execPath, built('cli/main.js'), 'doctor', ...argv];
  const child = spawn(command, rest, {
    env: { ...process.env, NODE_OPTIONS: '', TMPDIR: directory, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { stdout, stderr, status };
}

/** The processes that have this directory in their environment, by number. Linux tells. */
function processesOf(marker: string): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && readText(`/proc/${pid}/environ`)?.includes(marker));
}

const parse = (json: string): Diagnosis => v.parse(diagnosisSchema, JSON.parse(json));

describe('fdpoll doctor', { timeout: 30_000 }, () => {
  checkDescriptorsAfterEachTest();

  it('examines this machine within 80 columns', async () => {
    const { stdout, stderr, status } = await run([]);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(stdout).toMatch(/^fdpoll {7}\d/);
    for (const title of ['Backends', 'Descriptors', 'Limits']) expect(stdout).toMatch(new RegExp(`^${title}`, 'm'));
    const wide = stdout.split('\n').filter((line) => line.length > 80);
    expect(wide).toEqual([]);
  });

  it('writes JSON to standard output, and the report to standard error', async () => {
    const { stdout, stderr, status } = await run(['--json']);
    expect(status).toBe(0);
    expect(parse(stdout)).toMatchObject({ healthy: true, addon: { loads: true } });
    expect(stderr).toMatch(/^Limits$/m);
  });

  it('writes JSON to a file, and the report to standard output', async () => {
    const path = join(directory, 'doctor.json');
    const { stdout, stderr, status } = await run(['--json', path]);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(parse(readFileSync(path, 'utf8')).healthy).toBe(true);
    expect(stdout).toMatch(/^Limits$/m);
  });

  it('refuses a file that it cannot write with status 2, before anything is tried', async () => {
    const { stdout, stderr, status } = await run(['--json', join(directory, 'no/such.json')]);
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
    expect(stderr).toMatch(/^fdpoll: cannot write .*ENOENT/);
  });

  it('refuses arguments with status 2', async () => {
    expect(await run(['now'])).toMatchObject({ stdout: '', status: 2 });
  });

  it('runs where the addon does not load, says why, and ends with status 1', async () => {
    const { stdout, stderr, status } = await run(['--json'], { env: { FDPOLL_ADDON: join(directory, 'none.node') } });
    expect(status).toBe(1);
    const { addon, backends } = parse(stdout);
    expect(addon.loads).toBe(false);
    expect(addon.problem).toMatch(/FDPOLL_ADDON names .*none\.node.*unset it/);
    expect(backends).toEqual([]);
    expect(stderr).toContain('The addon does not load');
  });

  it('calls few descriptors a limit that will bite, and works on', async () => {
    const within = ['sh', '-c', 'ulimit -n 64; exec "$@"', 'sh'];
    const { stdout, status } = await run(['--json'], { within });
    expect(status).toBe(0);
    expect(parse(stdout).limits[0]).toMatchObject({ name: 'RLIMIT_NOFILE', value: 64, verdict: 'will bite' });
  });

  it('leaves no file and no process behind', async () => {
    const { status } = await run([]);
    expect(status).toBe(0);
    expect(readdirSync(directory)).toEqual([]);
    expect(processesOf(directory)).toEqual([]);
  });
});

describe.skipIf(process.platform !== 'linux')('fdpoll doctor under a seccomp filter', { timeout: 30_000 }, () => {
  const filtered = (errno: string, names: string) => {
    // What is preloaded is for Node.
    const preloaded = `LD_PRELOAD=${process.env.LD_PRELOAD ?? ''}`;
    const within = ['python3', fixturePath('seccomp.py'), errno, names, 'env', preloaded];
    return { within, env: { LD_PRELOAD: '' } };
  };

  it('tells the backends that it refuses, and goes on with the others', async () => {
    const { stdout, status } = await run(['--json'], filtered('EPERM', 'ppoll,pselect6'));
    const { backends, seccomp, descriptors } = parse(stdout);
    expect({ seccomp, status }).toEqual({ seccomp: true, status: 0 });
    for (const { name, usable, wait } of backends.filter(({ name }) => name === 'poll' || name === 'select')) {
      if (usable) expect([name, wait?.problem]).toEqual([name, expect.stringContaining('a seccomp filter refuses it')]);
    }
    const pipe = descriptors.find(({ kind }) => kind === 'pipe, read end');
    expect(pipe?.cells.map(({ backend }) => backend)).not.toContain('poll');
  });

  it('says of kinds of descriptor that cannot be had why not', async () => {
    const { stdout, status } = await run(['--json'], filtered('ENOSYS', 'pidfd_open,inotify_init1'));
    expect(status).toBe(0);
    const missing = parse(stdout).descriptors.filter(({ kind }) => kind === 'pidfd' || kind === 'inotify');
    expect(missing.map(({ missing }) => missing)).toEqual([
      expect.stringMatching(/ENOSYS|ENOTSUP/),
      expect.stringContaining('ENOSYS'),
    ]);
  });
});
