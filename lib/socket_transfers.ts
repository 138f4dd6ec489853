import { native } from './binding.ts';
import { ERROR, READABLE, WRITABLE } from './constants.ts';
import { closedError } from './errors.ts';
import { BAD_ARGUMENT, WOULD_BLOCK } from './native.ts';
import { patiently } from './patience.ts';
import { sendFile } from './send_file.ts';
import { factsOf, failureOf, handleOf } from './socket_handle.ts';
import { systemNumber } from './socket_kinds.ts';
import { OptionSocket } from './socket_options.ts';
import { type Bytes, type Descriptor, INT32_MAX, integer, isPart, viewOf, wrongType } from './validate.ts';
import { waitFor } from './wait_for.ts';

const REST = -1; // of a length: as far as the buffer goes

/** The part of `Socket` that sends and receives. */
export class TransferSocket extends OptionSocket {
  /**
   * Receives into a part of `buffer`; offset and length in bytes. Returns how many, 0 at the end of the stream (or an
   * empty datagram), -1 when nothing is there yet. `flags` are MSG_* of `constants`. With a `timeout`, MSG_WAITALL
   * waits for the whole part of a stream, and MSG_DONTWAIT does not wait at all.
   */
  recv(buffer: Bytes, offset: number = 0, length?: number, flags: number = 0): number {
    const answer = receiveOnce(this, buffer, offset, length, flags);
    if (this.timeout === 0 || flags & systemNumber('MSG_DONTWAIT')) return answer;
    if (answer !== 0 && wantsAll(this, flags)) return receiveAll(this, answer, buffer, offset, length, flags);
    if (answer !== WOULD_BLOCK) return answer;
    return patiently(this, READABLE, WOULD_BLOCK, () => receiveOnce(this, buffer, offset, length, flags));
  }

  /**
   * Sends a part of `buffer`; offset and length in bytes. Returns how many were taken, -1 when there is no room yet.
   * Never raises SIGPIPE: a peer that is gone is EPIPE or ECONNRESET.
   */
  send(buffer: Bytes, offset: number = 0, length?: number, flags: number = 0): number {
    const answer = sendOnce(this, buffer, offset, length, flags);
    if (answer !== WOULD_BLOCK || this.timeout === 0 || flags & systemNumber('MSG_DONTWAIT')) return answer;
    return patiently(this, WRITABLE, WOULD_BLOCK, () => sendOnce(this, buffer, offset, length, flags));
  }

  /**
   * Sends a part of a file, copied by the kernel (sendfile(2)): `count` bytes from `offset`. Returns how many were taken, 0
   * at the end of the file, -1 when there is no room yet. Never raises SIGPIPE.
   */
  sendFile(file: Descriptor, offset: number, count: number): number {
    const once = () => {
      const answer = sendFile(handleOf(this), file, offset, count);
      if (answer >= WOULD_BLOCK) return answer;
      throw failureOf(this, answer);
    };
    const answer = once();
    return answer === WOULD_BLOCK && this.timeout > 0 ? patiently(this, WRITABLE, WOULD_BLOCK, once) : answer;
  }
}

function receiveOnce(
  socket: TransferSocket,
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

function sendOnce(
  socket: TransferSocket,
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

function wantsAll(socket: TransferSocket, flags: number): boolean {
  // What is peeked at stays, and stays ready: there would be nothing to wait for.
  const relevant = flags & (systemNumber('MSG_WAITALL') | systemNumber('MSG_PEEK'));
  return relevant === systemNumber('MSG_WAITALL') && factsOf(socket).type === systemNumber('SOCK_STREAM');
}

/** MSG_WAITALL on a descriptor that never blocks: the kernel gives what is there, so the rest is waited for here. */
function receiveAll(
  socket: TransferSocket,
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
  socket: TransferSocket,
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
