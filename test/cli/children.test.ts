import { describe, expect, it } from 'vitest';
import { killChild } from '../../lib/cli/children.ts';

describe('killChild', () => {
  it('kills nobody where no process could be started', () => {
    killChild({ pid: undefined, kill: () => expect.fail('killed') });
  });

  it('ends one that runs by a signal that it cannot catch', () => {
    const signals: unknown[] = [];
    killChild({ pid: 1, kill: (signal) => signals.push(signal) > 0 });
    expect(signals).toEqual(['SIGKILL']);
  });
});
