// Installed packages that something has happened to. Each ends in one message that says what was looked for, what was
// found, and what to do; and what can work does.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { runtimeOf } from '../runtimes.mjs';
import { createProject } from './project.mjs';
import { nodeOf, root } from './tools.mjs';

const fixtures = `${root}/test/fixtures/install`;
const ADDON = 'node_modules/fdpoll/prebuilds/linux-x64/fdpoll.node';
const AGAIN = /install fdpoll again on this one \(rm -r node_modules && npm ci\)/i;
const BUILD = /npm install --save-dev cmake-js node-addon-api node-api-headers && npx cmake-js -d node_modules\/fdpoll/;

let first;
/** A project of its own with the package in it, as npm installs it. */
export async function installed(tarball, node = 'node', options = {}) {
  first ??= (async () => {
    const project = createProject('node');
    await project.run('npm', ['install', '--no-audit', '--no-fund', tarball]);
    return project;
  })();
  const original = await first;
  const project = createProject(node, options);
  cpSync(original.path('node_modules'), project.path('node_modules'), { recursive: true, verbatimSymlinks: true });
  for (const file of readdirSync(fixtures)) copyFileSync(`${fixtures}/${file}`, project.path(file));
  return project;
}

function must(condition, what) {
  if (!condition) throw new Error(what);
}

/** One line, which is said in the same words whatever is used first. */
function expectMessage(stdout, patterns) {
  const attempts = JSON.parse(stdout);
  const [{ message }] = attempts;
  for (const attempt of attempts) {
    must(!attempt.used, 'it works, and should not');
    must(attempt.ours && attempt.name === 'FdError', `not an FdError: ${JSON.stringify(attempt)}`);
    must(attempt.code === 'ERR_FDPOLL_UNSUPPORTED_PLATFORM', `its code is ${attempt.code}: ${attempt.message}`);
    must(attempt.message === message, `two messages: ${attempt.message}\n${message}`);
  }
  must(!message.includes('\n'), `more than one line: ${message}`);
  for (const pattern of patterns) must(pattern.test(message), `no ${pattern} in: ${message}`);
  return message;
}

/** Imported, required, and from the command: the same message, no stack of something inside, no signal. */
export async function expectRefusal(project, ...patterns) {
  let message = '';
  for (const how of ['import', 'require']) {
    const { ended, stdout, stderr } = await project.attempt('node', ['refused.cjs', how]);
    must(ended === 0 && stderr === '', `${how}: ended with ${ended}\n${stdout}${stderr}`);
    message = expectMessage(stdout, patterns);
  }
  const script = "const { Poller } = require('fdpoll'); new Poller();";
  const uncaught = await project.attempt('node', ['-e', script]);
  must(uncaught.ended === 1, `uncaught: ended with ${uncaught.ended}\n${uncaught.stderr}`);
  must(uncaught.stderr.split(message).length === 2, `uncaught: not told once: ${uncaught.stderr}`);
  must(!/TypeError|ReferenceError/.test(uncaught.stderr), uncaught.stderr);
  const command = await project.attempt('node_modules/.bin/fdpoll', ['compare', '--quick']);
  must(command.ended === 1, `the command ended with ${command.ended}\n${command.stdout}${command.stderr}`);
  must(command.stderr.trim() === `fdpoll: ${message}`, `the command said ${command.stdout}${command.stderr}`);
  return message;
}

export async function expectSmoke(project, prefix = ['node'], options = {}) {
  for (const script of ['smoke.mjs', 'smoke.cjs']) {
    const [command, ...args] = [...prefix, script];
    const { stdout } = await project.run(command, args, options);
    must(JSON.parse(stdout).ok === true, stdout);
  }
}

/** A case: what happens to the installed package, and what the message says then. */
const refused =
  (damage, ...patterns) =>
  async ({ tarball }) => {
    const project = await installed(tarball);
    await damage(project);
    await expectRefusal(project, ...patterns);
    project.remove();
  };

const LOOKED = /no addon for linux-x64\b.*prebuilds\/linux-x64\/fdpoll\.node/;

function keepOnly(project, ...names) {
  const prebuilds = project.path('node_modules/fdpoll/prebuilds');
  for (const name of readdirSync(prebuilds))
    if (!names.includes(name)) rmSync(`${prebuilds}/${name}`, { recursive: true });
  for (const name of names.filter((name) => !existsSync(`${prebuilds}/${name}/fdpoll.node`))) {
    // A tarball of this checkout alone: something that begins as the real one does.
    mkdirSync(`${prebuilds}/${name}`, { recursive: true });
    writeFileSync(`${prebuilds}/${name}/fdpoll.node`, Buffer.from('cffaedfe0c000001', 'hex'));
  }
}

