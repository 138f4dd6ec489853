import { formatCount, formatFigure } from '../format.ts';
import { UNSURE } from '../table.ts';
import { type Compared, compareAll } from './comparison.ts';
import { withUnitOf } from './frame.ts';
import type { PlotData } from './plot_data.ts';

/** The figures of a plot as text. */
export interface FiguresTable {
  readonly head: readonly Column[];
  readonly rows: readonly (readonly string[])[];
  /** What the signs in it mean, and what cannot be seen in it. */
  readonly remarks: readonly string[];
}

export interface Column {
  readonly title: string;
  readonly numeric: boolean;
}

export function tableOf(data: PlotData): FiguresTable {
  const { metric, scenario, x, series } = data;
  const hasReference = series.some(({ subject }) => subject === scenario.reference);
  const column = (title: string, numeric = true): Column => ({ title, numeric });
  const groups = compareAll(data);
  return {
    head: [
      ...(x === undefined ? [] : [column(x)]),
      column('subject', false),
      column(withUnitOf('median', metric)),
      column('quartiles'),
      column(`× ${hasReference ? scenario.reference : 'best'}`),
      column('95 % interval'),
    ],
    rows: groups.flatMap((group) =>
      group.compared.map((compared) => [
        ...(x === undefined ? [] : [placeText(data, group.x)]),
        compared.series.name,
        formatFigure(compared.point.result.median),
        `${formatFigure(compared.point.result.q1)}–${formatFigure(compared.point.result.q3)}`,
        ...ratioTexts(compared),
      ]),
    ),
    remarks: remarksOf(
      data,
      groups.some(({ compared }) => compared.some(({ ratio }) => ratio?.verdict === 'noisy')),
    ),
  };
}

/** What the x axis says at a place. */
export function placeText({ plot, categories }: PlotData, x: number): string {
  if (categories) return categories[x] ?? '';
  if (plot.kind !== 'percentiles') return Number.isInteger(x) ? formatCount(x) : String(x);
  return x === 100 ? 'max' : `${x} %`;
}

function ratioTexts({ ratio }: Compared): [ratio: string, interval: string] {
  if (ratio === undefined) return [formatFigure(1), ''];
  const unsure = ratio.verdict === 'noisy' ? ` ${UNSURE}` : '';
  return [`${formatFigure(ratio.ratio)}${unsure}`, `${formatFigure(ratio.low)}–${formatFigure(ratio.high)}`];
}

function remarksOf({ series }: PlotData, unsure: boolean): string[] {
  const results = series.flatMap(({ points }) => points.map(({ result }) => result));
  const rounds = [...new Set(results.map((result) => result.rounds))].sort((a, b) => a - b);
  const samples = results.reduce((sum, { samples }) => sum + samples.length, 0);
  const outliers = results.reduce((sum, result) => sum + result.outliers, 0);
  const counted = rounds.length > 1 ? `${rounds[0]} to ${rounds.at(-1)}` : `${rounds[0]}`;
  return [
    `${counted} counted ${counted === '1' ? 'round' : 'rounds'} of each; ` +
      `${formatCount(outliers)} of ${formatCount(samples)} samples are outliers.`,
    ...(unsure ? [`${UNSURE} means too noisy to tell: the ratio may as well be 1.`] : []),
  ];
}
