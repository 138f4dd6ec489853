import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { CompareOptions } from '../../lib/cli/arguments.ts';
import { chooseBackends, compare, type Interruption, scenarios } from '../../lib/cli/compare.ts';
import type { BackendState } from '../../lib/cli/environment.ts';
import { backends } from '../../lib/index.ts';

const states: BackendState[] = [
  { name: 'epoll', compiled: true, usable: true, default: true },
  { name: 'kqueue', compiled: false, usable: false, default: false, reason: 'not compiled in' },
  { name: 'poll', compiled: true, usable: true, default: false },
];

async function run(options: Partial<CompareOptions>, signal = new AbortController().signal) {
  // Newer versions of Node hand out what was written one chunk a call.
  const read = (stream: PassThrough) => {
    let text = '';
    for (let chunk = stream.read(); chunk !== null; chunk = stream.read()) text += chunk;
    return text;
  };
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const status = await compare(
    { quick: true, rounds: 1, ...options },
    {
      stdout: stdout as unknown as NodeJS.WriteStream,
      stderr: stderr as unknown as NodeJS.WriteStream,
      serverPath: '/dev/null',
      signal,
    },
  );
  return { status, stdout: read(stdout), stderr: read(stderr) };
}

describe('chooseBackends', () => {
  it('takes every usable one by default', () => {
    expect(chooseBackends({ backends: states }, undefined)).toEqual(['epoll', 'poll']);
  });

  it('takes those that were asked for', () => {
    expect(chooseBackends({ backends: states }, ['poll'])).toEqual(['poll']);
  });

  it('names those that do not exist or cannot be used', () => {
    expect(chooseBackends({ backends: states }, ['epoll', 'kqueue', 'fifo'])).toBe(
      "no usable backend 'kqueue', 'fifo'",
    );
  });

  it('says when there is none at all', () => {
    expect(chooseBackends({ backends: [] }, undefined)).toBe('no usable backend');
  });
});

describe('compare', () => {
  it('has the three scenarios', () => {
    expect(scenarios.map(({ name }) => name)).toEqual(['dispatch', 'ping-pong', 'echo']);
  });

  it('runs nothing for an absent backend, and lists what exists', async () => {
    const { status, stdout, stderr } = await run({ backends: ['fifo'] });
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain("no usable backend 'fifo'");
    for (const { name } of backends()) expect(stderr).toContain(name);
  });

  it('finds out that the JSON file cannot be written before anything is measured', async () => {
    const { status, stdout, stderr } = await run({ json: '/nowhere/results.json' });
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('cannot write /nowhere/results.json: ENOENT');
  });

  it('names subject and scenario of what failed, and goes on', async () => {
    const { status, stdout, stderr } = await run({ scenarios: ['ping-pong'], json: '-' });
    expect(status).toBe(1);
    for (const { name, usable } of backends()) {
      if (usable) expect(stderr).toContain(`fdpoll: ping-pong on ${name} failed: the server process has ended`);
    }
    expect(JSON.parse(stdout)).toMatchObject({ version: 1, results: [] });
  });

  it('ends with the status of the interruption', async () => {
    const interruption: Interruption = { status: 130, message: 'interrupted' };
    const { status, stderr } = await run({ scenarios: ['dispatch'] }, AbortSignal.abort(interruption));
    expect(status).toBe(130);
    expect(stderr).toBe('fdpoll: interrupted\n');
  });
});
