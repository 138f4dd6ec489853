import { native } from './binding.ts';
import { orThrow } from './errors.ts';
import { BAD_ARGUMENT } from './native.ts';
import { type Descriptor, fdOf, interestOf, outOfRange, timeoutOf, wrongType } from './validate.ts';

/**
 * Blocks this thread on one descriptor, without a poller: poll(2). Takes what a poller takes and also regular files,
 * which are always ready.
 * @returns the flags that hold; 0 when the time is over.
 * @throws FdError EBADF when it is closed.
 */
export function waitFor(descriptor: Descriptor, interest: number, timeout: number = Number.POSITIVE_INFINITY): number {
  const fd = fdOf(descriptor);
  return orThrow(native.waitFor(fd, interestOf(interest), timeoutOf(timeout)), { fd });
}

/**
 * poll(2) on many descriptors, for C libraries in Wasm that bring arrays. Writes what holds beside each descriptor.
 * A negative one is passed over; a closed one is ready with ERROR.
 * @returns how many are ready; 0 when the time is over.
 */
export function waitForAll(
  fds: Int32Array,
  interests: Uint32Array,
  flags: Uint32Array,
  timeout: number = Number.POSITIVE_INFINITY,
): number {
  if (!(fds instanceof Int32Array)) throw wrongType('fds', 'an Int32Array', fds);
  if (!(interests instanceof Uint32Array)) throw wrongType('interests', 'a Uint32Array', interests);
  if (!(flags instanceof Uint32Array)) throw wrongType('flags', 'a Uint32Array', flags);
  if (interests.length !== fds.length)
    throw outOfRange('interests.length', `fds.length, ${fds.length}`, interests.length);
  if (flags.length !== fds.length) throw outOfRange('flags.length', `fds.length, ${fds.length}`, flags.length);
  for (const interest of interests) interestOf(interest);
  const answer = native.waitForAll(fds, interests, flags, timeoutOf(timeout));
  if (answer === BAD_ARGUMENT) throw wrongType('fds', 'an array that is attached and aligned', fds);
  return orThrow(answer);
}
