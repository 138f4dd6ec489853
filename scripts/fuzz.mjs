// Fuzzes what takes bytes apart in native/core: builds the targets of test/fuzz with libFuzzer, AddressSanitizer and
// UndefinedBehaviorSanitizer into build-fuzz/, and lets each run for a while from its corpus. Fails on a crash, whose
// input is left in build-fuzz/crashes. What new inputs were found stays in build-fuzz/corpus, for the next time.
// usage: fuzz.mjs [--seconds N] [--seed N] [--minimise | --coverage] [TARGET...]
// --minimise puts into test/fuzz/corpus what of both corpora finds code that no smaller file finds; the kernel's own stay.
// --coverage replays both corpora and says which part of each source they run that one of the targets enters.
// Needs Clang with libFuzzer (Debian: clang; FDPOLL_CLANG names another clang++) and CMake.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const top = join(root, 'build-fuzz');
const crashes = join(top, 'crashes');

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string' },
    minimise: { type: 'boolean', default: false },
    coverage: { type: 'boolean', default: false },
  },
});
for (const name of ['seconds', 'seed'])
  if (values[name] !== undefined && !/^[1-9]\d*$/.test(values[name]))
    throw new Error(`--${name} is a whole number from 1, not ${values[name]}`);

const targets = readdirSync(join(root, 'test/fuzz'))
  .filter((name) => name.endsWith('_fuzz.cc'))
  .map((name) => name.replace('_fuzz.cc', ''))
  .sort();
for (const name of positionals)
  if (!targets.includes(name)) throw new Error(`no target ${name}: there are ${targets.join(', ')}`);
const chosen = positionals.length > 0 ? positionals : targets;

function clang() {
  const versions = Array.from({ length: 12 }, (_, i) => `clang++-${25 - i}`);
  const names = process.env.FDPOLL_CLANG ? [process.env.FDPOLL_CLANG] : ['clang++', ...versions];
  const found = names.find((name) => spawnSync(name, ['--version']).status === 0);
  if (found === undefined) throw new Error('no clang++ here: Debian has it in the package clang');
  return found;
}

/** What it prints. */
function run(command, args, env = {}) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    maxBuffer: 2 ** 28,
  });
  if (error) throw error;
  if (status === 0) return stdout;
  console.error(stdout, stderr);
  process.exit(1);
}

function build(folder, target, ...options) {
  run('cmake', ['-S', root, '-B', folder, `-DCMAKE_CXX_COMPILER=${compiler}`, '-DFDPOLL_WERROR=ON', ...options]);
  run('cmake', ['--build', folder, '--target', target, '-j', String(availableParallelism())]);
}

/** The last number that this pattern finds. */
const numberIn = (text, pattern) => Number([...text.matchAll(pattern)].at(-1)?.[1] ?? Number.NaN);

const folders = (name) => ({ found: join(top, 'corpus', name), kept: join(root, 'test/fuzz/corpus', name) });
const program = (name) => join(top, `${name}_fuzz`);

