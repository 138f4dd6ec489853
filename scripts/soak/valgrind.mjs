// What runs under valgrind's memcheck: the native tests, which drive the core on every backend and the addon in a host
// without Node, and the server of a short soak, which is Node with all of it, some hundred times slower to start.
// Needs valgrind (Debian: apt-get install valgrind) and CMake; builds into build-native/valgrind.
import { execFile, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const build = join(root, 'build-native/valgrind');
const FOUND = 99;

function output(command, args) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ended with ${status}\n${stdout}${stderr}`);
  return stdout;
}

const MEMCHECK = ['valgrind', '--quiet', '--leak-check=full', '--track-origins=yes', `--error-exitcode=${FOUND}`];
const OF_TESTS = [
  '--errors-for-leak-kinds=definite,indirect',
  '--child-silent-after-fork=yes',
  // A test that gives no memory has an operator new of its own.
  '--soname-synonyms=somalloc=nouserintercepts',
  `--suppressions=${join(root, 'test/native/valgrind.supp')}`,
];

/** The command that runs Node under memcheck. What it calls possibly lost is what Node's threads still have. */
export const WITHIN_VALGRIND = [...MEMCHECK, '--errors-for-leak-kinds=definite', '--show-leak-kinds=definite'];

const testsOf = (folder) => JSON.parse(output('ctest', ['--test-dir', folder, '--show-only=json-v1'])).tests;

/** Runs a test, and tells how it went. */
function passes({ name, command }) {
  const began = performance.now();
  const [memcheck, ...args] = MEMCHECK;
  const limits = { cwd: build, timeout: 300_000, maxBuffer: 2 ** 26 };
  return new Promise((resolve) => {
    execFile(memcheck, [...args, ...OF_TESTS, ...command], limits, (error, stdout, stderr) => {
      const how = error === null ? 'ok' : error.code === FOUND ? 'MEMORY' : `FAILED with ${error.signal ?? error.code}`;
      console.log(`${name.padEnd(20)} ${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${how}`);
      if (error !== null) console.log(`${stdout}${stderr}`.slice(-8000));
      resolve(error === null);
    });
  });
}

/** @returns whether memcheck has nothing to report of the native tests. */
export async function nativeTests() {
  if (spawnSync('valgrind', ['--version']).error)
    throw new Error('no valgrind here: Debian has it in the package valgrind');
  const flags = [
    '-DCMAKE_BUILD_TYPE=RelWithDebInfo',
    '-DFDPOLL_WERROR=ON',
    '-DCMAKE_UNITY_BUILD=ON',
    '-DCMAKE_UNITY_BUILD_BATCH_SIZE=16',
  ];
  output('cmake', ['-S', root, '-B', build, ...flags]);
  // The corpora of the fuzz targets are replayed under sanitizers, which see what memcheck would, and more.
  const chosen = () => testsOf(build).filter(({ name }) => !name.startsWith('fuzz_'));
  const targets = chosen().flatMap(({ name }) => (name === 'addon_host' ? [name, 'fdpoll'] : [`${name}_test`]));
  if (targets.length === 0) throw new Error('CTest has no test here');
  output('cmake', ['--build', build, '-j', String(availableParallelism()), '--target', ...targets]);
  // With their commands, which CTest knows of programs that are built.
  const tests = chosen();
  const queue = [...tests];
  let failed = 0;
  const worker = async () => {
    for (let test = queue.shift(); test; test = queue.shift()) if (!(await passes(test))) failed++;
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  const outcome = failed === 0 ? 'nothing to report' : `${failed} failed`;
  console.log(`valgrind: ${outcome} in ${tests.length} programs`);
  return failed === 0;
}
