import { describe, expect, it } from 'vitest';
import { hasSeccompFilter, refusal } from '../../../lib/cli/doctor/refusal.ts';
import { FdError } from '../../../lib/index.ts';

const failed = (code: string, message = `epoll_create1 ${code}: why (a hint)`) => new FdError(code, message);

describe('refusal', () => {
  it('calls EPERM under a filter what it is, and says how to allow the calls', () => {
    const { works, problem, remedy } = refusal(failed('EPERM'), { seccomp: true });
    expect(works).toBe(false);
    expect(problem).toBe('epoll_create1 EPERM: why: a seccomp filter refuses it');
    expect(remedy).toMatch(/^allow the process epoll_create1, .*SystemCallFilter/);
  });

  it('says it in the words of the engine that runs the container', () => {
    expect(refusal(failed('ENOSYS'), { seccomp: true, container: 'kubernetes, docker' }).remedy).toMatch(
      /^docker run /,
    );
    expect(refusal(failed('EACCES'), { seccomp: true, container: 'podman' }).remedy).toMatch(/^podman run /);
  });

  it('blames the kernel for ENOSYS where there is no filter', () => {
    expect(refusal(failed('ENOSYS'), { seccomp: false })).toEqual({
      works: false,
      problem: 'epoll_create1 ENOSYS: why: this kernel is too old for it, or only emulates Linux',
      remedy: 'upgrade the kernel',
    });
  });

  it('blames the sandbox for EPERM where there is no filter', () => {
    expect(refusal(failed('EPERM'), { seccomp: false }).problem).toMatch(/security module or the sandbox/);
  });

  it.each([
    ['EMFILE', /^ulimit -n /],
    ['ENFILE', /fs\.file-max/],
    ['ENOSPC', /fs\.epoll\.max_user_watches/],
    ['EAGAIN', /ulimit -u/],
  ])('knows what to do about %s', (code, remedy) => {
    expect(refusal(failed(code), { seccomp: false }).remedy).toMatch(remedy);
  });

  it('gives what it does not know as it came', () => {
    expect(refusal(failed('EIO'), { seccomp: true })).toEqual({
      works: false,
      problem: 'epoll_create1 EIO: why (a hint)',
    });
    expect(refusal('odd', { seccomp: true })).toEqual({ works: false, problem: 'odd' });
  });
});

describe('hasSeccompFilter', () => {
  it.each([
    ['Seccomp:\t2\nSeccomp_filters:\t1\n', true],
    ['Seccomp:\t1\n', true],
    ['Seccomp:\t0\nSeccomp_filters:\t0\n', false],
    ['', false],
  ])('of %j is %s', (status, expected) => {
    expect(hasSeccompFilter(status)).toBe(expected);
  });
});
