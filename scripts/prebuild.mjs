// Builds the addon for every target on one Linux machine, into prebuilds/.
// usage: prebuild.mjs [--twice] [TARGET...]
// --twice: builds each again, in another folder, and fails when a byte is different.
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { TARGETS } from './prebuild_targets.mjs';
import { buildAddon } from './zig.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

const { positionals, values } = parseArgs({ allowPositionals: true, options: { twice: { type: 'boolean' } } });
const asked = positionals.length > 0 ? positionals : Object.keys(TARGETS);
const unknown = asked.filter((name) => TARGETS[name] === undefined);
if (unknown.length > 0) {
  console.error(`unknown target ${unknown.join(', ')}; there are ${Object.keys(TARGETS).join(', ')}`);
  process.exit(2);
}

/** Whether building it once more, elsewhere, gives the same bytes. */
function isReproducible(name, path) {
  const elsewhere = mkdtempSync(join(tmpdir(), 'fdpoll-prebuild-'));
  try {
    return readFileSync(path).equals(readFileSync(buildAddon(TARGETS[name], join(elsewhere, name))));
  } finally {
    rmSync(elsewhere, { recursive: true });
  }
}

let failed = 0;
for (const name of asked) {
  const begin = performance.now();
  const destination = join(root, 'prebuilds', name, 'fdpoll.node');
  mkdirSync(dirname(destination), { recursive: true });
  // Removed first: a process may have it mapped.
  rmSync(destination, { force: true });
  copyFileSync(buildAddon(TARGETS[name], join(root, 'build-prebuild', name)), destination);
  const different = values.twice && !isReproducible(name, destination);
  if (different) failed++;
  const twice = values.twice ? (different ? '  DIFFERENT when built again' : '  the same when built again') : '';
  const seconds = ((performance.now() - begin) / 1000).toFixed(0);
  console.log(`${name.padEnd(17)} ${relative('.', destination)}  ${seconds} s${twice}`);
}
process.exit(failed === 0 ? 0 : 1);
