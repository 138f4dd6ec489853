// clang-format and clang-tidy over native/ and its tests, with what .clang-format and .clang-tidy say. Needs both tools
// and a configured build-native (cmake -B build-native).
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);

function find(folder, ending) {
  return readdirSync(join(root, folder), { recursive: true })
    .filter((path) => ending.test(path))
    .map((path) => join(folder, path))
    .sort();
}

function run(command, args) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  if (error) throw new Error(`${command} does not start: ${error.message}`);
  if (status === 0) return;
  console.error(stdout, stderr);
  process.exit(1);
}

const formatted = ['native', 'test/native', 'test/addon_host', 'test/faults', 'test/fuzz'].flatMap((folder) =>
  find(folder, /\.(cc|h)$/),
);
run('clang-format', ['--dry-run', '-Werror', ...formatted]);

const core = find('native', /\.cc$/).filter((path) => !path.startsWith('native/binding/'));
run('clang-tidy', ['--quiet', '-p', 'build-native', ...core]);

const { include_dir: nodeApi } = require('node-api-headers');
const addonApi = join(root, 'node_modules/node-addon-api');
const flags = ['-std=c++17', '-Inative', '-isystem', nodeApi, '-isystem', addonApi];
const defines = ['-DNAPI_VERSION=8', '-DNAPI_DISABLE_CPP_EXCEPTIONS', '-DNODE_ADDON_API_DISABLE_DEPRECATED'];
run('clang-tidy', ['--quiet', ...find('native/binding', /\.cc$/), '--', ...flags, ...defines]);
console.log('native code is formatted and tidy');
