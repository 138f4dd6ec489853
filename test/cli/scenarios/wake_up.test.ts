import { afterEach, describe, expect, it, vi } from 'vitest';
import { PERCENTILES } from '../../../lib/cli/distribution.ts';
import { listeners, PEERS } from '../../../lib/cli/listeners.ts';
import { wakeUp } from '../../../lib/cli/scenarios/wake_up.ts';
import { built } from '../dist.ts';
import { leavesNothingBehind } from '../left_behind.ts';
import { peerFolder } from '../peer_folder.ts';
import { context, noPrograms, usable } from './context.ts';
import { keepsThePromises } from './turns.ts';

const here = process.cwd();
const subjects = listeners(usable, here).map(({ subject }) => subject);

afterEach(() => {
  vi.restoreAllMocks();
});

const koffi = `
  const { Poller, READABLE } = require(${JSON.stringify(built('index.cjs'))});
  exports.node = {
    poll(fd, options, callback) {
      const poller = new Poller();
      poller.add(fd, READABLE);
      return poller.start(() => callback());
    },
  };`;

describe('wake-up', () => {
  it('goes by its name', () => {
    expect(wakeUp.name).toBe('wake-up');
  });

  keepsThePromises(wakeUp, subjects);

  it('measures all percentiles, and says how late the writer was itself', async () => {
    const { measurements, notes } = await wakeUp.run(context({ backends: [] }));
    for (const name of ['latency', 'latency-from-write']) {
      const measured = measurements.filter(({ subject, metric }) => subject === 'node:net' && metric.name === name);
      expect(measured.map(({ parameters }) => parameters.percentile)).toEqual(PERCENTILES);
      const values = measured.map(({ samples }) => samples[0] ?? 0);
      expect(values).toEqual(values.toSorted((a, b) => a - b));
    }
    expect(notes).toContainEqual(expect.stringMatching(/^How late the writer was: .* µs at 100 %\.$/));
  });

  it('measures a peer that is installed, and names one that is not', async () => {
    const folder = peerFolder({ koffi });
    vi.spyOn(process, 'cwd').mockReturnValue(folder);
    const run = context({ backends: [] });
    const { measurements, failures, notes } = await wakeUp.run(run);
    expect(failures).toEqual([]);
    expect(new Set(measurements.map(({ subject }) => subject))).toEqual(new Set(['node:net', 'npm koffi']));
    if (PEERS.includes('epoll'))
      expect(notes).toContain('epoll is left out, not installed in this folder: npm install epoll');
    expect(wakeUp.duration(run)).toBe(2 * wakeUp.duration({ ...run, rounds: 0 }));
  });

  it('goes on without a peer that cannot be loaded, and says why', async () => {
    const folder = peerFolder({ koffi: `throw new Error('built for another system')` });
    vi.spyOn(process, 'cwd').mockReturnValue(folder);
    const { measurements, failures } = await wakeUp.run(context({ backends: [] }));
    expect(failures).toEqual([{ scenario: 'wake-up', subject: 'npm koffi', message: 'built for another system' }]);
    expect(new Set(measurements.map(({ subject }) => subject))).toEqual(new Set(['node:net']));
  });

  it('names every subject when the writer does not start', async () => {
    await leavesNothingBehind(async () => {
      const { measurements, failures } = await wakeUp.run(context(noPrograms));
      expect(measurements).toEqual([]);
      expect(failures.map(({ subject }) => subject)).toEqual(subjects);
    });
  });
});
