import { type Address, encodeAddress } from './address.ts';
import { native } from './binding.ts';
import { ERROR, READABLE, WRITABLE } from './constants.ts';
import { type DatagramBatch, memoryOf, refuse } from './datagram_batch.ts';
import { closedError } from './errors.ts';
import { BAD_ARGUMENT, WOULD_BLOCK } from './native.ts';
import { patiently } from './patience.ts';
import { factsOf, failureOf, handleOf } from './socket_handle.ts';
import { systemNumber } from './socket_kinds.ts';
import { OptionSocket } from './socket_options.ts';
import { contextOf } from './socket_setup.ts';
import { type Bytes, INT32_MAX, integer, isPart, viewOf, wrongType } from './validate.ts';
import { waitFor } from './wait_for.ts';

const REST = -1; // of a length: as far as the buffer goes
const SEGMENT_MAX = 65535;
const NOBODY = new Uint8Array(0);

/** The part of `Socket` that sends and receives. */
export class TransferSocket extends OptionSocket {
  /**
   * Receives into a part of `buffer`; offset and length in bytes. Returns how many, 0 at the end of the stream (or an
   * empty datagram), -1 when nothing is there yet. `flags` are MSG_* of `constants`. With a `timeout`, MSG_WAITALL
   * waits for the whole part of a stream, and MSG_DONTWAIT does not wait at all.
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

  /**
   * Receives datagrams into the slots of `batch` from the first on, as many as wait and have room, and sets its `count`.
   * A datagram that is longer than a slot is cut and has MSG_TRUNC in its `flags`. Returns how many, -1 when nothing is
   * there yet: call it until then, or until it returns less than `batch.capacity`. recvmmsg(2); elsewhere recvmsg(2).
   * @throws FdError also a pending error of something sent before (ECONNREFUSED), which is taken by that; the socket
   * goes on. ENOTSUP for a stream.
   */
  recvBatch(batch: DatagramBatch): number {
    const answer = this.#recvBatch(batch);
    if (answer !== WOULD_BLOCK || this.timeout === 0) return answer;
    return patiently(this, READABLE, WOULD_BLOCK, () => this.#recvBatch(batch));
  }

  /**
   * Sends the slots `from` to `batch.count` - 1, each to its address, with its local address, interface, `tos` and
   * `segments`. Returns how many went, perhaps fewer: go on with `from` plus that. -1 when there is no room yet.
   * sendmmsg(2); elsewhere sendmsg(2).
   * @throws FdError the error of the datagram `from`, which did not go: skip it, or try it again. A RangeError names a
   * slot that is not within the arena; nothing was sent then. ENOTSUP for a stream, and for
   * segments where the system does not split (all but UDP on Linux 4.18).
   */
  sendBatch(batch: DatagramBatch, from: number = 0): number {
    const answer = this.#sendBatch(batch, from);
    if (answer !== WOULD_BLOCK || this.timeout === 0) return answer;
    return patiently(this, WRITABLE, WOULD_BLOCK, () => this.#sendBatch(batch, from));
  }

  /**
   * Sends `buffer` as datagrams of `segmentSize` bytes each, the last one perhaps shorter, in one call that the kernel
   * splits (UDP_SEGMENT, Linux 4.18): to `address`, or to the peer of a connected socket. Returns `buffer.byteLength`,
   * -1 when there is no room yet. At most 65507 bytes (65487 over IPv6) in 64 datagrams, 128 in newer kernels.
   * @throws FdError EMSGSIZE for more bytes, EINVAL for more datagrams or for segments that do not fit into the
   * interface's MTU, ENOTSUP where there is no such thing.
   */
  sendSegments(buffer: Bytes, segmentSize: number, address?: Address): number {
    const answer = this.#sendSegments(buffer, segmentSize, address);
    if (answer !== WOULD_BLOCK || this.timeout === 0) return answer;
    return patiently(this, WRITABLE, WOULD_BLOCK, () => this.#sendSegments(buffer, segmentSize, address));
  }

  #recvBatch(batch: DatagramBatch): number {
    const { columns, arena } = memoryOf(batch);
    const answer = native.recvBatch(handleOf(this), columns, arena, batch.size);
    batch.count = Math.max(0, answer);
    if (answer >= WOULD_BLOCK) return answer;
    if (answer === BAD_ARGUMENT) refuse(batch, 0);
    throw failureOf(this, answer);
  }

  #sendBatch(batch: DatagramBatch, from: number): number {
    const { columns, arena } = memoryOf(batch);
    const { count } = batch;
    // The addon would take a number modulo 2^32.
    const whole = Number.isInteger(from) && Number.isInteger(count) && from >= 0 && from <= count && count <= INT32_MAX;
    const answer = whole ? native.sendBatch(handleOf(this), columns, arena, from, count) : BAD_ARGUMENT;
    if (answer >= WOULD_BLOCK) return answer;
    if (answer !== BAD_ARGUMENT) throw failureOf(this, answer, this.closed ? {} : contextOf(batch.address(from)));
    if (this.closed) throw closedError('socket');
    refuse(batch, from);
  }

  #sendSegments(buffer: Bytes, segmentSize: number, address: Address | undefined): number {
    const to = address === undefined ? NOBODY : encodeAddress(address);
    integer('segmentSize', segmentSize, 1, SEGMENT_MAX);
    const answer = native.sendSegments(handleOf(this), buffer, segmentSize, to);
    if (answer >= WOULD_BLOCK) return answer;
    if (answer === BAD_ARGUMENT) throw wrongType('buffer', 'a Buffer, TypedArray or DataView', buffer);
    throw failureOf(this, answer, address === undefined ? {} : contextOf(address));
  }
}
