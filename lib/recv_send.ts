import { native } from './binding.ts';
import { ERROR, READABLE } from './constants.ts';
import { closedError } from './errors.ts';
import { BAD_ARGUMENT, WOULD_BLOCK } from './native.ts';
import { factsOf, failureOf, handleOf, type SocketHandle } from './socket_handle.ts';
import { systemNumber } from './socket_kinds.ts';
import { type Bytes, INT32_MAX, integer, isPart, viewOf, wrongType } from './validate.ts';
import { waitFor } from './wait_for.ts';

const REST = -1; // of a length: as far as the buffer goes

/** `Socket.recv`, without waiting. */
export function receiveOnce(
  socket: SocketHandle,
  buffer: Bytes,
  offset: number,
  length: number | undefined,
  flags: number,
): number {
  let answer = BAD_ARGUMENT;
  if (offset === 0 && length === undefined && flags === 0) answer = native.recv(handleOf(socket), buffer);
  else if (isPart(offset, length, flags)) answer = native.recv(handleOf(socket), buffer, offset, length ?? REST, flags);
  if (answer >= WOULD_BLOCK) return answer;
  throw transferFailure(socket, answer, buffer, offset, length, flags);
}

/** `Socket.send`, without waiting. */
export function sendOnce(
  socket: SocketHandle,
  buffer: Bytes,
  offset: number,
  length: number | undefined,
  flags: number,
): number {
  let answer = BAD_ARGUMENT;
  if (offset === 0 && length === undefined && flags === 0) answer = native.send(handleOf(socket), buffer);
  else if (isPart(offset, length, flags)) answer = native.send(handleOf(socket), buffer, offset, length ?? REST, flags);
  if (answer >= WOULD_BLOCK) return answer;
  throw transferFailure(socket, answer, buffer, offset, length, flags);
}

/** Whether these flags ask for the whole part of a stream. */
export function wantsAll(socket: SocketHandle, flags: number): boolean {
  // What is peeked at stays, and stays ready: there would be nothing to wait for.
  const relevant = flags & (systemNumber('MSG_WAITALL') | systemNumber('MSG_PEEK'));
  return relevant === systemNumber('MSG_WAITALL') && factsOf(socket).type === systemNumber('SOCK_STREAM');
}

/** MSG_WAITALL on a descriptor that never blocks: the kernel gives what is there, so the rest is waited for here. */
export function receiveAll(
  socket: SocketHandle,
  first: number,
  buffer: Bytes,
  offset: number,
  length: number | undefined,
  flags: number,
): number {
  const wanted = length ?? buffer.byteLength - offset;
  const end = performance.now() + socket.timeout;
  let got = Math.max(0, first);
  while (got < wanted) {
    const ready = waitFor(socket, READABLE, end - performance.now());
    // The bytes first, as from the kernel: the next call tells the error.
    if (ready === 0 || (got > 0 && ready & ERROR)) break;
    const n = receiveOnce(socket, buffer, offset + got, wanted - got, flags);
    if (n === 0) return got;
    got += Math.max(0, n);
  }
  return got === 0 ? WOULD_BLOCK : got;
}

function transferFailure(
  socket: SocketHandle,
  answer: number,
  buffer: unknown,
  offset: number,
  length: unknown,
  flags: number,
): Error {
  if (answer !== BAD_ARGUMENT) return failureOf(socket, answer);
  if (socket.closed) return closedError('socket');
  const size = viewOf('buffer', buffer).byteLength;
  integer('offset', offset, 0, size);
  if (length !== undefined) integer('length', length, 0, size - offset);
  integer('flags', flags, 0, INT32_MAX);
  return wrongType('buffer', 'a kind of view that Node-API knows', buffer);
}
