import type { AddressObject } from './address.ts';
import { decodedAddress } from './address_memo.ts';
import { systemError } from './errors.ts';
import type { FdError } from './fd_error.ts';
import { systemNumber } from './socket_kinds.ts';
import { contextOf } from './socket_setup.ts';

/** Where the kernel says that an entry of the error queue is from (SO_EE_ORIGIN_*, linux/errqueue.h). */
export type ErrorOrigin = 'none' | 'local' | 'icmp' | 'icmp6' | 'timestamping' | 'zerocopy' | 'txtime' | number;

/** What an entry of the error queue says beyond the errno (struct sock_extended_err, ip(7)). */
export interface ExtendedError {
  /** Who found the error. */
  readonly origin: ErrorOrigin;
  /** The type of the ICMP message. */
  readonly type: number;
  /** The code of the ICMP message. */
  readonly code: number;
  /** `ee_info`: for "fragmentation needed" the MTU. */
  readonly info: number;
  /** `ee_data`: what it is depends on the origin. */
  readonly data: number;
  /** Who sent the ICMP message. */
  readonly offender?: AddressObject;
}

/** Sends with MSG_ZEROCOPY whose buffers are free again: number `from` to `to` of this socket, counted from 0. */
export interface ZeroCopyCompletion {
  /** The first of them. */
  readonly from: number;
  /** The last of them. */
  readonly to: number;
  /** The kernel copied after all. */
  readonly copied: boolean;
}

/** What `recvMessage` gives. Of the control data, only what the peer sent or an option of the socket asked for. */
export interface Message {
  /** Received into the buffers; of a datagram all that it has when MSG_TRUNC was asked for. 0: end, or empty. */
  readonly bytes: number;
  /** The sender; of the error queue, where the datagram was to go. None of an unnamed sender or a TCP peer. */
  readonly address?: AddressObject;
  /** SCM_RIGHTS: yours to close, and close-on-exec. */
  readonly fds: readonly number[];
  /** SCM_CREDENTIALS with SO_PASSCRED (Linux), SCM_CREDS (FreeBSD, NetBSD). */
  readonly credentials?: { pid: number; uid: number; gid: number };
  /** IP_PKTINFO or IPV6_RECVPKTINFO: the interface, the address to answer from, and that of the header. */
  readonly pktinfo?: { interface: number; local?: string; destination?: string };
  /** IP_RECVTTL or IPV6_RECVHOPLIMIT. */
  readonly ttl?: number;
  /** IP_RECVTOS or IPV6_RECVTCLASS. */
  readonly tos?: number;
  /** SO_TIMESTAMPNS or SO_TIMESTAMP: when it came, in nanoseconds since 1970. */
  readonly timestamp?: bigint;
  /** UDP_GRO: `bytes` are several datagrams of this size, the last may be smaller. */
  readonly segmentSize?: number;
  /** With MSG_ERRQUEUE: what went wrong with an earlier datagram, of which the buffers hold what is known. */
  readonly error?: FdError;
  /** With MSG_ERRQUEUE: who found the error, and what an ICMP message said. */
  readonly extendedError?: ExtendedError;
  /** With MSG_ERRQUEUE: sends with MSG_ZEROCOPY that are done. */
  readonly zerocopy?: ZeroCopyCompletion;
  /** Everything else, as it came. */
  readonly control?: readonly { level: number; type: number; data: Uint8Array }[];
  /** MSG_* as the kernel gave them. */
  readonly flags: number;
  /** The datagram was longer than the buffers (MSG_TRUNC). */
  readonly truncated: boolean;
  /** Control data was lost (MSG_CTRUNC), or there were more than `maxFds`; descriptors that arrived were closed. */
  readonly controlTruncated: boolean;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

// As native/core/ancillary.h: numbers of 32-bit words, and of bytes where it says so.
const FIXED = 448; // bytes
const MARGIN = 8; // bytes
export const PRESENT = 0;
const FLAGS = 1;
const ADDRESS_LENGTH = 2;
export const FAMILY = 3;
export const FD_COUNT = 4;
export const CONTROL_LENGTH = 5;
export const PID = 6;
export const UID = 7;
export const GID = 8;
export const INTERFACE = 9;
export const TTL = 10;
export const TOS = 11;
export const SEGMENT_SIZE = 12;
export const LOCAL_LENGTH = 13;
const TIMESTAMP = 56; // bytes
const DESTINATION_LENGTH = 16;
const ERRNO = 17;
const ORIGIN = 18;
const ERROR_TYPE = 19;
const ERROR_CODE = 20;
const ERROR_INFO = 21;
const ERROR_DATA = 22;
const OFFENDER_LENGTH = 23;
const ADDRESS = 24;
const OFFENDER = 56;
export const LOCAL = 352; // bytes
const DESTINATION = 400; // bytes
/** The first word behind the fixed part. */
export const REST: number = FIXED / 4;

export const HAS_CREDENTIALS = 1;
export const HAS_PKTINFO = 2;
export const HAS_TTL = 4;
export const HAS_TOS = 8;
const HAS_TIMESTAMP = 16;
export const HAS_SEGMENT_SIZE = 32;
const HAS_ERROR = 64;

const ORIGINS = ['none', 'local', 'icmp', 'icmp6', 'timestamping', 'zerocopy', 'txtime'] as const;
const COPIED = 1;

/** 253 descriptors (Linux; 512 on macOS) with all else that has a name, several times over. */
export const CONTROL_DEFAULT: number = 4096 - FIXED - MARGIN;

/** What crosses into the addon and back beside the bytes of a message. @internal */
export class MessageFrame {
  readonly bytes: Buffer;
  readonly words: Int32Array;
  readonly room: number;
  readonly #memory: ArrayBuffer;