/** The addon for arm64 in the place of ours; of a tarball that has none, ours with its machine changed. */
function putArm64(project) {
  const theirs = project.path('node_modules/fdpoll/prebuilds/linux-arm64/fdpoll.node');
  const bytes = readFileSync(existsSync(theirs) ? theirs : project.path(ADDON));
  bytes.writeUInt16LE(183, 18);
  writeFileSync(project.path(ADDON), bytes);
}

/** Any addon of another package. */
function foreignAddon() {
  const { stdout } = spawnSync('find', [`${root}/node_modules`, '-name', '*linux-x64-gnu*.node', '-size', '+100k'], {
    encoding: 'utf8',
  });
  const [path] = stdout
    .split('\n')
    .sort()
    .filter((line) => line !== '');
  must(path !== undefined, 'node_modules has no addon of another package');
  return path;
}

async function readOnly({ tarball }) {
  const project = await installed(tarball);
  const mounted =
    'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && ! touch "$1/x" 2>/dev/null && shift && exec "$@"';
  const unshare = process.getuid() === 0 ? ['-m'] : ['-rm'];
  await expectSmoke(project, ['unshare', ...unshare, 'sh', '-c', mounted, 'sh', project.folder, 'node']);
  project.remove();
}

/** By somebody who may read the package and write nowhere. */
async function noPermission({ tarball }) {
  const project = await installed(tarball);
  const nobody = process.getuid() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
  chmodSync(dirname(project.folder), 0o755);
  if (nobody.length === 0) await project.run('chmod', ['-R', 'a-w', project.folder]);
  // Of the machine, since others may not read where the tools are.
  const node = nodeOf('node');
  const { ended } = await project.attempt('sh', ['-c', 'exec "$@"', 'sh', ...nobody, 'touch', `${project.folder}/x`]);
  must(ended !== 0, 'it may write there');
  await expectSmoke(project, [...nobody, node], { env: { ...project.env, HOME: '/nonexistent' } });
  if (nobody.length === 0) await project.run('chmod', ['-R', 'u+w', project.folder]);
  project.remove();
}

/** A Node that is too old: the version that it has and the one that it takes. It cannot require ES modules, so that says it. */
async function oldNode({ tarball }) {
  const project = await installed(tarball, 'node18');
  const patterns = [/needs Node.js 20\.19 or later/, /18\.20\.8/];
  const imported = await project.run('node', ['refused.cjs', 'import']);
  const message = expectMessage(imported.stdout, patterns);
  const required = await project.attempt('node', ['refused.cjs', 'require']);
  must(required.ended === 1, `require: ended with ${required.ended}\n${required.stdout}${required.stderr}`);
  must(required.stderr.split(message).length === 2, `require: not told once: ${message}\n${required.stderr}`);
  must(/code: 'ERR_FDPOLL_UNSUPPORTED_PLATFORM'/.test(required.stderr), `require: another code:\n${required.stderr}`);
  project.remove();
}

/** A runtime that loads no addon unless it is told to: the flag is named, and nobody is sent to install it again. */
async function notAllowed({ tarball }) {
  const project = await installed(tarball);
  const deno = ['run', '--no-prompt', '--no-check', '--allow-read', '--allow-env'];
  const ways = [
    [nodeOf('node22'), ['--permission', '--allow-fs-read=*'], /--allow-addons/],
    [nodeOf('node'), ['--no-addons'], /--no-addons/],
    [runtimeOf('deno').program, deno, /--allow-ffi/],
  ];
  for (const [program, flags, pattern] of ways) {
    const { stdout } = await project.run(program, [...flags, 'refused.cjs', 'import']);
    const message = expectMessage(stdout, [pattern]);
    must(!AGAIN.test(message) && !BUILD.test(message), `it is not the file that is wrong: ${message}`);
  }
  project.remove();
}

export const refusals = {
  truncated: refused(
    (project) => truncateSync(project.path(ADDON), Math.floor(statSync(project.path(ADDON)).size / 2)),
    LOOKED,
    /cut short/,
    AGAIN,
    BUILD,
  ),
  empty: refused((project) => truncateSync(project.path(ADDON), 0), LOOKED, /it is empty/, AGAIN),
  'other-machine': refused(putArm64, LOOKED, /it is for arm64, not for x64/, AGAIN, BUILD),
  'other-package': refused(
    (project) => copyFileSync(foreignAddon(), project.path(ADDON)),
    LOOKED,
    /not the addon of this version/,
    AGAIN,
  ),
  copied: refused(
    (project) => keepOnly(project, 'darwin-arm64'),
    LOOKED,
    /only darwin-arm64: node_modules was copied from another system/,
    AGAIN,
    BUILD,
  ),
  missing: refused(
    (project) => rmSync(project.path('node_modules/fdpoll/prebuilds'), { recursive: true }),
    LOOKED,
    /no such file/,
    BUILD,
    /CMake and a C\+\+17 compiler/,
  ),
  'read-only': readOnly,
  'no-permission': noPermission,
  'not-allowed': notAllowed,
  'old-node': oldNode,
};
