// What is in the tarball: only what is meant to be, no script, nothing too large.
import { spawnSync } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './tools.mjs';

// A seventh of it draws the charts of a report: see docs/adr/0029-results-describe-themselves.md.
const MOST_PACKED = 1.42e6;
const MOST_PREBUILDS = 3e6;

/** All that may be there. A file of a new kind is a decision: it is written down here. */
const MEANT = [
  /^(package\.json|README\.md|CHANGELOG\.md|LICENSE|CMakeLists\.txt)$/,
  /^dist\/(index\.js|index\.cjs|addon\.cjs|results\.schema\.json|THIRD_PARTY_NOTICES\.txt)$/,
  /^dist\/cli\/[\w-]+\.js$/,
  /^dist\/types\/index\.d\.c?ts$/,
  /^prebuilds\/(linux-(x64|arm64)(-musl)?|linux-arm|darwin-(x64|arm64)|freebsd-x64)\/fdpoll\.node$/,
  /^native\/(\w+\/)*\w+\.(cc|h)$/,
];
/** Without these it would be broken for somebody who has nothing to do with prebuilt addons. */
const NEEDED = ['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE', 'CMakeLists.txt', 'native/config.h'];

function tar(args) {
  const { status, stdout, stderr, error } = spawnSync('tar', args, { encoding: 'latin1', maxBuffer: 2 ** 28 });
  if (error) throw error;
  if (status !== 0) throw new Error(`tar ${args.join(' ')}: ${stderr}`);
  return stdout;
}

const textOf = (tarball, path) => Buffer.from(tar(['-xzOf', tarball, `package/${path}`]), 'latin1').toString('utf8');

export const manifestOf = (tarball) => JSON.parse(textOf(tarball, 'package.json'));

/** Path in the package, type and size of each entry. */
function entriesOf(tarball) {
  return tar(['--numeric-owner', '-tvzf', tarball])
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, mode, size, path] = /^(\S+) \S+ +(\d+) \S+ \S+ package\/(.*)$/.exec(line) ?? [];
      if (path === undefined) throw new Error(`not in package/: ${line}`);
      return { path, size: Number(size), file: mode.startsWith('-') };
    });
}

/** Paths within the package that package.json names. */
function named(value) {
  if (typeof value === 'string') return value.startsWith('./') ? [value.slice(2)] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(named) : [];
}

/** Every complaint about a package with these files; `read` gives the text of one. */
export function complaints(manifest, entries, packed, read) {
  const paths = new Set(entries.map(({ path }) => path));
  const sum = (pattern) => entries.reduce((total, { path, size }) => total + (pattern.test(path) ? size : 0), 0);
  const exported = [manifest.exports, manifest.bin, manifest.main, manifest.types].flatMap(named);
  return [
    ...entries.filter(({ file }) => !file).map(({ path }) => `${path} is not a plain file`),
    ...entries
      .filter(({ path }) => !MEANT.some((one) => one.test(path)))
      .map(({ path }) => `${path} is not meant to be there`),
    ...[...NEEDED, ...exported].filter((path) => !paths.has(path)).map((path) => `${path} is missing`),
    ...['scripts', 'dependencies', 'optionalDependencies', 'peerDependencies', 'devDependencies']
      .filter((key) => manifest[key] !== undefined)
      .map((key) => `package.json has ${key}`),
    ...(manifest.gypfile === true ? ['package.json has gypfile'] : []),
    ...(manifest.license === 'MIT' ? [] : ['package.json names no licence']),
    ...[...paths]
      .filter((path) => /\.[cm]?[jt]s$/.test(path) && /^\/[/*][#@] ?sourceMappingURL=/m.test(read(path)))
      .map((path) => `${path} refers to a source map`),
    ...(packed > MOST_PACKED ? [`it is ${packed} bytes packed, more than ${MOST_PACKED}`] : []),
    ...(sum(/^prebuilds\//) === 0 ? ['it has no prebuilt addon'] : []),
    ...(sum(/^prebuilds\//) >= MOST_PREBUILDS
      ? [`the prebuilt addons are ${sum(/^prebuilds\//)} bytes, not less than ${MOST_PREBUILDS}`]
      : []),
  ];
}

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`;

/** The case. */
export async function contents({ tarball }) {
  const entries = entriesOf(tarball);
  const packed = statSync(tarball).size;
  const found = complaints(manifestOf(tarball), entries, packed, (path) => textOf(tarball, path));
  if (found.length > 0) throw new Error(found.join('\n'));
  const prebuilds = entries.filter(({ path }) => path.startsWith('prebuilds/'));
  const unpacked = prebuilds.reduce((total, { size }) => total + size, 0);
  return `${entries.length} files, ${megabytes(packed)} packed; ${prebuilds.length} prebuilt addons, ${megabytes(unpacked)}`;
}

/** Packs the checkout as it is into build/pack. */
export function pack() {
  const folder = join(root, 'build/pack');
  mkdirSync(folder, { recursive: true });
  const { status, stdout, stderr, error } = spawnSync('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 24,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`npm pack: ${stderr}`);
  // What scripts print may come before it.
  const [{ filename }] = Object.values(JSON.parse(stdout.slice(stdout.search(/^[[{]$/m))));
  return join(folder, filename);
}
