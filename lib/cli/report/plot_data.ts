import { formatCount } from '../format.ts';
import type { Metric, Parameters, Plot, Result, Results, ScenarioDescription } from '../results.ts';

/** A place of a series: the figures of one subject, at one place of the x axis. */
export interface Point {
  /** What the x axis says: the parameter, or its place in the order where it is no number. */
  readonly x: number;
  readonly result: Result;
}

export interface Series {
  /** The subject and the parameters that tell its series apart. */
  readonly name: string;
  readonly subject: string;
  /** Those parameters alone, the same for every subject: a series is dashed by it. */
  readonly variant: string;
  readonly points: readonly Point[];
}

/** What a plot shows: the results that it speaks of, in the order of the file. */
export interface PlotData {
  readonly scenario: ScenarioDescription;
  readonly plot: Plot;
  readonly metric: Metric;
  /** The parameter of the x axis; undefined for bars. */
  readonly x: string | undefined;
  /** What stands at the places of the x axis, where they are no numbers. */
  readonly categories: readonly string[] | undefined;
  readonly series: readonly Series[];
}

/** The plots of a scenario. One of which nothing was measured has no series. */
export function plotsOf(results: Results, scenario: ScenarioDescription): PlotData[] {
  return scenario.plots.flatMap((plot) => {
    const metric = scenario.metrics.find(({ name }) => name === plot.metric);
    return metric ? [toPlotData(results, scenario, plot, metric)] : [];
  });
}

/** What was measured and is in no plot: a list of bars for each metric, for its table. */
export function metricsWithoutPlot(results: Results, scenario: ScenarioDescription): PlotData[] {
  return scenario.metrics
    .filter(({ name }) => !scenario.plots.some((plot) => plot.metric === name))
    .map((metric) => {
      const plot: Plot = {
        ...{ name: 'table', kind: 'bar', title: metric.title, says: '', metric: metric.name },
        ...{ xScale: 'linear', yScale: 'linear', series: [], where: {} },
      };
      return toPlotData(results, scenario, plot, metric);
    })
    .filter(({ series }) => series.length > 0);
}

function toPlotData(results: Results, scenario: ScenarioDescription, plot: Plot, metric: Metric): PlotData {
  const chosen = results.results.filter(
    (result) =>
      result.scenario === scenario.name &&
      result.metric === metric.name &&
      Object.entries(plot.where).every(([name, value]) => result.parameters[name] === value),
  );
  const x = axisParameter(plot);
  const placed = x === undefined ? chosen : chosen.filter(({ parameters }) => parameters[x] !== undefined);
  const places = x === undefined ? [] : [...new Set(placed.map(({ parameters }) => parameters[x] ?? ''))];
  const categories = places.every((place) => typeof place === 'number') ? undefined : places.map(String);
  const keys = seriesParameters(placed, plot, x);
  const series = new Map<string, Series & { points: Point[] }>();
  for (const result of placed) {
    const name = seriesName(result, keys);
    const found = series.get(name) ?? {
      ...{ name, subject: result.subject, variant: variantOf(result.parameters, keys), points: [] },
    };
    series.set(name, found);
    found.points.push({ x: placeOf(result.parameters, x, categories), result });
  }
  for (const { points } of series.values()) points.sort((a, b) => a.x - b.x);
  return { scenario, plot, metric, x, categories, series: [...series.values()] };
}

function axisParameter({ kind, x }: Plot): string | undefined {
  if (kind === 'bar') return undefined;
  return kind === 'percentiles' ? 'percentile' : x;
}

/** The parameters that the plot names, and where these leave two results at one place, all others that differ. */
function seriesParameters(results: readonly Result[], plot: Plot, x: string | undefined): string[] {
  const places = results.map((result) => `${seriesName(result, plot.series)} at ${x && result.parameters[x]}`);
  if (new Set(places).size === places.length) return plot.series;
  const names = new Set(results.flatMap(({ parameters }) => Object.keys(parameters)));
  const others = [...names].filter(
    (name) =>
      name !== x && !plot.series.includes(name) && new Set(results.map(({ parameters }) => parameters[name])).size > 1,
  );
  return [...plot.series, ...others];
}

function seriesName({ subject, parameters }: Result, keys: readonly string[]): string {
  return [subject, variantOf(parameters, keys)].filter(Boolean).join(', ');
}

/** A word stands for itself; a number needs to be told what it counts. */
function variantOf(parameters: Parameters, keys: readonly string[]): string {
  return keys
    .filter((key) => parameters[key] !== undefined)
    .map((key) => {
      const value = parameters[key] ?? '';
      return typeof value === 'number' ? `${key} ${formatCount(value)}` : value;
    })
    .join(', ');
}

function placeOf(parameters: Parameters, x: string | undefined, categories: readonly string[] | undefined): number {
  const value = x === undefined ? 0 : (parameters[x] ?? 0);
  return categories ? categories.indexOf(String(value)) : Number(value);
}
