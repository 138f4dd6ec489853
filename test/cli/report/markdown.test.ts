import { describe, expect, it } from 'vitest';
import { toDocument } from '../../../lib/cli/report/document.ts';
import { escapeMarkdown, renderMarkdown } from '../../../lib/cli/report/markdown.ts';
import type { Results } from '../../../lib/cli/results.ts';
import { rich } from './plots.ts';
import { HOSTILE, resultsOf } from './results.ts';

const markdown = (results: Results, ...more: Results[]): string =>
  renderMarkdown(
    toDocument([results, ...more].map((one, i) => ({ name: `${i}.json`, results: one }))),
    () => undefined,
  );

describe('renderMarkdown', () => {
  it('has the environment, headings, sentences and tables', () => {
    const text = markdown(rich);
    expect(text).toMatch(/^# fdpoll: epoll, kqueue, poll and select on Linux 6\.1\.0\n/);
    expect(text).toContain('| kernel | Linux 6.1.0 x86\\_64 |');
    expect(text).toContain('### An event, against the number of descriptors');
    expect(text).toContain(
      '| pairs | subject | median (µs) | quartiles | × best | 95 % interval |\n| ---: | --- | ---: |',
    );
    expect(text).toContain('```sh\nfdpoll run dispatch\n```');
  });

  it('has as many cells in every row as in the head', () => {
    const cells = (row: string) => row.replaceAll('\\|', '').split('|').length;
    for (const table of markdown(rich).match(/(^\|.*\n)+/gm) ?? []) {
      const [head = '', ...rows] = table.trimEnd().split('\n');
      for (const row of rows) expect(cells(row)).toBe(cells(head));
    }
  });

  it('shows pictures where there are some', () => {
    const document = toDocument([{ name: 'r.json', results: rich }]);
    const text = renderMarkdown(document, ({ id }) => `a b/${id}.svg`);
    expect(text).toContain('![An event, against the number of descriptors](a%20b/dispatch-count.svg)');
  });

  it('has no element, link or fence that a text of the file begins', () => {
    const hostile = `${HOSTILE}\n\n# heading\n[link](x) @someone \`\`\`\``;
    const scenarios = rich.scenarios.map((scenario) => ({
      ...scenario,
      title: hostile,
      notes: [hostile],
      command: hostile,
    }));
    const failures = [{ scenario: hostile, subject: hostile, message: hostile }];
    const text = markdown({ ...rich, scenarios, failures });
    const outside = text.replace(/^(`{3,})sh\n[\s\S]*?\n\1$/gm, '');
    expect(outside).not.toMatch(/(?<!\\)[<>[\]`@](?!\(|[^\n]*\]\()/);
    expect(outside).not.toContain('\n# heading');
  });

  it('has a heading for each of several files', () => {
    expect(markdown(rich, rich)).toMatch(/\n## 0\.json\n[\s\S]*\n## 1\.json\n/);
  });

  it('says what failed, what was interrupted, and when there is nothing', () => {
    const failures = [{ scenario: 'echo', subject: 'poll', message: 'broken' }];
    const text = markdown(resultsOf([], { failures, interrupted: true }));
    expect(text).toContain('- echo on poll: broken');
    expect(text).toContain('interrupted');
    expect(text).toContain('nothing was measured');
  });
});

describe('escapeMarkdown', () => {
  it.each([
    ['a_b*c', 'a\\_b\\*c'],
    ['| a |', '\\| a \\|'],
    ['<b>', '\\<b\\>'],
    ['- no list', '\\- no list'],
    ['1. no list', '\\1. no list'],
    ['a\n\nb', 'a b'],
  ])('writes %j as %j', (text, escaped) => {
    expect(escapeMarkdown(text)).toBe(escaped);
  });
});
