import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LONGEST, Pattern, randomOf } from '../scripts/soak/bytes.mjs';
import { page, rates } from '../scripts/soak/plot.mjs';
import { growth, judge, type SoakRecord, type SoakResult } from '../scripts/soak/verdict.mjs';
import { Wheel } from '../scripts/soak/wheel.mjs';

const MIB = 2 ** 20;

describe('the bytes of a soak', () => {
  const pattern = new Pattern(7);

  it('are the same for the same seed, and others for another', () => {
    expect(new Pattern(7).at(3, 1000, 64)).toEqual(Buffer.from(pattern.at(3, 1000, 64)));
    expect(new Pattern(8).at(3, 1000, 64)).not.toEqual(Buffer.from(pattern.at(3, 1000, 64)));
    expect(randomOf(1)()).not.toBe(randomOf(2)());
  });

  it('are others for each connection and at each position', () => {
    const starts = Array.from({ length: 20_000 }, (_, id) => pattern.at(id, 0, 16).toString('hex'));
    expect(new Set(starts).size).toBe(starts.length);
    const later = Array.from({ length: 20_000 }, (_, position) => pattern.at(5, position, 16).toString('hex'));
    expect(new Set(later).size).toBe(later.length);
  });

  it('go on from piece to piece, also past the end of what is kept', () => {
    for (const position of [0, 1_048_573 - LONGEST, 1_048_572, 5_000_000]) {
      const whole = Buffer.from(pattern.at(9, position, 1000));
      expect(whole.length).toBe(1000);
      expect(Buffer.concat([pattern.at(9, position, 300), pattern.at(9, position + 300, 700)])).toEqual(whole);
    }
    expect(pattern.at(1, 0, LONGEST + 1).length).toBe(LONGEST);
  });

  it('tell which byte is wrong, lost or of another connection', () => {
    const right = Buffer.from(pattern.at(4, 500, 4000));
    expect(pattern.mismatch(4, 500, right, 4000)).toBe(-1);
    const wrong = Buffer.from(right);
    wrong[1234] = (wrong[1234] ?? 0) ^ 1;
    expect(pattern.mismatch(4, 500, wrong, 4000)).toBe(1234);
    expect(pattern.mismatch(4, 500, wrong, 1234)).toBe(-1);
    expect(pattern.mismatch(4, 501, right, 4000)).toBeGreaterThanOrEqual(0);
    expect(pattern.mismatch(5, 500, right, 4000)).toBeGreaterThanOrEqual(0);
  });
});

describe('the deadlines of a soak', () => {
  it('come in the turn that they were set for, also beyond the ring and set within a turn', () => {
    const wheel = new Wheel(8);
    const told: [number, number][] = [];
    let turn = 0;
    for (const turns of [0, 1, 7, 8, 9, 16, 17, 100]) wheel.add(turns, () => told.push([turns, turn]));
    wheel.add(3, () => wheel.add(8, () => told.push([11, turn])));
    for (turn = 1; turn <= 100; turn++) wheel.turn();
    expect(told.toSorted(([a], [b]) => a - b)).toEqual([
      [0, 1],
      ...[1, 7, 8, 9, 11, 16, 17, 100].map((turns) => [turns, turns]),
    ]);
  });
});

const record = (at: number, rest: Partial<SoakRecord> = {}): SoakRecord => ({
  ...{ at, phase: 'hold', fds: 120, rss: 60 * MIB, cpu: at * 100, connections: 100, accepted: 100, closed: 0 },
  ...{ refused: 0, bytes: at * MIB, messages: at * 10, latency: { p50: 1, p90: 2, p99: 3, max: 4 } },
  ...rest,
});
const seconds = (count: number, rest: (at: number) => Partial<SoakRecord> = () => ({})): SoakRecord[] =>
  Array.from({ length: count }, (_, at) => record(at, rest(at)));

const load: SoakResult['loads'][number] = {
  ...{ checked: 400 * MIB, wrong: 0, missing: 0, failed: 0, failures: [], unfinished: 0, unserved: 0 },
  ...{ scenario: 'quiet', phases: { quiet: { count: 500, p99: 2 }, flood: { count: 500, p99: 5 } } },
};
const flood = { ...load, scenario: 'flood' };
const server: SoakResult['server'] = {
  ...{ connections: 0, accepted: 300, closed: 300, refused: 40, fdsBefore: 20, fdsAfter: 20 },
};

