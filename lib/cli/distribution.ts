import type { RecordableHistogram } from 'node:perf_hooks';
import { type Turns, takeTurns } from './rounds.ts';
import type { Metric, Outcome, Parameters } from './scenario.ts';

/** What is told of a distribution; 100 is its greatest value. */
export const PERCENTILES: readonly number[] = [50, 90, 99, 99.9, 100];

/** One value of a sample: a metric, under parameters of its own. */
export interface Column {
  readonly metric: Metric;
  readonly parameters: Parameters;
}

/** A column for each percentile of a metric. */
export function percentileColumns(
  metric: Metric,
  percentiles: readonly number[] = PERCENTILES,
  parameters: Parameters = {},
): Column[] {
  return percentiles.map((percentile) => ({ metric, parameters: { ...parameters, percentile } }));
}

/** The values for `percentileColumns`, in µs, of a histogram of nanoseconds. */
export function percentilesInMicroseconds(
  histogram: RecordableHistogram,
  percentiles: readonly number[] = PERCENTILES,
): number[] {
  return percentiles.map((percentile) => histogram.percentile(percentile) / 1e3);
}

/** Histograms begin at 1: nothing takes less than a nanosecond. */
export function recordNanoseconds(histogram: RecordableHistogram, nanoseconds: number): void {
  histogram.record(Math.max(1, Math.round(nanoseconds)));
}

export interface ColumnTurns extends Omit<Turns, 'metrics'> {
  readonly columns: readonly Column[];
}

/** As `takeTurns`, for samples that have a value for each column. What has the same parameters stands together. */
export async function takeColumnTurns({ columns, ...turns }: ColumnTurns): Promise<Omit<Outcome, 'notes'>> {
  const metrics = columns.map(({ metric }) => metric);
  const { measurements, failures } = await takeTurns({ ...turns, metrics });
  const inColumns = columns.flatMap(({ parameters }, column) =>
    measurements
      .filter((_, i) => i % columns.length === column)
      .map((measurement) => ({ ...measurement, parameters: { ...measurement.parameters, ...parameters } })),
  );
  return { measurements: inColumns, failures };
}
