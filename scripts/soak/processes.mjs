// The processes of a soak: started with a limit of descriptors of their own, talking in lines of JSON, looked at in /proc.
import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** How many descriptors a process may have at the most: what `ulimit -n` can be raised to. */
export function hardLimit() {
  const text = execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim();
  return text === 'unlimited' ? 1_048_576 : Number(text);
}

/** Starts a script of this folder with RLIMIT_NOFILE at `descriptors`, by the command `within` if there is one. */
export function start(script, options, descriptors, within = []) {
  const path = fileURLToPath(new URL(script, import.meta.url));
  // The shell replaces itself, so that the process id is Node's.
  const command = [
    '-c',
    `ulimit -n ${descriptors} && exec "$@"`,
    'sh',
    ...within,
    process.execPath,
    path,
    JSON.stringify(options),
  ];
  const child = spawn('sh', command, { stdio: ['pipe', 'pipe', 'inherit'] });
  const said = [];
  const waiting = new Set();
  const started = {
    pid: child.pid,
    exitCode: undefined,
    /** The latest that it said that has this key. */
    latest: (key) => said.findLast((report) => key in report),
    /** Resolves with what it says next, or said before, that has this key. */
    async until(key, ms) {
      const until = performance.now() + ms;
      while (started.latest(key) === undefined) {
        const left = until - performance.now();
        if (left <= 0) throw new Error(`${script} did not say ${key} within ${ms / 1000} s`);
        if (started.exitCode !== undefined) throw new Error(`${script} ended with ${started.exitCode} before ${key}`);
        let timer;
        await new Promise((resolve) => {
          waiting.add(resolve);
          timer = setTimeout(resolve, left);
        });
        clearTimeout(timer);
      }
      return started.latest(key);
    },
    tell: (line) => child.stdin.write(`${line}\n`),
    kill: () => child.kill('SIGKILL'),
    ended: new Promise((resolve) => child.once('close', resolve)),
  };
  const wake = () => {
    for (const resolve of waiting) resolve();
    waiting.clear();
  };
  createInterface(child.stdout).on('line', (line) => {
    said.push(JSON.parse(line));
    // A report each second, of hours perhaps, of which the latest counts.
    if (said.length > 200) said.splice(20, 100);
    wake();
  });
  child.stdin.on('error', () => {}); // it has ended, which `ended` tells
  child.once('close', (code, signal) => {
    started.exitCode = code ?? signal;
    wake();
  });
  return started;
}

/** What the system knows of a process: descriptors, resident memory in bytes, CPU time in milliseconds. */
export function look(pid) {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // Linux counts both in hundredths of a second whatever its clock.
  const cpu = (Number(fields[11]) + Number(fields[12])) * 10;
  return { fds: readdirSync(`/proc/${pid}/fd`).length, rss: pages * pageSize, cpu };
}

const pageSize = Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' }));