/** A run that went well, but for what is given. */
const result = (scenario: string, rest: Partial<SoakResult> = {}): SoakResult => ({
  ...{
    scenario,
    connections: 100,
    places: 50,
    seconds: 20,
    exitCodes: [0, 0],
    loads: [load, { ...load, scenario: 'flood' }],
    server,
  },
  records:
    scenario === 'exhaustion'
      ? seconds(60, (at) => ({ phase: 'full', connections: 70, cpu: at * 5, refused: at * 20 }))
      : seconds(60),
  ...rest,
});
const failed = (given: SoakResult): string[] => judge(given).flatMap(({ what, ok }) => (ok ? [] : [what]));

describe('the verdict of a soak', () => {
  it.each(['mixed', 'flood', 'exhaustion'])('on a %s that went well has nothing against it', (scenario) => {
    expect(failed(result(scenario))).toEqual([]);
  });

  const [bytes, ends, descriptors] = [
    'no byte is wrong or lost',
    'every connection is served, and ends as it should',
    'no descriptor is left',
  ];
  it.each<[string, SoakResult, string]>([
    ['a wrong byte', result('mixed', { loads: [load, { ...load, wrong: 1 }] }), bytes],
    ['a lost byte', result('mixed', { loads: [{ ...load, missing: 1 }] }), bytes],
    ['nothing that was checked', result('mixed', { loads: [{ ...load, checked: 0 }] }), bytes],
    ['a connection that failed', result('mixed', { loads: [{ ...load, failed: 1, failures: ['x'] }] }), ends],
    ['one that hangs', result('mixed', { loads: [{ ...load, unfinished: 1 }] }), ends],
    ['one that had no answer', result('exhaustion', { loads: [{ ...load, unserved: 1 }] }), ends],
    ['a descriptor that is left', result('flood', { server: { ...server, fdsAfter: 21 } }), descriptors],
    ['a connection that is left', result('flood', { server: { ...server, connections: 1 } }), descriptors],
    ['a connection that nobody closed', result('flood', { server: { ...server, closed: 299 } }), descriptors],
    ['a crash', result('mixed', { exitCodes: [0, 'SIGSEGV'] }), 'every process ends with 0'],
    [
      'connections that were never there at once',
      result('mixed', { records: seconds(60, () => ({ connections: 94 })) }),
      'the connections are held at once',
    ],
    [
      'memory that grows',
      result('mixed', { records: seconds(60, (at) => ({ rss: (60 + at) * MIB })) }),
      'memory does not grow',
    ],
    ['a run too short to tell of memory', result('mixed', { records: seconds(1) }), 'memory does not grow'],
    [
      'quiet peers that wait for the flood',
      result('flood', {
        loads: [{ ...load, phases: { quiet: { count: 500, p99: 2 }, flood: { count: 500, p99: 21 } } }, flood],
      }),
      'a flood leaves the quiet ones alone',
    ],
    [
      'quiet peers of whom nothing is known',
      result('flood', { loads: [{ ...load, phases: {} }, flood] }),
      'a flood leaves the quiet ones alone',
    ],
    ['a flood of nothing', result('flood', { loads: [load, { ...flood, checked: MIB }] }), 'the flood is one'],
    [
      'a full server that spins',
      result('exhaustion', {
        records: seconds(60, (at) => ({ phase: 'full', connections: 70, cpu: at * 900, refused: at * 20 })),
      }),
      'a full server is idle',
    ],
    [
      'a full server that asks too often',
      result('exhaustion', {
        records: seconds(60, (at) => ({ phase: 'full', connections: 70, cpu: at, refused: at * 50 })),
      }),
      'a full server is idle',
    ],
    [
      'descriptors that never ran out',
      result('exhaustion', { server: { ...server, refused: 0 } }),
      'descriptors run out, and all come in once others have left',
    ],
    [
      'peers that were never accepted',
      result('exhaustion', { server: { ...server, accepted: 80, closed: 80 } }),
      'descriptors run out, and all come in once others have left',
    ],
  ])('finds %s', (_, given, expected) => {
    expect(failed(given)).toEqual([expected]);
  });

  it('takes memory along a line: a peak is none, and the warm-up does not count', () => {
    const warming = seconds(90, (at) => ({ rss: Math.min(60 + at * 5, 200) * MIB }));
    expect(growth(warming, 1 / 3).bytes).toBeCloseTo(0, 0);
    const peak = seconds(90, (at) => ({ rss: (at === 60 ? 300 : 60) * MIB }));
    expect(Math.abs(growth(peak, 1 / 3).bytes)).toBeLessThan(10 * MIB);
    expect(
      growth(
        seconds(90, (at) => ({ rss: (60 + at) * MIB })),
        1 / 3,
      ).bytes,
    ).toBeCloseTo(59 * MIB, 0);
  });
});

