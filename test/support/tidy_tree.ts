import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's own files: path from the root, with slashes, and text. */
export type Tree = ReadonlyMap<string, string>;
/** A rule: what it complains about, one line for each place; nothing when the tree is tidy. */
export type Rule = (tree: Tree) => string[];
/** Files to add, to change, and (undefined) to remove. */
export type Patch = Readonly<Record<string, string | undefined | ((text: string) => string)>>;

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What .gitignore names is not ours: a build, a package that was installed. */
const ignored = (): ((name: string) => boolean) => {
  const patterns = readFileSync(join(root, '.gitignore'), 'utf8')
    .split('\n')
    .map((line) => line.trim().replace(/\/$/, ''))
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => new RegExp(`^${line.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`));
  return (name) => name === '.git' || patterns.some((pattern) => pattern.test(name));
};

export const readTree = (): Tree => {
  const skip = ignored();
  const tree = new Map<string, string>();
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (skip(entry.name)) continue;
      if (entry.isDirectory()) visit(path);
      else if (entry.isFile()) tree.set(path, readFileSync(join(root, path), 'utf8'));
    }
  };
  visit('');
  return tree;
};

export const patched = (tree: Tree, patch: Patch): Tree => {
  const copy = new Map(tree);
  for (const [path, change] of Object.entries(patch)) {
    const text = typeof change === 'function' ? change(copy.get(path) ?? '') : change;
    if (text === copy.get(path)) throw new Error(`the patch of ${path} changes nothing`);
    if (text === undefined) copy.delete(path);
    else copy.set(path, text);
  }
  return copy;
};

export const select = (tree: Tree, pattern: RegExp): [path: string, text: string][] =>
  [...tree].filter(([path]) => pattern.test(path));

export const at = (path: string, text: string, index: number): string =>
  `${path}:${text.slice(0, index).split('\n').length}`;

const blank = (text: string): string => text.replace(/[^\n]/g, ' ');
const WORDS = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g;

/** Comments are blanks; everything is still where it was. */
export const withoutComments = (text: string): string =>
  text.replace(WORDS, (word) => (word.startsWith('/') ? blank(word) : word));

/** Comments and the insides of strings are blanks. */
export const codeOf = (text: string): string =>
  text.replace(WORDS, (word) => (word.startsWith('/') ? blank(word) : word[0] + blank(word.slice(1, -1)) + word[0]));

/** Every place of a pattern in the code of some files, as a complaint. */
export const forbid = (
  tree: Tree,
  paths: RegExp,
  pattern: RegExp,
  why: string,
  read: (text: string) => string = codeOf,
): string[] =>
  select(tree, paths).flatMap(([path, text]) =>
    [...read(text).matchAll(pattern)].map((match) => `${at(path, text, match.index)}: ${match[0].trim()} ${why}`),
  );
