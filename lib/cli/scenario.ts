import type { BackendName } from '../index.ts';
import {
  type Failure,
  type Metric,
  type Parameters,
  type PlotInput,
  type Result,
  type ScenarioDescription,
  toPlot,
} from './results.ts';
import { summarize } from './statistics.ts';

export type { Failure, Metric, Parameters, Result };

/** One figure of one subject: a backend, or a peer such as `node:net`. */
export interface Measurement {
  readonly scenario: string;
  readonly subject: string;
  /** Percentiles of one distribution are measurements that differ in the parameter `percentile`, from 0 to 100. */
  readonly parameters: Parameters;
  readonly metric: Metric;
  /** One value per counted round, in the order of the rounds. */
  readonly samples: readonly number[];
}

export interface Outcome {
  readonly measurements: readonly Measurement[];
  readonly failures: readonly Failure[];
  /** Stated limits: where a backend or this machine stops, and which peers are not installed. */
  readonly notes: readonly string[];
}

export interface Context {
  readonly backends: readonly BackendName[];
  readonly quick: boolean;
  readonly rounds: number;
  /** The path of a script of `programs/`, which another process or a Worker runs. */
  program(name: string): string;
  readonly signal: AbortSignal;
  /** Says what is measured next, and for how many milliseconds; called before every slice. */
  step(label: string, sliceMs: number): void;
}

export interface Scenario {
  readonly name: string;
  /** For headings. */
  readonly title: string;
  /** What is measured, for the reader of the report: in a closed loop, or from when it was planned at a fixed rate. */
  readonly description: string;
  readonly metrics: readonly Metric[];
  readonly plots: readonly PlotInput[];
  /** The subject that the others are compared to; without one, the best. */
  readonly reference?: string;
  /** Its subjects are no backends: that none was measured is no failure. */
  readonly withoutBackends?: boolean;
  /** How many milliseconds all slices take together, as far as one can tell before. */
  duration(context: Pick<Context, 'backends' | 'quick' | 'rounds'>): number;
  run(context: Context): Promise<Outcome>;
}

/** Digits beyond these are noise in any measurement of time. */
const DIGITS = 6;

const rounded = (value: number): number => Number(value.toPrecision(DIGITS));

/** A measurement as `--json` writes it. */
export function toResult({ scenario, subject, parameters, metric, samples }: Measurement): Result {
  const { median, q1, q3, min, max, rounds, outliers } = summarize(samples);
  return {
    scenario,
    subject,
    parameters,
    metric: metric.name,
    unit: metric.unit,
    better: metric.better,
    samples: samples.map(rounded),
    median: rounded(median),
    q1: rounded(q1),
    q3: rounded(q3),
    min: rounded(min),
    max: rounded(max),
    rounds,
    outliers,
  };
}

/** What `--json` says of the scenario itself. `command` repeats it. */
export function toDescription(scenario: Scenario, notes: readonly string[], command: string): ScenarioDescription {
  const { name, title, description, metrics, plots, reference } = scenario;
  return {
    ...{ name, title, description, command },
    ...(reference !== undefined && { reference }),
    metrics: [...metrics],
    plots: plots.map(toPlot),
    notes: [...notes],
  };
}
