// The recipes of docs/installing.md, so that what is written there is what is run.
import { readFileSync } from 'node:fs';
import { root } from '../install/tools.mjs';

const FENCE = /(?:`([^`\n]+)`:\n\n)?^```(\w+)\n([\s\S]*?)^```$/gm;
const ALONE = /^( *)\/\/ (.*) \/\/ one system alone$/gm;

/** Of each: the files that its chapter has shown so far, by name, and its commands. The first line of the commands is its name. */
export function readRecipes(text = readFileSync(`${root}/docs/installing.md`, 'utf8')) {
  const section = /^## Bundles\n([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(text)?.[1];
  if (section === undefined) throw new Error('docs/installing.md has no section "Bundles"');
  const recipes = {};
  for (const chapter of section.split(/^### /m).slice(1)) {
    const files = {};
    for (const [block, file, language, code] of chapter.matchAll(FENCE)) {
      const name = language === 'sh' ? /^# (.+)\n/.exec(code)?.[1] : file;
      if (name === undefined || name in recipes) throw new Error(`without a name of its own in the docs:\n${block}`);
      if (language === 'sh') recipes[name] = { files: { ...files }, commands: code };
      else files[name] = code;
    }
  }
  return recipes;
}

/** The same with the lines uncommented that leave out all systems but one. */
export function forOneSystem({ files, commands }) {
  const alone = Object.entries(files).map(([name, code]) => [name, code.replace(ALONE, '$1$2')]);
  if (alone.every(([name, code]) => files[name] === code)) throw new Error('there is no line for one system alone');
  return { files: Object.fromEntries(alone), commands };
}
