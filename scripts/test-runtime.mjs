// Runs the suite, or some files of it, under another runtime. Node runs Vitest. Bun and Deno cannot: for them each test
// file becomes one bundle with a small harness around it (test/harness), and runs in a process of its own.
// usage: test-runtime.mjs node22|node24|node26|bun|deno|harness [-t PATTERN] [--jobs N] [--limit SECONDS] [FILE|FOLDER...]
// harness: this Node, but by the harness. FDPOLL_TEST_BACKEND is heard as everywhere.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import { build } from 'esbuild';
import { runtimeOf } from './runtimes.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    pattern: { type: 'string', short: 't' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    limit: { type: 'string', default: '300' },
  },
});
const [name = '', ...asked] = positionals;

if (name.startsWith('node')) {
  const { program } = runtimeOf(name);
  const pattern = values.pattern === undefined ? [] : ['-t', values.pattern];
  const vitest = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...pattern, ...asked];
  const { status, error } = spawnSync(program, vitest, { cwd: root, stdio: 'inherit' });
  if (error) throw error;
  process.exit(status ?? 1);
}
const runtime = runtimeOf(name === 'harness' ? 'node' : name);

/** The test files among what was asked for, from the root. */
function testFiles(paths) {
  return paths.flatMap((path) => {
    if (!statSync(path).isDirectory()) return [relative(root, path)];
    const entries = readdirSync(path).map((entry) => join(path, entry));
    return testFiles(entries.filter((entry) => statSync(entry).isDirectory() || entry.endsWith('.test.ts')));
  });
}

// A bundle lies elsewhere than its sources, which look for fixtures and the addon from where they are.
const sourcesKeepTheirPlace = {
  name: 'sources keep their place',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /\/addon\.cjs$/ }, ({ path, resolveDir }) => ({
      path: join(resolveDir, path),
      external: true,
    }));
    onLoad({ filter: /\/(lib|test|bench)\/.*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(/\bimport\.meta\.url\b/g, JSON.stringify(pathToFileURL(path).href)),
      loader: 'ts',
    }));
  },
};

async function bundle(file) {
  const outfile = join(root, 'build/harness', `${file}.mjs`);
  await build({
    absWorkingDir: root,
    stdin: {
      contents: `import { run } from './test/harness/run.ts';
        await run(${JSON.stringify(file)}, () => import(${JSON.stringify(`./${file}`)}));`,
      resolveDir: root,
      loader: 'ts',
    },
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    keepNames: true,
    alias: { vitest: join(root, 'test/harness/vitest.ts') },
    external: ['esbuild'],
    plugins: [sourcesKeepTheirPlace],
    // Bundled CommonJS packages call require(), which an ES module does not have.
    banner: {
      js: "import { createRequire as harnessRequire } from 'node:module';\nconst require = harnessRequire(import.meta.url);",
    },
    logLevel: 'silent',
  });
  return outfile;
}

// They are groups of their own, so they would outlive this process.
const running = new Set();
process.on('exit', () => {
  for (const kill of running) kill();
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

/** Runs a bundle; gives what it reported, and how it ended. */
function execute(script, report) {
  const env = { ...process.env, FDPOLL_HARNESS_REPORT: report };
  if (values.pattern !== undefined) env.FDPOLL_HARNESS_PATTERN = values.pattern;
  // A group of its own, so that what it started ends with it.
  const child = spawn(runtime.program, [...runtime.script, script], {
    cwd: root,
    env,
    stdio: 'pipe',
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      output = (output + text).slice(-20_000);
    });
  return new Promise((resolve, reject) => {
    let late = false;
    const killGroup = () => {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {} // Nobody is left.
    };
    running.add(killGroup);
    const timer = setTimeout(() => {
      late = true;
      killGroup();
    }, Number(values.limit) * 1000);
    child.once('error', reject);
    // What it left running may hold its pipes open.
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      running.delete(killGroup);
      killGroup();
      resolve({ ended: late ? `after ${values.limit} s, by force` : `with ${code ?? signal}`, output: () => output });
    });
  });
}

