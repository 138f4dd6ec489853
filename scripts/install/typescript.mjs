// The declarations as a user's compiler reads them: ES modules and CommonJS, every way that it resolves modules, and
// with what is in them checked. What it writes must run.
import { copyFileSync } from 'node:fs';
import { createProject } from './project.mjs';
import { nodeOf, readJson, root, tool } from './tools.mjs';

const pinned = readJson(`${root}/package.json`).devDependencies;

/** `package.json`'s type, and the options that differ. */
const node = (name) => ({ module: name, moduleResolution: name });
const bundler = (module) => ({ module, moduleResolution: 'bundler' });
const WAYS = {
  'esm node16': ['module', node('node16')],
  'esm nodenext': ['module', node('nodenext')],
  'esm bundler': ['module', bundler('esnext')],
  'cjs node16': ['commonjs', node('node16')],
  'cjs nodenext': ['commonjs', node('nodenext')],
  'cjs bundler': ['commonjs', bundler('commonjs')],
};
const COMPILERS = {
  typescript7: { tsc: () => `${root}/node_modules/typescript/bin/tsc`, ways: Object.keys(WAYS) },
  // It is slow, and has no CommonJS with the resolution of bundlers.
  typescript5: {
    tsc: () => tool('typescript5/bin/tsc'),
    ways: ['esm node16', 'esm bundler', 'cjs node16', 'cjs nodenext'],
  },
};
const STRICT = {
  target: 'es2022',
  lib: ['es2023', 'esnext.disposable'],
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
};
const EXPECTED = { ok: true, names: ['ours', 'timer'], received: 5, code: 'ENOENT number string', length: 1 };

async function compileAndRun(project, tsc, way) {
  const [type, options] = WAYS[way];
  const folder = way.replace(' ', '-');
  project.write(`${folder}/package.json`, JSON.stringify({ type }));
  project.write(
    `${folder}/tsconfig.json`,
    JSON.stringify({ compilerOptions: { ...STRICT, ...options, rootDir: '.', outDir: 'out' }, files: ['program.ts'] }),
  );
  copyFileSync(`${root}/test/fixtures/install/program.ts`, project.path(`${folder}/program.ts`));
  await project.run('node', [tsc, '--pretty', 'false', '-p', folder]);
  for (const name of ['node20', 'node22']) {
    const { stdout, stderr } = await project.run(nodeOf(name), [`${folder}/out/program.js`]);
    if (stdout.trim() !== JSON.stringify(EXPECTED) || stderr !== '')
      throw new Error(`${name} printed ${stdout}${stderr}instead of ${JSON.stringify(EXPECTED)}`);
  }
}

async function everyWay(name, { tarball }) {
  const { tsc, ways } = COMPILERS[name];
  const project = createProject('node');
  await project.run('npm', ['install', '--no-audit', '--no-fund', tarball, `@types/node@${pinned['@types/node']}`]);
  const wrong = [];
  for (const way of ways)
    await compileAndRun(project, tsc(), way).catch((error) => wrong.push(`${way}: ${error.message}`));
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  project.remove();
  return ways.join(', ');
}

export const typescript = Object.fromEntries(
  Object.keys(COMPILERS).map((name) => [name, (subject) => everyWay(name, subject)]),
);
