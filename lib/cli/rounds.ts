import { setImmediate } from 'node:timers/promises';
import { messageOf } from './command.ts';
import type { Failure, Measurement, Metric, Parameters } from './scenario.ts';

/** What one turn of one subject gave, one value per metric in their order. */
export type Sample = readonly number[];

export interface Turns {
  readonly scenario: string;
  readonly subjects: readonly string[];
  readonly parameters: Parameters;
  readonly metrics: readonly Metric[];
  readonly rounds: number;
  /** False where every turn begins anew, so that there is nothing to warm up. Default true. */
  readonly warmUp?: boolean;
  readonly signal: AbortSignal;
  /** How long a turn takes. */
  readonly sliceMs: number;
  step(label: string, sliceMs: number): void;
  /** One turn of the subject: at once, or while the event loop goes on. */
  measure(subject: string, sliceMs: number): Sample | Promise<Sample>;
}

/**
 * Measures the subjects in turn (A, B, C, A, B, C, ...), so that what disturbs the machine disturbs all of them alike.
 * A first round warms up and is not counted, unless `warmUp` is false. A subject that throws is left out from then on, and nothing of it counts.
 * An aborted run keeps the rounds that are finished.
 */
export async function takeTurns(turns: Turns): Promise<{ measurements: Measurement[]; failures: Failure[] }> {
  const { scenario, parameters, metrics, signal, sliceMs } = turns;
  const samples = new Map<string, Sample[]>(turns.subjects.map((subject) => [subject, []]));
  const failures: Failure[] = [];
  for (let round = turns.warmUp === false ? 1 : 0; round <= turns.rounds; round++) {
    for (const [subject, taken] of samples) {
      // A slice blocks this thread; signals and the progress line are served between two of them.
      await setImmediate();
      if (signal.aborted) break;
      turns.step(`${subject} ${round === 0 ? 'warm-up' : `round ${round}/${turns.rounds}`}`, sliceMs);
      try {
        const sample = await turns.measure(subject, sliceMs);
        if (round > 0) taken.push(sample);
      } catch (error) {
        samples.delete(subject);
        failures.push({ scenario, subject, message: messageOf(error) });
      }
    }
  }
  const measurements = [...samples]
    .filter(([, taken]) => taken.length > 0)
    .flatMap(([subject, taken]) =>
      metrics.map((metric, i) => {
        return { scenario, subject, parameters, metric, samples: taken.map((sample) => metricValue(sample, i)) };
      }),
    );
  return { measurements, failures };
}

function metricValue(sample: Sample, i: number): number {
  const value = sample[i];
  if (value === undefined) throw new RangeError(`a sample of ${sample.length} values has no value ${i}`);
  return value;
}
