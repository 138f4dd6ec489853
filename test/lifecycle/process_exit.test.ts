import { expect, it } from 'vitest';
import { describeEachBackend } from '../support/backends.ts';
import { runFixture, startFixture } from '../support/children.ts';

const fixture = 'exit_with_blocked_worker.mjs';

describeEachBackend('the end of a process', (backend) => {
  it('comes with process.exit() while a Worker is blocked in wait()', async () => {
    const child = await startFixture(fixture, [backend.name, 'exit']);
    const start = performance.now();
    const { code, signal, stderr } = await child.ended;
    expect({ code, signal, stderr }).toEqual({ code: 7, signal: null, stderr: '' });
    expect(performance.now() - start).toBeLessThan(3000);
  });

  it('comes with an uncaught exception while a Worker is blocked in wait()', async () => {
    const { code, signal, stderr } = await runFixture(fixture, [backend.name, 'throw']);
    expect({ code, signal }).toEqual({ code: 1, signal: null });
    expect(stderr).toContain('on purpose');
  });

  it('comes by itself when only an unref’d Worker is left, blocked in wait()', async () => {
    const { code, signal, stderr } = await runFixture(fixture, [backend.name, 'unref']);
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
  });

  it('comes by itself with an open poller that has registrations', async () => {
    const { code, signal, stdout, stderr } = await runFixture(fixture, [backend.name, 'returns']);
    expect({ code, signal, stdout, stderr }).toEqual({ code: 0, signal: null, stdout: 'leaving\n', stderr: '' });
  });

  it.each([
    'SIGINT',
    'SIGTERM',
  ] as const)('comes with %s while the main thread is blocked in wait()', async (signal) => {
    const child = await startFixture('blocked_main.mjs', [backend.name]);
    child.process.kill(signal);
    const ended = await child.ended;
    expect(ended.signal).toBe(signal);
    expect(ended.stdout).toBe('waiting\n');
  });
});
