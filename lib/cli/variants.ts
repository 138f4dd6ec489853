import { type Sample, type Turns, takeTurns } from './rounds.ts';
import type { Failure, Measurement } from './scenario.ts';

export interface VariantTurns extends Omit<Turns, 'measure'> {
  /** The parameter that the variants are the values of. */
  readonly parameter: string;
  readonly variants: readonly string[];
  /** False where a subject does not have a variant. Default: all have all. */
  has?(subject: string, variant: string): boolean;
  measure(subject: string, variant: string, sliceMs: number): Sample | Promise<Sample>;
}

/**
 * Takes turns of subjects that are measured in several ways. All ways of all subjects share the rounds, so that they
 * can be compared with each other too. One that fails is left out, the other ways of its subject go on.
 */
export async function takeVariantTurns(
  turns: VariantTurns,
): Promise<{ measurements: Measurement[]; failures: Failure[] }> {
  const { parameter, variants, subjects } = turns;
  const ways = new Map<string, readonly [subject: string, variant: string]>();
  for (const variant of variants) {
    for (const subject of subjects)
      if (turns.has?.(subject, variant) ?? true) ways.set(`${subject} ${variant}`, [subject, variant]);
  }
  const wayOf = (label: string) => ways.get(label) as readonly [string, string];
  const { measurements, failures } = await takeTurns({
    ...turns,
    subjects: [...ways.keys()],
    measure: (label, ms) => turns.measure(...wayOf(label), ms),
  });
  return {
    measurements: measurements.map((measurement) => {
      const [subject, variant] = wayOf(measurement.subject);
      return { ...measurement, subject, parameters: { [parameter]: variant, ...measurement.parameters } };
    }),
    failures: failures.map(({ scenario, subject: label, message }) => {
      const [subject, variant] = wayOf(label);
      return { scenario, subject, message: `${parameter} ${variant}: ${message}` };
    }),
  };
}

/** All of one variant after the other, as a reader of the table looks at them. */
export function sortByVariant(
  measurements: readonly Measurement[],
  parameter: string,
  variants: readonly string[],
): Measurement[] {
  return variants.flatMap((variant) => measurements.filter(({ parameters }) => parameters[parameter] === variant));
}
