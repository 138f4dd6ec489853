// Runs a command with another build of the addon in the place of the checkout's own, and puts that back afterwards.
// usage: with-addon.mjs ADDON [--expect NAME,NAME] -- COMMAND [ARGUMENT...]
// --expect: the usable backends that this build must report, exactly.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, renameSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const own = join(root, 'build/Release/fdpoll.node');
const kept = `${own}.kept`;

const split = process.argv.indexOf('--');
const [addon, flag, expected] = process.argv.slice(2, split);
const [command, ...rest] = process.argv.slice(split + 1);
if (split < 0 || addon === undefined || command === undefined) throw new Error('usage: see the top of this file');

async function run() {
  if (flag === '--expect') {
    const script =
      "import { backends } from 'fdpoll'; console.log(backends().filter((b) => b.usable).map((b) => b.name).join(','))";
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    const found = stdout.trim();
    // Where libkqueue is installed, kqueue is compiled in as well.
    const names = found.split(',').filter((name) => name !== 'kqueue');
    if (names.join(',') !== expected) {
      console.error(`expected ${expected}, found ${found}. ${stderr}`);
      return 1;
    }
    console.log(`backends(): ${found}`);
  }
  const child = spawn(command, rest, { cwd: root, stdio: 'inherit' });
  // From a terminal Ctrl-C reaches the command by itself. Either way it ends first, and then the addon is put back.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  const [status] = await once(child, 'exit');
  return status ?? 1;
}

// Renamed, not overwritten: a process may have it mapped. One that was kept is left over from a run that was killed.
if (!existsSync(kept)) renameSync(own, kept);
let status = 1;
try {
  copyFileSync(resolve(addon), own);
  status = await run();
} finally {
  renameSync(kept, own);
}
process.exit(status);
