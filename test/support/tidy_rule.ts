import { expect, it } from 'vitest';
import { type Patch, patched, type Rule, readTree } from './tidy_tree.ts';

const tree = readTree();

/** The rule holds; and it is a rule, because each of these changes to the tree breaks it. */
export const rule = (sentence: string, check: Rule, ...breaks: [patch: Patch, complaint: RegExp][]): void => {
  it(sentence, () => expect(check(tree).join('\n')).toBe(''));

  it(`complains when not: ${sentence}`, () => {
    const before = new Set(check(tree));
    expect(breaks.length).toBeGreaterThan(0);
    for (const [patch, complaint] of breaks) {
      const complaints = check(patched(tree, patch)).filter((line) => !before.has(line));
      expect(complaints.join('\n'), Object.keys(patch).join()).toMatch(complaint);
    }
  });
};

export const plus =
  (line: string) =>
  (text: string): string =>
    `${text}${line}\n`;
export const swap =
  (from: string | RegExp, to: string) =>
  (text: string): string =>
    text.replace(from, to);
