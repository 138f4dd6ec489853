import { afterEach, describe, expect, it, vi } from 'vitest';
import { backends, type openBackend } from '../lib/backends.ts';
import { native } from '../lib/binding.ts';
import { BAD_ARGUMENT } from '../lib/native.ts';
import { failed } from './support/answers.ts';
import { expectUnknownValue, expectWrongType, thrownBy } from './support/expect.ts';

type Found = ReturnType<typeof native.backends>[number];

const found = (name: string, opened: number): Found => ({ name, compiled: true, opened, capabilities: { edge: true } });
const missing = (name: string): Found => ({ name, compiled: false, absent: `not compiled in: no ${name}` });

const pretend = (...all: Found[]): ReturnType<typeof vi.spyOn> => vi.spyOn(native, 'backends').mockReturnValue(all);

/** The module as a thread has it that has opened nothing yet. `answers` is what the addon says to each opening. */
const fresh = async (
  all: Found[],
  ...answers: number[]
): Promise<{ open: typeof openBackend; opened: string[]; looked: () => number }> => {
  vi.resetModules();
  const binding = await import('../lib/binding.ts');
  const looked = vi.spyOn(binding.native, 'backends').mockReturnValue(all);
  const opened: string[] = [];
  vi.spyOn(binding.native, 'openPoller').mockImplementation((name) => {
    opened.push(name);
    return answers[opened.length - 1] ?? opened.length;
  });
  const { openBackend: open } = await import('../lib/backends.ts');
  return { open, opened, looked: () => looked.mock.calls.length };
};

afterEach(() => {
  vi.restoreAllMocks();
});

describe('backends', () => {
  it('takes the first usable one as the default', () => {
    pretend(missing('epoll'), found('kqueue', failed('kqueue', 'EPERM')), found('poll', 0), found('select', 0));
    expect(backends().map((info) => [info.name, info.usable, info.default])).toEqual([
      ['epoll', false, false],
      ['kqueue', false, false],
      ['poll', true, true],
      ['select', true, false],
    ]);
  });

  it('says why one is not usable: not there, or the call that refused it', () => {
    pretend(missing('kqueue'), found('epoll', failed('epoll_create1', 'EPERM')));
    expect(backends().map((info) => [info.compiled, info.reason])).toEqual([
      [false, 'not compiled in: no kqueue'],
      [true, 'epoll_create1 EPERM: operation not permitted'],
    ]);
  });

  it.each(['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS'] as const)('has %s for no refusal: it passes', (code) => {
    pretend(found('epoll', failed('epoll_create1', code)), found('poll', 0));
    expect(backends()[0]).toMatchObject({ usable: true, default: true });
    expect(backends()[0]).not.toHaveProperty('reason');
  });

  it('knows every capability of each, also of one that is absent, and cannot be changed', () => {
    pretend(missing('kqueue'), found('epoll', 0));
    const [absent, epoll] = backends();
    expect(Object.keys(absent?.capabilities ?? {})).toEqual(Object.keys(epoll?.capabilities ?? {}));
    expect(Object.values(absent?.capabilities ?? { some: true })).not.toContain(true);
    expect(epoll?.capabilities.edge).toBe(true);
    expect(Object.isFrozen(epoll) && Object.isFrozen(epoll?.capabilities)).toBe(true);
  });
});

describe('openBackend', () => {
  it('opens the one that is asked for', async () => {
    const { open, opened } = await fresh([found('epoll', 0), found('poll', 0)], 5);
    expect(open('poll', 8)).toEqual({ name: 'poll', handle: 5 });
    expect(opened).toEqual(['poll']);
  });

  it('opens the default when none is asked for, and looks for it once', async () => {
    const { open, opened, looked } = await fresh([missing('kqueue'), found('poll', 0)], 5, 6);
    expect([open(undefined, 8), open(undefined, 8)]).toEqual([
      { name: 'poll', handle: 5 },
      { name: 'poll', handle: 6 },
    ]);
    expect([opened, looked()]).toEqual([['poll', 'poll'], 1]);
  });

  it('throws when none opens, and looks again the next time', async () => {
    const { open, looked } = await fresh([missing('kqueue')]);
    for (let time = 1; time <= 2; time++) {
      expect(thrownBy(() => open(undefined, 8))).toMatchObject({
        name: 'FdError',
        code: 'ERR_FDPOLL_BACKEND_UNAVAILABLE',
        message: 'backend is unavailable: none opens here. Usable here: none',
      });
      expect(looked()).toBe(time);
    }
  });

  it('throws for one that is absent: why, and what is usable instead', async () => {
    const { open } = await fresh([missing('kqueue'), found('poll', 0), found('select', 0)], BAD_ARGUMENT);
    expect(thrownBy(() => open('kqueue', 8))).toMatchObject({
      name: 'FdError',
      code: 'ERR_FDPOLL_BACKEND_UNAVAILABLE',
      message: "backend 'kqueue' is unavailable: not compiled in: no kqueue. Usable here: poll, select",
    });
  });

  it('throws for one that the system refuses: the call that was refused', async () => {
    const refused = failed('epoll_create1', 'ENOSYS');
    const { open } = await fresh([found('epoll', refused), found('poll', 0)], refused);
    expect(thrownBy(() => open('epoll', 8))).toMatchObject({
      code: 'ERR_FDPOLL_BACKEND_UNAVAILABLE',
      message: "backend 'epoll' is unavailable: epoll_create1 ENOSYS: function not implemented. Usable here: poll",
    });
  });

  it.each(['EMFILE', 'ENFILE', 'ENOMEM'] as const)('throws %s as it is: trying again may help', async (code) => {
    const { open } = await fresh([found('epoll', 0)], failed('epoll_create1', code));
    expect(thrownBy(() => open('epoll', 8))).toMatchObject({ name: 'FdError', code, syscall: 'epoll_create1' });
    expect(open(undefined, 8)).toEqual({ name: 'epoll', handle: 2 });
  });

  it('throws ENOSPC of epoll_ctl as it is: other programs of this user have all registrations', async () => {
    const { open } = await fresh([found('epoll', 0)], failed('epoll_ctl', 'ENOSPC'));
    expect(thrownBy(() => open('epoll', 8))).toMatchObject({ name: 'FdError', code: 'ENOSPC', syscall: 'epoll_ctl' });
  });

  it('does not offer the one that it has just been refused', async () => {
    const { open } = await fresh([found('epoll', 0), found('poll', 0)], failed('eventfd', 'ENODEV'));
    expect(thrownBy(() => open('epoll', 8))).toMatchObject({ message: expect.stringMatching(/Usable here: poll$/) });
  });

  it('throws for a name that is none, and lists the names', async () => {
    const { open, opened } = await fresh([found('epoll', 0), missing('kqueue')], BAD_ARGUMENT);
    const { message } = expectUnknownValue(() => open('iocp', 8));
    expect(message).toMatch(/"options.backend" must be one of 'epoll', 'kqueue'\. .*'iocp'/);
    for (const value of [null, 1, {}, ['epoll']]) expectWrongType(() => open(value, 8));
    expect(opened).toEqual(['iocp']);
  });
});
