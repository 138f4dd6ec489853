// Bundles programs that use the installed tarball by the recipes of docs/installing.md, moves what comes out to where there is
// nothing else, and runs it; and sees what it says without its addon.
// usage: test-bundlers.mjs [--tarball FILE] [--jobs N] [case...]      test-bundlers.mjs esbuild-esm sea
// Without a tarball it makes one of the checkout as it is. Linux on x64, and nothing from the registry but what is pinned in
// tools/bundlers and tools/runtimes. `deno compile` wants Deno's other program: from its site, or as DENORT_BIN.
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { bundlers } from './bundlers/cases.mjs';
import { installBundlers } from './bundlers/tools.mjs';
import { checkNames, runCases } from './install/cases.mjs';
import { manifestOf, pack } from './install/tarball.mjs';
import { runtimeOf } from './runtimes.mjs';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { tarball: { type: 'string' }, jobs: { type: 'string', default: String(availableParallelism()) } },
});
checkNames(bundlers, positionals);

// Not by several at once.
installBundlers();
for (const name of ['bun', 'deno', 'node26']) runtimeOf(name);
const tarball = values.tarball === undefined ? pack() : resolve(values.tarball);
if (!existsSync(tarball)) throw new Error(`there is no ${tarball}`);
const subject = { tarball, version: manifestOf(tarball).version };
process.exit(await runCases(bundlers, positionals, Number(values.jobs), subject));
