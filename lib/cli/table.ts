import Table from 'cli-table3';
import { formatCount, formatFigure } from './format.ts';
import type { Measurement, Metric, Parameters } from './scenario.ts';
import { compareRounds, type Ratio, summarize } from './statistics.ts';

const edges = [
  'top',
  'top-mid',
  'top-left',
  'top-right',
  'bottom',
  'bottom-mid',
  'bottom-left',
  'bottom-right',
] as const;
const rules = ['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'] as const;
/** Characters of a table without lines. */
export const bare = Object.fromEntries([...edges, ...rules].map((name) => [name, '']));

/**
 * One metric of a scenario: a group of rows for each value of the parameters that vary, a row for each subject. The last
 * column compares with `reference`, or with the best of the group.
 */
export function renderTable(measurements: readonly Measurement[], metric: Metric, reference?: string): string {
  const measured = measurements.filter((measurement) => measurement.metric.name === metric.name);
  const varying = varyingParameters(measured.map(({ parameters }) => parameters));
  const compared = measured.some(({ subject }) => subject === reference) ? reference : undefined;
  const everywhere = measured.every(({ parameters }) =>
    measured.some((other) => other.subject === compared && sameParameters(other.parameters, parameters)),
  );
  const base = compared === undefined ? 'best' : everywhere ? compared : `${compared} or best`;
  const table = new Table({
    head: [...varying, 'subject', `median (${metric.unit})`, 'quartiles', `× ${base}`, '95 %'],
    colAligns: [...varying.map(() => 'right' as const), 'left', 'right', 'right', 'right', 'right'],
    chars: { ...bare, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  let group: readonly Measurement[] = [];
  for (const measurement of measured) {
    const first = !group.includes(measurement);
    if (first) group = measured.filter(({ parameters }) => sameParameters(parameters, measurement.parameters));
    const base = group.find(({ subject }) => subject === compared) ?? best(group);
    const { median, q1, q3 } = summarize(measurement.samples);
    table.push([
      ...varying.map((name) => (first ? formatParameter(measurement.parameters[name] ?? '') : '')),
      measurement.subject,
      formatFigure(median),
      `${formatFigure(q1)}–${formatFigure(q3)}`,
      ...(base ? ratioCells(measurement, base) : ['', '']),
    ]);
  }
  const [head = '', ...rows] = table.toString().split('\n');
  return [head, '─'.repeat(head.length), ...rows.map((row) => row.trimEnd())].join('\n');
}

/** What a ratio is followed by when it may as well be 1. */
export const UNSURE = '?';

function ratioCells(measurement: Measurement, base: Measurement): [string, string] {
  if (measurement === base) return [formatFigure(1), ''];
  const { ratio, low, high, verdict }: Ratio = compareRounds(measurement.samples, base.samples);
  return [`${formatFigure(ratio)}${verdict === 'noisy' ? UNSURE : ''}`, `${formatFigure(low)}–${formatFigure(high)}`];
}

function formatParameter(value: number | string): string {
  return Number.isInteger(value) ? formatCount(Number(value)) : String(value);
}

function varyingParameters(all: readonly Parameters[]): string[] {
  const names = new Set(all.flatMap((parameters) => Object.keys(parameters)));
  return [...names].filter((name) => new Set(all.map((parameters) => parameters[name])).size > 1);
}

function sameParameters(a: Parameters, b: Parameters): boolean {
  return Object.keys({ ...a, ...b }).every((name) => a[name] === b[name]);
}

function best(group: readonly Measurement[]): Measurement | undefined {
  const sorted = group.toSorted((a, b) => summarize(a.samples).median - summarize(b.samples).median);
  return sorted[0]?.metric.better === 'lower' ? sorted[0] : sorted.at(-1);
}
