import { describe, expect, it } from 'vitest';
import { FdError } from '../lib/fd_error.ts';

describe('an FdError', () => {
  it('is an Error of its own name, in its stack too', () => {
    const error = new FdError('ERR_FDPOLL_CLOSED', 'the poller is closed');
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe('FdError');
    expect(error.stack).toMatch(/^FdError: the poller is closed/);
    expect(Object.keys(error)).not.toContain('name');
  });

  it('has an errno of 0 and no system call where none was made', () => {
    expect({ ...new FdError('E', 'm') }).toEqual({ code: 'E', errno: 0, syscall: '' });
  });

  it('has only the details that it is given', () => {
    const details = { errno: -9, syscall: 'dup', fd: 0, address: '::1', port: 0 };
    expect({ ...new FdError('EBADF', 'm', details) }).toEqual({ code: 'EBADF', ...details });
  });

  it('keeps the cause that it is given, and only then has one', () => {
    const cause = new Error('why');
    expect(new FdError('E', 'm', { cause }).cause).toBe(cause);
    expect('cause' in new FdError('E', 'm')).toBe(false);
  });
});
