// Runs the prebuilt addons, most of which this machine cannot simply load, and fails at any that it is told and cannot run:
//
//     node scripts/test-foreign.mjs                       all of TARGETS
//     node scripts/test-foreign.mjs linux-x64-musl        some
//
// With glibc, Node itself runs test/fixtures/install/smoke.mjs; it is Node's own for the processor (tools/foreign), under
// QEMU. There is no Node that is linked with musl to be had here, and none for armv7 that is new enough, so a small host of
// Node-API (test/addon_host), compiled by zig, loads those addons, under the loader of Debian's package musl.
//
// QEMU 7.2 does not know epoll_pwait2, so what runs under it takes the ENOSYS path of native/backends/epoll.cc: its trace
// says so. A QEMU that knows it makes that call, which says so, too.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { zigPath } from './zig.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const work = join(root, 'build-foreign');
const require = createRequire(import.meta.url);

/** The Node that runs this. */
const THIS = 'this';

const TARGETS = {
  'linux-x64': { nodes: [THIS] },
  'linux-x64-musl': { host: 'x86_64-linux-musl', loader: '/lib/ld-musl-x86_64.so.1' },
  'linux-arm64-musl': { host: 'aarch64-linux-musl', qemu: 'qemu-aarch64-static', sysroot: muslOf('arm64') },
  'linux-arm64': {
    nodes: ['arm64-node20', 'arm64-node22', 'arm64-node24', 'arm64-node26'],
    qemu: 'qemu-aarch64-static',
    sysroot: () => '/usr/aarch64-linux-gnu',
    loader: '/usr/aarch64-linux-gnu/lib/ld-linux-aarch64.so.1',
  },
  // npm has a Node for it, of version 20.11, which is too old.
  'linux-arm': {
    host: 'arm-linux-gnueabihf',
    qemu: 'qemu-arm-static',
    sysroot: () => '/usr/arm-linux-gnueabihf',
    loader: '/usr/arm-linux-gnueabihf/lib/ld-linux-armhf.so.3',
  },
};
const COMPILED_ONLY = ['darwin-x64', 'darwin-arm64', 'freebsd-x64'];
/** Debian's, by what is looked for. */
const PACKAGES = {
  '/lib/ld-musl-x86_64.so.1': 'musl',
  'qemu-aarch64-static': 'qemu-user-static',
  'qemu-arm-static': 'qemu-user-static',
  '/usr/aarch64-linux-gnu/lib/ld-linux-aarch64.so.1': 'libstdc++6-arm64-cross libatomic1-arm64-cross',
  '/usr/arm-linux-gnueabihf/lib/ld-linux-armhf.so.3': 'libstdc++6-armhf-cross libatomic1-armhf-cross',
};
const MINUTES = 60_000;

class Failure extends Error {}

function run(command, args, options = {}) {
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    timeout: 10 * MINUTES,
    ...options,
  });
  if (error?.code === 'ENOENT') throw new Failure(`${command} is not here${remedy(command)}`);
  if (error) throw new Failure(`${command}: ${error.message}\n${stdout}${stderr}`);
  if (status !== 0) throw new Failure(`${command} ended with ${signal ?? `status ${status}`}\n${stdout}${stderr}`);
  return stdout;
}

function remedy(what) {
  return PACKAGES[what] === undefined ? '' : `: apt-get install ${PACKAGES[what]}`;
}

function need(path, otherwise = '') {
  if (!existsSync(path)) throw new Failure(`${path} is not here${otherwise || remedy(path)}`);
  return path;
}

