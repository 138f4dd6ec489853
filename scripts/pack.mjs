// Around `npm pack`: what a package has no use for is taken out of its package.json, and put back afterwards.
// usage: pack.mjs strip|restore
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TARGETS } from './prebuild_targets.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const manifest = join(root, 'package.json');
const kept = join(root, 'build/package.json.kept');

/** Package managers warn of scripts, also of those that only a checkout runs. */
const OF_CHECKOUTS = ['scripts', 'devDependencies', 'gypfile'];

function strip() {
  const missing = Object.keys(TARGETS).filter((name) => !existsSync(join(root, 'prebuilds', name, 'fdpoll.node')));
  if (missing.length > 0) {
    console.error(`no prebuilt addon for ${missing.join(', ')}: npm run prebuild`);
    process.exit(1);
  }
  const text = readFileSync(manifest, 'utf8');
  mkdirSync(dirname(kept), { recursive: true });
  writeFileSync(kept, text);
  const whole = JSON.parse(text);
  for (const key of OF_CHECKOUTS) delete whole[key];
  writeFileSync(manifest, `${JSON.stringify(whole, null, 2)}\n`);
}

if (process.argv[2] === 'strip') strip();
else if (existsSync(kept)) renameSync(kept, manifest);
