import type { BackendName, Socket } from '../../index.ts';
import { formatCount } from '../format.ts';
import type { Context, Failure, Measurement, Outcome } from '../scenario.ts';
import { holds, Pairs, roundDown } from './pairs.ts';

export interface Sweep {
  readonly sizes: readonly number[];
  /** Measures the subjects with the first n pairs; there may be more. */
  measure(
    n: number,
    subjects: readonly string[],
    pairs: Pairs,
  ): Promise<{ measurements: readonly Measurement[]; failures: readonly Failure[] }>;
}

/**
 * Measures with more and more pairs, as far as the limits of the process and of each backend allow; the notes say where
 * they end. A subject that fails at one size is not measured at the next ones.
 */
export async function sweepSizes(context: Context, { sizes, measure }: Sweep): Promise<Outcome> {
  const measurements: Measurement[] = [];
  const failures: Failure[] = [];
  const notes: string[] = [];
  const pairs = new Pairs();
  let subjects: readonly string[] = context.backends;
  let last = 0;
  try {
    for (const wanted of sizes) {
      if (context.signal.aborted || subjects.length === 0) break;
      const shortage = pairs.grow(wanted);
      const n = shortage ? roundDown(pairs.count) : wanted;
      // A last point that is hardly further than the one before would only repeat it.
      const further = n > 1.2 * last;
      if (shortage) notes.push(`n stops at ${formatCount(further ? n : last)}: ${shortage}`);
      if (further) {
        subjects = withoutSelectAtItsLimit(subjects, pairs, n, notes);
        const turns = await measure(n, subjects, pairs);
        measurements.push(...turns.measurements);
        failures.push(...turns.failures);
        subjects = subjects.filter((subject) => !turns.failures.some((failure) => failure.subject === subject));
        last = n;
      }
      if (shortage) break;
    }
  } finally {
    pairs.close();
  }
  return { measurements, failures, notes };
}

/** select cannot hold a descriptor from FD_SETSIZE on: a difference between the backends, not a failure. */
function withoutSelectAtItsLimit(subjects: readonly string[], pairs: Pairs, n: number, notes: string[]): string[] {
  return subjects.filter((subject) => {
    if (subject !== 'select') return true;
    if (holds(subject as BackendName, pairs.readers[n - 1] as Socket)) return true;
    notes.push(`select stops below n = ${formatCount(n)}, where descriptors reach FD_SETSIZE`);
    return false;
  });
}
