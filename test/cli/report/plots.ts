import { Styles } from '../../../lib/cli/report/palette.ts';
import { type PlotData, plotsOf } from '../../../lib/cli/report/plot_data.ts';
import type { Metric, Parameters, PlotInput, ScenarioDescription } from '../../../lib/cli/results.ts';
import { measured, resultsOf, richResults } from './results.ts';

export const rich = richResults();
export const richStyles = new Styles([rich]);

export function scenarioNamed(name: string): ScenarioDescription {
  const found = rich.scenarios.find((scenario) => scenario.name.startsWith(name));
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return found;
}

/** A plot of the rich results. */
export function plotNamed(scenario: string, name: string): PlotData {
  const found = plotsOf(rich, scenarioNamed(scenario)).find(({ plot }) => plot.name === name);
  if (found === undefined) throw new Error(`no plot ${name} of ${scenario}`);
  return found;
}

export const time: Metric = { name: 'time', title: 'time', unit: 'µs', better: 'lower' };

export interface Given {
  readonly plot?: Partial<PlotInput>;
  readonly metric?: Metric;
  readonly reference?: string;
  /** The samples of each subject at each place. */
  readonly samples: readonly (readonly [subject: string, parameters: Parameters, samples: readonly number[]])[];
}

/** A plot of these samples alone. */
export function plotWith({ plot, metric = time, reference, samples }: Given): PlotData {
  const plots = [{ name: 'p', kind: 'line', title: 't', says: 's', metric: metric.name, x: 'n', ...plot } as PlotInput];
  const scenario = { name: 'test', title: 't', description: 'd', metrics: [metric], plots };
  const measurements = samples.map(([subject, parameters, values]) =>
    measured('test', subject, metric, values, parameters),
  );
  const results = resultsOf([
    { scenario: { ...scenario, ...(reference !== undefined && { reference }) }, measurements },
  ]);
  const [description] = results.scenarios;
  const [data] = description ? plotsOf(results, description) : [];
  if (data === undefined) throw new Error('no plot');
  return data;
}

/** So many rounds around a value, as noisy as is said. */
export function rounds(value: number, noise = 0.01, count = 7): number[] {
  return Array.from({ length: count }, (_, i) => value * (1 + noise * ((i * 3) % count) - (noise * (count - 1)) / 2));
}
