import { Worker } from 'node:worker_threads';
import { fixture, library } from './threads.ts';

/**
 * The states that a fixture has, to be asked for before the tests are declared: what a test calls each, with a word that
 * `exclusions` knows when it never gives its thread back, and its name.
 */
export const statesOf = async (name: string): Promise<readonly [title: string, state: string][]> => {
  const worker = new Worker(fixture(name), { workerData: { library, state: 'list' } });
  try {
    const states = await new Promise<{ name: string; busy: boolean }[]>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    return states.map(({ name, busy }) => [busy ? `${name} (busy)` : name, name]);
  } finally {
    await worker.terminate();
  }
};
