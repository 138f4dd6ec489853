import { at, type Rule, select, type Tree, withoutComments } from './tidy_tree.ts';

const DOCUMENT = 'docs/reliability.md';

/** How often a suite runs its tests: on each backend, driven in these ways. */
const RUNS: ReadonlyMap<string, readonly string[]> = new Map([
  ['describeEachDriver', ['wait', 'loop', 'thread']],
  ['describeEachBackend', ['wait']],
  ['describeEachHosting', ['loop', 'thread']],
]);
/** The section of bugs, which says who found each instead of how its tests run. */
const FOUND = 'Found and fixed';
const EVERYWHERE = 'wait, loop, thread';
const ONCE = 'once';

/** What the second part answers each question for. */
const FEATURES = [
  'poller',
  'registration',
  'waker',
  'timer',
  'signal',
  'process',
  'watch',
  'socket',
  'batch',
  'stream',
  'hosting',
] as const;

interface Named {
  readonly path: string;
  readonly title: string;
}

interface Row {
  readonly section: string;
  readonly cells: readonly string[];
  readonly tests: readonly Named[];
}

const TESTS = /\[(\w+)\]\(\.\.\/(test\/[\w/]+(?:\.test\.ts|_test\.cc))\)((?:,? “[^”]+”)+)/g;

const testsIn = (cell: string): Named[] =>
  [...cell.matchAll(TESTS)].flatMap(([, , path = '', titles = '']) =>
    [...titles.matchAll(/“([^”]+)”/g)].map(([, title = '']) => ({ path, title })),
  );

const rowsOf = (text: string): Row[] => {
  let section = '';
  const rows: Row[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('#')) section = line.replace(/^#+ /, '');
    // Other parts have tables of other things.
    else if (section !== 'Behaviours' && section !== FOUND && !section.endsWith('?')) continue;
    else if (/^\| (?!---)/.test(line) && !/^\|[^|]*\| tests \|/.test(line)) {
      const cells = line.split('|').slice(1, -1);
      rows.push({ section, cells: cells.map((cell) => cell.trim()), tests: testsIn(line) });
    }
  }
  return rows;
};

/** The function whose call, at the beginning of a line, the test is in; undefined when there is no such test. */
const suiteOf = (tree: Tree, { path, title }: Named): string | undefined => {
  const text = withoutComments(tree.get(path) ?? '');
  if (path.endsWith('.cc')) return new RegExp(`RUN(?:_ON_EACH)?\\(${title}\\);`).test(text) ? '' : undefined;
  const plain = title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  // A title, whole or up to the reason of a difference, and then its test; or the other title that it may have.
  const found = new RegExp(
    `(['"\`])${plain}(?:\\1|:? (?:\\([^\`$]*)?\\$\\{[^\`]*\`)\\s*(?:,\\s*(?:\\w+,\\s*)?(?:async\\b|\\()|:\\s*['"\`]|,\\s*$)`,
    'm',
  ).exec(text);
  if (found === null) return undefined;
  const before = [...text.slice(0, found.index).matchAll(/^(\w+)[\w.]*\(/gm)];
  return before.at(-1)?.[1] ?? '';
};

const runsOf = (suites: readonly string[]): string => {
  const ways = new Set(suites.flatMap((suite) => RUNS.get(suite) ?? []));
  return ways.size === 0
    ? ONCE
    : EVERYWHERE.split(', ')
        .filter((way) => ways.has(way))
        .join(', ');
};

/** Each test that the document names is there, and runs as often as it says. */
export const reliabilityNamesItsTests: Rule = (tree) => {
  const text = tree.get(DOCUMENT);
  if (text === undefined) return [`${DOCUMENT} is missing`];
  const complaints: string[] = [];
  for (const { section, cells, tests } of rowsOf(text)) {
    const [what = '', , runs = '', differences = ''] = cells;
    const missing = tests.filter((test) => suiteOf(tree, test) === undefined);
    for (const { path, title } of missing) complaints.push(`${DOCUMENT}: ${path} has no test “${title}”`);
    if (tests.length === 0 && (runs !== '' || cells[1] === '')) complaints.push(`${DOCUMENT}: no test for: ${what}`);
    if (section === FOUND || missing.length > 0 || tests.length === 0) continue;
    const actual = runsOf(tests.map((test) => suiteOf(tree, test) ?? ''));
    if (runs !== actual) complaints.push(`${DOCUMENT}: runs "${actual}", not "${runs}": ${what}`);
    if (section === 'Behaviours' && actual !== EVERYWHERE && differences === '')
      complaints.push(`${DOCUMENT}: does not say why it runs "${actual}" alone: ${what}`);
  }
  return complaints;
};

/** What it says at its beginning of how much follows is how much follows. */
export const reliabilityCountsItsRows: Rule = (tree) => {
  const rows = rowsOf(tree.get(DOCUMENT) ?? '');
  const named = rows.flatMap(({ tests }) => tests.map(({ path, title }) => `${path} ${title}`));
  const counts = [
    [rows.filter(({ section }) => section === 'Behaviours').length, 'behaviours'],
    [new Set(rows.map(({ section }) => section).filter((section) => section.endsWith('?'))).size, 'questions'],
    [new Set(named).size, 'tests by name'],
    [rows.filter(({ section }) => section === FOUND).length, 'bugs'],
  ] as const;
  return counts
    .map(([count, of]) => `${count} ${of}`)
    .filter((text) => !new RegExp(`\\b${text}\\b`).test(tree.get(DOCUMENT) ?? ''))
    .map((text) => `${DOCUMENT} does not say “${text}”`);
};

/** Each question of the second part is answered for each feature. */
export const reliabilityAnswersForAll: Rule = (tree) => {
  const text = tree.get(DOCUMENT) ?? '';
  const questions = [...text.matchAll(/^### (.*\?)$/gm)].map(([, question = '']) => question);
  const rows = rowsOf(text);
  const answered = (question: string): Set<string> =>
    new Set(rows.filter(({ section }) => section === question).flatMap(({ cells }) => (cells[0] ?? '').split(', ')));
  return [
    ...(questions.length < 10 ? [`${DOCUMENT}: only ${questions.length} questions`] : []),
    ...questions.flatMap((question) => {
      const features = answered(question);
      return [
        ...FEATURES.filter((feature) => !features.has(feature)).map(
          (feature) => `${DOCUMENT}: "${question}" is not answered for: ${feature}`,
        ),
        ...[...features]
          .filter((feature) => !(FEATURES as readonly string[]).includes(feature))
          .map((feature) => `${DOCUMENT}: "${question}" is answered for ${feature}, which is no feature`),
      ];
    }),
  ];
};

/** Around each test of the conformance suite the open descriptors are compared. */
export const conformanceComparesDescriptors: Rule = (tree) =>
  select(tree, /^test\/conformance\/.*\.test\.ts$/).flatMap(([path, text]) =>
    [...withoutComments(text).matchAll(/^(describe[\w.]*)\([\s\S]*?^\}\);$/gm)]
      .filter(([suite, name = '']) => !RUNS.has(name) && !suite.includes('checkDescriptorsAfterEachTest();'))
      .map(({ index }) => `${at(path, text, index)}: a suite that does not call checkDescriptorsAfterEachTest`),
  );
