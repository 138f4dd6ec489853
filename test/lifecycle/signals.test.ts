import { describe, expect, it } from 'vitest';
import { describeEachBackend } from '../support/backends.ts';
import { runFixture, startFixture } from '../support/children.ts';

describeEachBackend('signals', (backend) => {
  it.each(['wait', 'waitFor', 'waitForAll'])('do not cut %s short, nor make it longer', async (call) => {
    const child = await startFixture('interrupted.mjs', [backend.name, call, '400']);
    const sending = setInterval(() => {
      for (const signal of ['SIGUSR2', 'SIGWINCH', 'SIGCONT'] as const) child.process.kill(signal);
    }, 10);
    const { code, stdout, stderr } = await child.ended.finally(() => clearInterval(sending));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const report = JSON.parse(stdout.split('\n')[1] ?? '') as { result: number; elapsed: number; signals: number };
    expect(report.result).toBe(0);
    expect(report.signals).toBeGreaterThan(0);
    expect(report.elapsed).toBeGreaterThanOrEqual(400);
    expect(report.elapsed).toBeLessThan(1400);
  });

  it('leave SIGPIPE to others: a send to a peer that is gone throws', async () => {
    const { code, signal, stdout, stderr } = await runFixture('sigpipe.mjs', [backend.name]);
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    const { isDefault, codes } = JSON.parse(stdout) as { isDefault: boolean; codes: string[] };
    expect(isDefault).toBe(true);
    expect(codes.length).toBeGreaterThanOrEqual(3);
    for (const text of codes) expect(text).toMatch(/^FdError (EPIPE|ECONNRESET)$/);
  });
});

describe('SIGPIPE', () => {
  it('comes from no write to a pipe or socket that nobody reads, and is left as it was', async () => {
    const { code, signal, stdout, stderr } = await runFixture('broken_pipe.mjs');
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    const { codes, before, after } = JSON.parse(stdout) as Record<string, object>;
    expect(codes).toEqual({
      'write to a pipe': 'write EPIPE',
      'writev to a pipe': 'writev EPIPE',
      'write to a socket': 'write EPIPE',
      'writev to a socket': 'writev EPIPE',
      ...(process.platform === 'linux' ? { 'splice to a pipe': 'splice EPIPE' } : {}),
    });
    // Neither ignored nor caught, nor blocked, nor pending.
    expect(before).toEqual([false, false, false, false, false]);
    expect(after).toEqual(before);
  });
});
