// What the scripts have in common that compare servers: subjects take turns, so that what disturbs the machine disturbs
// all alike, and each figure is a ratio to the first subject in the same round. Servers on CPU 0, the load on CPU 1.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { max, median, min } from 'simple-statistics';

/** How far a subject may be from itself before a run says nothing. */
const TRUSTED = 0.04;

/** The path of a file in bench/. */
export const bench = (name) => join(dirname(fileURLToPath(import.meta.url)), '..', name);

/** A bench script as a command. */
export const script = (name, ...rest) => [process.execPath, bench(name), ...rest.map(String)];

/** Compiles C programs of bench/, calls `body` with a function that finds them, and removes them. */
export async function withCompiled(names, body) {
  const scratch = mkdtempSync(join(tmpdir(), 'fdpoll-bench-'));
  try {
    for (const name of names) execFileSync('cc', ['-O2', '-pthread', '-o', join(scratch, name), bench(`${name}.c`)]);
    return await body((name) => join(scratch, name));
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/**
 * Installs packages of npm in a temporary folder, calls `body` with it, and removes it: { 'name@version': how }, where
 * `compiled` says that the package comes as source. No script of theirs is run.
 */
export async function withPackages(packages, body) {
  const scratch = mkdtempSync(join(tmpdir(), 'fdpoll-bench-'));
  const run = (command, args, cwd) => execFileSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    writeFileSync(join(scratch, 'package.json'), '{}');
    const names = Object.keys(packages);
    run('npm', ['install', '--no-save', '--ignore-scripts', '--silent', ...names], scratch);
    for (const name of names.filter((name) => packages[name] === 'compiled')) {
      const folder = join(scratch, 'node_modules', name.slice(0, name.lastIndexOf('@')));
      run('npx', ['node-gyp', 'rebuild', '--silent', '-C', folder], bench('..'));
    }
    return await body(scratch);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** What a command prints that runs to its end on these CPUs. */
export const outputOf = (cpus, command) => execFileSync('taskset', ['-c', cpus, ...command], { encoding: 'utf8' });

/** Nanoseconds of CPU that all threads of a process have used. */
function cpuOf(pid) {
  const tasks = readdirSync(`/proc/${pid}/task`);
  return tasks.reduce(
    (sum, task) => sum + Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]),
    0,
  );
}

/** Starts a command on one CPU; `line()` is the next line that it prints. */
export function start(cpu, command) {
  const child = spawn('taskset', ['-c', String(cpu), ...command], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    pid: child.pid,
    line: async () => (await lines.next()).value,
    kill: async () => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
    },
  };
}

/**
 * Microseconds of server CPU for each message: the server prints `ready`, the load one line when it is warm and then
 * how many messages came back since.
 */
export async function cpuPerMessage(serverCommand, loadCommand) {
  const server = start(0, serverCommand);
  let load;
  try {
    await server.line();
    load = start(1, loadCommand);
    await load.line();
    const before = cpuOf(server.pid);
    const messages = Number(await load.line());
    if (!(messages > 0)) throw new Error('the load failed');
    return (cpuOf(server.pid) - before) / 1000 / messages;
  } finally {
    await load?.kill();
    await server.kill();
  }
}

/** Measures each subject once a round: { name: [a sample a round] }. */
export async function inTurn(rounds, subjects, measure) {
  const samples = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const [name, subject] of Object.entries(subjects)) samples[name].push(await measure(subject));
  return samples;
}

export function spread(numbers, digits = 2) {
  const [middle, least, most] = [median, min, max].map((of) => of(numbers).toFixed(digits));
  return `${middle} (${least} to ${most})`;
}

/** Prints each subject with its ratio to the first one, and whether `control` says that the run can be trusted. */
export function printRatios(samples, unit) {
  const [base] = Object.values(samples);
  const ratios = (name) => samples[name].map((sample, round) => sample / base[round]);
  const [first] = Object.keys(samples);
  for (const [name, its] of Object.entries(samples))
    console.log(`${name.padEnd(12)} ${median(its).toFixed(2)} ${unit}   ratio to ${first} ${spread(ratios(name))}`);
  const trusted = Math.abs(median(ratios('control')) - 1) <= TRUSTED;
  console.log(
    trusted ? 'the control is within 1 ± 0.04: usable' : 'the control left 1 ± 0.04: too noisy to tell, repeat',
  );
}
