// What `require('fdpoll')` adds to an empty script, by whole processes in turn.
// usage: node bench/load_time.mjs [--rounds N]; needs `npm run compile`.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { max, median, min } from 'simple-statistics';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '31' } } });
const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
// Inside the package, so that it can require itself by name.
const scratch = mkdtempSync(join(root, 'build', 'load-time-'));

function time(script) {
  const begin = process.hrtime.bigint();
  execFileSync(process.execPath, [script]);
  return Number(process.hrtime.bigint() - begin) / 1e6;
}

try {
  const empty = join(scratch, 'empty.cjs');
  const loads = join(scratch, 'loads.cjs');
  writeFileSync(empty, '');
  writeFileSync(loads, "require('fdpoll');");
  time(empty);
  time(loads);
  const added = Array.from({ length: Number(values.rounds) }, () => -time(empty) + time(loads));
  console.log(
    `require('fdpoll'): ${median(added).toFixed(1)} ms more than an empty script ` +
      `(${min(added).toFixed(1)} to ${max(added).toFixed(1)}, ${added.length} rounds)`,
  );
} finally {
  rmSync(scratch, { recursive: true });
}
