import { native } from './binding.ts';
import { type Descriptor, fdOf, integer } from './validate.ts';

/**
 * Sends a part of a file through the socket of a handle, by sendfile(2) where the system has it. The file's own position
 * stays. What comes back is the addon's answer: bytes, 0 at the end of the file, or a negative number.
 * @internal
 */
export function sendFile(handle: number, file: Descriptor, offset: number, count: number): number {
  const fd = fdOf(file);
  integer('offset', offset, 0, Number.MAX_SAFE_INTEGER);
  integer('count', count, 0, Number.MAX_SAFE_INTEGER);
  return native.sendFile(handle, fd, offset, count);
}
