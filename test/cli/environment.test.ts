import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { describeEnvironment, mitigations, parseLimits } from '../../lib/cli/environment.ts';
import { environment as environmentSchema } from '../../lib/cli/results.ts';
import { backends } from '../../lib/index.ts';

describe('describeEnvironment', () => {
  it('can be written as JSON and loses nothing', () => {
    const environment = describeEnvironment();
    expect(JSON.parse(JSON.stringify(environment))).toEqual(environment);
  });

  it('says what a reader needs', () => {
    const environment = describeEnvironment();
    expect(environment.fdpoll).toMatch(/^\d+\.\d+\.\d+/);
    expect(environment.runtime).toContain(process.versions.node);
    expect(environment.cpu.count).toBeGreaterThan(0);
    expect(Date.parse(environment.date)).not.toBeNaN();
  });

  it('lists every backend that the library knows', () => {
    const names = describeEnvironment().backends.map(({ name }) => name);
    expect(names).toEqual(backends().map(({ name }) => name));
  });

  it('takes what it is told of the backends, where nobody can be asked', () => {
    expect(describeEnvironment([]).backends).toEqual([]);
  });

  it('has the shape that the schema of results says', () => {
    const environment = describeEnvironment();
    expect(v.parse(environmentSchema, environment)).toEqual(environment);
  });

  it('lets a process run on no more processors than there are', () => {
    const { available, count } = describeEnvironment().cpu;
    expect(available).toBeLessThanOrEqual(count);
  });
});

describe('parseLimits', () => {
  it('finds both limits', () => {
    const text =
      'Limit  Soft Limit  Hard Limit  Units\nMax open files            1024                 524288               files\n';
    expect(parseLimits(text)).toEqual({ soft: 1024, hard: 524_288 });
  });

  it('knows unlimited', () => {
    expect(parseLimits('Max open files  1024  unlimited  files')).toEqual({ soft: 1024, hard: 'unlimited' });
  });

  it('finds nothing where there is nothing', () => {
    expect(parseLimits('')).toBeUndefined();
  });
});

describe('mitigations', () => {
  it('tells what is mitigated from what is vulnerable', () => {
    const directory = mkdtempSync(join(tmpdir(), 'fdpoll-'));
    try {
      writeFileSync(join(directory, 'spectre_v1'), 'Mitigation: usercopy/swapgs barriers\n');
      writeFileSync(join(directory, 'mds'), 'Vulnerable: no microcode\n');
      writeFileSync(join(directory, 'l1tf'), 'Not affected\n');
      expect(mitigations(directory)).toEqual({ mitigated: ['spectre_v1'], vulnerable: ['mds'] });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('says nothing where the system does not', () => {
    expect(mitigations('/nowhere')).toBeUndefined();
  });
});
