import Table from 'cli-table3';
import type { Change, Comparison, Diff } from './diff.ts';
import { formatCount, formatFigure, formatPercent, wrap } from './format.ts';
import type { Result, Results } from './results.ts';
import { bare } from './table.ts';

export interface Side {
  /** The name of the file. */
  readonly source: string;
  readonly results: Results;
}

export interface DiffReport {
  readonly before: Side;
  readonly after: Side;
  readonly diff: Diff;
}

const HEAD = ['measurement', 'metric', 'before', 'after', 'measured', 'change', '95 %'];

/** For a terminal. */
export function renderDiff(report: DiffReport, width: number): string {
  const parts = [...warnings(report), machineOf(report.diff)].map((text) => `${wrap(text, width)}\n`);
  for (const { title, rows } of sections(report.diff)) {
    const table = new Table({
      head: HEAD,
      colAligns: ['left', 'left', ...HEAD.slice(2).map(() => 'right' as const)],
      chars: { ...bare, middle: '  ' },
      style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    });
    table.push(...rows);
    parts.push(`${title}\n${table.toString().replace(/ +$/gm, '')}\n`);
  }
  const lists = rest(report).map((text) => `${wrap(text, width, 2)}\n`);
  return [...parts, lists.join(''), `${verdictOf(report.diff)}\n`].filter((part) => part !== '').join('\n');
}

/** For a pull request. */
export function renderDiffMarkdown(report: DiffReport): string {
  const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const tables = sections(report.diff).map(({ title, rows }) =>
    [`### ${title}`, '', row(HEAD), row(['---', '---', '--:', '--:', '--:', '--:', '--:']), ...rows.map(row)].join(
      '\n',
    ),
  );
  const notes = [...warnings(report), machineOf(report.diff), ...rest(report)];
  return `${[`**${verdictOf(report.diff)}**`, ...tables, notes.map((text) => `- ${text}`).join('\n')].join('\n\n')}\n`;
}

export function countOf({ comparisons }: Diff, change: Change): number {
  return comparisons.filter((comparison) => comparison.change === change).length;
}

/** The whole of it in a sentence. */
export function verdictOf(diff: Diff): string {
  const [worse, better, same, noisy] = (['worse', 'better', 'same', 'noisy'] as const).map((its) => countOf(diff, its));
  const all = formatCount(diff.comparisons.length);
  if (diff.comparisons.length === 0) return 'Nothing to compare: the files have no measurement in common.';
  const found = [worse ? `${worse} slower or worse` : '', better ? `${better} faster or better` : ''].filter(Boolean);
  const told = found.length > 0 ? `${found.join(', ')}` : 'No change beyond the noise';
  return `${told}; of ${all} measurements ${same} are surely the same, ${noisy} too noisy to tell.`;
}

function machineOf({ machine, threshold }: Diff): string {
  const { ratio, scenarios, scatter, figures, adjusted } = machine;
  if (figures === 0) return `Changes of less than ${formatPercent(threshold)} are not told.`;
  const each = Object.entries(scenarios).map(([name, its]) => `${name} ${times(its)}`);
  const over = `Over all, the second run took ${times(ratio)} the time of the first (${each.join(', ')}).`;
  const taken = adjusted
    ? 'That is the machine, or all that was measured in turn: it is taken out of what follows.'
    : 'Nothing of that is taken out.';
  return `${over} ${taken} What is left scatters by ${formatPercent(scatter)}; less than ${formatPercent(threshold)} is not told.`;
}

function sections({ comparisons }: Diff): { title: string; rows: string[][] }[] {
  return (['worse', 'better'] as const).flatMap((change) => {
    const found = comparisons.filter((comparison) => comparison.change === change);
    const title = `${change === 'worse' ? 'Slower or worse' : 'Faster or better'} (${formatCount(found.length)})`;
    return found.length > 0 ? [{ title, rows: found.map(cells) }] : [];
  });
}

function cells({ metric, unit, before, after, measured, ratio, low, high, ...its }: Comparison): string[] {
  return [
    nameOf(its),
    `${metric} (${unit})`,
    formatFigure(before),
    formatFigure(after),
    measured === undefined ? '' : times(measured),
    ratio === undefined ? '' : times(ratio),
    low === undefined || high === undefined ? '' : `${formatFigure(low)}–${formatFigure(high)}`,
  ];
}

function nameOf({ scenario, subject, parameters }: Pick<Result, 'scenario' | 'subject' | 'parameters'>): string {
  const set = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
  return [scenario, subject, ...set].join(' ');
}

function warnings({ before, after, diff }: DiffReport): string[] {
  const differences = diff.environment.map(({ what, before, after }) => `${what} (${before} → ${after})`);
  return [
    ...(differences.length > 0
      ? [`Not the same environment, so that a change may come from there: ${differences.join('; ')}.`]
      : []),
    ...[before, after]
      .filter(({ results }) => results.interrupted)
      .map(({ source }) => `${source} is of a run that was interrupted.`),
  ];
}

/** What was compared with nothing. */
function rest({ before, after, diff }: DiffReport): string[] {
  return [only(before, diff.onlyBefore), only(after, diff.onlyAfter)].flat();
}

function only({ source, results }: Side, measured: readonly Result[]): string[] {
  const counts = new Map<string, number>();
  for (const { scenario, subject } of measured) {
    const name = `${scenario} on ${subject}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const failed = results.failures.map(({ scenario, subject, message }) => `${scenario} on ${subject}: ${message}`);
  return [
    ...(counts.size > 0 ? [`Only in ${source}: ${[...counts].map(([name, n]) => `${name} (${n})`).join(', ')}.`] : []),
    ...(failed.length > 0 ? [`Failed in ${source}: ${failed.join('; ')}.`] : []),
  ];
}

function times(ratio: number): string {
  return `× ${formatFigure(ratio)}`;
}
