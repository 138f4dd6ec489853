// Server CPU for each message of echo.mjs, as a ratio to raw_echo.c in the same round, with raw_echo.c once more as the
// control and node:net beside it. Servers on CPU 0, the load on CPU 1. Linux, taskset, a C compiler, `npm run build`.
// usage: node bench/echo_ratio.mjs [--rounds N] [--connections N] [--bytes N] [--seconds N]
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { max, median, min } from 'simple-statistics';

const TRUSTED = 0.04;
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '11' },
    connections: { type: 'string', default: '64' },
    bytes: { type: 'string', default: '64' },
    seconds: { type: 'string', default: '2' },
  },
});
const here = dirname(fileURLToPath(import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'fdpoll-bench-'));
const floor = join(scratch, 'raw_echo');

const NET = `
  const server = require('node:net').createServer({ noDelay: false }, (socket) => {
    socket.on('data', (chunk) => socket.write(chunk)).on('error', () => socket.destroy());
  });
  server.listen(+process.argv[1], '127.0.0.1', 4096, () => console.log('ready'));`;
const subjects = {
  raw: [floor],
  control: [floor],
  fdpoll: [process.execPath, join(here, 'echo.mjs')],
  'node:net': [process.execPath, '-e', NET],
};

/** Nanoseconds of CPU that all threads of a process have used. */
function cpuOf(pid) {
  const tasks = readdirSync(`/proc/${pid}/task`);
  return tasks.reduce(
    (sum, task) => sum + Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]),
    0,
  );
}

function start(cpu, command) {
  const child = spawn('taskset', ['-c', cpu, ...command], { stdio: ['ignore', 'pipe', 'inherit'] });
  return { child, lines: createInterface(child.stdout)[Symbol.asyncIterator]() };
}

async function measure(command, port) {
  const server = start('0', [...command, String(port)]);
  try {
    await server.lines.next();
    const { connections, bytes, seconds } = values;
    const arguments_ = [String(port), connections, bytes, String(Number(seconds) * 1000)];
    const load = start('1', [process.execPath, join(here, 'echo_load.mjs'), ...arguments_]);
    await load.lines.next();
    const before = cpuOf(server.child.pid);
    const { value: messages } = await load.lines.next();
    if (!(messages > 0)) throw new Error('the load failed');
    return (cpuOf(server.child.pid) - before) / 1000 / Number(messages);
  } finally {
    server.child.kill('SIGKILL');
    await once(server.child, 'close');
  }
}

try {
  execFileSync('cc', ['-O2', '-o', floor, join(here, 'raw_echo.c')]);
  const samples = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]));
  let port = 7400;
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [name, command] of Object.entries(subjects)) samples[name].push(await measure(command, port++));
  }
  console.log(
    `${values.connections} connections, ${values.bytes} bytes, ${values.rounds} rounds: server CPU per message`,
  );
  const ratios = (name) => samples[name].map((sample, round) => sample / samples.raw[round]);
  for (const name of Object.keys(subjects)) {
    const of = ratios(name);
    const spread = `${median(of).toFixed(2)} (${min(of).toFixed(2)} to ${max(of).toFixed(2)})`;
    console.log(`${name.padEnd(10)} ${median(samples[name]).toFixed(2)} µs   ratio to raw ${spread}`);
  }
  const trusted = Math.abs(median(ratios('control')) - 1) <= TRUSTED;
  console.log(
    trusted ? 'the control is within 1 ± 0.04: usable' : 'the control left 1 ± 0.04: too noisy to tell, repeat',
  );
} finally {
  rmSync(scratch, { recursive: true });
}