  constructor(room: number) {
    const memory = new ArrayBuffer(FIXED + Math.ceil(room / 4) * 4 + MARGIN);
    this.room = room;
    this.#memory = memory;
    this.bytes = Buffer.from(memory, 0, FIXED + room + MARGIN);
    this.words = new Int32Array(memory);
  }

  word(index: number): number {
    return this.words[index] as number;
  }

  /** `pktinfo.local` of what is to be sent. */
  local(): string {
    return this.bytes.toString('latin1', LOCAL, LOCAL + this.word(LOCAL_LENGTH));
  }

  /** The sender's, or undefined where the kernel does not say. */
  address(): AddressObject | undefined {
    return decodedAddress(this.words, ADDRESS, this.word(ADDRESS_LENGTH));
  }

  /** What was received; `fd` is for the error of an error queue. `refused`: its descriptors were closed. */
  message(bytes: number, fd: number, refused = false): Message {
    const flags = this.word(FLAGS);
    const count = this.word(FD_COUNT);
    const message: Writable<Message> = {
      bytes,
      // Own properties whatever somebody did to Array.prototype.
      fds: count === 0 || refused ? [] : Array.from(this.words.subarray(REST, REST + count)),
      flags,
      truncated: (flags & systemNumber('MSG_TRUNC')) !== 0,
      controlTruncated: refused || (flags & systemNumber('MSG_CTRUNC')) !== 0,
    };
    const address = this.address();
    if (address !== undefined) message.address = address;
    const present = this.word(PRESENT);
    if (present !== 0) this.#fields(present, message, fd);
    const control = this.word(CONTROL_LENGTH);
    if (control !== 0) message.control = this.#control(REST + count, control);
    return message;
  }

  #fields(present: number, message: Writable<Message>, fd: number): void {
    if (present & HAS_CREDENTIALS) {
      message.credentials = { pid: this.word(PID), uid: this.word(UID) >>> 0, gid: this.word(GID) >>> 0 };
    }
    if (present & HAS_PKTINFO) {
      const destination = this.word(DESTINATION_LENGTH);
      message.pktinfo = { interface: this.word(INTERFACE) >>> 0 };
      if (this.word(LOCAL_LENGTH) > 0) message.pktinfo.local = this.local();
      if (destination > 0)
        message.pktinfo.destination = this.bytes.toString('latin1', DESTINATION, DESTINATION + destination);
    }
    if (present & HAS_TTL) message.ttl = this.word(TTL);
    if (present & HAS_TOS) message.tos = this.word(TOS);
    if (present & HAS_SEGMENT_SIZE) message.segmentSize = this.word(SEGMENT_SIZE) >>> 0;
    if (present & HAS_TIMESTAMP) message.timestamp = new BigInt64Array(this.#memory, TIMESTAMP, 1)[0] as bigint;
    if (present & HAS_ERROR) this.#error(message, fd);
  }

  #error(message: Writable<Message>, fd: number): void {
    const number = this.word(ORIGIN);
    const origin = ORIGINS[number] ?? number;
    const code = this.word(ERROR_CODE);
    const [info, data] = [this.word(ERROR_INFO) >>> 0, this.word(ERROR_DATA) >>> 0];
    if (origin === 'zerocopy') {
      message.zerocopy = { from: info, to: data, copied: (code & COPIED) !== 0 };
      return;
    }
    const extended: Writable<ExtendedError> = { origin, type: this.word(ERROR_TYPE), code, info, data };
    const offender = decodedAddress(this.words, OFFENDER, this.word(OFFENDER_LENGTH));
    if (offender !== undefined) extended.offender = offender;
    message.extendedError = extended;
    // A timestamp of a transmission is no failure, although it says ENOMSG.
    if (origin === 'timestamping') return;
    const { address } = message;
    const context = address === undefined ? { fd } : { fd, ...contextOf(address) };
    message.error = systemError('recvmsg', this.word(ERRNO), context);
  }

  #control(start: number, length: number): { level: number; type: number; data: Uint8Array }[] {
    const items = [];
    for (let at = start; at < start + length / 4; ) {
      const [level, type, size] = [this.word(at), this.word(at + 1), this.word(at + 2)];
      const from = (at + 3) * 4;
      items.push({ level, type, data: new Uint8Array(this.#memory.slice(from, from + size)) });
      at += 3 + Math.ceil(size / 4);
    }
    return items;
  }
}
