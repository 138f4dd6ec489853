// The public API as one declaration file with its docstrings, dist/types/index.d.ts (and .d.cts, which CommonJS wants to
// have), and the report of it, etc/fdpoll.api.md, whose changes are to be seen in review. See docs/building.md. With
// --update the report is written, and otherwise compared: a difference is an error in CI (the variable CI is set) and a
// remark elsewhere.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const at = (path) => join(root, path);
const read = (path) => (existsSync(at(path)) ? readFileSync(at(path), 'utf8') : undefined);
const write = (path, text) => {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), text);
};

const EMITTED = 'build/types/lib';
const REPORT = 'etc/fdpoll.api.md';
const OUTPUTS = ['build/api/fdpoll.api.md', 'dist/types/index.d.ts', 'dist/types/index.d.cts'];

function tsc(config) {
  const { status, error } = spawnSync(process.execPath, [at('node_modules/typescript/bin/tsc'), '-p', config], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/** A stream has its base at run time, which the types need not know: see beDuplex in lib/builtins.ts. */
function nameTheBaseOfStreams() {
  const path = `${EMITTED}/socket_stream.d.ts`;
  const named = read(path)
    .replace("import { LateDuplex } from './builtins.ts';", "import { Duplex } from 'node:stream';")
    .replace('extends LateDuplex', 'extends Duplex');
  if (named.includes('LateDuplex')) throw new Error(`${path} names the base of its class in another way`);
  write(path, named);
}

/** What the results depend on. */
function digest() {
  const hash = createHash('sha256');
  const inputs = [
    ...readdirSync(at(EMITTED)).map((name) => `${EMITTED}/${name}`),
    ...['declarations', 'flat_declarations'].map((name) => `scripts/${name}.mjs`),
    'node_modules/@microsoft/api-extractor/package.json',
    'tsconfig.json',
  ];
  for (const path of inputs) hash.update(path).update(read(path));
  return hash.digest('hex');
}

async function extract(entry, outputs) {
  const { Extractor, ExtractorConfig } = (await import('@microsoft/api-extractor')).default;
  const messages = [];
  const config = ExtractorConfig.prepare({
    packageJsonFullPath: at('package.json'),
    configObjectFullPath: undefined,
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: at(entry),
      newlineKind: 'lf',
      compiler: { tsconfigFilePath: at('tsconfig.types.json') },
      apiReport: { enabled: false },
      tsdocMetadata: { enabled: false },
      ...outputs,
      messages: {
        compilerMessageReporting: { default: { logLevel: 'error' } },
        tsdocMessageReporting: { default: { logLevel: 'error' } },
        extractorMessageReporting: {
          default: { logLevel: 'error' },
          // Everything is public.
          'ae-missing-release-tag': { logLevel: 'none' },
        },
      },
    },
  });
  Extractor.invoke(config, {
    localBuild: true,
    messageCallback: (message) => {
      message.handled = true;
      if (message.category !== 'console' && ['error', 'warning'].includes(message.logLevel))
        messages.push(message.formatMessageWithLocation(root));
    },
  });
  return messages;
}

async function generate() {
  const { flatDeclarations, typeOnlyExports } = await import('./flat_declarations.mjs');
  await extract(`${EMITTED}/index.d.ts`, {
    dtsRollup: { enabled: true, untrimmedFilePath: at('build/api/rolled.d.ts') },
  });
  const flat = flatDeclarations(read('build/api/rolled.d.ts'), typeOnlyExports(read(`${EMITTED}/index.d.ts`)));
  // TypeScript 6 and later look at no types by themselves.
  const text = `/// <reference types="node" />\n\n${flat}`;
  for (const name of readdirSync(at('dist/types'))) rmSync(at(`dist/types/${name}`));
  for (const name of ['index.d.ts', 'index.d.cts']) write(`dist/types/${name}`, text);
  const folder = { reportFolder: at('build/api'), reportTempFolder: at('build/api/temp') };
  return extract('dist/types/index.d.ts', {
    apiReport: { enabled: true, reportFileName: 'fdpoll.api.md', ...folder },
  });
}

rmSync(at(EMITTED), { recursive: true, force: true });
tsc('tsconfig.types.json');
nameTheBaseOfStreams();
const now = digest();
const remarks = [];
if (read('build/api/digest') !== now || OUTPUTS.some((path) => !existsSync(at(path)))) {
  rmSync(at('build/api'), { recursive: true, force: true });
  mkdirSync(at('build/api'), { recursive: true });
  mkdirSync(at('dist/types'), { recursive: true });
  remarks.push(...(await generate()));
  // What was left out must not be missed: who uses the declarations may have them checked.
  tsc('tsconfig.declarations.json');
  if (remarks.length === 0) write('build/api/digest', now);
}
const report = read('build/api/fdpoll.api.md');
if (report !== read(REPORT)) {
  if (process.argv.includes('--update')) write(REPORT, report);
  else remarks.push(`the public API is not as ${REPORT} says: npm run api writes it anew, to be committed`);
}
for (const remark of remarks) console.error(remark);
if (remarks.length > 0 && process.env.CI) process.exitCode = 1;
