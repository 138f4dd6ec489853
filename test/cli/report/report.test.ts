import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Host, Interruption } from '../../../lib/cli/command.ts';
import { type ReportOptions, report } from '../../../lib/cli/report/report.ts';
import { rich } from './plots.ts';

let folder: string;
let input: string;
const at = (name: string): string => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdpoll-'));
  input = at('results.json');
  writeFileSync(input, JSON.stringify(rich));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function run(options: Partial<ReportOptions>, more: Partial<Host> = {}) {
  const read = (stream: PassThrough) => {
    let text = '';
    for (let chunk = stream.read(); chunk !== null; chunk = stream.read()) text += chunk;
    return text;
  };
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const host = {
    stdout: stdout as unknown as NodeJS.WriteStream,
    stderr: stderr as unknown as NodeJS.WriteStream,
    program: (name: string) => name,
    signal: new AbortController().signal,
    ...more,
  };
  const status = await report({ inputs: [input], ...options }, host);
  return { status, stdout: read(stdout), stderr: read(stderr) };
}

describe('report', () => {
  it('writes a page, pictures in a folder that it makes, and Markdown that shows them', async () => {
    const options = { output: at('r.html'), svg: at('a/b'), markdown: at('a/r.md') };
    expect(await run(options)).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(readFileSync(at('r.html'), 'utf8')).toMatch(/^<!DOCTYPE html>/);
    expect(readdirSync(at('a/b'))).toEqual(expect.arrayContaining(['dispatch-count.svg', 'echo-rate.svg']));
    expect(readdirSync(at('a/b')).every((name) => /^[a-z0-9-]+\.svg$/.test(name))).toBe(true);
    expect(readFileSync(at('a/r.md'), 'utf8')).toContain('](b/dispatch-count.svg)');
  });

  it('draws nothing for a plot of which nothing was measured', async () => {
    await run({ svg: at('svg') });
    expect(readdirSync(at('svg'))).not.toContain('echo-connections.svg');
  });

  it('writes to standard output', async () => {
    expect((await run({ output: '-' })).stdout).toMatch(/^<!DOCTYPE html>[\s\S]*<\/html>\n$/);
    expect((await run({ markdown: '-' })).stdout).toMatch(/^# fdpoll/);
  });

  it('reads standard input', async () => {
    const stdin = Readable.from([Buffer.from(JSON.stringify(rich))]);
    expect((await run({ inputs: ['-'], markdown: '-' }, { stdin })).stdout).toMatch(/^# fdpoll/);
  });

  it('puts several files into one report', async () => {
    expect((await run({ inputs: [input, input], markdown: '-' })).stdout.match(/^## .*results\.json$/gm)).toHaveLength(
      2,
    );
  });

  it.each([
    ['no JSON', '{', /is no JSON: /],
    ['foreign JSON', '{"version":2}', /is not what fdpoll --json writes: at version: /],
    ['JSON that is nothing', 'null', /is not what fdpoll --json writes: at the top: /],
  ])('refuses %s, and writes nothing', async (_, text, message) => {
    writeFileSync(input, text);
    const { status, stderr } = await run({ output: at('r.html') });
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).toContain(input);
    expect(readdirSync(folder)).toEqual(['results.json']);
  });

  it('refuses what cannot be read', async () => {
    expect(await run({ inputs: [at('none.json')], output: '-' })).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(`fdpoll: cannot read ${at('none.json')}: ENOENT`),
    });
  });

  it.each([
    ['nothing to write', {}, 'nothing to write: say where, by --output, --svg or --markdown'],
    ['two uses of standard output', { output: '-', markdown: '-' }, 'cannot be both'],
    ['two uses of standard input', { inputs: ['-', '-'], output: '-' }, 'standard input can be read once'],
  ])('refuses %s', async (_, options, message) => {
    expect(await run(options)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining(message) });
  });

  it('does not write over what it reads', async () => {
    expect(await run({ output: input })).toMatchObject({ status: 2, stderr: expect.stringContaining('overwritten') });
    expect(JSON.parse(readFileSync(input, 'utf8'))).toMatchObject({ version: 1 });
  });

  it('fails where it cannot write', async () => {
    mkdirSync(at('folder'));
    for (const options of [{ output: at('folder') }, { svg: input }, { markdown: at('none/r.md') }]) {
      const { status, stderr } = await run(options);
      expect(status).toBe(1);
      expect(stderr).toMatch(/^fdpoll: cannot write .*: (EISDIR|EEXIST|ENOENT)/);
    }
  });

  it('ends when it is interrupted while it waits for standard input', async () => {
    const abort = new AbortController();
    const ended = run({ inputs: ['-'], output: '-' }, { stdin: new PassThrough(), signal: abort.signal });
    const interruption: Interruption = { status: 130, message: 'interrupted' };
    abort.abort(interruption);
    expect(await ended).toEqual({ status: 130, stdout: '', stderr: '' });
  });
});
