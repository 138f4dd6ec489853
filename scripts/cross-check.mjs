// Compiles and links the whole addon for the systems that CI does not have, warnings as errors, with the headers that
// zig carries: kqueue.cc really is built for macOS and the BSDs, without a change. zig is a package of its own
// (tools/zig), since it is large; it is installed on demand, pinned by version and integrity.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);

const LAZY = '-Wl,-undefined,dynamic_lookup';
const TARGETS = {
  'x86_64-macos.11.0': [LAZY],
  'aarch64-macos.11.0': [LAZY],
  'x86_64-freebsd.14.0': [],
  'x86_64-netbsd.10.1': [],
  'x86_64-openbsd': [],
};

// What it says is shown only when it fails: zig tells of warnings in the headers and libraries that it brings.
function run(command, args) {
  const { status, error, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (error) throw error;
  if (status !== 0) console.error(stderr);
  return status === 0;
}

const tools = join(root, 'tools/zig');
const zig = join(tools, 'node_modules/.bin/zig');
// Not `npm ci`: the lock pins what it lists by integrity, but cannot list packages of other platforms that a registry
// may lack, and `npm ci` then refuses it.
const install = ['install', '--no-save', '--prefix', tools, '--no-audit', '--no-fund'];
if (!existsSync(zig) && !run('npm', install)) process.exit(1);

// The one list of sources is binding.gyp's, as every build's.
const sources = [...readFileSync(join(root, 'binding.gyp'), 'utf8').matchAll(/'(native\/[^']+\.cc)'/g)].map(
  (m) => m[1],
);
const includes = ['native', require('node-api-headers').include_dir, require('node-addon-api').include_dir];

const asked = process.argv.slice(2);
const targets = asked.length > 0 ? asked : Object.keys(TARGETS);
let failed = 0;
for (const target of targets) {
  const extra = TARGETS[target];
  if (extra === undefined) throw new Error(`unknown target ${target}; one of ${Object.keys(TARGETS).join(', ')}`);
  const out = join(root, 'build-cross', target);
  mkdirSync(out, { recursive: true });
  const flags = ['-target', target, '-std=c++17', '-O1', '-fPIC', '-Wall', '-Wextra', '-Werror'];
  const defines = [
    'NAPI_VERSION=8',
    'NODE_ADDON_API_DISABLE_DEPRECATED',
    'NAPI_DISABLE_CPP_EXCEPTIONS',
    'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
  ].map((define) => `-D${define}`);
  const paths = [`-I${includes[0]}`, ...includes.slice(1).flatMap((path) => ['-isystem', resolve(root, path)])];
  const ok =
    run(zig, [
      'c++',
      ...flags,
      ...defines,
      ...paths,
      '-shared',
      ...extra,
      ...sources,
      '-o',
      join(out, 'fdpoll.node'),
    ]) &&
    run(zig, [
      'c++',
      ...flags,
      '-Inative',
      '-c',
      'test/native/kqueue_system_test.cc',
      '-o',
      join(out, 'kqueue_system_test.o'),
    ]);
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${target}`);
  if (!ok) failed++;
}
process.exit(failed === 0 ? 0 : 1);