function fresh(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** A program's arguments for QEMU, and its trace. */
function emulated({ qemu, sysroot }, folder, program, args) {
  if (qemu === undefined) return [program, args];
  return [qemu, ['-L', sysroot(), '-strace', '-D', join(folder, 'trace'), program, ...args]];
}

/** How the addon has waited, by the trace. */
function howItWaited({ qemu }, folder) {
  if (qemu === undefined) return '';
  const trace = readFileSync(join(folder, 'trace'), 'latin1');
  if (/\bepoll_pwait2\(/.test(trace)) return ', by epoll_pwait2';
  const refused = trace.indexOf('Unknown syscall 441');
  const fallback = /\bepoll_p?wait\(/.test(trace.slice(Math.max(0, refused)));
  if (refused >= 0 && fallback) return ', without epoll_pwait2 (ENOSYS)';
  throw new Failure(`${qemu} has traced neither epoll_pwait2 nor its fallback: see ${join(folder, 'trace')}`);
}

// ---- by Node --------------------------------------------------------------------------------------------------------

function nodeOf(name) {
  if (name === THIS) return process.execPath;
  const tools = join(root, 'tools/foreign');
  const program = join(tools, 'node_modules', name, 'bin/node');
  // --force: npm refuses what is for other processors. The lock's integrity is checked all the same.
  if (!existsSync(program))
    run('npm', ['ci', '--force', '--ignore-scripts', '--prefix', tools, '--no-audit', '--no-fund']);
  return need(program);
}

/** What a user has: the library and this one addon; a build of one's own would come first. */
function libraryFor(name, addon, folder) {
  cpSync(join(root, 'dist'), join(folder, 'package/dist'), { recursive: true });
  mkdirSync(join(folder, `package/prebuilds/${name}`), { recursive: true });
  cpSync(addon, join(folder, `package/prebuilds/${name}/fdpoll.node`));
  writeFileSync(join(folder, 'package/package.json'), '{ "type": "module" }\n');
  return join(folder, 'package/dist/index.js');
}

function runByNode(name, target, addon, folder) {
  if (target.loader !== undefined) need(target.loader);
  need(join(root, 'dist/index.js'), ': npm run compile');
  const env = { ...process.env, FDPOLL_LIBRARY: libraryFor(name, addon, folder), NODE_OPTIONS: '' };
  for (const node of target.nodes) {
    const args = [join(root, 'test/fixtures/install/smoke.mjs')];
    const output = run(...emulated(target, folder, nodeOf(node), args), { env, timeout: 3 * MINUTES });
    const { ok, platform, arch, version, backends } = JSON.parse(output);
    if (ok !== true || `${platform}-${arch}` !== name) throw new Failure(`${node} says ${output}`);
    console.log(`ok     ${name}: Node ${version}, ${backends.join(', ')}${howItWaited(target, folder)}`);
  }
}

// ---- by the host ----------------------------------------------------------------------------------------------------

/** A root with Debian's musl for another processor, by an apt that has its lists and packages to itself. */
function muslOf(architecture) {
  return () => {
    const sysroot = join(work, `musl-${architecture}`);
    if (existsSync(join(sysroot, 'lib'))) return sysroot;
    const apt = fresh(join(work, 'apt'));
    for (const folder of ['lists/partial', 'archives/partial']) mkdirSync(join(apt, folder), { recursive: true });
    const options = {
      'APT::Architecture': architecture,
      'APT::Architectures': architecture,
      'APT::Sandbox::User': 'root',
      'Dir::State::lists': join(apt, 'lists'),
      'Dir::State::status': '/dev/null',
      'Dir::Cache': apt,
      'Dir::Cache::archives': join(apt, 'archives'),
      'Dir::Etc::sourceparts': '/dev/null',
      'Dir::Etc::sourcelist': need('/etc/apt/sources.list.d/debian.sources'),
    };
    const given = Object.entries(options).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
    run('apt-get', ['-q', ...given, 'update']);
    run('apt-get', ['-q', ...given, 'download', 'musl'], { cwd: apt });
    const archive = readdirSync(apt).find((file) => file.endsWith('.deb'));
    if (archive === undefined) throw new Failure(`apt-get has downloaded no musl for ${architecture}`);
    const unpacked = fresh(join(apt, 'unpacked'));
    run('dpkg-deb', ['-x', join(apt, archive), unpacked]);
    cpSync(unpacked, fresh(sysroot), { recursive: true, verbatimSymlinks: true });
    rmSync(apt, { recursive: true });
    return sysroot;
  };
}

function buildHost(target, folder) {
  const sources = readdirSync(join(root, 'test/addon_host'))
    .filter((file) => file.endsWith('.cc'))
    .map((file) => `test/addon_host/${file}`);
  const flags = ['-std=c++17', '-O1', '-g0', '-Wall', '-Wextra', '-DNAPI_VERSION=8'];
  const headers = ['-isystem', require('node-api-headers').include_dir];
  const out = join(folder, 'addon_host');
  run(zigPath(), ['c++', '-target', target.host, '-dynamic', '-rdynamic', ...flags, ...headers, ...sources, '-o', out]);
  return out;
}

function runByHost(name, target, addon, folder) {
  if (target.loader !== undefined) need(target.loader);
  const host = buildHost(target, folder);
  const output = run(...emulated(target, folder, host, [addon]), { timeout: 3 * MINUTES });
  const lines = output.trimEnd().split('\n');
  if (lines.at(-1) !== 'everything is closed') throw new Failure(`the host has stopped early:\n${output}`);
  console.log(`ok     ${name}: the host, ${lines.length - 1} checks${howItWaited(target, folder)}`);
}

// ---------------------------------------------------------------------------------------------------------------------

function test(name) {
  if (COMPILED_ONLY.includes(name))
    throw new Failure(`nothing here runs it; it is compiled and linked, and its file is read`);
  const target = TARGETS[name];
  if (target === undefined) throw new Failure(`it is none of ${Object.keys(TARGETS).join(', ')}`);
  const addon = need(join(root, `prebuilds/${name}/fdpoll.node`), `: npm run prebuild -- ${name}`);
  const folder = fresh(join(work, name));
  (target.host === undefined ? runByNode : runByHost)(name, target, addon, folder);
}

if (process.platform !== 'linux' || process.arch !== 'x64')
  throw new Error(`foreign addons are run on Linux on x64, and this is ${process.platform} ${process.arch}`);
const asked = process.argv.slice(2);
let failed = 0;
for (const name of asked.length > 0 ? asked : Object.keys(TARGETS)) {
  try {
    test(name);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(`FAILED ${name}: ${error.message}`);
    failed++;
  }
}
process.exit(failed === 0 ? 0 : 1);
