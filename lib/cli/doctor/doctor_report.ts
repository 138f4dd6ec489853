import { wrap } from '../format.ts';
import { renderEnvironment } from '../terminal_report.ts';
import { renderColumns } from './columns.ts';
import { renderDescriptors } from './descriptor_table.ts';
import type { BackendCheck, Diagnosis, Limit, Trial } from './diagnosis.ts';
import { formatLimit } from './verdict.ts';

const GAP = 2;
/** The least that the last column of the limits gets, however narrow the terminal is. */
const LEAST_WIDTH = 20;

/** What `fdpoll doctor` prints, in at most `width` columns where words allow it. */
export function renderDiagnosis(diagnosis: Diagnosis, width: number): string {
  const { environment, addon, backends, descriptors, limits } = diagnosis;
  return [
    // Their own part says more of them.
    renderEnvironment({ ...environment, backends: [] }, width),
    ...(addon.problem === undefined ? [] : [section('The addon does not load', `${wrap(addon.problem, width)}\n`)]),
    ...(backends.length === 0
      ? []
      : [section('Backends, waiting for a pipe with a byte in it', renderBackends(diagnosis, width))]),
    ...(descriptors.length === 0
      ? []
      : [
          section(
            'Descriptors, asked for readable and writable: what was reported',
            renderDescriptors(descriptors, width),
          ),
        ]),
    ...(limits.length === 0 ? [] : [section('Limits', renderLimits(limits, width))]),
    `${wrap(conclusion(diagnosis), width)}\n`,
  ].join('\n');
}

function section(title: string, body: string): string {
  return `${title}\n\n${body}`;
}

function renderBackends({ backends, seccomp }: Diagnosis, width: number): string {
  const rows = backends.map((backend) => [
    titleOf(backend),
    backend.compiled ? 'yes' : 'no',
    outcome(backend.wait),
    outcome(backend.loop),
    outcome(backend.thread),
  ]);
  const notes = [
    ...backends.flatMap((backend) => problemsOf(backend).map((problem) => `${backend.name}: ${problem}`)),
    ...(seccomp ? ['A seccomp filter is active in this process.'] : []),
  ];
  return [
    renderColumns(['backend', 'compiled in', 'wait', 'hosted on the loop', 'on a thread'], rows),
    ...notes.map((note) => `${wrap(note, width, 2)}\n`),
  ].join('');
}

function titleOf({ name, compiled, over, default: isDefault }: BackendCheck): string {
  return [name, ...(over && compiled ? [`over ${over}`] : []), ...(isDefault ? ['(default)'] : [])].join(' ');
}

function outcome(trial: Trial | undefined): string {
  if (trial === undefined) return '–';
  return trial.works ? 'works' : 'fails';
}

function problemsOf({ usable, reason, wait, loop, thread, lacks }: BackendCheck): string[] {
  const trials = [wait, loop, thread].filter((trial) => trial !== undefined);
  const failures = trials.flatMap(({ problem, remedy }) => {
    return problem === undefined ? [] : [[problem, ...(remedy === undefined ? [] : [remedy])].join('. ')];
  });
  return [
    ...(usable || reason === undefined ? [] : [reason]),
    ...new Set(failures),
    ...lacks.map((what) => `without ${what}`),
  ];
}

function renderLimits(limits: readonly Limit[], width: number): string {
  const rows = limits.map(({ verdict, name, value, bounds }) => [verdict, name, formatLimit(value), bounds]);
  const head = ['verdict', 'limit', 'value', 'of'];
  const widths = head.slice(0, -1).map((title, i) => Math.max(...[title, ...rows.map((row) => row[i])].map(lengthOf)));
  const rest = width - widths.reduce((sum, column) => sum + column + GAP, 0);
  const table = renderColumns(head, rows, ['left', 'left', 'right'], [...widths, Math.max(rest, LEAST_WIDTH)]);
  const advice = limits.flatMap(({ name, verdict, why, remedy }) => {
    if (verdict === 'ok') return [];
    const told = wrap(`${name} ${verdict === 'low' ? 'is low' : verdict}: ${why}.`, width, 2);
    return [`${told}\n${remedy === undefined ? '' : `    ${wrap(remedy, width - 4, 4)}\n`}`];
  });
  const lasting = limits.some(({ remedy }) => remedy?.startsWith('sysctl'))
    ? [
        `${wrap('What sysctl sets lasts until the machine starts again; /etc/sysctl.d or /etc/sysctl.conf keeps it.', width)}\n`,
      ]
    : [];
  return [table, ...advice, ...lasting].join('\n');
}

const lengthOf = (text = '') => text.length;

function conclusion({ addon, backends, healthy, limits }: Diagnosis): string {
  if (!addon.loads) return 'Nothing works before the addon loads.';
  if (!backends.some(({ wait }) => wait?.works)) return 'No backend works here: programs that use fdpoll fail.';
  if (!healthy) return 'The default backend does not work here: name another one, such as new Poller({ backend }).';
  const bites = limits.filter(({ verdict }) => verdict === 'will bite').map(({ name }) => name);
  return bites.length === 0
    ? 'fdpoll works here.'
    : `fdpoll works here, until ${bites.join(', ')} ${bites.length === 1 ? 'bites' : 'bite'}.`;
}
