import { describe, expect, it } from 'vitest';
import { describeEachBackend } from '../support/backends.ts';
import { runFixture } from '../support/children.ts';

const forget = async (
  backend: string,
  what: string,
): Promise<{ left?: number; warnings?: string[] } & Record<string, unknown>> => {
  const { code, signal, stdout, stderr } = await runFixture('garbage.mjs', [backend, what], { flags: ['--expose-gc'] });
  expect({ code, signal }, stderr).toEqual({ code: 0, signal: null });
  return JSON.parse(stdout);
};

describeEachBackend('what is forgotten without being closed', (backend) => {
  it.each([
    'a socket',
    'a socket that was registered and deleted',
  ])('%s: its descriptor is closed, with one warning', async (what) => {
    const { left, warnings } = await forget(backend.name, what);
    expect(left).toBe(0);
    expect(warnings?.length).toBe(1);
    expect(warnings?.[0]).toMatch(/socket/i);
  });

  it('three sockets: all are closed', async () => {
    const { left, warnings } = await forget(backend.name, 'three sockets');
    expect(left).toBe(0);
    expect(warnings?.length).toBeGreaterThanOrEqual(1);
  });

  it('but was closed: no warning', async () => {
    expect(await forget(backend.name, 'a closed socket')).toEqual({ left: 0, warnings: [] });
  });

  it('but is registered: it stays open and reports', async () => {
    const { length, data, warnings } = await forget(backend.name, 'a registered socket');
    expect({ length, data, warnings }).toEqual({ length: 1, data: 'still here', warnings: [] });
  });

  it.each([
    'a poller',
    'a poller with a registered socket',
  ])('%s: it is collected with its descriptors', async (what) => {
    expect((await forget(backend.name, what)).left).toBe(0);
  });

  it('but deleted: the poller holds its data no longer than until the next wait', async () => {
    expect((await forget(backend.name, 'the data of a deleted registration')).held).toEqual([null, null]);
  });

  it('a poller whose waker is kept: the waker answers', async () => {
    const { answers, again } = await forget(backend.name, 'a waker that outlives its poller');
    expect({ answers, again }).toEqual({ answers: 'boolean', again: 'boolean' });
  });

  it('but are sources of a poller that is kept: each is told', async () => {
    const { told, warnings } = await forget(backend.name, 'sources of a poller');
    expect({ told, warnings }).toEqual({ told: ['process', 'signal', 'timer', 'watch'], warnings: [] });
  });
});

describe('what is forgotten while the hidden poller watches it', () => {
  it('is a stream that hears its peer, and a promise that is kept', async () => {
    const { told, warnings } = await forget('poll', 'a stream that listens, and a promise of readiness');
    expect({ told, warnings }).toEqual({ told: ['ready true', 'stream x'], warnings: [] });
  });
});
