import { describe, expect, it } from 'vitest';
import { type Prober, probeBackends, realProber } from '../../../lib/cli/doctor/backend_probe.ts';
import { backendStates } from '../../../lib/cli/environment.ts';
import type { BackendState } from '../../../lib/cli/results.ts';
import { backends, FdError } from '../../../lib/index.ts';
import { checkDescriptorsAfterEachTest } from '../../support/descriptors.ts';

const epoll: BackendState = { name: 'epoll', compiled: true, usable: true, default: true };
const kqueue: BackendState = {
  name: 'kqueue',
  compiled: false,
  usable: false,
  default: false,
  reason: 'not compiled in',
};
const works: Prober = { wait: () => {}, host: () => Promise.resolve() };

describe('probeBackends', () => {
  checkDescriptorsAfterEachTest();

  it('tries what is usable here, for real', async () => {
    const checks = await probeBackends(backendStates(), { seccomp: false });
    expect(checks.map(({ name }) => name)).toEqual(backends().map(({ name }) => name));
    for (const { usable, wait, thread } of checks) {
      expect(wait).toEqual(usable ? { works: true } : undefined);
      expect(thread).toEqual(usable ? { works: true } : undefined);
    }
    const hosted = checks.filter(({ loop }) => loop?.works).map(({ name }) => name);
    expect(hosted).toEqual(checks.flatMap(({ name, usable }) => (name === 'epoll' && usable ? [name] : [])));
  });

  it('does not try what calls itself unusable, and keeps its reason', async () => {
    expect(await probeBackends([kqueue], { seccomp: false }, works)).toEqual([{ ...kqueue, lacks: [] }]);
  });

  it('tells a wait that a filter refuses as such', async () => {
    const refused = () => {
      throw new FdError('EPERM', 'epoll_wait EPERM: operation not permitted');
    };
    const [check] = await probeBackends([epoll], { seccomp: true }, { ...works, wait: refused });
    expect(check?.wait).toMatchObject({
      works: false,
      problem: expect.stringContaining('a seccomp filter refuses it'),
    });
    expect(check?.loop).toEqual({ works: true });
  });

  it('tells a thread that is not to be had', async () => {
    const host = (_: string, kind: string) =>
      kind === 'loop' ? Promise.resolve() : Promise.reject(new FdError('EAGAIN', 'pthread_create EAGAIN: no'));
    const [check] = await probeBackends([epoll], { seccomp: false }, { ...works, host });
    expect(check?.thread).toMatchObject({ works: false, remedy: expect.stringContaining('ulimit -u') });
    expect(check?.loop).toEqual({ works: true });
  });

  it('says nothing of a hosting that a backend cannot have', async () => {
    const host = () => Promise.reject(new FdError('ERR_FDPOLL_BACKEND_UNAVAILABLE', 'it takes epoll under Node'));
    const [check] = await probeBackends([epoll], { seccomp: false }, { ...works, host });
    expect(Object.keys(check ?? {})).not.toContain('loop');
  });
});

describe('the real prober', () => {
  checkDescriptorsAfterEachTest();

  it('throws for a backend that is not here', async () => {
    const absent = backends().find(({ usable }) => !usable)?.name ?? ('none' as 'epoll');
    expect(() => realProber.wait(absent)).toThrow();
    await expect(realProber.host(absent, 'thread')).rejects.toThrow();
  });
});
