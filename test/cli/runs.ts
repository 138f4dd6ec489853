import type { Results } from '../../lib/cli/results.ts';
import { randomNumbers } from '../../lib/cli/statistics.ts';
import { measured, rate, resultsOf, time } from './samples.ts';

export interface Simulation {
  readonly seed: number;
  /** What a round scatters by. */
  readonly noise?: number;
  /** What the machine is slower by while the subjects take turns: another factor for each set of parameters. */
  readonly drift?: number;
  /** What the whole run is slower by. */
  readonly machine?: number;
  /** What truly changed: a factor of the cost. */
  readonly cost?: (subject: string, pairs: number) => number;
  readonly rounds?: number;
  readonly sizes?: number;
}

export const SUBJECTS = ['epoll', 'poll', 'select'] as const;

/** A run as a machine with noise would give it: times and rates of three subjects for some sizes. */
export function simulate({
  seed,
  noise = 0.02,
  drift = 0.05,
  machine = 1,
  cost,
  rounds = 5,
  sizes = 10,
}: Simulation): Results {
  const random = randomNumbers(seed);
  // The sum of twelve is as good as normal, with a standard deviation of 1.
  const normal = () => Array.from({ length: 12 }, random).reduce((sum, one) => sum + one, -6);
  const measurements = Array.from({ length: sizes }, (_, i) => 10 * (i + 1)).flatMap((pairs) => {
    const slow = Math.exp(drift * normal()) * machine;
    return SUBJECTS.flatMap((subject) => {
      const value = slow * (cost?.(subject, pairs) ?? 1);
      // A round in twenty is disturbed.
      const sample = () => value * Math.exp(noise * normal() * (random() < 0.05 ? 5 : 1));
      const samples = () => Array.from({ length: rounds }, sample);
      return [
        measured(subject, time, samples(), { pairs }),
        measured(
          subject,
          rate,
          samples().map((its) => 1e6 / its),
          { pairs },
        ),
      ];
    });
  });
  return resultsOf(measurements);
}
