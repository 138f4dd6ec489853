// The reference of the API: pages of dist/types/index.d.ts in docs/api (which git ignores), by TypeDoc, which is a package
// of its own (tools/docs) and installed on demand. Then it looks whether every export has its page and every link leads
// somewhere.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const tools = join(root, 'tools/docs');
const pages = join(root, 'docs/api');

function run(command, ...args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/** The names that the declarations export. */
function exportsOf(declarations) {
  const found = declarations.matchAll(/^export declare (?:const|class|function|interface|type) (\w+)/gm);
  return [...new Set([...found].map(([, name]) => name))];
}

function htmlFiles() {
  return readdirSync(pages, { recursive: true })
    .filter((path) => path.endsWith('.html'))
    .map((path) => join(pages, path));
}

function brokenLinks(files) {
  const texts = new Map(files.map((file) => [file, readFileSync(file, 'utf8')]));
  const anchors = new Map([...texts].map(([file, text]) => [file, new Set(text.match(/(?<=\bid=")[^"]+/g))]));
  return [...texts].flatMap(([file, text]) =>
    [...text.matchAll(/<a\b[^>]*\bhref="(?!\w+:)([^"#]*)(?:#([^"]*))?"/g)].flatMap(([link, path, anchor]) => {
      const target = path === '' ? file : resolve(dirname(file), decodeURIComponent(path));
      const there = anchor ? anchors.get(target)?.has(decodeURIComponent(anchor)) : existsSync(target);
      return there ? [] : [`${relative(root, file)}: ${link} leads nowhere`];
    }),
  );
}

run(process.execPath, 'scripts/declarations.mjs');
// As zig and the runtimes are installed: see cross-check.mjs.
if (!existsSync(join(tools, 'node_modules/typedoc')))
  run('npm', 'install', '--no-save', '--prefix', tools, '--no-audit', '--no-fund');
rmSync(pages, { recursive: true, force: true });
run(process.execPath, join(tools, 'node_modules/typedoc/bin/typedoc'), '--options', join(tools, 'typedoc.json'));

const files = htmlFiles();
const titles = new Set(files.map((file) => /([^/.]+)\.html$/.exec(file)?.[1]));
const problems = [
  ...exportsOf(readFileSync(join(root, 'dist/types/index.d.ts'), 'utf8'))
    .filter((name) => !titles.has(name))
    .map((name) => `docs/api has no page of ${name}`),
  ...brokenLinks(files),
];
for (const problem of problems) console.error(problem);
console.log(`docs/api: ${files.length} pages, index.html is the first`);
if (problems.length > 0) process.exitCode = 1;
