import type { Failure, Results, ScenarioDescription } from '../results.ts';
import { environmentRows } from '../terminal_report.ts';
import { type FiguresTable, tableOf } from './figures_table.ts';
import { Names } from './names.ts';
import { metricsWithoutPlot, type PlotData, plotsOf } from './plot_data.ts';
import { sentencesOf } from './sentence.ts';

/** A file of results. */
export interface Source {
  /** How it was named on the command line. */
  readonly name: string;
  readonly results: Results;
}

/** What a report says, whatever it is written in. */
export interface ReportDocument {
  readonly title: string;
  readonly runs: readonly Run[];
}

export interface Run {
  readonly name: string;
  readonly id: string;
  readonly command: string;
  readonly environment: readonly (readonly [label: string, text: string])[];
  /** For below a picture that stands alone. */
  readonly provenance: string;
  readonly interrupted: boolean;
  readonly failures: readonly Failure[];
  readonly sections: readonly Section[];
}

export interface Section {
  readonly id: string;
  readonly scenario: ScenarioDescription;
  readonly figures: readonly Figure[];
  /** Metrics that no plot shows. */
  readonly tables: readonly (readonly [title: string, table: FiguresTable])[];
}

export interface Figure {
  /** Unique in the report; the name of the file of its picture. */
  readonly id: string;
  readonly data: PlotData;
  /** Nothing of it was measured: there is neither picture nor table. */
  readonly empty: boolean;
  /** What there is to be seen, and what the figures say. */
  readonly says: string;
  readonly derived: string;
  readonly table: FiguresTable | undefined;
}

export function toDocument(sources: readonly Source[]): ReportDocument {
  const names = new Names();
  const several = sources.length > 1;
  const runs = sources.map(({ name, results }): Run => {
    const id = names.make(several ? baseName(name) : 'run');
    return {
      ...{ name, id, command: results.command, interrupted: results.interrupted, failures: results.failures },
      environment: environmentRows(results.environment),
      provenance: provenanceOf(results),
      sections: results.scenarios.map((scenario) =>
        toSection(results, scenario, names, several ? [baseName(name), scenario.name] : [scenario.name]),
      ),
    };
  });
  return { title: titleOf(sources), runs };
}

function toSection(results: Results, scenario: ScenarioDescription, names: Names, path: string[]): Section {
  return {
    scenario,
    id: names.make(...path),
    figures: plotsOf(results, scenario).map((data): Figure => {
      const id = names.make(...path, data.plot.name);
      const empty = data.series.length === 0;
      const facts = empty ? { derived: '', table: undefined } : { derived: sentencesOf(data), table: tableOf(data) };
      return { id, data, empty, says: data.plot.says, ...facts };
    }),
    tables: metricsWithoutPlot(results, scenario).map((data) => [data.metric.title, tableOf(data)] as const),
  };
}

function titleOf([first, ...others]: readonly Source[]): string {
  if (first === undefined || others.length > 0) return `fdpoll: ${others.length + 1} runs`;
  const { environment, results } = first.results;
  const subjects = environment.backends.map(({ name }) => name as string);
  const measured = subjects.filter((name) => results.some(({ subject }) => subject === name));
  const names = measured.length > 1 ? `${measured.slice(0, -1).join(', ')} and ${measured.at(-1)}` : measured[0];
  return `fdpoll: ${names ?? 'a run'} on ${environment.kernel}`;
}

function provenanceOf({ environment: { fdpoll, runtime, kernel, architecture, cpu, date } }: Results): string {
  const [day = ''] = date.split('T');
  return `fdpoll ${fdpoll}, ${runtime}, ${kernel} ${architecture}, ${cpu.available} × ${cpu.model}, ${day}`;
}

function baseName(path: string): string {
  return path.replace(/^.*[\\/]/, '').replace(/\.json$/i, '');
}
