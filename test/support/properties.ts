import fc from 'fast-check';
import { it } from 'vitest';

const numberOf = (name: string): number | undefined => {
  const text = process.env[name];
  if (text === undefined || text === '') return undefined;
  const number = Number(text);
  if (!(number > 0)) throw new Error(`${name} is a number above 0, not ${text}`);
  return number;
};

const runs = numberOf('FDPOLL_FUZZ_RUNS');
const minutes = numberOf('FDPOLL_FUZZ_MINUTES');
const path = process.env.FDPOLL_FUZZ_PATH;
const seed =
  process.env.FDPOLL_FUZZ_SEED === 'random' ? Math.floor(Math.random() * 2 ** 31) : (numberOf('FDPOLL_FUZZ_SEED') ?? 1);

/** More than the suite's own few seconds were asked for. */
export const fuzzing: boolean = runs !== undefined || minutes !== undefined;
if (fuzzing || seed !== 1) console.log(`FDPOLL_FUZZ_SEED=${seed}`);

const limit = (minutes ?? 0) * 60_000;
const parameters = <T>(usual: number): fc.Parameters<T> => ({
  seed,
  numRuns: minutes === undefined ? (runs ?? usual) : Number.MAX_SAFE_INTEGER,
  ...(minutes === undefined ? {} : { interruptAfterTimeLimit: limit, markInterruptAsFailure: false }),
  ...(path === undefined ? {} : { path }),
});

/**
 * A test that is a property: it holds for every case that is made, the same ones in every run. A failure is told with
 * its seed and path, after shrinking. `usual` is how many cases the suite tries; FDPOLL_FUZZ_RUNS and FDPOLL_FUZZ_MINUTES
 * (for each property) are for more, FDPOLL_FUZZ_SEED (a number, or `random`) for others, and with FDPOLL_FUZZ_PATH the one
 * that failed comes again.
 */
export const holds = <T>(
  sentence: string,
  property: fc.IProperty<T> | fc.IAsyncProperty<T> | (() => fc.IProperty<T> | fc.IAsyncProperty<T>),
  usual: number,
): void => {
  const timeout = fuzzing ? limit + (runs ?? 0) * 1000 + 60_000 : 20_000;
  it(
    sentence,
    async () => {
      await fc.assert(typeof property === 'function' ? property() : property, parameters<T>(usual));
    },
    timeout,
  );
};
