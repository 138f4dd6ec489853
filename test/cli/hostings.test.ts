import { describe, expect, it } from 'vitest';
import { driversOf } from '../../lib/cli/hostings.ts';
import { leavesNothingBehind } from './left_behind.ts';
import { usable } from './scenarios/context.ts';

describe('driversOf', () => {
  it.each(usable)('has %s waited for, and hosted as far as it can be', (backend) => {
    const drivers = driversOf(backend, ['loop', 'thread']);
    expect(drivers[0]).toEqual({ subject: backend, backend });
    expect(drivers).toContainEqual({ subject: `${backend}, thread hosting`, backend, hosting: 'thread' });
    const loop = { subject: `${backend}, loop hosting`, backend, hosting: 'loop' };
    if (backend === 'epoll' && !process.versions.bun && !process.versions.deno) expect(drivers).toContainEqual(loop);
    else expect(drivers).not.toContainEqual(loop);
  });

  it('has only what is wanted', () => {
    expect(driversOf('poll', [])).toEqual([{ subject: 'poll', backend: 'poll' }]);
  });

  it('leaves nothing behind', async () => {
    await leavesNothingBehind(() => {
      for (const backend of usable) driversOf(backend, ['loop', 'thread']);
    });
  });
});
