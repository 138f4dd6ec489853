import { native } from './binding.ts';
import { fromAnswer, orThrow } from './errors.ts';
import { leavePollers } from './registry.ts';
import { type Descriptor, fdOf, INT32_MAX, integer } from './validate.ts';

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
