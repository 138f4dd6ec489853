import { describe, expect, it } from 'vitest';
import { openDescriptors, settleDescriptors } from '../support/descriptors.ts';
import { until } from '../support/hosted.ts';
import { startWorker } from '../support/threads.ts';

const states = ['waiting', 'in a listener', 'back and forth for ever', 'with descriptors on their way', 'serving HTTP'];

describe('terminate() of a Worker with streams of sockets', () => {
  it('is tested in every state that the fixture has', async () => {
    expect((await startWorker('duplex_states.mjs', { state: 'list' })).first).toEqual(states);
  });

  it.each(states)('ends it: %s', async (state) => {
    await settleDescriptors();
    const before = openDescriptors().length;
    for (let round = 0; round < 5; round++) {
      const { worker, first } = await startWorker('duplex_states.mjs', { state });
      expect(first).toBe('ready');
      expect(await worker.terminate()).toBe(1);
    }
    // Thousands were open: so few words for a failure.
    await until('its descriptors are closed', () => openDescriptors().length === before);
  });
});
