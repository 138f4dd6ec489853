import { describe, expect, it } from 'vitest';
import { type BackendName, backends, FdError, Poller } from '../../lib/index.ts';
import { describeEachBackend } from '../support/backends.ts';
import { checkDescriptorsAfterEachTest } from '../support/descriptors.ts';
import { type Behaviour, differences } from '../support/differences.ts';
import { expectUnknownValue, expectWrongType, thrownBy } from '../support/expect.ts';
import { closing } from '../support/sockets.ts';

describe('backends()', () => {
  checkDescriptorsAfterEachTest();

  it('names epoll, kqueue, poll and select, each once', () => {
    const names = backends().map((info) => info.name);
    expect(names).toEqual(expect.arrayContaining(['epoll', 'kqueue', 'poll', 'select']));
    expect(new Set(names).size).toBe(names.length);
  });

  it('has one default, which is usable and is what a poller gets', () => {
    const chosen = backends().filter((info) => info.default);
    expect(chosen.length).toBe(1);
    expect(chosen[0]?.usable).toBe(true);
    expect(closing(new Poller()).backend).toBe(chosen[0]?.name);
    expect(closing(new Poller({})).backend).toBe(chosen[0]?.name);
  });

  it('says why of each that is not usable, and nothing of the others', () => {
    for (const info of backends()) {
      if (info.usable) {
        expect(info.compiled).toBe(true);
        expect(info.reason).toBeUndefined();
      } else expect(info.reason).toMatch(/[a-z]{3}/);
    }
  });

  it('has epoll as the default of Linux, where it is compiled in', () => {
    const epoll = backends().find((info) => info.name === 'epoll');
    if (process.platform === 'linux' && epoll?.usable) expect(epoll.default).toBe(true);
    if (process.platform !== 'linux') expect(epoll?.usable ?? false).toBe(false);
  });

  it('gives the same answer every time, and nobody can change it', () => {
    const first = backends();
    try {
      (first[0] as { name: string }).name = 'changed';
    } catch {
      // Frozen is fine.
    }
    expect(backends().map((info) => info.name)).not.toContain('changed');
  });
});

describe('a poller on a backend that is not there', () => {
  checkDescriptorsAfterEachTest();

  const usable = backends().filter((info) => info.usable);

  const absent = backends().flatMap((info) => (info.usable ? [] : [info.name]));
  it('is ERR_FDPOLL_BACKEND_UNAVAILABLE, says why and lists what exists', () => {
    expect([...absent, ...usable.map((info) => info.name)].length).toBe(backends().length);
    for (const name of absent) {
      const error = thrownBy(() => new Poller({ backend: name })) as FdError;
      expect(error).toBeInstanceOf(FdError);
      expect(error.code).toBe('ERR_FDPOLL_BACKEND_UNAVAILABLE');
      for (const word of [name, ...usable.map((info) => info.name)]) expect(error.message).toContain(word);
    }
  });

  const unknown = ['io_uring', 'EPOLL', 'epoll ', '', 'kevent', '__proto__', 'toString', 'epoll\0'];
  it.each(unknown)('%j is unknown, and the message lists what exists', (name) => {
    const { message } = expectUnknownValue(() => new Poller({ backend: name as BackendName }));
    for (const info of usable) expect(message).toContain(info.name);
  });

  it.each([1, null, {}, [], true, ['epoll']])('%j: not a name', (name) => {
    expectWrongType(() => new Poller({ backend: name as unknown as BackendName }));
  });
});

describeEachBackend('capabilities', (backend) => {
  const stated: readonly (readonly [keyof typeof backend.info.capabilities, Behaviour])[] = [
    ['edge', 'edge mode'],
    ['exclusive', 'exclusive mode'],
    ['priority', 'priority'],
    ['available', 'available'],
    ['pollable', 'pollable descriptor'],
  ];

  it.each(stated)('%s is what the suite states about: %s', (capability, behaviour) => {
    expect(backend.info.capabilities[capability]).toBe(backend.differs(behaviour) === undefined);
  });

  it('one-shot is everywhere', () => {
    expect(backend.info.capabilities.oneshot).toBe(true);
  });

  it('are of the backend that the poller then has', () => {
    expect(backend.poller().backend).toBe(backend.name);
  });

  it('say in the suite only what is known of the backend', () => {
    const behaviours = differences[backend.kind].map((difference) => difference.behaviour);
    expect(new Set(behaviours).size).toBe(behaviours.length);
    for (const { reason } of differences[backend.kind]) expect(reason).toMatch(/[a-z]{3}/);
  });
});
