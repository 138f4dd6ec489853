// Builds a checkout: the addon by node-gyp, one bundle for each entry by esbuild, the declarations by tsc. What is
// up to date is not built again, so that `npm start` and `npm test` can always call this.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

function run(module, args) {
  const { status, error } = spawnSync(process.execPath, [join(root, 'node_modules', module), ...args], {
    cwd: root,
    stdio: ['ignore', process.env.FDPOLL_BUILD_VERBOSE ? 'inherit' : 'pipe', 'inherit'],
  });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
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
  run('node-gyp/bin/node-gyp.js', [fresh ? 'rebuild' : 'build', '--silent', ...headers()]);
}

async function bundle(entries, { banner = '', keepNames = true } = {}) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: entries,
    outdir: 'dist',
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    legalComments: 'eof',
    keepNames,
    metafile: true,
    banner: { js: banner },
    logLevel: 'warning',
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
await bundle({ index: 'lib/index.ts' }, { keepNames: false });
nameClasses(join(root, 'dist/index.js'));
writeNotices(await bundle({ cli: 'lib/cli/main.ts', echo_server: 'lib/cli/echo_server.ts' }, { banner: SHIM }));
run('typescript/bin/tsc', ['-p', 'tsconfig.types.json']);
// What was stripped must not be missed: who uses the declarations may have them checked.
run('typescript/bin/tsc', ['-p', 'tsconfig.declarations.json']);
