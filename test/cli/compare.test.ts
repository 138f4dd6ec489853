import { describe, expect, it } from 'vitest';
import type { Interruption } from '../../lib/cli/command.ts';
import { type CompareOptions, chooseBackends, compare } from '../../lib/cli/compare.ts';
import { type BackendState, parseResults } from '../../lib/cli/results.ts';
import { backends } from '../../lib/index.ts';
import { complaints } from './ajv.ts';
import { testHost } from './host.ts';
import { noPrograms } from './scenarios/context.ts';

const states: BackendState[] = [
  { name: 'epoll', compiled: true, usable: true, default: true },
  { name: 'kqueue', compiled: false, usable: false, default: false, reason: 'not compiled in' },
  { name: 'poll', compiled: true, usable: true, default: false },
];
const usable = backends().flatMap(({ name, usable }) => (usable ? [name as string] : []));

async function run(options: Partial<CompareOptions>, signal = new AbortController().signal) {
  const host = testHost({ ...noPrograms, signal });
  const status = await compare({ command: 'fdpoll compare', quick: true, rounds: 1, ...options }, host);
  return { status, stdout: host.out(), stderr: host.err() };
}

describe('chooseBackends', () => {
  it('takes every usable one by default', () => {
    expect(chooseBackends({ backends: states }, undefined)).toEqual(['epoll', 'poll']);
  });

  it('takes those that were asked for, in the order in which they are measured', () => {
    expect(chooseBackends({ backends: states }, ['poll'])).toEqual(['poll']);
    expect(chooseBackends({ backends: states }, ['poll', 'epoll'])).toEqual(['epoll', 'poll']);
  });

  it('names those that do not exist or cannot be used', () => {
    expect(chooseBackends({ backends: states }, ['epoll', 'kqueue', 'fifo'])).toBe(
      "no usable backend 'kqueue', 'fifo'",
    );
  });

  it('suggests the near one', () => {
    expect(chooseBackends({ backends: states }, ['epol'])).toBe("no usable backend 'epol' (did you mean epoll?)");
  });

  it('says when there is none at all', () => {
    expect(chooseBackends({ backends: [] }, undefined)).toBe('no usable backend');
    expect(chooseBackends({ backends: [] }, ['poll'])).toBe("no usable backend 'poll'");
  });
});

describe('compare', () => {
  it('runs nothing for an absent backend, and lists what exists', async () => {
    const { status, stdout, stderr } = await run({ backends: ['fifo'] });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain("fdpoll: no usable backend 'fifo'; this build has:\n");
    for (const { name } of backends()) expect(stderr).toContain(name);
  });

  it('finds out that the JSON file cannot be written before anything is measured', async () => {
    const { status, stdout, stderr } = await run({ json: '/nowhere/results.json' });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('cannot write /nowhere/results.json: ENOENT');
  });

  it('measures what was asked for and tells how to repeat each part', async () => {
    const { status, stdout, stderr } = await run({ scenarios: ['dispatch'], backends: ['poll'], json: '-' });
    const results = parseResults(stdout, 'standard output');
    expect(status).toBe(0);
    expect(stderr).toContain('\ndispatch: what an event costs');
    expect(results).toMatchObject({ command: 'fdpoll compare', interrupted: false, failures: [] });
    expect(results.scenarios.map(({ name, command }) => [name, command])).toEqual([
      ['dispatch', 'fdpoll run dispatch --quick --rounds 1 --backend poll'],
    ]);
    expect(new Set(results.results.map(({ subject }) => subject))).toEqual(new Set(['poll']));
    expect(results.results.every(({ samples, rounds }) => samples.length === 1 && rounds === 1)).toBe(true);
  });

  it('names subject and scenario of what failed, and goes on', async () => {
    const { status, stdout, stderr } = await run({ scenarios: ['ping-pong'], json: '-' });
    expect(status).toBe(1);
    for (const name of usable) {
      expect(stderr).toContain(`fdpoll: ping-pong on ${name} failed: the server process has ended`);
    }
    expect(complaints(JSON.parse(stdout))).toEqual([]);
    const { results, scenarios, failures } = parseResults(stdout, 'standard output');
    expect({ results, scenarios }).toEqual({ results: [], scenarios: [] });
    expect(failures.map(({ subject }) => subject)).toEqual(usable);
  });

  it('ends with the status of the interruption, and what it says', async () => {
    const interruption: Interruption = { status: 130, message: 'interrupted' };
    const { status, stdout, stderr } = await run(
      { scenarios: ['dispatch'], json: '-' },
      AbortSignal.abort(interruption),
    );
    expect(status).toBe(130);
    expect(stderr).toMatch(/fdpoll: interrupted\n$/);
    expect(parseResults(stdout, 'standard output')).toMatchObject({ interrupted: true, results: [], failures: [] });
  });

  it('says nothing to nobody', async () => {
    const { status, stderr } = await run({ scenarios: ['dispatch'] }, AbortSignal.abort({ status: 141, message: '' }));
    expect({ status, stderr }).toEqual({ status: 141, stderr: '' });
  });
});
