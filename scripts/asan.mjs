// Runs a command with an addon that is built with AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer, and
// fails when any process of it had something to report. Builds it when needed, with CMake (build-asan/).
// usage: asan.mjs [--no-build] -- COMMAND [ARGUMENT...]      asan.mjs -- npx vitest run test/lifecycle
// Linux with GCC, whose runtime is a library that goes before all others of Node.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const build = join(root, 'build-asan');
const addon = join(build, 'Release/fdpoll.node');
const reports = join(build, 'reports');

const split = process.argv.indexOf('--');
const command = split < 0 ? [] : process.argv.slice(split + 1);
const flags = process.argv.slice(2, Math.max(split, 2));
if (command.length === 0 || flags.some((flag) => flag !== '--no-build'))
  throw new Error('usage: see the top of this file');

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

if (!flags.includes('--no-build')) output('npx', ['cmake-js', 'build', '--out', build, '--CDFDPOLL_SANITIZE=ON']);
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

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
const { status, error } = spawnSync('node', [join(root, 'scripts/with-addon.mjs'), addon, '--', ...command], {
  cwd: root,
  env,
  stdio: 'inherit',
});
if (error) throw error;
const found = complaints();
for (const text of found) console.error(`\n${text}`);
console.log(found.length === 0 ? 'sanitizers: nothing to report' : `sanitizers: ${found.length} reports, see above`);
process.exit(found.length > 0 ? 1 : (status ?? 1));
