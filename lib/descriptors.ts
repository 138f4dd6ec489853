import { native } from './binding.ts';
import { fromAnswer, orThrow } from './errors.ts';
import { leavePollers } from './registry.ts';
import { booleanOf, type Descriptor, fdOf, INT32_MAX, integer, UINT32_MAX, wrongType, wrongValue } from './validate.ts';

/**
 * Closes a descriptor; it leaves every poller of this thread first.
 * @throws FdError EBADF when it is closed already.
 */
export function close(fd: number): void {
  integer('fd', fd, 0, INT32_MAX);
  leavePollers(fd);
  orThrow(native.close(fd), { fd });
}

/** Another descriptor of the same open file, close-on-exec. Yours to close. */
export function dup(descriptor: Descriptor): number {
  const fd = fdOf(descriptor);
  return orThrow(native.dup(fd), { fd });
}

/** A pipe. Both ends are close-on-exec and non-blocking, and yours to close. */
export function pipe(): [read: number, write: number] {
  const ends = native.pipe();
  if (typeof ends === 'number') throw fromAnswer(ends);
  return ends;
}

/**
 * Sets or clears O_NONBLOCK. It belongs to the open file: every duplicate has it, in other processes too.
 * @throws FdError EBADF (`fcntl`).
 */
export function setNonBlocking(descriptor: Descriptor, on: boolean): void {
  const fd = fdOf(descriptor);
  orThrow(native.setNonBlocking(fd, booleanOf('on', on)), { fd });
}

/**
 * A counter in the kernel (eventfd(2)), non-blocking and close-on-exec, yours to close: a write of 8 bytes adds to it, a
 * read of 8 bytes takes it, READABLE means that it is not 0.
 * @param initial - from 0 to 2^32 - 1.
 * @throws FdError ENOSYS where the system has none: it is for Linux, FreeBSD 13 and NetBSD 10.
 */
export function eventfd(initial: number = 0): number {
  return orThrow(native.eventfd(integer('initial', initial, 0, UINT32_MAX)));
}

/**
 * A file in memory (memfd_create(2)), empty, close-on-exec, yours to close. It may be sealed; Linux 6.3 lets nobody
 * execute it.
 * @param name - only to be seen in /proc; EINVAL when it is longer than 249 bytes.
 * @throws FdError ENOSYS where the system has none: it is for Linux and FreeBSD 13.
 */
export function memfd(name: string): number {
  if (typeof name !== 'string') throw wrongType('name', 'a string', name);
  if (name.includes('\0')) throw wrongValue('name', 'a string without NUL', name);
  return orThrow(native.memfd(name));
}
