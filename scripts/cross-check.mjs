// Compiles and links the whole addon for the systems that CI does not have, warnings as errors, with the headers that
// zig carries: kqueue.cc really is built for macOS and the BSDs, without a change. It compiles what is said of each
// kqueue by test/native as well.
// usage: cross-check.mjs [--after-prebuild] [target...]
// --after-prebuild: npm run prebuild has compiled its targets a moment ago, and they are not compiled again.
import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { TARGETS } from './prebuild_targets.mjs';
import { buildAddon, compile } from './zig.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

const OTHERS = {
  'netbsd-x64': { zig: 'x86_64-netbsd.10.1', system: 'NetBSD' },
  'openbsd-x64': { zig: 'x86_64-openbsd', system: 'OpenBSD' },
};
const known = { ...TARGETS, ...OTHERS };
const defaults = Object.keys(known).filter((name) => known[name].system !== 'Linux');

const { positionals: asked, values } = parseArgs({
  allowPositionals: true,
  options: { 'after-prebuild': { type: 'boolean', default: false } },
});
let failed = 0;
for (const name of asked.length > 0 ? asked : defaults) {
  const target = known[name];
  if (target === undefined) throw new Error(`unknown target ${name}; one of ${Object.keys(known).join(', ')}`);
  const folder = join(root, 'build-cross', name);
  try {
    if (!values['after-prebuild'] || TARGETS[name] === undefined) buildAddon(target, folder);
    const objects = join(folder, 'tests');
    mkdirSync(objects, { recursive: true });
    if (target.system !== 'Linux')
      compile(target, join(root, 'test/native/kqueue_system_test.cc'), join(objects, 'kqueue_system_test.o'));
    console.log(`ok     ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAILED ${name}\n${error.message}`);
  }
}
process.exit(failed === 0 ? 0 : 1);
