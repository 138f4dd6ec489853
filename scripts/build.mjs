// Builds a checkout: the addon by node-gyp, one bundle for each entry by esbuild, the declarations by tsc and API
// Extractor. What is up to date is not built again, so that `npm start` and `npm test` can always call this.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

function run(script, args, { output = process.env.FDPOLL_BUILD_VERBOSE ? 'inherit' : 'pipe' } = {}) {
  const { status, stdout, error } = spawnSync(process.execPath, [join(root, script), ...args], {
    cwd: root,
    stdio: ['ignore', output, 'inherit'],
  });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
  return stdout;
}

// Node's own headers lie beside its binary in every distribution that ships them: nothing has to be downloaded then.
function headers() {
  const prefix = resolve(process.execPath, '../..');
  return existsSync(join(prefix, 'include/node/common.gypi')) ? [`--nodedir=${prefix}`] : [];
}

function newerThan(a, b) {
  return !existsSync(b) || statSync(a).mtimeMs > statSync(b).mtimeMs;
}

function buildAddon() {
  const configured = join(root, 'build/Makefile');
  const fresh = newerThan(join(root, 'binding.gyp'), configured);
  run('node_modules/node-gyp/bin/node-gyp.js', [fresh ? 'rebuild' : 'build', '--silent', ...headers()]);
}

// All that lib/ asks of package.json.
const versionAlone = {
  name: 'version alone',
  setup({ onLoad }) {
    onLoad({ filter: /package\.json$/ }, ({ path }) => {
      const { version } = JSON.parse(readFileSync(path, 'utf8'));
      return path === join(root, 'package.json')
        ? { contents: JSON.stringify({ version }), loader: 'json' }
        : undefined;
    });
  },
};

// The command is a user of the library: it has no copy of its own.
const libraryApart = {
  name: 'the library apart',
  setup({ onResolve }) {
    const library = join(root, 'lib/index.ts');
    onResolve({ filter: /\/index\.ts$/ }, ({ path, resolveDir }) =>
      resolve(resolveDir, path) === library ? { path: '../index.js', external: true } : undefined,
    );
  },
};

async function bundle(entries, { banner = '', plugins = [], ...options } = {}) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: entries,
    outdir: 'dist',
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    legalComments: 'eof',
    // A file of its own, since bundlers of programs follow what it requires: see binding.ts.
    external: ['./addon.cjs'],
    metafile: true,
    plugins: [versionAlone, ...plugins],
    banner: { js: banner },
    logLevel: 'warning',
    ...options,
  });
  return Object.keys(metafile.inputs);
}

// esbuild calls a class that refers to itself _Socket, and so would traces and the console. It can keep names by a call
// for each function of the bundle, which takes a quarter of the time that loading takes.
function nameClasses(path) {
  const text = readFileSync(path, 'utf8');
  const renamed = [...text.matchAll(/\bvar (\w+) = class (_\1)\b/g)].map(([, name, own]) => [name, own]);
  writeFileSync(
    path,
    renamed.reduce((code, [name, own]) => code.replace(new RegExp(`\\b${own}\\b`, 'g'), name), text),
  );
}

// The licences of what is bundled ask to be passed on with it.
function writeNotices(inputs) {
  const packages = new Set(inputs.flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[0] ?? []));
  const notices = [...packages].sort().map((path) => {
    const folder = join(root, path);
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file === undefined ? `Licence: ${license}\n` : readFileSync(join(folder, file), 'utf8');
    return `${name} ${version}\n\n${text}`;
  });
  const about = 'The fdpoll command bundles these packages.\n';
  writeFileSync(join(root, 'dist/THIRD_PARTY_NOTICES.txt'), [about, ...notices].join(`\n${'-'.repeat(80)}\n\n`));
}

// Bundled CommonJS packages call require(), which an ES module does not have.
const SHIM =
  "import { createRequire as fdpollCreateRequire } from 'node:module';\nconst require = fdpollCreateRequire(import.meta.url);";

if (!process.argv.includes('--no-addon')) buildAddon();
// Their names change with what is in them.
rmSync(join(root, 'dist/cli'), { recursive: true, force: true });
mkdirSync(join(root, 'dist'), { recursive: true });
for (const file of ['index.cjs', 'addon.cjs']) copyFileSync(join(root, 'lib', file), join(root, 'dist', file));
await bundle({ index: 'lib/index.ts' });
nameClasses(join(root, 'dist/index.js'));
const programs = readdirSync(join(root, 'lib/cli/programs')).map((file) => `lib/cli/programs/${file}`);
writeNotices(
  await bundle(['lib/cli/main.ts', ...programs], {
    outdir: 'dist/cli',
    entryNames: '[name]',
    chunkNames: 'chunk-[hash]',
    // What only one command needs is loaded by it alone.
    splitting: true,
    banner: SHIM,
    plugins: [libraryApart],
    minify: true,
    // Without what echarts tells its developers.
    define: { 'process.env.NODE_ENV': '"production"' },
  }),
);
// The command knows what it writes.
writeFileSync(join(root, 'dist/results.schema.json'), run('dist/cli/main.js', ['schema'], { output: 'pipe' }));
await import('./declarations.mjs');
