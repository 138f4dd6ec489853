// What the package costs above the bare system calls: floor.c and micro_subject.mjs in turn, medians and the median of
// the ratios of each round. usage: node bench/micro.mjs [--rounds N]; needs a C compiler, Linux, and `npm run compile`.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { max, median, min } from 'simple-statistics';

const OPERATIONS = [
  { name: 'wait', iterations: 1_000_000, what: 'an empty wait(0)' },
  { name: 'register', iterations: 300_000, what: 'add and delete' },
  { name: 'ready', iterations: 4_000, what: '1000 ready, waited for and read' },
];

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '11' } } });
const rounds = Number(values.rounds);
const here = dirname(fileURLToPath(import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'fdpoll-bench-'));

function measure(command, args) {
  return Number(execFileSync(command, args, { encoding: 'utf8' }).split(' ')[0]);
}

try {
  const floor = join(scratch, 'floor');
  execFileSync('cc', ['-O2', '-o', floor, join(here, 'floor.c')]);
  for (const { name, iterations, what } of OPERATIONS) {
    const samples = [];
    for (let round = 0; round < rounds; round++) {
      const c = measure(floor, [name, String(iterations)]);
      const ours = measure(process.execPath, [join(here, 'micro_subject.mjs'), name, String(iterations)]);
      samples.push({ c, ours, ratio: ours / c, above: ours - c });
    }
    const of = (key) => samples.map((sample) => sample[key]);
    const spread = (key, digits) =>
      `${median(of(key)).toFixed(digits)} (${min(of(key)).toFixed(digits)} to ${max(of(key)).toFixed(digits)})`;
    console.log(`${what}: C ${spread('c', 0)} ns, fdpoll ${spread('ours', 0)} ns`);
    console.log(`  ratio ${spread('ratio', 2)}, above by ${spread('above', 0)} ns, ${rounds} rounds`);
  }
} finally {
  rmSync(scratch, { recursive: true });
}
