import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { native } from '../lib/binding.ts';
import { closedError, fromAnswer, isExhaustion, orThrow, systemError } from '../lib/errors.ts';
import { FdError } from '../lib/fd_error.ts';
import { TABLE_FULL } from '../lib/native.ts';
import { failed } from './support/answers.ts';
import { thrownBy } from './support/expect.ts';

const { ECONNRESET, EMFILE, EPERM } = constants.errno;

describe('the error of a system call', () => {
  it('has the shape of the system errors of Node', () => {
    const error = systemError('recv', ECONNRESET, { fd: 7, address: '127.0.0.1', port: 80 });
    expect(error).toBeInstanceOf(FdError);
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe('FdError');
    expect(error.message).toBe('recv ECONNRESET: connection reset by peer');
    expect({ ...error }).toEqual({
      code: 'ECONNRESET',
      errno: -ECONNRESET,
      syscall: 'recv',
      fd: 7,
      address: '127.0.0.1',
      port: 80,
    });
    expect(error.stack).toMatch(/^FdError: recv ECONNRESET/);
  });

  it('has only the properties that apply', () => {
    expect(Object.keys(systemError('recv', ECONNRESET)).sort()).toEqual(['code', 'errno', 'syscall']);
    expect('fd' in systemError('recv', ECONNRESET)).toBe(false);
    expect(systemError('recv', ECONNRESET, { fd: 0, port: 0 })).toMatchObject({ fd: 0, port: 0 });
  });

  it("of the library's own has an errno of 0 and no system call", () => {
    expect({ ...closedError('socket') }).toEqual({ code: 'ERR_FDPOLL_CLOSED', errno: 0, syscall: '' });
    expect(closedError('socket').message).toBe('the socket is closed');
  });
});

describe('an answer of the addon', () => {
  it('that is a failed call becomes its error', () => {
    const error = fromAnswer(failed('epoll_create1', 'EMFILE'), { fd: 3 });
    expect(error).toMatchObject({ code: 'EMFILE', errno: -EMFILE, syscall: 'epoll_create1', fd: 3 });
  });

  it('is read right for every call and at the ends of the errnos', () => {
    for (const call of ['accept', 'socketpair'])
      for (const code of ['EPERM', 'EADDRINUSE'] as const)
        expect(fromAnswer(failed(call, code))).toMatchObject({ code, syscall: call });
    expect(fromAnswer(failed('accept', 'EPERM') + EPERM - 4095)).toMatchObject({ errno: -4095, syscall: 'accept' });
  });

  it('of an errno without a name still says its number', () => {
    expect(systemError('recv', 4000)).toMatchObject({ code: 'E4000', errno: -4000 });
    expect(systemError('recv', 4000).message).toBe('recv E4000: unknown error');
  });

  it('that something cannot be is an error that says what, and whose it is', () => {
    const first = failed('invariant', 'EPERM') + EPERM - 1;
    const error = fromAnswer(first, { fd: 3 });
    expect(error).toBeInstanceOf(FdError);
    expect(error).toMatchObject({ code: 'ERR_FDPOLL_INTERNAL', errno: 0, syscall: '' });
    expect(error.message).toMatch(/^the kernel gave more events than it was asked for: a bug .* report it/);
    for (let number = 1; native.describeInvariant(number) !== ''; number++)
      expect(fromAnswer(first + 1 - number).message).toContain(native.describeInvariant(number));
  });

  it('that the table is full is EMFILE', () => {
    expect(fromAnswer(TABLE_FULL)).toMatchObject({ code: 'EMFILE', message: expect.stringMatching(/million/) });
  });

  it('goes through orThrow when it is a result', () => {
    expect(orThrow(0)).toBe(0);
    expect(orThrow(2 ** 40)).toBe(2 ** 40);
    expect(thrownBy(() => orThrow(failed('dup', 'EBADF'), { fd: 9 }))).toMatchObject({ code: 'EBADF', fd: 9 });
  });
});

describe('a hint', () => {
  it.each(['epoll_ctl', 'kevent', 'poll', 'select'])('says what to do about what %s refuses', (call) => {
    const hint = (errno: number): string => systemError(call, errno).message;
    expect(hint(constants.errno.EEXIST)).toMatch(/EEXIST: file already exists \(.*modify it\)$/);
    expect(hint(constants.errno.ENOENT)).toMatch(/\(.*not registered.*add it\)$/);
    expect(hint(constants.errno.EPERM)).toMatch(/\(.*always ready.*\)$/);
    expect(hint(constants.errno.ENOTSUP)).toMatch(/\(.*backends\(\)\)$/);
  });

  it('names the sysctl that raises the limit of watches, and the path', () => {
    const { ENOSPC, EMFILE } = constants.errno;
    const error = systemError('inotify_add_watch', ENOSPC, { path: '/etc' });
    expect(error.message).toMatch(
      /^inotify_add_watch ENOSPC: .*, '\/etc' \(.*sysctl fs\.inotify\.max_user_watches=N\)$/,
    );
    expect(error).toMatchObject({ code: 'ENOSPC', syscall: 'inotify_add_watch', path: '/etc' });
    expect(systemError('epoll_ctl', ENOSPC).message).toContain('fs.epoll.max_user_watches');
    expect(systemError('inotify_init1', EMFILE).message).toContain('fs.inotify.max_user_instances');
  });

  it('is of that call only', () => {
    expect(systemError('epoll_ctl', constants.errno.EINVAL).message).toMatch(/exclusive/);
    expect(systemError('epoll_ctl', constants.errno.ELOOP).message).toMatch(/four deep/);
    expect(systemError('select', constants.errno.ERANGE).message).toMatch(/FD_SETSIZE/);
    expect(systemError('recv', constants.errno.EINVAL).message).toBe('recv EINVAL: invalid argument');
  });
});

describe('exhaustion', () => {
  it.each(['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS', 'ENOSPC'] as const)('is %s', (code) => {
    expect(isExhaustion(fromAnswer(failed('accept', code)))).toBe(true);
  });

  it('is no other error, and nothing of another class', () => {
    expect(isExhaustion(fromAnswer(failed('accept', 'EPERM')))).toBe(false);
    expect(isExhaustion(Object.assign(new Error('open'), { code: 'EMFILE' }))).toBe(false);
    expect(isExhaustion(undefined)).toBe(false);
  });
});
