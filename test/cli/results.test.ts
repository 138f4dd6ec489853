import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseResults, type Results, readResults, toPlot } from '../../lib/cli/results.ts';
import { measured, resultsOf, time } from './samples.ts';

const results = resultsOf([measured('epoll', time, [1, 2, 3])]);

/** The message for results that `change` has spoilt. */
function complaint(change: (spoilt: Record<string, object>) => void): string {
  const spoilt = structuredClone(results) as unknown as Record<string, object>;
  change(spoilt);
  return message(JSON.stringify(spoilt));
}

function message(text: string): string {
  try {
    parseResults(text, 'results.json');
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it was taken');
}

describe('parseResults', () => {
  it('reads back what was written', () => {
    expect(parseResults(JSON.stringify(results), 'results.json')).toEqual(results);
  });

  it('fills in what a plot need not say', () => {
    const brief = { ...results, scenarios: results.scenarios.map((its) => ({ ...its, plots: [brevity] })) };
    expect(parseResults(JSON.stringify(brief), 'results.json').scenarios[0]?.plots[0]).toEqual(toPlot(brevity));
  });

  it('leaves out what it does not know, so that a later version may say more', () => {
    const more = { ...results, weather: 'fine' };
    expect(parseResults(JSON.stringify(more), 'results.json')).toEqual(results);
  });

  it.each([
    ['', 'line 1, column 1: Unexpected end of input found'],
    ['{\n  "version": 1,\n  oops\n}', "line 3, column 3: Unexpected character 'o' found"],
    ['{"version": 1', 'line 1, column 14: Unexpected end of input found'],
    ['#!/bin/sh', "line 1, column 1: Unexpected character '#' found"],
  ])('says where %j is no JSON', (text, place) => {
    expect(message(text)).toBe(`results.json is no JSON: ${place}`);
  });

  it.each([
    'null',
    '[]',
    '1',
    '"text"',
    '{}',
    '{ "name": "fdpoll", "version": "1.0.0" }',
  ])('refuses foreign JSON: %s', (text) => {
    expect(message(text)).toMatch(/^results\.json is not what fdpoll --json writes: at (version|the top): /);
  });

  it('says which version it reads, and which one a file has', () => {
    const text = JSON.stringify({ ...results, version: 2 } satisfies Record<keyof Results, unknown>);
    expect(message(text)).toBe('results.json has version 2 of the format; this fdpoll reads version 1');
  });

  it('names the place of what is wrong', () => {
    expect(complaint((its) => Object.assign(its, { results: [{}] }))).toContain('at results.0.scenario: ');
    expect(complaint((its) => Object.assign(its.environment ?? {}, { cpu: 'fast' }))).toContain('at environment.cpu: ');
    expect(complaint((its) => Object.assign(its, { interrupted: undefined }))).toContain('at interrupted: ');
  });

  it('takes no measurement without a sample', () => {
    const spoilt = { ...results, results: results.results.map((its) => ({ ...its, samples: [] })) };
    expect(message(JSON.stringify(spoilt))).toContain('at results.0.samples: ');
  });
});

const brevity = { name: 'cpu', kind: 'bar', title: 'CPU', says: 'It is.', metric: 'time' } as const;

describe('toPlot', () => {
  it('is linear, over all measurements, a series for each subject, unless it says otherwise', () => {
    expect(toPlot(brevity)).toEqual({ ...brevity, xScale: 'linear', yScale: 'linear', series: [], where: {} });
    expect(toPlot({ ...brevity, yScale: 'log' })).toMatchObject({ xScale: 'linear', yScale: 'log' });
  });

  it('takes no name that is no file name', () => {
    expect(() => toPlot({ ...brevity, name: '../cpu' })).toThrow();
  });
});

describe('readResults', () => {
  it('reads a file', () => {
    const directory = mkdtempSync(join(tmpdir(), 'fdpoll-'));
    try {
      const path = join(directory, 'results.json');
      writeFileSync(path, JSON.stringify(results));
      expect(readResults(path)).toEqual(results);
      writeFileSync(path, 'oops');
      expect(() => readResults(path)).toThrow(`${path} is no JSON: line 1, column 1: `);
      expect(() => readResults(directory)).toThrow(`cannot read ${directory}: EISDIR`);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('says which file it cannot read', () => {
    expect(() => readResults('/nowhere/results.json')).toThrow('cannot read /nowhere/results.json: ENOENT');
  });
});
