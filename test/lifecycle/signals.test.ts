import { describe, expect, it } from 'vitest';
import { backends } from '../../lib/index.ts';
import { describeEachBackend } from '../support/backends.ts';
import { runFixture, startFixture } from '../support/children.ts';
import { describeEachHosting } from '../support/hosted.ts';
import { lacks } from '../support/runtimes.ts';

const defaultBackend = backends().find((info) => info.default)?.name ?? 'poll';
const caught = lacks('the default disposition of SIGPIPE') !== undefined;

/** Sends signals to a call that lasts 400 ms: it gives nothing, not before that and not much later. */
const interrupt = async (...args: [backend: string, call: string, ms: '400', hosting?: string]): Promise<void> => {
  const child = await startFixture('interrupted.mjs', args as string[]);
  const sending = setInterval(() => {
    for (const signal of ['SIGUSR2', 'SIGWINCH', 'SIGCONT'] as const) child.process.kill(signal);
  }, 10);
  child.process.stdout?.once('data', () => clearInterval(sending));
  const { code, stdout, stderr } = await child.ended.finally(() => clearInterval(sending));
  expect({ code, stderr }).toEqual({
    code: lacks('ends of children that were sent a signal') ? null : 0,
    stderr: '',
  });
  const report = JSON.parse(stdout.split('\n')[1] ?? '') as { result: number; elapsed: number; signals: number };
  expect(report.result).toBe(0);
  expect(report.signals).toBeGreaterThan(0);
  expect(report.elapsed).toBeGreaterThanOrEqual(400);
  expect(report.elapsed).toBeLessThan(1400);
};

describe('signals', () => {
  it.each([
    'waitFor',
    'waitForAll',
    'recv',
    'recvMessage',
    'recvBatch',
    'accept',
  ])('do not cut %s short, nor make it longer', (call) => interrupt(defaultBackend, call, '400'));
});

describeEachHosting('signals', (host) => {
  it('do not reach the callback of a started poller, nor put its timer off', () =>
    interrupt(host.name, 'a started poller', '400', host.hosting));
});

describeEachBackend('signals', (backend) => {
  it.each(['wait', 'wait for a timer'])('do not cut a %s short, nor make it longer', (call) =>
    interrupt(backend.name, call, '400'));

  it('leave SIGPIPE to others: a send to a peer that is gone throws', async () => {
    const { code, signal, stdout, stderr } = await runFixture('sigpipe.mjs', [backend.name]);
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    const { isDefault, codes } = JSON.parse(stdout) as { isDefault: boolean; codes: string[] };
    expect(isDefault).toBe(!caught);
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
    expect(before).toEqual([false, caught, false, false, false]);
    expect(after).toEqual(before);
  });
});
