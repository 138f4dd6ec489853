// Programs that are bundled by the recipes of the docs, moved to where there is nothing else, and run; and run again with
// the addon taken away.
import { copyFileSync, cpSync, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { Absent } from '../install/cases.mjs';
import { createProject } from '../install/project.mjs';
import { installed } from '../install/refusals.mjs';
import { nodeOf, root } from '../install/tools.mjs';
import { runtimeOf } from '../runtimes.mjs';
import { forOneSystem, readRecipes } from './recipes.mjs';
import { giveBundlers } from './tools.mjs';

const recipes = readRecipes();
const NODES = ['node', 'node26'];
const OUTPUTS = ['program.mjs', 'program.cjs', 'program.js', 'program'];
const NOT_HERE = /\.node \(.*The prebuilt addons are not here: .*in a bundle or an executable put the addon beside it/;
const NO_REQUIRE = /has no require that loads files: let the bundler give the path/;
/** For Node: a system that a bundle for linux-x64 alone has no addon for. */
const ELSEWHERE = 'data:text/javascript,Object.defineProperty(process, "arch", { value: "arm64" })';

function must(condition, what) {
  if (!condition) throw new Error(what);
}

/** A program, and its arguments, that runs what is in out/: the runtime, or itself where it is an executable. */
function runner(place, by) {
  const output = OUTPUTS.find((name) => existsSync(place.path(`out/${name}`)));
  must(output !== undefined, `out/ has ${readdirSync(place.path('out'))}`);
  if (by === undefined) return [place.path(`out/${output}`)];
  const program = NODES.includes(by) ? [nodeOf(by)] : [runtimeOf(by).program, 'run'];
  return [...program, ...(by === 'deno' ? ['--allow-all'] : []), `out/${output}`, 'worker'];
}

async function passes(place, by, [program, ...args] = runner(place, by), options = {}) {
  const { stdout, stderr } = await place.run(program, args, options);
  const { ok, worker } = JSON.parse(stdout);
  must(ok === true && worker === args.includes('worker') && stderr === '', `${by ?? program}: ${stdout}${stderr}`);
}

/** `says`: what Node itself has to say about it, in a line of stderr. */
async function refuses(place, by, pattern, { flags = [], says = /^$/ } = {}) {
  const [program, ...args] = runner(place, by);
  const { ended, stdout, stderr } = await place.attempt(program, [...flags, ...args]);
  must(ended === 1 && says.test(stderr.split('\n')[0]), `${by ?? program}: ended with ${ended}\n${stdout}${stderr}`);
  const { ok, code, message } = JSON.parse(stdout);
  must(ok === false && code === 'ERR_FDPOLL_UNSUPPORTED_PLATFORM', `${by ?? program}: ${stdout}`);
  must(pattern.test(message) && !message.includes('\n'), `${by ?? program}: not ${pattern}: ${message}`);
}

/** out/ of a recipe, where there is no node_modules and no project. `before` sees the project before it is removed. */
async function bundled({ tarball }, { files, commands }, { program = 'bundled.mjs', node = 'node', before } = {}) {
  const type = program.endsWith('.cjs') ? 'commonjs' : 'module';
  const project = await installed(tarball, node, { manifest: { type } });
  giveBundlers(project);
  copyFileSync(`${root}/test/fixtures/install/${program}`, project.path('program.js'));
  for (const [name, text] of Object.entries(files)) project.write(name, text);
  const { DENORT_BIN } = process.env;
  const env = DENORT_BIN === undefined ? project.env : { ...project.env, DENORT_BIN };
  await project.run('sh', ['-ec', commands], { env });
  const place = createProject(node);
  rmSync(place.path('package.json'));
  renameSync(project.path('out'), place.path('out'));
  const systems = readdirSync(project.path('node_modules/fdpoll/prebuilds')).length;
  before?.(project, place);
  project.remove();
  return { place, systems };
}

const addonsOf = (place) =>
  readdirSync(place.path('out'), { recursive: true })
    .filter((name) => name.endsWith('.node'))
    .map((name) => place.path(`out/${name}`));

function describe(by, addons) {
  const bytes = addons.reduce((sum, path) => sum + statSync(path).size, 0);
  const beside =
    addons.length === 0 ? 'nothing beside it' : `addons beside it: ${addons.length}, ${(bytes / 1e6).toFixed(2)} MB`;
  return `${by.map((name) => name ?? 'by itself').join(', ')}; ${beside}`;
}

/**
 * A case of files beside the bundle: the addons of all systems, or of one alone.
 * `by`: the runtimes; undefined is an executable. `recipe`: whose name is not that of the case; `one`: with its lines for
 * one system alone; `alone`: it has them anyway.
 */
function beside(name, { by = NODES, recipe = name, one = false, alone = one, ...options } = {}) {
  return async (subject) => {
    const { place, systems } = await bundled(subject, one ? forOneSystem(recipes[recipe]) : recipes[recipe], options);
    const addons = addonsOf(place);
    must(addons.length === (alone ? 1 : systems), `there are ${addons.length} addons in out/`);
    for (const each of by) await passes(place, each);
    if (alone)
      await refuses(place, 'node', /no addon for linux-arm64\..*prebuilt addons are not here/, {
        flags: ['--import', ELSEWHERE],
      });
    const said = describe(by, addons);
    for (const path of addons) rmSync(path);
    for (const each of by) await refuses(place, each, NOT_HERE);
    place.remove();
    return said;
  };
}

/** An executable that needs nothing. */
function inside(name, options) {
  return async (subject) => {
    const { place } = await bundled(subject, recipes[name], options);
    must(readdirSync(place.path('out')).join() === 'program', `out/ has ${readdirSync(place.path('out'))}`);
    await passes(place, undefined);
    place.remove();
    return describe([undefined], []);
  };
}

async function denoCompile(subject) {
  try {
    return await inside('deno-compile')(subject);
  } catch (error) {
    if (/https:\/\/dl\.deno\.land\S+: client error \(Connect\)/.test(error.message))
      throw new Absent('no connection to dl.deno.land, and no DENORT_BIN');
    throw error;
  }
}

/** What lies in node_modules is left out, so it has to be where the bundle runs. */
async function viteExternal(subject) {
  const before = (project, place) =>
    cpSync(project.path('node_modules/fdpoll'), place.path('node_modules/fdpoll'), { recursive: true });
  const { place } = await bundled(subject, recipes['vite-external'], { before });
  must(addonsOf(place).length === 0, 'out/ has addons');
  for (const by of NODES) await passes(place, by);
  rmSync(place.path('node_modules'), { recursive: true });
  const [program, ...args] = runner(place, 'node');
  const { ended, stderr } = await place.attempt(program, args);
  must(ended === 1 && /ERR_MODULE_NOT_FOUND/.test(stderr), `ended with ${ended}\n${stderr}`);
  place.remove();
}

/** By the variable, as the docs say; without it, and with a path where nothing is. */
async function named(subject) {
  const { place } = await bundled(subject, recipes.named);
  const command = recipes['named, then'].commands;
  await passes(place, 'node', ['sh', '-ec', command]);
  const wrong = place.attempt('sh', ['-ec', command.replace('out/fdpoll.node', 'out/gone.node')]);
  must(/FDPOLL_ADDON names out\/gone\.node \(.*unset it/.test((await wrong).stdout), (await wrong).stdout);
  await refuses(place, 'node', NOT_HERE);
  place.remove();
}

/** A recipe that is not followed: the bundle has a `require` that cannot load files, and is told so. */
function withoutRequire(recipe, by, change, says) {
  return async (subject) => {
    const { files, commands } = recipes[recipe];
    const changed = change(commands);
    must(changed !== commands, `nothing was changed in ${commands}`);
    const { place } = await bundled(subject, { files, commands: changed });
    for (const each of by) await refuses(place, each, NO_REQUIRE, { says });
    place.remove();
  };
}

const defined = (cases) => Object.fromEntries(Object.entries(cases).map(([name, make]) => [name, make(name)]));
const files = (options) => (name) => beside(name, options);
const executable = (options) => (name) => inside(name, options);

/** The longest first. */
export const bundlers = {
  ...defined({
    sea: files({ by: [undefined] }),
    'sea-build': files({ by: [undefined], node: 'node26' }),
    'sea-single': executable(),
    'bun-compile': executable(),
    'esbuild-esm': files({ by: [...NODES, 'bun', 'deno'] }),
    'esbuild-cjs': files(),
    'esbuild-required': files({ recipe: 'esbuild-cjs', program: 'bundled.cjs' }),
    'esbuild-copy-esm': files(),
    'esbuild-copy-cjs': files(),
    'esbuild-one': files({ alone: true }),
    'rollup-esm': files(),
    'rollup-cjs': files(),
    'rollup-one': files({ recipe: 'rollup-esm', one: true }),
    webpack: files(),
    'webpack-one': files({ recipe: 'webpack', one: true }),
    vite: files(),
    'vite-one': files({ recipe: 'vite', one: true }),
    'bun-bun': files({ by: ['bun'] }),
    'bun-node': files({ by: [...NODES, 'bun'] }),
    'bun-one': files({ alone: true }),
  }),
  'deno-compile': denoCompile,
  'vite-external': viteExternal,
  named,
  'esbuild-no-require': withoutRequire('esbuild-copy-esm', NODES, (commands) =>
    commands.replace(/ \\\n +--banner:js=.*/, ''),
  ),
  'sea-no-require': withoutRequire(
    'sea',
    [undefined],
    (commands) => commands.replace('.node=file', '.node=copy'),
    /Warning: .*only supports loading built-in modules/,
  ),
};

const untested = Object.keys(recipes).filter((name) => bundlers[name] === undefined && name !== 'named, then');
if (untested.length > 0) throw new Error(`docs/installing.md has recipes without a case: ${untested.join(', ')}`);
