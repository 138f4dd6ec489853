// The programs that install and read the tarball. They are a package of their own (tools/install), since only CI and
// maintainers need them; it is installed on demand, pinned by version and integrity.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runtimeOf } from '../runtimes.mjs';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const tools = join(root, 'tools/install');

export const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** The path of a file of tools/install. */
export function tool(path) {
  const found = join(tools, 'node_modules', path);
  if (!existsSync(found)) install();
  return found;
}

/** What npm says that it is set up to, in a word; '' when nothing is. */
export function npmConfig(key) {
  const { stdout } = spawnSync('npm', ['config', 'get', key], { cwd: root, encoding: 'utf8' });
  const value = stdout.trim();
  return value === 'null' || value === 'undefined' ? '' : value;
}

/** The program of a Node: `node` is the one that runs this, `node20` the oldest that is supported, `node18` too old. */
export function nodeOf(name) {
  return name === 'node18' || name === 'node20' ? tool(`${name}/bin/node`) : runtimeOf(name).program;
}

export const supportedNodes = ['node20', 'node', 'node22', 'node24', 'node26'];

function install() {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(
      `tools/install has programs for Linux on x64 alone, and this is ${process.platform} ${process.arch}`,
    );
  // Not `npm ci`, which would remove what is there of the others when one is missing.
  const args = ['install', '--no-save', '--ignore-scripts', '--prefix', tools, '--no-audit', '--no-fund'];
  const { status, stderr, error } = spawnSync('npm', args, { encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`npm could not install tools/install:\n${stderr}`);
}
