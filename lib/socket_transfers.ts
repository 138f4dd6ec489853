import type { Address } from './address.ts';
import { native } from './binding.ts';
import { READABLE, WRITABLE } from './constants.ts';
import type { DatagramBatch } from './datagram_batch.ts';
import { receiveBatch, sendBatch, sendSegments } from './datagram_transfers.ts';
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
import { WOULD_BLOCK } from './native.ts';
import { patiently } from './patience.ts';
import { receiveAll, receiveOnce, sendOnce, wantsAll } from './recv_send.ts';
import { sendFile } from './send_file.ts';
import { checked, failureOf, handleOf } from './socket_handle.ts';
import { OptionSocket } from './socket_options.ts';
import type { Bytes, Descriptor } from './validate.ts';

/** The part of `Socket` that sends and receives. */
export class TransferSocket extends OptionSocket {
  /**
   * Receives into a part of `buffer`; offset and length in bytes. Returns how many, 0 at the end of the stream (or an
   * empty datagram), -1 when nothing is there yet. `flags` are MSG_* of `constants`: with MSG_TRUNC it is the number of
   * the kernel, the whole length of a datagram even when the buffer is shorter. With a `timeout`, MSG_WAITALL waits for
   * the whole part of a stream, and MSG_DONTWAIT does not wait at all.
   */
  recv(buffer: Bytes, offset: number = 0, length?: number, flags: number = 0): number {
    const answer = receiveOnce(this, buffer, offset, length, flags);
    if (!waits(this, flags)) return answer;
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
    if (answer !== WOULD_BLOCK || !waits(this, flags)) return answer;
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
   * space was too small, or this process has no numbers left) or are more than `maxFds`, the others are closed as well.
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
    const prepared = prepareMessage(this, buffers, message);
    const answer = sendMessage(this, prepared);
    if (answer !== WOULD_BLOCK || !waits(this, prepared.flags)) return answer;
    return patiently(this, WRITABLE, WOULD_BLOCK, () => sendMessage(this, prepared));
  }

  /** Whether all bytes before the urgent one were read (sockatmark(3)); that one is read with MSG_OOB. */
  atMark(): boolean {
    return checked(this, native.atMark(handleOf(this))) === 1;
  }

  /**
   * Receives datagrams into the slots of `batch` from the first on, as many as wait and have room, and sets its `count`.
   * A datagram that is longer than a slot is cut and has MSG_TRUNC in its `flags`. Returns how many, -1 when nothing is
   * there yet: call it until then, or until it returns less than `batch.capacity`. recvmmsg(2); elsewhere recvmsg(2).
   * @throws FdError also a pending error of something sent before (ECONNREFUSED), which is taken by that; the socket
   * goes on. ENOTSUP for a stream.
   */
  recvBatch(batch: DatagramBatch): number {
    const answer = receiveBatch(this, batch);
    if (answer !== WOULD_BLOCK || this.timeout === 0) return answer;
    return patiently(this, READABLE, WOULD_BLOCK, () => receiveBatch(this, batch));
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
    const answer = sendBatch(this, batch, from);
    if (answer !== WOULD_BLOCK || this.timeout === 0) return answer;
    return patiently(this, WRITABLE, WOULD_BLOCK, () => sendBatch(this, batch, from));
  }

  /**
   * Sends `buffer` as datagrams of `segmentSize` bytes each, the last one perhaps shorter, in one call that the kernel
   * splits (UDP_SEGMENT, Linux 4.18): to `address`, or to the peer of a connected socket. Returns `buffer.byteLength`,
   * -1 when there is no room yet. At most 65507 bytes (65487 over IPv6) in 64 datagrams, 128 in newer kernels.
   * @throws FdError EMSGSIZE for more bytes, EINVAL for more datagrams or for segments that do not fit into the
   * interface's MTU, ENOTSUP where there is no such thing.
   */
  sendSegments(buffer: Bytes, segmentSize: number, address?: Address): number {
    const answer = sendSegments(this, buffer, segmentSize, address);
    if (answer !== WOULD_BLOCK || this.timeout === 0) return answer;
    return patiently(this, WRITABLE, WOULD_BLOCK, () => sendSegments(this, buffer, segmentSize, address));
  }
}
