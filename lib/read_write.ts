import { native } from './binding.ts';
import { fromAnswer } from './errors.ts';
import { BAD_ARGUMENT, WOULD_BLOCK } from './native.ts';
import { type Bytes, type Descriptor, fdOf, integer, isPart, viewOf, wrongType } from './validate.ts';

const REST = -1; // of a length: as far as the buffer goes
// One call takes no more (IOV_MAX).
const BUFFERS_MAX = 1024;

/** Why a transfer did not happen. The addon knows the buffer; the words are found here. */
function failure(answer: number, fd: number, buffer: unknown, offset: number, length: unknown): Error {
  if (answer !== BAD_ARGUMENT) return fromAnswer(answer, { fd });
  const size = viewOf('buffer', buffer).byteLength;
  integer('offset', offset, 0, size);
  if (length !== undefined) integer('length', length, 0, size - offset);
  return wrongType('buffer', 'a kind of view that Node-API knows', buffer);
}

/**
 * read(2) into a part of `buffer`; offset and length in bytes. Returns how many, 0 at the end, -1 when nothing is there
 * yet. A descriptor that is not O_NONBLOCK makes it wait: see `setNonBlocking`.
 * @throws FdError as read(2).
 */
export function read(descriptor: Descriptor, buffer: Bytes, offset: number = 0, length?: number): number {
  const fd = fdOf(descriptor);
  let answer = BAD_ARGUMENT;
  if (offset === 0 && length === undefined) answer = native.read(fd, buffer);
  else if (isPart(offset, length, 0)) answer = native.read(fd, buffer, offset, length ?? REST);
  if (answer >= WOULD_BLOCK) return answer;
  throw failure(answer, fd, buffer, offset, length);
}

/**
 * write(2) of a part of `buffer`; offset and length in bytes. Returns how many were taken, -1 when there is no room yet.
 * Never raises SIGPIPE: a pipe that nobody reads is EPIPE.
 * @throws FdError as write(2).
 */
export function write(descriptor: Descriptor, buffer: Bytes, offset: number = 0, length?: number): number {
  const fd = fdOf(descriptor);
  let answer = BAD_ARGUMENT;
  if (offset === 0 && length === undefined) answer = native.write(fd, buffer);
  else if (isPart(offset, length, 0)) answer = native.write(fd, buffer, offset, length ?? REST);
  if (answer >= WOULD_BLOCK) return answer;
  throw failure(answer, fd, buffer, offset, length);
}

/** The views that one call takes, in an array that nobody else changes. */
function viewsOf(buffers: readonly Bytes[]): Bytes[] {
  if (!Array.isArray(buffers)) throw wrongType('buffers', 'an array of views', buffers);
  return Array.from({ length: Math.min(buffers.length, BUFFERS_MAX) }, (_, i) => viewOf(`buffers[${i}]`, buffers[i]));
}

function movedParts(answer: number, fd: number, buffers: unknown): number {
  if (answer >= WOULD_BLOCK) return answer;
  if (answer === BAD_ARGUMENT) throw wrongType('buffers', 'an array of views that Node-API knows', buffers);
  throw fromAnswer(answer, { fd });
}

/**
 * readv(2): fills one view after another. Returns as `read` does. Of more than 1024 views the first 1024 are filled.
 * @throws FdError as readv(2).
 */
export function readv(descriptor: Descriptor, buffers: readonly Bytes[]): number {
  const fd = fdOf(descriptor);
  return movedParts(native.readv(fd, viewsOf(buffers)), fd, buffers);
}

/**
 * writev(2): writes one view after another. Returns as `write` does. Of more than 1024 views the first 1024 are written.
 * @throws FdError as writev(2).
 */
export function writev(descriptor: Descriptor, buffers: readonly Bytes[]): number {
  const fd = fdOf(descriptor);
  return movedParts(native.writev(fd, viewsOf(buffers)), fd, buffers);
}

/**
 * splice(2): moves at most `count` bytes inside the kernel, from or to a pipe. A file is read or written where its
 * position is. Returns how many, 0 at the end of `from`, -1 when one of the two would block. Never raises SIGPIPE.
 * @throws FdError as splice(2), EINVAL when neither is a pipe; its `fd` is that of `from`. ENOSYS where it is not Linux.
 */
export function splice(from: Descriptor, to: Descriptor, count: number): number {
  const fd = fdOf(from);
  const answer = native.splice(fd, fdOf(to), integer('count', count, 0, Number.MAX_SAFE_INTEGER));
  if (answer >= WOULD_BLOCK) return answer;
  throw fromAnswer(answer, { fd });
}
