// The tarball as each package manager installs it with what it does by default: no script may be needed, so none is
// allowed, and no manager has anything to say about one.
import { copyFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { runtimeOf } from '../runtimes.mjs';
import { createProject } from './project.mjs';
import { servePackage } from './registry.mjs';
import { nodeOf, root, supportedNodes, tool } from './tools.mjs';

const fixtures = `${root}/test/fixtures/install`;
const js = (path) => () => ['node', tool(path)];

/**
 * `command`: the program, `add`: its arguments that install a tarball, `exec`: those that run an installed command;
 * `node`: the Node that it runs on; `files`: settings that the user has made; `programs`: what runs a script.
 */
const MANAGERS = {
  npm11: { node: 'node', command: js('npm11/bin/npm-cli.js'), add: (tarball) => ['install', tarball] },
  npm12: { node: 'node22', command: js('npm12/bin/npm-cli.js'), add: (tarball) => ['install', tarball] },
  pnpm10: { node: 'node20', command: js('pnpm10/bin/pnpm.cjs'), add: (tarball) => ['add', tarball] },
  pnpm12: { node: 'node24', command: () => [tool('pnpm12/pnpm')], add: (tarball) => ['add', tarball] },
  yarn1: {
    node: 'node20',
    command: js('yarn1/bin/yarn.js'),
    add: (tarball) => ['add', `file:${tarball}`],
    exec: ['--silent', 'run', 'fdpoll'],
  },
  yarn4: {
    node: 'node22',
    command: js('yarn4/bin/yarn.js'),
    add: (tarball) => ['add', `fdpoll@file:${tarball}`],
    files: { '.yarnrc.yml': 'nodeLinker: node-modules\nenableTelemetry: false\n' },
  },
  // Without node_modules: what has a .node file is unplugged from its archive, which no setting asks for.
  'yarn4-pnp': {
    node: 'node22',
    command: js('yarn4/bin/yarn.js'),
    add: (tarball) => ['add', `fdpoll@file:${tarball}`],
    files: { '.yarnrc.yml': 'enableTelemetry: false\n' },
    // Its loader warns of Node's own interfaces.
    programs: (command) => ({ 'yarn node': { program: [...command, 'node'], noisy: true } }),
  },
  bun: {
    node: 'node24',
    command: () => [runtimeOf('bun').program],
    add: (tarball) => ['add', tarball],
    exec: ['--bun', 'run', 'fdpoll'],
    programs: (command) => ({ ...nodes(['node24']), bun: { program: command } }),
  },
  deno: {
    node: 'node24',
    command: () => [runtimeOf('deno').program],
    // It takes no file, so it has a registry.
    serve: true,
    add: () => ['add', '--quiet', 'npm:fdpoll'],
    exec: ['run', '--allow-all', 'npm:fdpoll'],
    programs: (command) => ({ ...nodes(['node24']), deno: { program: [...command, 'run', '--allow-all'] } }),
  },
};
/** All of them on the two layouts of node_modules, the plain one and that of links; elsewhere the oldest and the newest. */
const ENDS = [supportedNodes[0], supportedNodes.at(-1)];
/** What they write about what they did not run: `install-scripts`, "Ignored build scripts", "Blocked 1 postinstall", "must be built". */
const TELLS_OF_SCRIPTS = /(install|build|lifecycle)[- ]scripts?|(pre|post)install|must be built|blocked|gyp/i;
/** Where the command measures as well: it is for Node, and these run it by Node. */
const NODES_OWN = ['npm11', 'npm12', 'pnpm12', 'yarn4-pnp'];
const EXEC = { npm11: js('npm11/bin/npx-cli.js'), npm12: js('npm12/bin/npx-cli.js') };

const nodes = (names) => Object.fromEntries(names.map((name) => [name, { program: [nodeOf(name)] }]));

function expectJson(what, { stdout, stderr }, noisy) {
  const lines = stdout.trimEnd().split('\n');
  if (lines.length !== 1 || JSON.parse(lines[0]).ok !== true) throw new Error(`${what} printed ${stdout}`);
  if (stderr !== '' && !noisy) throw new Error(`${what} had something to say:\n${stderr}`);
}

async function smoke(project, programs) {
  for (const [name, { program, noisy }] of Object.entries(programs))
    for (const script of ['smoke.mjs', 'smoke.cjs']) {
      const [command, ...args] = program;
      const result = await project.run(command, [...args, script]).catch((error) => {
        throw new Error(`${name}: ${error.message}`);
      });
      expectJson(`${name} ${script}`, result, noisy);
    }
}

/** The command as its user calls it. */
async function tryCommand(project, name, exec, version) {
  const [command, ...args] = exec;
  const shown = (await project.run(command, [...args, '--version'])).stdout;
  if (!shown.includes(version)) throw new Error(`fdpoll --version printed ${shown}`);
  const help = (await project.run(command, [...args, '--help'])).stdout;
  if (!/\bcompare\b/.test(help)) throw new Error(`fdpoll --help printed ${help}`);
  if (!NODES_OWN.includes(name)) return;
  await project.run(command, [...args, 'run', 'ping-pong', '--quick', '--rounds', '1', '--json', 'results.json']);
  await project.run(command, [...args, 'report', 'results.json', '-o', 'report.html', '--svg', 'plots']);
  if (!readFileSync(project.path('report.html'), 'utf8').includes('<svg')) throw new Error('the report has no plot');
  if (!existsSync(project.path('plots/ping-pong-cpu.svg'))) throw new Error('the plot has no file');
  await project.run(command, [...args, 'diff', 'results.json', 'results.json']);
  await project.run(command, [...args, 'doctor']);
}

async function install(project, name, { tarball, version }) {
  const manager = MANAGERS[name];
  const command = manager.command();
  for (const [path, text] of Object.entries(manager.files ?? {})) project.write(path, text);
  const registry = manager.serve ? await servePackage(tarball) : undefined;
  try {
    const env = registry === undefined ? project.env : { ...project.env, NPM_CONFIG_REGISTRY: registry.url };
    const [program, ...args] = [...command, ...manager.add(tarball)];
    const { stdout, stderr } = await project.run(program, args, { env });
    const told = `${stdout}${stderr}`.split('\n').find((line) => TELLS_OF_SCRIPTS.test(line));
    if (told !== undefined) throw new Error(`${name} tells of something that would have to be run: ${told}`);
    for (const file of readdirSync(fixtures)) copyFileSync(`${fixtures}/${file}`, project.path(file));
    const exec = EXEC[name]?.() ?? command;
    const call = EXEC[name] === undefined ? (manager.exec ?? ['exec', 'fdpoll']) : ['--no', '--', 'fdpoll'];
    await tryCommand({ ...project, run: (c, a) => project.run(c, a, { env }) }, name, [...exec, ...call], version);
    return manager.programs?.(command) ?? nodes(name === 'npm11' || name === 'pnpm12' ? supportedNodes : ENDS);
  } finally {
    registry?.close();
  }
}

/** Each: installs, calls the command, and runs the smoke programs on every supported Node, or on what it brings. */
export const managers = Object.fromEntries(
  Object.keys(MANAGERS).map((name) => [
    name,
    async (subject) => {
      const project = createProject(MANAGERS[name].node);
      const programs = await install(project, name, subject);
      await smoke(project, programs);
      project.remove();
      return Object.keys(programs).join(', ');
    },
  ]),
);
