import { forbid, type Rule, select, type Tree, withoutComments } from './tidy_tree.ts';

/** Files of lib/ without a test file of their own, and why. */
const unmirrored: ReadonlyMap<string, string> = new Map([
  ['lib/index.ts', 'only re-exports; every other test uses it'],
]);
/** Test files that mirror no file of lib/, and what they test. */
const unmirroring: ReadonlyMap<string, string> = new Map([
  ['test/tidy.test.ts', 'the rules of the project'],
  ['test/reliability.test.ts', 'docs/reliability.md'],
  ['test/soak.test.ts', 'scripts/soak.mjs'],
  ['test/entries.test.ts', 'what package.json exports'],
  ['test/declarations.test.ts', 'dist/types'],
  ['test/faults.test.ts', 'what the whole of it does when system calls fail'],
  ['test/programs.test.ts', 'programs as users write them'],
  ['test/programs_clients.test.ts', 'programs as users write them'],
  ['test/programs_datagrams.test.ts', 'programs as users write them'],
  ['test/programs_servers.test.ts', 'programs as users write them'],
  ['test/programs_graceful.test.ts', 'programs as users write them'],
  ['test/examples.test.ts', 'examples/'],
  ['test/examples_devices.test.ts', 'examples/'],
  ['test/examples_network.test.ts', 'examples/'],
  ['test/examples_services.test.ts', 'examples/'],
  ['test/examples_sources.test.ts', 'examples/'],
]);

export const everyModuleHasItsTest: Rule = (tree) =>
  select(tree, /^lib\/.*\.ts$/)
    .map(([path]) => [path, path.replace(/^lib\/(.*)\.ts$/, 'test/$1.test.ts')] as const)
    .filter(([path, test]) => !unmirrored.has(path) && !tree.has(test))
    .map(([path, test]) => `${path} has no ${test}`);

export const everyTestHasItsModule: Rule = (tree) =>
  select(tree, /^test\/(?!conformance\/|lifecycle\/|properties\/).*\.test\.ts$/)
    .map(([path]) => [path, path.replace(/^test\/(.*)\.test\.ts$/, 'lib/$1.ts')] as const)
    .filter(([path, module]) => !unmirroring.has(path) && !tree.has(module))
    .map(([path, module]) => `${path} tests ${module}, which does not exist`);

export const indexOnlyReExports: Rule = (tree) => {
  const rest = withoutComments(tree.get('lib/index.ts') ?? '')
    .replace(/export\s+(type\s+)?(\{[^}]*\}|\*)\s+from\s+'[^']+';/g, '')
    .trim();
  return rest === '' ? [] : [`lib/index.ts does more than re-export: ${rest}`];
};

const publicNames = (tree: Tree): string[] =>
  [...withoutComments(tree.get('lib/index.ts') ?? '').matchAll(/\{([^}]*)\}/g)]
    .flatMap(([, names = '']) => names.split(','))
    .map((name) => name.trim().replace(/^type\s+|^.*\sas\s+/g, ''))
    .filter((name) => name !== '');

export const everyExportIsInTheDocs: Rule = (tree) => {
  const text = tree.get('docs/api.md');
  if (text === undefined) return ['docs/api.md is missing: it is where every public export is described'];
  const code = (text.match(/```[\s\S]*?```|`[^`\n]+`/g) ?? []).join('\n');
  return publicNames(tree)
    .filter((name) => !new RegExp(`(?<![\\w$])${name}(?![\\w$])`).test(code))
    .map((name) => `docs/api.md does not mention \`${name}\``);
};