/** Runs a target; what it says of itself, and whether it came through. */
function fuzz(name) {
  const { found, kept } = folders(name);
  mkdirSync(found, { recursive: true });
  const args = [
    `-max_total_time=${values.seconds}`,
    '-print_final_stats=1',
    '-timeout=10',
    '-rss_limit_mb=2048',
    `-artifact_prefix=${join(crashes, name)}-`,
    ...(values.seed === undefined ? [] : [`-seed=${values.seed}`]),
  ];
  const { status, error, stderr } = spawnSync(program(name), [...args, found, kept], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (error) throw error;
  return {
    seed: numberIn(stderr, /^INFO: Seed: (\d+)/gm),
    executions: numberIn(stderr, /^stat::number_of_executed_units:\s*(\d+)/gm),
    edges: numberIn(stderr, /\bcov: (\d+)/g),
    features: numberIn(stderr, /\bft: (\d+)/g),
    inputs: numberIn(stderr, /\bcorp: (\d+)/g),
    crash: status === 0 ? undefined : stderr.slice(-6000),
  };
}

const hash = /^[0-9a-f]{40}$/;

/** What a merge keeps, beside the files that have a name of their own. */
function minimise(name) {
  const { found, kept } = folders(name);
  const merged = join(top, 'merged', name);
  rmSync(merged, { recursive: true, force: true });
  mkdirSync(merged, { recursive: true });
  run(program(name), ['-merge=1', merged, found, kept]);
  const named = readdirSync(kept).filter((file) => !hash.test(file));
  const texts = named.map((file) => readFileSync(join(kept, file), 'latin1'));
  for (const file of readdirSync(kept)) if (hash.test(file)) rmSync(join(kept, file));
  for (const file of readdirSync(merged))
    if (!texts.includes(readFileSync(join(merged, file), 'latin1'))) copyFileSync(join(merged, file), join(kept, file));
  return readdirSync(kept).length;
}

/** The sources of the core that the targets enter: how many lines and branches there are, and run. */
function coverage() {
  const folder = join(top, 'coverage');
  build(folder, 'replay', '-DFDPOLL_COVERAGE=ON');
  const profiles = chosen.map((name) => {
    const { found, kept } = folders(name);
    const profile = join(folder, `${name}.profraw`);
    const corpora = [kept, found].filter((path) => existsSync(path));
    run(join(folder, `${name}_replay`), corpora, { LLVM_PROFILE_FILE: profile });
    return profile;
  });
  const tool = (name) => run(compiler, [`-print-prog-name=${name}`]).trim();
  const merged = join(folder, 'all.profdata');
  run(tool('llvm-profdata'), ['merge', '-o', merged, ...profiles]);
  const programs = chosen.flatMap((name) => ['-object', join(folder, `${name}_replay`)]).slice(1);
  const told = run(tool('llvm-cov'), ['export', '-summary-only', '-instr-profile', merged, ...programs]);
  return JSON.parse(told)
    .data[0].files.map(({ filename, summary }) => ({ name: relative(root, filename), ...summary }))
    .filter(({ name, lines }) => name.startsWith('native/') && lines.covered > 0)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

const compiler = clang();
if (!existsSync(join(root, 'test/fuzz/corpus'))) throw new Error('test/fuzz/corpus is not there');

const row = (...cells) => console.log(cells.map((cell, i) => (i === 0 ? cell.padEnd(34) : cell.padStart(12))).join(''));
const count = (number) => number.toLocaleString('en');

if (values.coverage) {
  row('source', 'lines', 'run', 'branches', 'run');
  for (const { name, lines, branches } of coverage())
    row(
      name,
      ...[lines, branches].flatMap((all) => [count(all.count), all.count > 0 ? `${all.percent.toFixed(1)} %` : '']),
    );
  process.exit(0);
}

build(top, 'fuzz', '-DFDPOLL_FUZZ=ON');
mkdirSync(crashes, { recursive: true });

if (values.minimise) {
  row('target', 'files');
  for (const name of chosen) row(name, count(minimise(name)));
  process.exit(0);
}

row('target', 'executions', 'edges', 'features', 'inputs', 'seed', '');
let failed = 0;
for (const name of chosen) {
  const { seed, executions, edges, features, inputs, crash } = fuzz(name);
  row(name, count(executions), count(edges), count(features), count(inputs), String(seed), crash ? 'CRASHED' : 'ok');
  // A fuzzer that has run nothing has found nothing.
  if (crash !== undefined || !(executions > 0) || !(edges > 0)) failed++;
  if (crash !== undefined) console.log(crash);
}
console.log(failed === 0 ? 'no crash' : `${failed} of ${chosen.length} failed; inputs are in build-fuzz/crashes`);
process.exit(failed === 0 ? 0 : 1);