describe('the page of a soak', () => {
  it('has the verdicts and every figure as a plot, and needs nothing else', () => {
    const text = page('a <soak>', [{ what: 'all & sundry', ok: false, detail: '1 < 2' }], seconds(5));
    expect(text).toContain('<h1>a &lt;soak&gt;</h1>');
    expect(text).toContain('<b>FAILED</b></td><td>all &amp; sundry</td><td>1 &lt; 2');
    for (const title of [
      'connections and descriptors',
      'resident memory',
      'CPU',
      'echoed',
      'latency',
      'events of a batch',
    ])
      expect(text).toContain(title);
    expect(text).not.toMatch(/<script|src=|href="http|NaN/);
  });

  it('makes rates of counts', () => {
    expect(rates(record(4), record(2))).toEqual({ bytes: MIB, messages: 10, accepted: 0, cores: 0.1 });
  });
});

const script = fileURLToPath(new URL('../scripts/soak.mjs', import.meta.url));

/** Runs the soak for a few seconds; what it printed, and its exit code. */
const soak = (...args: string[]): Promise<{ code: unknown; stdout: string; folder: string }> => {
  const folder = mkdtempSync(join(tmpdir(), 'fdpoll-soak-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return new Promise((resolve) => {
    execFile(process.execPath, [script, '--seconds', '4', '--out', folder, ...args], (error, stdout) =>
      resolve({ code: error === null ? 0 : error.code, stdout, folder }),
    );
  });
};

if (process.platform !== 'linux') {
  it('is for Linux, which tells of processes in /proc', async () => {
    expect((await soak('mixed')).code).toBe(1);
  });
} else {
  describe('a soak of a few seconds', () => {
    it('holds its connections, loses nothing, and leaves its record', { timeout: 60_000 }, async () => {
      const { code, stdout, folder } = await soak(
        '--connections',
        '60',
        '--backend',
        'poll',
        '--hosting',
        'thread',
        'mixed',
      );
      expect(stdout).toContain('1 runs, nothing lost');
      expect(code).toBe(0);
      const report = JSON.parse(readFileSync(join(folder, 'mixed-poll-thread.json'), 'utf8'));
      expect(report.records.length).toBeGreaterThan(3);
      expect(report.loads[0].checked).toBeGreaterThan(MIB);
      expect(readFileSync(join(folder, 'mixed-poll-thread.html'), 'utf8')).toContain('</svg>');
    });

    it.each([
      ['wrong-byte', 'mixed', 'no byte is wrong or lost'],
      ['lost-byte', 'mixed', 'no byte is wrong or lost'],
      ['leak', 'mixed', 'no descriptor is left'],
      ['spin', 'exhaustion', 'a full server is idle'],
      ['greedy', 'flood', 'a flood leaves the quiet ones alone'],
    ])('finds out a server that has the fault %s', { timeout: 60_000 }, async (fault, scenario, what) => {
      const { code, stdout } = await soak('--connections', '100', '--fault', fault, scenario);
      expect(stdout).toMatch(new RegExp(`^FAILED +${what}`, 'm'));
      expect(code).toBe(1);
    });

    it.each([
      [['--backend', 'io_uring'], /no backend io_uring: there are/],
      [['--seconds', 'x'], /--seconds is a number from 3, not x/],
      [['--hosting', 'loop', '--backend', 'select'], /select is not hosted by the loop/],
      [['floods'], /no scenario floods: there are mixed, flood, exhaustion/],
    ])('says what is wrong with %j', async (args, why) => {
      const { stderr } = await new Promise<{ stderr: string }>((resolve) => {
        execFile(process.execPath, [script, ...args], (_, stdout, text) => resolve({ stderr: stdout + text }));
      });
      expect(stderr).toMatch(why);
    });
  });
}
