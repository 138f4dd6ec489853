import { describe, expect, it, onTestFinished } from 'vitest';
import { type Peer, Session } from '../../../lib/cli/load/session.ts';
import { context, noPrograms, usable } from '../scenarios/context.ts';

async function start(peers: readonly Peer[], more = {}): Promise<Session> {
  const session = await Session.start('test', context(more), peers);
  onTestFinished(() => session.close());
  return session;
}

const poll: Peer = { subject: 'poll', transports: ['tcp'] };
const none: Peer = { subject: 'fifo', transports: ['tcp'] };

describe('Session', () => {
  it('runs the servers that start, and names the others', async () => {
    const session = await start([poll, none]);
    expect(session.running([poll, none])).toEqual(['poll']);
    expect(session.failures).toMatchObject([
      { scenario: 'test', subject: 'fifo', message: expect.stringContaining('fifo') },
    ]);
  });

  it('tells what the load has done, and what that cost the server', async () => {
    const session = await start([poll]);
    await session.connect('poll', 'tcp', 4, 64);
    const closed = await session.closedLoop('poll', 20);
    const fixed = await session.fixedRate('poll', 20, 1000);
    expect(closed.answer.messages).toBeGreaterThanOrEqual(4);
    expect(fixed.answer.messages).toBe(20);
    expect([closed.cpu > 0, fixed.cpu > 0]).toEqual([true, true]);
    expect(await session.refusal('poll')).toBeUndefined();
    await session.disconnect('poll');
    await expect(session.closedLoop('poll', 20)).rejects.toThrow('there is no connection to poll');
  });

  it('refuses what a server does not serve', async () => {
    const session = await start([poll]);
    await expect(session.connect('poll', 'udp', 1, 64)).rejects.toThrow('does not serve udp');
    await expect(session.connect('fifo', 'tcp', 1, 64)).rejects.toThrow('has not started');
  });

  it('fails for every server when there is no load', async () => {
    const session = await start([poll, none], noPrograms);
    expect(session.failures.map(({ subject }) => subject)).toEqual(['poll', 'fifo']);
  });

  if (usable.includes('select'))
    it('knows why a server turns connections away', { timeout: 60_000 }, async () => {
      const session = await start([{ subject: 'select', transports: ['unix'] }]);
      await expect(session.connect('select', 'unix', 1100, 8)).rejects.toThrow();
      expect(await session.refusal('select')).toContain('FD_SETSIZE');
      // What it has room for it serves all the same.
      await session.connect('select', 'unix', 1, 8);
      await session.disconnect('select');
    });
});
