import { describe, expect, it } from 'vitest';
import { diffResults } from '../../lib/cli/diff.ts';
import { countOf, type DiffReport, renderDiff, renderDiffMarkdown, verdictOf } from '../../lib/cli/diff_report.ts';
import type { Results } from '../../lib/cli/results.ts';
import { simulate } from './runs.ts';
import { measured, resultsOf, time } from './samples.ts';

function report(before: Results, after: Results): DiffReport {
  return {
    before: { source: 'a.json', results: before },
    after: { source: 'b.json', results: after },
    diff: diffResults(before, after, { threshold: 0.1 }),
  };
}

const same = report(simulate({ seed: 1 }), simulate({ seed: 2 }));
const slower = report(simulate({ seed: 1 }), simulate({ seed: 2, cost: (subject) => (subject === 'epoll' ? 2 : 1) }));
const apart = report(
  resultsOf([measured('a|b', time, [1, 1, 1, 1, 1])], { interrupted: true }),
  resultsOf([measured('c', time, [1, 1, 1, 1, 1])], {
    environment: { ...resultsOf([]).environment, kernel: 'Linux 9' },
    failures: [{ scenario: 'test', subject: 'poll', message: 'no luck' }],
  }),
);

describe('renderDiff', () => {
  it('ends with a verdict, after what the machine did', () => {
    const text = renderDiff(same, 80);
    expect(text).toMatch(/^Over all, the second run took × [\d.]+ the time of the first/);
    expect(text).toMatch(
      /\nNo change beyond the noise; of 60 measurements \d+ are surely the same, \d+ too noisy to tell\.\n$/,
    );
    expect(text).not.toContain('Slower or worse');
  });

  it('lists what is slower: as measured, and without the machine', () => {
    const lines = renderDiff(slower, 80).split('\n');
    const title = lines.findIndex((line) => /^Slower or worse \(\d+\)$/.test(line));
    expect(lines[title + 1]).toMatch(/^measurement +metric +before +after +measured +change +95 %$/);
    expect(lines[title + 2]).toMatch(/^test epoll pairs=10 +time \(µs\) .* × [12]\.\d\d .* × [12]\.\d\d .*–/);
    expect(lines.at(-2)).toMatch(/^\d+ slower or worse; of 60 measurements /);
  });

  it('names what differs, what is alone, what failed and what was interrupted', () => {
    const text = renderDiff(apart, 1000);
    expect(text).toContain('Not the same environment, so that a change may come from there: kernel (Linux 6.1.0');
    expect(text).toContain('a.json is of a run that was interrupted.');
    expect(text).toContain('Only in a.json: test on a|b (1).\nOnly in b.json: test on c (1).\n');
    expect(text).toContain('Failed in b.json: test on poll: no luck.');
    expect(text).toMatch(/Nothing to compare: the files have no measurement in common\.\n$/);
  });
});

describe('renderDiffMarkdown', () => {
  it('begins with the verdict, then tables, then notes', () => {
    const text = renderDiffMarkdown(slower);
    expect(text).toMatch(/^\*\*\d+ slower or worse; .*\*\*\n\n### Slower or worse \(\d+\)\n\n\| measurement \|/);
    expect(text).toContain('\n| --- | --- | --: | --: | --: | --: | --: |\n| test epoll pairs=10 | time (µs) |');
    expect(text).toMatch(/\n- Over all, .*\n$/);
  });
});

describe('verdictOf', () => {
  it('counts what countOf counts', () => {
    expect(verdictOf(slower.diff)).toContain(`${countOf(slower.diff, 'worse')} slower or worse`);
    expect(countOf(same.diff, 'worse')).toBe(0);
  });
});