function readLines(path) {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

/** Without colours, and without the frames of the runner. */
const readable = (text) =>
  stripVTControlCharacters(text)
    .split('\n')
    .filter((line) => !/^\s+at .*(callAround|runWithCancel|new Promise|<anonymous> \(.*:[1-6]\d{3}:)/.test(line))
    .slice(0, 30)
    .join('\n');

/** What became of one file: counts, and what is wrong with it in words. */
async function testFile(file) {
  const report = join(root, 'build/harness', `${file}.${name}.report`);
  mkdirSync(dirname(report), { recursive: true });
  rmSync(report, { force: true });
  let script;
  try {
    script = await bundle(file);
  } catch (error) {
    return { passed: 0, excluded: [], wrong: [`it cannot be bundled: ${error.message}`] };
  }
  const { ended, output } = await execute(script, report);
  const lines = readLines(report);
  const of = (kind) => lines.filter((line) => line.kind === kind);
  const results = of('end');
  // What skips itself and says why in its name is excluded, too: the programs of the contract.
  const selfExcluded = results.flatMap(({ name, state }) =>
    state === 'skip' && / \(skipped: /.test(name) ? [{ name, reason: /\(skipped: ([^)]*)/.exec(name)[1] }] : [],
  );
  const excluded = [...of('excluded'), ...selfExcluded];
  const wrong = results
    .filter(({ state }) => state !== 'pass' && state !== 'skip')
    .map(({ name, errors, state }) => `${name}: ${errors.length > 0 ? errors.map(readable).join('\n') : state}`);
  wrong.push(...of('stray').map(({ error }) => `an error that nobody caught: ${readable(error)}`));
  if (of('done').length === 0) {
    const begun = of('begin').at(-1);
    const where = begun === undefined ? 'before its first test' : `in or after "${begun.name}"`;
    wrong.push(`it ended ${ended} ${where}. ${output()}`);
  }
  const passed = results.filter(({ state }) => state === 'pass').length;
  const skipped = results.filter(({ state }) => state === 'skip').length;
  if (passed + excluded.length + wrong.length === 0 && values.pattern === undefined) wrong.push('it has no test');
  // Vitest's own skipping tells no reason, so it counts as a failure: no-skips.mjs does the same.
  if (skipped > excluded.length && values.pattern === undefined)
    wrong.push(`${skipped - excluded.length} tests skip themselves`);
  return { passed, excluded, wrong };
}

/** What is for Node alone, and says so in test/support/runtimes.ts: others need not load it to find that out. */
const FOR_NODE = ['test/cli/'];
const isForNode = (file) => FOR_NODE.some((folder) => file.startsWith(folder));

const found = testFiles((asked.length > 0 ? asked : ['test']).map((path) => resolve(root, path))).sort();
const files = name === 'harness' ? found : found.filter((file) => !isForNode(file));
if (files.length < found.length)
  console.log(`${found.length - files.length} files are for Node: ${FOR_NODE.join(', ')}`);
const results = new Map();

async function work(waiting) {
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
    const begin = performance.now();
    const result = await testFile(file);
    results.set(file, result);
    const { passed, excluded, wrong } = result;
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    const left = excluded.length > 0 ? `, ${excluded.length} excluded` : '';
    console.log(`${wrong.length === 0 ? 'ok    ' : 'FAILED'} ${file}  ${passed} passed${left}  ${seconds} s`);
    for (const text of wrong) console.log(`  - ${text.trimEnd().replaceAll('\n', '\n    ')}`);
  }
}

const waiting = [...files];
await Promise.all(Array.from({ length: Number(values.jobs) }, () => work(waiting)));
// Files that run side by side disturb each other's times: the second word, alone, is the last one.
const failed = files.filter((file) => results.get(file).wrong.length > 0);
if (failed.length > 0 && Number(values.jobs) > 1) {
  console.log(`\n${failed.length} files again, alone`);
  await work([...failed]);
}

const total = { passed: 0, failed: 0, excluded: new Map() };
for (const { passed, excluded, wrong } of results.values()) {
  total.passed += passed;
  total.failed += wrong.length;
  for (const { reason } of excluded) total.excluded.set(reason, (total.excluded.get(reason) ?? 0) + 1);
}
const excluded = [...total.excluded.values()].reduce((sum, count) => sum + count, 0);
console.log(`\n${name}: ${files.length} files, ${total.passed} passed, ${total.failed} failed, ${excluded} excluded`);
for (const [reason, count] of total.excluded) console.log(`  ${count} excluded: ${reason}`);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
