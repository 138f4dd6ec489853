import type { Address } from './address.ts';
import { native } from './binding.ts';
import { ERROR, READABLE, WRITABLE } from './constants.ts';
import { closedError } from './errors.ts';
import {
  type Datagram,
  type OutgoingMessage,
  prepareMessage,
  type RecvMessageOptions,
  receiveFrom,
  receiveMessage,
  receiveOptions,
  sendMessage,
  sendTo,
  waits,
} from './message.ts';
import type { Message } from './message_frame.ts';
import { BAD_ARGUMENT, WOULD_BLOCK } from './native.ts';
import { patiently } from './patience.ts';
import { checked, factsOf, failureOf, handleOf } from './socket_handle.ts';
import { systemNumber } from './socket_kinds.ts';
import { OptionSocket } from './socket_options.ts';
import { type Bytes, INT32_MAX, integer, isPart, viewOf, wrongType } from './validate.ts';
import { waitFor } from './wait_for.ts';

const REST = -1; // of a length: as far as the buffer goes

/** The part of `Socket` that sends and receives. */
export class TransferSocket extends OptionSocket {
  /**
   * Receives into a part of `buffer`; offset and length in bytes. Returns how many, 0 at the end of the stream (or an
   * empty datagram), -1 when nothing is there yet. `flags` are MSG_* of `constants`: with MSG_TRUNC it is the number of
   * the kernel, the whole length of a datagram even when the buffer is shorter. With a `timeout`, MSG_WAITALL waits for the whole part of a stream, and MSG_DONTWAIT does not wait at all.
   */
  recv(buffer: Bytes, offset: number = 0, length?: number, flags: number = 0): number {
    const answer = this.#recv(buffer, offset, length, flags);
    if (this.timeout === 0 || flags & systemNumber('MSG_DONTWAIT')) return answer;
    if (answer !== 0 && this.#wantsAll(flags)) return this.#recvAll(answer, buffer, offset, length, flags);
    if (answer !== WOULD_BLOCK) return answer;
    return patiently(this, READABLE, WOULD_BLOCK, () => this.#recv(buffer, offset, length, flags));
  }

  /**
   * Sends a part of `buffer`; offset and length in bytes. Returns how many were taken, -1 when there is no room yet.
   * Never raises SIGPIPE: a peer that is gone is EPIPE or ECONNRESET.
   */
  send(buffer: Bytes, offset: number = 0, length?: number, flags: number = 0): number {
    const answer = this.#send(buffer, offset, length, flags);
    if (answer !== WOULD_BLOCK || this.timeout === 0 || flags & systemNumber('MSG_DONTWAIT')) return answer;
    return patiently(this, WRITABLE, WOULD_BLOCK, () => this.#send(buffer, offset, length, flags));
  }

  /**
   * Receives a datagram and tells who sent it (recvfrom(2)); undefined when none is there. Of one that is longer than
   * the buffer the rest is lost: `recvMessage` says so. An empty one has `bytes` 0.
   */
  recvFrom(buffer: Bytes, flags: number = 0): Datagram | undefined {
    const answer = receiveFrom(this, buffer, flags);
    if (answer !== undefined || !waits(this, flags)) return answer;
    return patiently(this, READABLE, undefined, () => receiveFrom(this, buffer, flags));
  }

  /**
   * Sends a datagram to an address (sendto(2)); -1 when there is no room yet. Addresses that come again and again cost
   * a look-up; the bytes of a sockaddr cost nothing.
   * @throws FdError also for an earlier datagram: an ICMP error is told by the next call, and this one was not sent.
   */
  sendTo(buffer: Bytes, address: Address, flags: number = 0): number {
    const answer = sendTo(this, buffer, address, flags);
    if (answer !== WOULD_BLOCK || !waits(this, flags)) return answer;
    return patiently(this, WRITABLE, WOULD_BLOCK, () => sendTo(this, buffer, address, flags));
  }

  /**
   * Receives into one or several views, one after another, with all that came along (recvmsg(2)); undefined when
   * nothing is there. Descriptors belong to the message that they were sent with: on a stream a call gives those of one
   * send at most, with its first byte. They are yours to close; when some were lost (`controlTruncated`: the control
   * space was too small, or this process has no numbers left) the others are closed as well.
   * @throws FdError EMSGSIZE for more than 1024 views.
   */
  recvMessage(buffers: Bytes | readonly Bytes[], options?: RecvMessageOptions): Message | undefined {
    const given = receiveOptions(options);
    const answer = receiveMessage(this, buffers, given);
    if (answer !== undefined || !waits(this, given.flags)) return answer;
    return patiently(this, READABLE, undefined, () => receiveMessage(this, buffers, given));
  }

  /**
   * Sends one or several views as one message, with control data (sendmsg(2)). Returns how many bytes were taken, -1
   * when there is no room yet. When a stream takes a part of them the descriptors went with it: the rest goes without.
   * @throws FdError EINVAL for more than 253 descriptors, or for some without a byte on a stream; EMSGSIZE for more
   * than 1024 views or a datagram that is too long; ENOPROTOOPT for what sockets of this family, ENOTSUP for what this
   * system cannot send.
   */
  sendMessage(buffers: Bytes | readonly Bytes[], message?: OutgoingMessage): number {
    const prepared = prepareMessage(this, message);
    const answer = sendMessage(this, buffers, prepared);
    if (answer !== WOULD_BLOCK || !waits(this, prepared.flags)) return answer;
    return patiently(this, WRITABLE, WOULD_BLOCK, () => sendMessage(this, buffers, prepared));
  }

  /** Whether all bytes before the urgent one were read (sockatmark(3)); that one is read with MSG_OOB. */
  atMark(): boolean {
    return checked(this, native.atMark(handleOf(this))) === 1;
  }

  #recv(buffer: Bytes, offset: number, length: number | undefined, flags: number): number {
    let answer = BAD_ARGUMENT;
    if (offset === 0 && length === undefined && flags === 0) answer = native.recv(handleOf(this), buffer);
    else if (isPart(offset, length, flags)) answer = native.recv(handleOf(this), buffer, offset, length ?? REST, flags);
    if (answer >= WOULD_BLOCK) return answer;
    throw this.#failure(answer, buffer, offset, length, flags);
  }

  #send(buffer: Bytes, offset: number, length: number | undefined, flags: number): number {
    let answer = BAD_ARGUMENT;
    if (offset === 0 && length === undefined && flags === 0) answer = native.send(handleOf(this), buffer);
    else if (isPart(offset, length, flags)) answer = native.send(handleOf(this), buffer, offset, length ?? REST, flags);
    if (answer >= WOULD_BLOCK) return answer;
    throw this.#failure(answer, buffer, offset, length, flags);
  }

  #wantsAll(flags: number): boolean {
    // What is peeked at stays, and stays ready: there would be nothing to wait for.
    const relevant = flags & (systemNumber('MSG_WAITALL') | systemNumber('MSG_PEEK'));
    return relevant === systemNumber('MSG_WAITALL') && factsOf(this).type === systemNumber('SOCK_STREAM');
  }

