// Runs a command with an addon that is built with AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer, and
// fails when any process of it had something to report. Builds it when needed, with CMake (build-asan/).
// usage: asan.mjs [--no-build] -- COMMAND [ARGUMENT...]      asan.mjs -- npx vitest run test/lifecycle
//        asan.mjs [--no-build] --suite [BACKEND...]          test/conformance, test/lifecycle and test/properties on each
// Linux with GCC, whose runtime is a library that goes before all others of Node.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { backends } from 'fdpoll';

const SUITE = ['test/conformance', 'test/lifecycle', 'test/properties'];
/** Files of the suite that say nothing there, and why. */
const EXCLUDED = {
  'test/conformance/memory_limit.test.ts': 'AddressSanitizer ends a process that gets no memory',
  'test/lifecycle/memory.test.ts': 'it measures resident memory, and what was freed stays in quarantine',
};
/** Everything takes longer; what hangs is ended all the same. */
const PATIENCE = ['--testTimeout=120000', '--hookTimeout=120000'];

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const build = join(root, 'build-asan');
const addon = join(build, 'Release/fdpoll.node');
const reports = join(build, 'reports');

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { 'no-build': { type: 'boolean' }, suite: { type: 'boolean' } },
});
const usable = backends()
  .filter((info) => info.usable)
  .map(({ name }) => name);
if (values.suite ? positionals.some((name) => !usable.includes(name)) : positionals.length === 0)
  throw new Error(`usage: see the top of this file; backends are ${usable.join(', ')}`);

function output(name, args) {
  const { status, stdout, stderr, error } = spawnSync(name, args, { cwd: root, encoding: 'utf8' });
  if (error) throw error;
  if (status === 0) return stdout.trim();
  console.error(stdout, stderr);
  process.exit(1);
}

const ours = /fdpoll::|\/native\/(core|backends|binding)\/|\/fdpoll\.node/;
const others = /v8::internal|Builtins_|node::|<unknown module>/;

/** Whether our code allocated it, itself or through Node-API: what V8 allocated for JavaScript that we called is not. */
function isOurs(leak) {
  const frames = leak.split('\n').filter((line) => /^ +#/.test(line));
  const mine = frames.findIndex((frame) => ours.test(frame));
  return mine >= 0 && !frames.slice(0, mine).some((frame) => others.test(frame));
}

/** What concerns us: an error, or memory that was lost by our code. Node and other addons lose some of theirs. */
function complaints() {
  return readdirSync(reports).flatMap((name) => {
    const text = readFileSync(join(reports, name), 'utf8');
    const blocks = text.split(/\n\n+/);
    if (!text.includes('LeakSanitizer: detected')) return [`${name}\n${text}`];
    return blocks.filter((block) => / leak of /.test(block) && isOurs(block));
  });
}

if (!values['no-build']) output('npx', ['cmake-js', 'build', '--out', build, '--CDFDPOLL_SANITIZE=exhausted']);

const runtime = output('gcc', ['-print-file-name=libasan.so']);
if (!existsSync(runtime)) throw new Error(`gcc has no libasan.so here: ${runtime}`);
const log = `log_path=${join(reports, 'report')}`;
const env = {
  ...process.env,
  LD_PRELOAD: runtime,
  // A leak is judged above, whoever's it is; an error ends the process at once.
  ASAN_OPTIONS: `abort_on_error=1:exitcode=0:quarantine_size_mb=16:${log}`,
  UBSAN_OPTIONS: `abort_on_error=1:print_stacktrace=1:${log}`,
  LSAN_OPTIONS: 'print_suppressions=0',
};

/** Runs it; 0 when it was content and nothing was reported. */
function run(command, more = {}) {
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  const { status, error } = spawnSync('node', [join(root, 'scripts/with-addon.mjs'), addon, '--', ...command], {
    cwd: root,
    env: { ...env, ...more },
    stdio: 'inherit',
  });
  if (error) throw error;
  const found = complaints();
  for (const text of found) console.error(`\n${text}`);
  console.log(found.length === 0 ? 'sanitizers: nothing to report' : `sanitizers: ${found.length} reports, see above`);
  return found.length > 0 ? 1 : (status ?? 1);
}

if (!values.suite) process.exit(run(positionals));
for (const [name, reason] of Object.entries(EXCLUDED)) console.log(`without ${name}: ${reason}`);
const exclude = Object.keys(EXCLUDED).flatMap((name) => ['--exclude', name]);
let failed = 0;
for (const backend of positionals.length > 0 ? positionals : usable) {
  console.log(`\n${backend}`);
  const suite = ['npx', 'vitest', 'run', ...SUITE, ...exclude, ...PATIENCE, '--reporter=dot'];
  if (run(suite, { FDPOLL_TEST_BACKEND: backend }) !== 0) failed++;
}
process.exit(failed === 0 ? 0 : 1);
