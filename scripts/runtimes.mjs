// The other runtimes that the suite runs under. They are a package of their own (tools/runtimes), since they are large;
// it is installed on demand, pinned by version and integrity. By itself it installs them and says what there is.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const tools = join(root, 'tools/runtimes');

/** Name, where its program lies in tools/runtimes/node_modules, and what runs a script with a collector to be called. */
const RUNTIMES = {
  node22: { path: 'node22/bin/node', script: ['--expose-gc'] },
  node24: { path: 'node24/bin/node', script: ['--expose-gc'] },
  node26: { path: 'node26/bin/node', script: ['--expose-gc'] },
  bun: { path: 'bun/bin/bun', script: ['--expose-gc'] },
  deno: {
    path: 'deno/deno',
    script: [
      'run',
      '--allow-all',
      `--import-map=${join(root, 'test/harness/deno_imports.json')}`,
      '--v8-flags=--expose-gc',
    ],
  },
};

export const names = [...Object.keys(RUNTIMES), 'node'];

/** The program of a runtime, and its arguments before a script. `node` is the one that runs this. */
export function runtimeOf(name) {
  if (name === 'node') return { program: process.execPath, script: ['--expose-gc'] };
  const known = RUNTIMES[name];
  if (known === undefined) throw new Error(`unknown runtime ${name}; one of ${names.join(', ')}`);
  const program = join(tools, 'node_modules', known.path);
  if (!existsSync(program)) install();
  return { program, script: known.script };
}

function install() {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(
      `tools/runtimes has programs for Linux on x64 alone, and this is ${process.platform} ${process.arch}`,
    );
  // Not `npm ci`, which would remove what is there of the others when one is missing.
  const { status, stderr, error } = spawnSync(
    'npm',
    ['install', '--no-save', '--prefix', tools, '--no-audit', '--no-fund'],
    { encoding: 'utf8' },
  );
  if (error) throw error;
  if (status !== 0) throw new Error(`npm could not install tools/runtimes:\n${stderr}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const name of names) {
    const { program } = runtimeOf(name);
    const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
    console.log(`${name.padEnd(6)} ${stdout.split('\n')[0]}`);
  }
}