  /** MSG_WAITALL on a descriptor that never blocks: the kernel gives what is there, so the rest is waited for here. */
  #recvAll(first: number, buffer: Bytes, offset: number, length: number | undefined, flags: number): number {
    const wanted = length ?? buffer.byteLength - offset;
    const end = performance.now() + this.timeout;
    let got = Math.max(0, first);
    while (got < wanted) {
      const ready = waitFor(this, READABLE, end - performance.now());
      // The bytes first, as from the kernel: the next call tells the error.
      if (ready === 0 || (got > 0 && ready & ERROR)) break;
      const n = this.#recv(buffer, offset + got, wanted - got, flags);
      if (n === 0) return got;
      got += Math.max(0, n);
    }
    return got === 0 ? WOULD_BLOCK : got;
  }

  #failure(answer: number, buffer: unknown, offset: number, length: unknown, flags: number): Error {
    if (answer !== BAD_ARGUMENT) return failureOf(this, answer);
    if (this.closed) return closedError('socket');
    const size = viewOf('buffer', buffer).byteLength;
    integer('offset', offset, 0, size);
    if (length !== undefined) integer('length', length, 0, size - offset);
    integer('flags', flags, 0, INT32_MAX);
    return wrongType('buffer', 'a kind of view that Node-API knows', buffer);
  }
}
