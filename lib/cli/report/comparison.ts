import { compareRounds, type Ratio } from '../statistics.ts';
import type { PlotData, Point, Series } from './plot_data.ts';

/** The figures of one series at one place, beside those that it is fairly compared to. */
export interface Compared {
  readonly series: Series;
  readonly point: Point;
  /** What the others are compared to: itself, where it is that one. */
  readonly base: Point;
  /** Undefined for the base itself. */
  readonly ratio: Ratio | undefined;
}

/** All series of one variant at one place of the x axis. */
export interface Group {
  readonly x: number;
  readonly variant: string;
  readonly compared: readonly Compared[];
}

/** Subjects are compared where all else is the same: with the reference of the scenario, or with the best. */
export function compareAll(data: PlotData): Group[] {
  const places = [...new Set(data.series.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  const variants = [...new Set(data.series.map(({ variant }) => variant))];
  return places.flatMap((x) =>
    variants.flatMap((variant) => {
      const found = data.series
        .filter((series) => series.variant === variant)
        .flatMap((series) => series.points.filter((point) => point.x === x).map((point) => ({ series, point })));
      const base = baseOf(data, found);
      if (base === undefined) return [];
      const compared = found.map(({ series, point }) => {
        const ratio = point === base ? undefined : compareRounds(point.result.samples, base.result.samples);
        return { series, point, base, ratio };
      });
      return [{ x, variant, compared }];
    }),
  );
}

function baseOf({ scenario, metric }: PlotData, found: readonly { series: Series; point: Point }[]): Point | undefined {
  const reference = found.find(({ series }) => series.subject === scenario.reference);
  if (reference) return reference.point;
  const sorted = found.map(({ point }) => point).sort((a, b) => a.result.median - b.result.median);
  return metric.better === 'lower' ? sorted[0] : sorted.at(-1);
}
