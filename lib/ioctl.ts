import { native } from './binding.ts';
import { fromAnswer } from './errors.ts';
import { BAD_ARGUMENT, WOULD_BLOCK } from './native.ts';
import { type Bytes, type Descriptor, fdOf, INT32_MAX, integer, UINT32_MAX, wrongType } from './validate.ts';

const INT32_MIN = -INT32_MAX - 1;

/**
 * ioctl(2). A number, or nothing, goes by value. A view goes through a zeroed buffer of at least 16 KiB, and is written
 * back in place whether the call succeeds or not: nothing outside of it is touched. Addresses inside a struct are yours
 * to get right, as is a number where the driver expects an address.
 * @param request - the 32 bits of its number; negative when JavaScript's bit operations made it so.
 * @param argument - a number from -2^31 to 2^32 - 1, or a view.
 * @returns what the call returns; -1 for EAGAIN, when the driver would have to wait.
 * @throws FdError as ioctl(2), EINTR too: only you know whether a request may be made again.
 */
export function ioctl(descriptor: Descriptor, request: number, argument: number | Bytes = 0): number {
  const fd = fdOf(descriptor);
  const command = integer('request', request, INT32_MIN, UINT32_MAX) >>> 0;
  if (typeof argument === 'number') integer('argument', argument, INT32_MIN, UINT32_MAX);
  else if (!ArrayBuffer.isView(argument)) {
    throw wrongType('argument', 'a number, Buffer, TypedArray or DataView', argument);
  }
  const answer = native.ioctl(fd, command, argument);
  if (answer >= WOULD_BLOCK) return answer;
  if (answer === BAD_ARGUMENT) throw wrongType('argument', 'a kind of view that Node-API knows', argument);
  throw fromAnswer(answer, { fd });
}
