import { describe, expect, it } from 'vitest';
import { changedDescriptors, openDescriptors, settleDescriptors } from '../support/descriptors.ts';
import { until } from '../support/hosted.ts';
import { statesOf } from '../support/states.ts';
import { startWorker } from '../support/threads.ts';

const states = await statesOf('duplex_states.mjs');

describe('terminate() of a Worker with streams of sockets', () => {
  it.each(states)('ends it: %s', async (_title, state) => {
    await settleDescriptors();
    const before = openDescriptors();
    for (let round = 0; round < 5; round++) {
      const { worker, first } = await startWorker('duplex_states.mjs', { state });
      expect(first).toBe('ready');
      expect(await worker.terminate()).toBe(1);
    }
    // Thousands were open: so few words for a failure.
    await until('its descriptors are closed', () => changedDescriptors(before).length === 0);
  });
});
