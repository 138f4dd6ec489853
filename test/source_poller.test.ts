import { describe, expect, it } from 'vitest';
import { Batch } from '../lib/batch.ts';
import { SourcePoller } from '../lib/source_poller.ts';
import { Sources } from '../lib/sources.ts';

describe('the part of a poller that reports more than descriptors', () => {
  it('passes on what it is given, and gives back what there is for it', () => {
    const asked: unknown[][] = [];
    const sources = new Sources<string>(-1, new Batch(1), () => undefined);
    const names = ['addTimer', 'addSignal', 'addProcess', 'addWatch'] as const;
    for (const name of names) {
      Object.defineProperty(sources, name, {
        value: (...args: unknown[]) => {
          asked.push([name, ...args]);
          return name;
        },
      });
    }
    const poller = new SourcePoller(sources);
    const data = { data: 'x' };
    const given: unknown[] = [
      poller.addTimer(1.5, data),
      poller.addSignal('SIGHUP', data),
      poller.addProcess(7, data),
      poller.addWatch('here', data),
    ];
    expect(given).toEqual(names);
    expect(asked).toEqual([
      ['addTimer', 1.5, data],
      ['addSignal', 'SIGHUP', data],
      ['addProcess', 7, data],
      ['addWatch', 'here', data],
    ]);
  });
});
