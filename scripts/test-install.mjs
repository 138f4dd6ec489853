// Installs the tarball as users do, with every package manager and nothing allowed, and runs programs on it; compiles
// TypeScript against it; and sees what it says where it cannot work.
// usage: test-install.mjs [--tarball FILE] [--jobs N] [case...]      test-install.mjs npm12 truncated
// Without a tarball it makes one of the checkout as it is. A case is one of those that it prints; without any, all of them.
// Linux on x64. It needs the registry for some cases; what it installs is pinned in tools/install. As root it mounts, too.
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { checkNames, runCases } from './install/cases.mjs';
import { compiled } from './install/compiled.mjs';
import { linters } from './install/linters.mjs';
import { managers } from './install/managers.mjs';
import { refusals } from './install/refusals.mjs';
import { contents, manifestOf, pack } from './install/tarball.mjs';
import { tool } from './install/tools.mjs';
import { typescript } from './install/typescript.mjs';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { tarball: { type: 'string' }, jobs: { type: 'string', default: String(availableParallelism()) } },
});

// The longest first.
const CASES = { ...compiled, ...managers, ...typescript, ...refusals, ...linters, contents };
checkNames(CASES, positionals);

tool('.'); // Not by several at once.
const tarball = values.tarball === undefined ? pack() : resolve(values.tarball);
if (!existsSync(tarball)) throw new Error(`there is no ${tarball}`);
const subject = { tarball, version: manifestOf(tarball).version };
process.exit(await runCases(CASES, positionals, Number(values.jobs), subject));
