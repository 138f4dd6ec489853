// Server CPU for each request of http.mjs over toDuplex, as a ratio to the same server over node:net in the same round,
// which runs once more as the control. Servers on CPU 0, the load on CPU 1. Linux, taskset, `npm run compile`.
// usage: node bench/http_ratio.mjs [--rounds N] [--connections N] [--seconds N]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
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
    seconds: { type: 'string', default: '2' },
  },
});
const here = dirname(fileURLToPath(import.meta.url));
const subjects = { net: 'net', control: 'net', duplex: 'duplex' };

/** Nanoseconds of CPU that all threads of a process have used. */
function cpuOf(pid) {
  const tasks = readdirSync(`/proc/${pid}/task`);
  return tasks.reduce(
    (sum, task) => sum + Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]),
    0,
  );
}

function start(cpu, ...command) {
  const child = spawn('taskset', ['-c', cpu, process.execPath, ...command], { stdio: ['ignore', 'pipe', 'inherit'] });
  return { child, lines: createInterface(child.stdout)[Symbol.asyncIterator]() };
}

async function measure(kind, port) {
  const server = start('0', join(here, 'http.mjs'), kind, String(port));
  try {
    await server.lines.next();
    const { connections, seconds } = values;
    const load = start('1', join(here, 'http_load.mjs'), String(port), connections, String(Number(seconds) * 1000));
    await load.lines.next();
    const before = cpuOf(server.child.pid);
    const { value: responses } = await load.lines.next();
    if (!(responses > 0)) throw new Error('the load failed');
    return (cpuOf(server.child.pid) - before) / 1000 / Number(responses);
  } finally {
    server.child.kill('SIGKILL');
    await once(server.child, 'close');
  }
}

const samples = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]));
let port = 7600;
for (let round = 0; round < Number(values.rounds); round++) {
  for (const [name, kind] of Object.entries(subjects)) samples[name].push(await measure(kind, port++));
}
console.log(`${values.connections} connections, ${values.rounds} rounds: server CPU per request`);
const ratios = (name) => samples[name].map((sample, round) => sample / samples.net[round]);
for (const name of Object.keys(subjects)) {
  const of = ratios(name);
  const spread = `${median(of).toFixed(2)} (${min(of).toFixed(2)} to ${max(of).toFixed(2)})`;
  console.log(`${name.padEnd(10)} ${median(samples[name]).toFixed(2)} µs   ratio to node:net ${spread}`);
}
const trusted = Math.abs(median(ratios('control')) - 1) <= TRUSTED;
console.log(
  trusted ? 'the control is within 1 ± 0.04: usable' : 'the control left 1 ± 0.04: too noisy to tell, repeat',
);
