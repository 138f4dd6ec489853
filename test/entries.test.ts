import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as lib from '../lib/index.ts';
import { runtime, runtimeCommand } from './support/runtimes.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const run = (...args: string[]): { status: number | null; stdout: string; stderr: string } => {
  const [command = '', ...before] = runtimeCommand();
  const { status, stdout, stderr } = spawnSync(command, [...before, ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  return { status, stdout, stderr };
};

/** What a require() of dist/index.cjs throws in a Node that loads no ES module by it. */
const refusal = (version: string): [code: string, message: string] => {
  const program = `
    Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });
    try { require('./dist/index.cjs'); } catch (error) { console.log(JSON.stringify([error.code, error.message])); }`;
  const { stdout, stderr } = run('--no-experimental-require-module', '-e', program);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as [string, string];
};

describe('the entries of the package', () => {
  it('are one library, by require and by import, without a warning', () => {
    const { status, stdout, stderr } = run('test/fixtures/entries.cjs');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const { names, same } = JSON.parse(stdout) as { names: string[]; same: boolean[] };
    expect(names).toEqual(Object.keys(lib).sort());
    expect(same).toEqual([true, true, true, true]);
  });

  it('say in one line what is needed where require() loads no ES module', () => {
    if (runtime !== 'node') {
      expect(run('test/fixtures/entries.cjs').status).toBe(0); // there is nothing to be told: it loads
      return;
    }
    const [code, message] = refusal('18.20.8');
    expect(code).toBe('ERR_FDPOLL_UNSUPPORTED_PLATFORM');
    expect(message).toBe('fdpoll needs Node.js 20.19 or later, and this is 18.20.8: install a newer one');
    expect(refusal('22.11.0')[1]).toMatch(
      /^fdpoll is an ES module, and Node\.js 22\.11\.0 does not .* use import, or /,
    );
  });

  it('pass on what else goes wrong', () => {
    const program = `
      require('node:module')._load = () => { throw new RangeError('another'); };
      try { require('./dist/index.cjs'); } catch (error) { console.log(error.message); }`;
    const told = run(...(runtime === 'node' ? ['-e', program] : ['test/fixtures/entries.cjs']));
    expect(told.stdout).toMatch(runtime === 'node' ? /^another\n$/ : /"same"/);
  });
});
