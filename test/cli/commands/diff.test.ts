import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runArguments } from '../../../lib/cli/arguments.ts';
import { testHost } from '../host.ts';
import { simulate } from '../runs.ts';

let directory: string;
const path = (name: string) => join(directory, name);

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'fdpoll-'));
  const write = (name: string, value: unknown) => writeFileSync(path(name), JSON.stringify(value));
  write('before.json', simulate({ seed: 1 }));
  write('same.json', simulate({ seed: 2, machine: 1.3 }));
  write('slower.json', simulate({ seed: 3, cost: (subject) => (subject === 'poll' ? 1.4 : 1) }));
  write('later.json', { ...simulate({ seed: 4 }), version: 2 });
  write('foreign.json', { name: 'fdpoll' });
  writeFileSync(path('broken.json'), '{\n  "version": 1\n  oops');
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

async function diff(...argv: string[]) {
  const host = testHost();
  const status = await runArguments(['diff', ...argv], host);
  return { status, out: host.out(), err: host.err() };
}

describe('fdpoll diff', () => {
  it('ends with 0 where nothing is slower, though the machine was', async () => {
    const { status, out, err } = await diff(path('before.json'), path('same.json'));
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toContain('No change beyond the noise');
  });

  it('ends with 1 where something is slower, and with 0 where it is faster', async () => {
    const slower = await diff(path('before.json'), path('slower.json'));
    expect(slower).toMatchObject({ status: 1, err: '' });
    expect(slower.out).toContain('Slower or worse');
    const faster = await diff(path('slower.json'), path('before.json'));
    expect(faster).toMatchObject({ status: 0, err: '' });
    expect(faster.out).toContain('Faster or better');
  });

  it('lets the threshold pass', async () => {
    expect(await diff(path('before.json'), path('slower.json'), '--threshold', '60')).toMatchObject({ status: 0 });
  });

  it('takes the machine out, unless it must not', async () => {
    const { status, out } = await diff(path('before.json'), path('same.json'), '--absolute', '--threshold', '5');
    expect(out).toContain('Nothing of that is taken out.');
    expect(status).toBe(1);
  });

  it('prints JSON and nothing else', async () => {
    const { status, out } = await diff(path('before.json'), path('slower.json'), '--json');
    expect(status).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ threshold: 0.1, onlyBefore: [], onlyAfter: [], environment: [] });
  });

  it('prints Markdown', async () => {
    const { out } = await diff(path('before.json'), path('slower.json'), '--markdown');
    expect(out).toMatch(/^\*\*\d+ slower or worse; /);
  });

  it.each([
    [['before.json', 'none.json'], /cannot read .*none\.json: ENOENT/],
    [['before.json', '.'], /cannot read .*: EISDIR/],
    [['broken.json', 'before.json'], /broken\.json is no JSON: line 3, column 3: /],
    [['foreign.json', 'before.json'], /foreign\.json is not what fdpoll --json writes: at version: /],
    [['before.json', 'later.json'], /later\.json has version 2 of the format; this fdpoll reads version 1/],
  ])('refuses %j with status 2 and one line', async (names, message) => {
    const { status, out, err } = await diff(...names.map(path));
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(message);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
  });

  it.each([
    [['a.json'], "missing required argument 'after'"],
    [['a.json', 'b.json', '--threshold', 'much'], "argument 'much' is invalid. It must be a number above 0"],
    [['a.json', 'b.json', '--threshold', '0'], "argument '0' is invalid"],
    [['a.json', 'b.json', '--json', '--markdown'], 'give one'],
    [['-', '-'], 'only one of the two can come from standard input'],
  ])('refuses %j', async (argv, message) => {
    const { status, out, err } = await diff(...argv);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toContain(message);
  });
});
