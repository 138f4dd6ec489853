import type { BackendName } from '../index.ts';
import { summarize } from './statistics.ts';

export interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly better: 'lower' | 'higher';
}

export type Parameters = Readonly<Record<string, number>>;

/** One figure of one subject: a backend, or a peer such as `node:net`. */
export interface Measurement {
  readonly scenario: string;
  readonly subject: string;
  readonly parameters: Parameters;
  readonly metric: Metric;
  /** One value per counted round, in the order of the rounds. */
  readonly samples: readonly number[];
}

/** A measurement that was asked for and could not be taken. */
export interface Failure {
  readonly scenario: string;
  readonly subject: string;
  readonly message: string;
}

export interface Outcome {
  readonly measurements: readonly Measurement[];
  readonly failures: readonly Failure[];
  /** Stated limits: where a backend or this machine stops. */
  readonly notes: readonly string[];
}

export interface Context {
  readonly backends: readonly BackendName[];
  readonly quick: boolean;
  readonly rounds: number;
  /** The script of the server processes. */
  readonly serverPath: string;
  readonly signal: AbortSignal;
  /** Says what is measured next, and for how many milliseconds; called before every slice. */
  step(label: string, sliceMs: number): void;
}

export interface Scenario {
  readonly name: string;
  /** What is measured, for the reader of the report. */
  readonly description: string;
  readonly metrics: readonly Metric[];
  /** The subject that the others are compared to; without one, the best. */
  readonly reference?: string;
  /** How many milliseconds all slices take together, as far as one can tell before. */
  duration(context: Context): number;
  run(context: Context): Promise<Outcome>;
}

/** A measurement as `--json` writes it. */
export interface Result {
  readonly scenario: string;
  readonly subject: string;
  readonly parameters: Parameters;
  readonly metric: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly rounds: number;
}

/** Digits beyond these are noise in any measurement of time. */
const DIGITS = 6;

export function toResult({ scenario, subject, parameters, metric, samples }: Measurement): Result {
  const summary = summarize(samples);
  const rounded = (value: number) => Number(value.toPrecision(DIGITS));
  return {
    scenario,
    subject,
    parameters,
    metric: metric.name,
    unit: metric.unit,
    median: rounded(summary.median),
    min: rounded(summary.min),
    max: rounded(summary.max),
    rounds: summary.rounds,
  };
}
