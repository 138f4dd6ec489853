// What it costs to install fdpoll and other packages with an addon, with npm and what it does by default, and whether they
// work then: time, space, packages, and what `require` adds to an empty script. Everything by whole processes, in turn.
// usage: node bench/install.mjs [--tarball FILE] [--rounds N]; Linux on x64, and the registry. Without a tarball it packs
// the checkout as it is. npm is the newest that tools/install pins, which runs no script of a package unless it is told to (npm 11
// still runs them, and warns). All of it on the Node 22 of tools/runtimes: npm 12 and better-sqlite3 want one from 22 on.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { max, median, min } from 'simple-statistics';
import { createProject } from '../scripts/install/project.mjs';
import { pack } from '../scripts/install/tarball.mjs';
import { tool } from '../scripts/install/tools.mjs';

const { values } = parseArgs({ options: { tarball: { type: 'string' }, rounds: { type: 'string', default: '11' } } });
const rounds = Number(values.rounds);
const tarball = values.tarball === undefined ? pack() : resolve(values.tarball);

/** What npm is told to install, and the least that shows whether the addon is there. */
const PACKAGES = {
  fdpoll: { spec: tarball, use: "new (require('fdpoll').Poller)().close()" },
  'better-sqlite3': { spec: 'better-sqlite3@13.2.0', use: "new (require('better-sqlite3'))(':memory:').close()" },
  serialport: { spec: 'serialport@13.0.0', use: "require('serialport').SerialPort.name" },
  koffi: { spec: 'koffi@3.3.4', use: "require('koffi').load(null)" },
  usocket: { spec: 'usocket@1.1.0', use: "require('usocket')" },
  'unix-dgram': { spec: 'unix-dgram@2.0.7', use: "require('unix-dgram').createSocket('unix_dgram').close()" },
  epoll: { spec: 'epoll@4.0.2', use: "new (require('epoll').Epoll)(() => {}).close()" },
};

const base = createProject('node22');
const npm = [tool('npm12/bin/npm-cli.js')];
// One cache for all: the first round fills it, and does not count.
const env = { ...base.env, npm_config_cache: base.path('cache'), npm_config_prefer_offline: 'true' };
const quiet = ['--no-audit', '--no-fund', '--no-update-notifier'];

async function timed(project, args) {
  const begin = process.hrtime.bigint();
  const result = await project.attempt('node', args, { env });
  return { ...result, ms: Number(process.hrtime.bigint() - begin) / 1e6 };
}

async function install(name) {
  const project = createProject('node22');
  const result = await timed(project, [...npm, 'install', ...quiet, PACKAGES[name].spec]);
  if (result.ended !== 0) throw new Error(`npm could not install ${name}:\n${result.stdout}${result.stderr}`);
  return { project, ms: result.ms };
}

/** Bytes of all files below a folder. */
function sizeOf(folder) {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sum + sizeOf(path);
    return sum + (entry.isFile() ? statSync(path).size : 0);
  }, 0);
}

async function packedSize(name) {
  if (name === 'fdpoll') return statSync(tarball).size;
  const { stdout } = await base.run('node', [...npm, 'pack', '--dry-run', '--json', PACKAGES[name].spec], { env });
  return Object.values(JSON.parse(stdout))[0].size;
}

async function describe(name, project) {
  const modules = project.path('node_modules');
  const lock = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8'));
  const used = await project.attempt('node', ['-e', PACKAGES[name].use]);
  const reason = /^\w*Error[^:]*: (.*?)[:.]?(?: Tried:)?$/m.exec(used.stderr)?.[1] ?? `ended with ${used.ended}`;
  const version = lock.packages[`node_modules/${name}`].version;
  writeFileSync(project.path('empty.cjs'), '');
  writeFileSync(project.path('loads.cjs'), `require(${JSON.stringify(name)});`);
  return {
    version,
    packed: await packedSize(name),
    disk: sizeOf(modules),
    packages: Object.keys(lock.packages).length,
    reason: used.ended === 0 ? '' : reason,
    added: [],
    installs: [],
    project,
  };
}

const subjects = {};
for (const name of Object.keys(PACKAGES)) {
  const { project } = await install(name);
  subjects[name] = await describe(name, project);
}
for (let round = 0; round < rounds; round++)
  for (const [name, subject] of Object.entries(subjects)) {
    const { project, ms } = await install(name);
    project.remove();
    subject.installs.push(ms);
    if (subject.reason !== '') continue;
    const empty = await timed(subject.project, ['empty.cjs']);
    const loads = await timed(subject.project, ['loads.cjs']);
    if (loads.ended !== 0) throw new Error(loads.stderr);
    subject.added.push(loads.ms - empty.ms);
  }

const spread = (numbers, digits) =>
  numbers.length === 0
    ? ''
    : `${median(numbers).toFixed(digits)} (${min(numbers).toFixed(digits)} to ${max(numbers).toFixed(digits)})`;
const megabytes = (bytes) => (bytes / 1e6).toFixed(2);
const table = new Table({
  head: ['package', 'packed MB', 'on disk MB', 'packages', 'install s', 'require ms', 'works'],
  style: { head: [], border: [], compact: true },
});
for (const [name, { version, packed, disk, packages, installs, added, reason }] of Object.entries(subjects))
  table.push([
    `${name} ${version}`,
    megabytes(packed),
    megabytes(disk),
    packages,
    spread(
      installs.map((ms) => ms / 1000),
      2,
    ),
    spread(added, 1),
    reason === '' ? 'yes' : `no: ${reason.length > 60 ? `${reason.slice(0, 57)}...` : reason}`,
  ]);
const { stdout: nodeVersion } = await base.run('node', ['-p', 'process.versions.node']);
const { stdout: npmVersion } = await base.run('node', [...npm, '--version']);
console.log(
  `npm ${npmVersion.trim()} and its defaults, Node ${nodeVersion.trim()}; warm cache, ${rounds} rounds, median (least to most)\n`,
);
console.log(table.toString());
console.log(
  "\nrequire: more than an empty script. uWebSockets.js is not on npm's registry: its users install it from GitHub.",
);

// Targets of our own: they are told here, so that a run says whether it has met them.
const ours = subjects.fdpoll;
const targets = [
  ['require at most 15 ms', ours.reason === '' && median(ours.added) <= 15],
  ['packed at most 1.42 MB', ours.packed <= 1.42e6],
];
for (const [what, met] of targets) console.log(`${met ? 'met   ' : 'MISSED'} ${what}`);
