import { expect, it } from 'vitest';
import { describeEachBackend } from '../support/backends.ts';
import { type Ended, runFixture } from '../support/children.ts';
import { runtime } from '../support/runtimes.ts';

describeEachBackend('a process whose poller has sources', (backend) => {
  const run = (what: string): Promise<Ended> => runFixture('dispositions.mjs', [backend.name, what]);
  const well = { code: 0, signal: null, stderr: '' };

  it('is tested in every way that the fixture has', async () => {
    expect((JSON.parse((await run('list')).stdout) as string[]).length).toBe(8);
  });

  it('has the default action of a signal back when its source is closed', async () => {
    const { stdout, signal, stderr } = await run('the default comes back');
    expect({ signal, stderr }).toEqual({ signal: 'SIGHUP', stderr: '' });
    expect(JSON.parse(stdout)).toEqual({ before: 'default', meanwhile: 'caught', told: 1, after: 'default' });
  });

  it("has back what was there before: SIGPIPE and SIGXFSZ ignored, and Node's own handler of SIGTERM", async () => {
    const { stdout, ...ended } = await run('what was there comes back');
    expect(ended).toEqual(well);
    const rows = JSON.parse(stdout) as string[][];
    expect(rows).toEqual(rows.map(([name, was]) => [name, was, 'caught', was]));
    // Node ignores the first two, and has a handler of its own of the third, which gives the terminal back.
    const before = runtime === 'node' ? ['ignored', 'ignored', 'caught', 'default'] : rows.map(([, was]) => was);
    expect(rows.map(([, was]) => was)).toEqual(before);
  });

  it('is told by process.on after the source is closed', async () => {
    expect(await run('process.on goes on after the source')).toMatchObject({
      code: 3,
      stdout: 'heard by process.on\n',
    });
  });

  it.each([
    'signals keep no process alive',
    'not when it is unreferenced',
    'nor when they are closed',
  ])('ends: %s', async (what) => {
    expect(await run(what)).toEqual({ ...well, stdout: '' });
  });

  it('stays for timers, processes and watches, and ends after them', async () => {
    expect(await run('timers, processes and watches do')).toEqual({ ...well, stdout: 'timer\nprocess\n1\n' });
  });

  it('stays for a timer that has fired and was set again', async () => {
    expect(await run('a timer that was set again does')).toEqual({ ...well, stdout: 'told\ntold\ntold\n' });
  });
});