export const onlyBindingLoadsTheAddon: Rule = (tree) =>
  forbid(
    tree,
    /^lib\/(?!(?:binding|cli\/peers)\.ts$).*\.ts$/,
    /\brequire\s*\(|\bcreateRequire\b|\bdlopen\b|\.node\b(?=['"`])/g,
    'loads the addon, which is for lib/binding.ts alone',
    withoutComments,
  );

export const noAny: Rule = (tree) =>
  forbid(tree, /^lib\/.*\.ts$/, /(?:[:<|&,=[(]|\bas|\bextends)\s*any\b(?!\s*[:(])/g, 'is no type');

export const nothingLeftFromDebugging: Rule = (tree) => [
  ...forbid(tree, /^lib\/.*\.ts$/, /\bdebugger\b/g, 'was left behind'),
  ...forbid(tree, /^lib\/(?!cli\/).*\.ts$/, /\bconsole\s*\.\s*\w+/g, 'was left behind'),
  ...forbid(tree, /^native\//, /\b(?:v?f?printf|f?puts)\s*\(|\bstd::(?:cout|cerr|clog)\b/g, 'was left behind'),
];

/** Where a file asks to be split by concept. The first that fits is the one that counts. */
const LINES_MAX: readonly (readonly [RegExp, number])[] = [
  [/^native\/backends\/.*\.cc$/, 300],
  [/^(native|test\/native)\/.*\.(cc|h)$/, 400],
  [/\.m?ts$/, 300],
];

export const filesAreSmall: Rule = (tree) =>
  [...tree].flatMap(([path, text]) => {
    const most = LINES_MAX.find(([pattern]) => pattern.test(path))?.[1] ?? Number.POSITIVE_INFINITY;
    const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
    return lines <= most ? [] : [`${path} has ${lines} lines, more than ${most}`];
  });

// Spelled so that this file is not one of those that it looks for.
const OUTSIDE: readonly (readonly [files: RegExp, word: RegExp])[] = [
  [/./, /\/wor[k]\/|\/tmp\/brie[f]|\bfar[m]-|(?<![\w)\]])\.librar[y]\b/g],
  [/^(?!test\/|bench\/)/, /\bshare[d]\//g],
];

export const nothingFromOutsideTheRepository: Rule = (tree) =>
  OUTSIDE.flatMap(([files, word]) => forbid(tree, files, word, 'is not in the repository', (text) => text));

interface Package {
  dependencies?: object;
  devDependencies?: object;
  optionalDependencies?: object;
  peerDependencies?: object;
  bundleDependencies?: object;
  engines?: { node?: string };
  gypfile?: boolean;
  files?: string[];
  scripts?: Record<string, string>;
}
const packageOf = (tree: Tree): Package => JSON.parse(tree.get('package.json') ?? '{}') as Package;

export const noRunTimeDependency: Rule = (tree) => {
  const { dependencies, optionalDependencies, peerDependencies, bundleDependencies } = packageOf(tree);
  return Object.entries({ dependencies, optionalDependencies, peerDependencies, bundleDependencies })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => `package.json has ${name}`);
};

export const nothingRunsOnInstall: Rule = (tree) => {
  const { scripts = {}, files = [], gypfile } = packageOf(tree);
  return [
    ...['preinstall', 'install', 'postinstall'].filter((name) => name in scripts).map((name) => `a script ${name}`),
    ...(files.includes('binding.gyp') ? ['binding.gyp is packed, so npm would compile'] : []),
    ...(gypfile === false
      ? []
      : ['gypfile is not false, so npm would compile a checkout before its dependencies are there']),
  ];
};

export const oneOldestNode: Rule = (tree) => {
  const stated = /^>=(\d+\.\d+)$/.exec(packageOf(tree).engines?.node ?? '')?.[1];
  if (stated === undefined) return ['package.json says no oldest Node: engines.node must be >=major.minor'];
  const built = /target: 'node([\d.]+)'/.exec(tree.get('scripts/build.mjs') ?? '')?.[1];
  return built === stated ? [] : [`package.json says Node ${stated}, scripts/build.mjs builds for ${built}`];
};

export const decisionsAreNumberedAndIndexed: Rule = (tree) => {
  const records = select(tree, /^docs\/adr\/(?!README\.md$)/).map(([path]) => path.slice('docs/adr/'.length));
  const index = tree.get('docs/adr/README.md');
  if (index === undefined) return ['docs/adr/README.md is missing: it is the index of the decisions'];
  const linked = [...index.matchAll(/\]\((?:\.\/)?([^)#\s]+\.md)/g)].map(([, file = '']) => file);
  const expected = (i: number): string => String(i + 1).padStart(4, '0');
  return [
    ...records
      .filter((file) => !/^\d{4}-[a-z0-9-]+\.md$/.test(file))
      .map((file) => `docs/adr/${file}: no NNNN-title.md`),
    ...records
      .toSorted()
      .filter((file, i) => !file.startsWith(`${expected(i)}-`))
      .slice(0, 1)
      .map((file) => `docs/adr/${file}: the numbers before it have a gap or a double`),
    ...records.filter((file) => !linked.includes(file)).map((file) => `docs/adr/README.md does not link ${file}`),
    ...linked
      .filter((file) => /^\d/.test(file) && !records.includes(file))
      .map((file) => `it links ${file}: no such file`),
  ];
};

export const changesAreKept: Rule = (tree) => {
  const text = tree.get('CHANGELOG.md');
  if (text === undefined) return ['CHANGELOG.md is missing'];
  const versions = [...text.matchAll(/^## (.*)$/gm)].map(([, heading = '']) => heading);
  const kinds = [...text.matchAll(/^### (.*)$/gm)].map(([, heading = '']) => heading);
  return [
    ...(versions[0] === '[Unreleased]' ? [] : ['CHANGELOG.md does not begin with the section "## [Unreleased]"']),
    ...versions
      .slice(1)
      .filter((heading) => !/^\[\d+\.\d+\.\d+(-[\w.]+)?\] - \d{4}-\d\d-\d\d( \[YANKED\])?$/.test(heading))
      .map((heading) => `CHANGELOG.md: "## ${heading}" is no "## [X.Y.Z] - YYYY-MM-DD"`),
    ...kinds
      .filter((heading) => !/^(Added|Changed|Deprecated|Removed|Fixed|Security)$/.test(heading))
      .map((heading) => `CHANGELOG.md: "### ${heading}" is no kind of change`),
  ];
};

export const everyDependencyHasItsReason: Rule = (tree) => {
  const text = tree.get('docs/security.md') ?? '';
  const { devDependencies = {} } = packageOf(tree);
  const listed = [...text.matchAll(/^\| `([^`]+)` \*? ?\| [^|]*\w[^|]* \| [^|]*\w[^|]* \|$/gm)].map(
    ([, name = '']) => name,
  );
  return [
    ...Object.keys(devDependencies)
      .filter((name) => !listed.includes(name))
      .map((name) => `docs/security.md has no licence and reason for ${name}`),
    ...listed
      .filter((name) => !(name in devDependencies))
      .map((name) => `docs/security.md lists ${name}, which is no dependency`),
  ];
};

export const whatIsShownIsThere: Rule = (tree) =>
  [...(tree.get('docs/security.md') ?? '').matchAll(/`(test\/[^`]+)`/g)]
    .map(([, path = '']) => path)
    .filter((path) => !tree.has(path))
    .map((path) => `docs/security.md names ${path}, which is not there`);

export const exceptionsAreInUse: Rule = (tree) =>
  [...unmirrored.keys(), ...unmirroring.keys()].filter((path) => !tree.has(path)).map((path) => `${path} is not there`);
