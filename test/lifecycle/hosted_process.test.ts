import { expect, it } from 'vitest';
import { runFixture } from '../support/children.ts';
import { describeEachHosting } from '../support/hosted.ts';

const leaving = [
  'with nothing registered',
  'unreferenced, with something registered',
  'unreferenced after the start',
  'with all of it deleted',
  'stopped',
  'closed',
  'with an iterator that nobody has asked',
  'whose waker is kept',
];
const staying = [
  'stays until its event',
  'stays when it is referenced again',
  'stays while its callback holds the next batch back',
  'stays for an iteration',
  'forgotten, but with something registered',
];
const exiting = [
  'exits in its callback',
  'exits while it waits',
  'exits with a batch on its way',
  'exits in its iteration',
  'exits in a microtask of its callback',
  'exits in the callback that has stopped it',
  'exits in the callback that has closed it',
  'exits inside start',
  'exits when it is woken',
  'exits inside a wait of another',
  'exits with twenty more started',
  'exits, and closes it at the exit',
  'exits, and starts another at the exit',
];
const failing = ['throws in its callback', 'rejects in its callback'];

describeEachHosting('a process with a started poller', (host) => {
  const run = (what: string) =>
    runFixture('hosted_process.mjs', [host.name, host.hosting, what], { flags: ['--expose-gc'] });

  it('is tested in every way that the fixture has', async () => {
    const { stdout } = await run('list');
    expect(JSON.parse(stdout).toSorted()).toEqual([...leaving, ...staying, ...exiting, ...failing].toSorted());
  });

  it.each(leaving)('ends by itself when the poller is left %s', async (what) => {
    expect(await run(what)).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
  });

  it.each(staying)('%s', async (what) => {
    // An unsettled promise at the end is 13.
    expect(await run(what)).toEqual({ code: 0, signal: null, stdout: 'event\n', stderr: '' });
  });

  it.each(exiting)('%s, with the code that it was told', async (what) => {
    expect(await run(what)).toEqual({ code: 7, signal: null, stdout: '', stderr: '' });
  });

  it.each(failing)('ends with an uncaught exception when it %s', async (what) => {
    const { code, signal, stderr } = await run(what);
    expect({ code, signal }).toEqual({ code: 1, signal: null });
    expect(stderr).toMatch(/error: on purpose/i);
  });
});
