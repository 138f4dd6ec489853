// The bundlers. They are a package of their own (tools/bundlers), since only CI and maintainers need them; it is installed
// on demand, pinned by version and integrity. Bun and Deno are those of tools/runtimes.
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../install/tools.mjs';
import { runtimeOf } from '../runtimes.mjs';

const tools = join(root, 'tools/bundlers');

export function installBundlers() {
  if (existsSync(join(tools, 'node_modules/.package-lock.json'))) return;
  const args = ['ci', '--ignore-scripts', '--prefix', tools, '--no-audit', '--no-fund'];
  const { status, stderr, error } = spawnSync('npm', args, { encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`npm could not install tools/bundlers:\n${stderr}`);
}

/** Every entry of a folder, the programs and the packages of a scope each by itself. */
function link(from, to) {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from)) {
    if (entry === '.bin' || entry.startsWith('@')) link(join(from, entry), join(to, entry));
    else if (!entry.startsWith('.') && lstatSync(join(to, entry), { throwIfNoEntry: false }) === undefined)
      symlinkSync(join(from, entry), join(to, entry));
  }
}

/** As if the project had installed them, and its user Bun and Deno. */
export function giveBundlers(project) {
  link(join(tools, 'node_modules'), project.path('node_modules'));
  for (const name of ['bun', 'deno']) symlinkSync(runtimeOf(name).program, join(dirname(project.folder), 'bin', name));
}
