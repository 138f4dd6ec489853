import { type Address, type AddressObject, encodeAddress, toObject } from './address.ts';
import { native } from './binding.ts';
import { systemNumbers } from './socket_kinds.ts';
import { INT32_MAX, integer, optionsOf, outOfRange, wrongType } from './validate.ts';

/** Bytes of a sockaddr, whatever its family. */
const SOCKADDR = 128;
/** What one system call takes (UIO_MAXIOV). */
const CAPACITY_MAX = 1024;
/** Room for a datagram of any Ethernet without jumbo frames. */
const SIZE = 2048;
/** Columns of four bytes a slot, and of one. */
const WIDE = 5;
const NARROW = 2;

/** The memory of a `DatagramBatch`. */
export interface DatagramBatchOptions {
  /** Bytes of a slot, 1 to 2^31 - 1. Default 2048, or an equal share of `arena`; 65536 for what UDP_GRO receives. */
  size?: number;
  /** Memory of one's own, at least `size` bytes for each slot; it may be shared or a part of something. */
  arena?: Uint8Array;
}

/** The memory that the addon is given at each call. */
interface Memory {
  readonly columns: ArrayBuffer;
  readonly arena: Buffer;
}

/** Throws a TypeError for what is no batch. @internal */
export let memoryOf: (batch: DatagramBatch) => Memory;

/**
 * Datagrams in columns, for `socket.recvBatch` and `socket.sendBatch`: slot i is element i of each column. What was
 * received is a reply as it stands: to its sender, from the address and interface that it came to. Belongs to no
 * socket; nothing is allocated for a datagram.
 *
 * ```text
 * slot i           0     1     2
 * offsets          0  2048  4096     where its bytes begin in `arena`, in bytes
 * lengths         64  1350    64     how many
 * segments         0   675     0     every so many bytes another datagram (GSO, GRO); 0: it is one
 * addresses    [128] [128] [128]     sockaddr bytes: the sender, or whom to
 * ```
 */
export class DatagramBatch {
  readonly #memory: Memory;
  /** How many slots there are. */
  readonly capacity: number;
  /** Bytes of a slot. */
  readonly size: number;
  /** The bytes of all datagrams. */
  readonly arena: Buffer;
  /** How many slots hold something: set by `recvBatch`, and by whoever fills the batch to send it. */
  count: number = 0;
  /** i * size at first, and again after `recvBatch`. To send, any place in the arena will do. */
  readonly offsets: Uint32Array;
  /** In bytes. */
  readonly lengths: Uint32Array;
  /** Bytes of a segment, 0 for none. Received with UDP_GRO; sent as UDP_SEGMENT where the length is greater. */
  readonly segments: Uint32Array;
  /** Received MSG_* flags, such as MSG_TRUNC: the slot was too small. Sending does not look at them. */
  readonly flags: Int32Array;
  /** Index of the interface: that it came in on (IP_PKTINFO, IPV6_RECVPKTINFO), or to send through. 0: any. */
  readonly interfaces: Uint32Array;
  /** 128 bytes a slot: the sender's sockaddr, or whom to send to. */
  readonly addresses: Uint8Array;
  /** Bytes of each sockaddr, at most 128. 0: the peer of a connected socket. */
  readonly addressLengths: Uint8Array;
  /** 128 bytes a slot: a sockaddr with port 0, the local address that it came to or is to come from. Zero: any. */
  readonly locals: Uint8Array;
  /** Type of service or traffic class, ECN in the lowest two bits (IP_RECVTOS, IPV6_RECVTCLASS). 0: the socket's. */
  readonly tos: Uint8Array;

  static {
    memoryOf = (batch) => {
      if (typeof batch !== 'object' || batch === null || !(#memory in batch))
        throw wrongType('batch', 'a DatagramBatch', batch);
      return batch.#memory;
    };
  }

  /** `count` slots, 1 to 1024, which is what one system call takes. */
  constructor(count: number, options?: DatagramBatchOptions) {
    const { arena, size } = optionsOf(options);
    this.capacity = integer('count', count, 1, CAPACITY_MAX);
    this.arena = arena === undefined ? owned(count, size) : viewed(arena);
    this.size = roomOf(this.arena, count, size);
    const columns = new ArrayBuffer(count * (WIDE * Uint32Array.BYTES_PER_ELEMENT + 2 * SOCKADDR + NARROW));
    this.#memory = { columns, arena: this.arena };
    const at = (column: number): number => column * count * Uint32Array.BYTES_PER_ELEMENT;
    this.offsets = new Uint32Array(columns, at(0), count);
    this.lengths = new Uint32Array(columns, at(1), count);
    this.segments = new Uint32Array(columns, at(2), count);
    this.flags = new Int32Array(columns, at(3), count);
    this.interfaces = new Uint32Array(columns, at(4), count);
    const bytes = at(WIDE);
    this.addresses = new Uint8Array(columns, bytes, SOCKADDR * count);
    this.locals = new Uint8Array(columns, bytes + SOCKADDR * count, SOCKADDR * count);
    this.tos = new Uint8Array(columns, bytes + 2 * SOCKADDR * count, count);
    this.addressLengths = new Uint8Array(columns, bytes + (2 * SOCKADDR + 1) * count, count);
    for (let i = 0; i < count; i++) this.offsets[i] = i * this.size;
  }

  /** The `size` bytes of slot i, whatever `offsets` says. A new view: walk `arena` where each datagram counts. */
  slot(i: number): Buffer {
    const begin = this.#index(i) * this.size;
    return this.arena.subarray(begin, begin + this.size);
  }

  /** Whom slot i is from, or goes to. */
  address(i: number): AddressObject {
    const begin = this.#index(i) * SOCKADDR;
    const length = Math.min(this.addressLengths[i] ?? 0, SOCKADDR);
    if (this.addresses.length === 0) throw detached();
    const found = native.decodeAddress(this.addresses.subarray(begin, begin + length));
    if (typeof found === 'number') throw outOfRange(`addresses[${i}]`, 'the bytes of a sockaddr', found);
    return toObject(found, systemNumbers().all);
  }

  /** Sends slot i there. The bytes of a sockaddr (of `addresses`, or from `encodeAddress`) are copied and that is all. */
  setAddress(i: number, address: Address): void {
    const begin = this.#index(i) * SOCKADDR;
    const bytes = encodeAddress(address);
    const { length } = bytes;
    const { addresses } = this;
    // A sockaddr is so short that a call costs more than the loop.
    for (let k = 0; k < length; k++) addresses[begin + k] = bytes[k] as number;
    this.addressLengths[i] = length;
  }

  /** Whether the address of slot i has exactly these bytes. */
  sameAddress(i: number, bytes: Uint8Array): boolean {
    if (!(bytes instanceof Uint8Array)) throw wrongType('bytes', 'a Uint8Array', bytes);
    const begin = this.#index(i) * SOCKADDR;
    const { length } = bytes;
    if (this.addressLengths[i] !== length) return false;
    const { addresses } = this;
    for (let k = 0; k < length; k++) if (addresses[begin + k] !== bytes[k]) return false;
    return true;
  }

  #index(i: number): number {
    return Number.isInteger(i) && i >= 0 && i < this.capacity ? i : integer('i', i, 0, this.capacity - 1);
  }
}

function owned(count: number, size: number = SIZE): Buffer {
  return Buffer.alloc(count * integer('options.size', size, 1, Math.floor(INT32_MAX / count)));
}

function viewed(arena: Uint8Array): Buffer {
  if (!(arena instanceof Uint8Array)) throw wrongType('options.arena', 'a Uint8Array', arena);
  return Buffer.from(arena.buffer, arena.byteOffset, arena.byteLength);
}

function roomOf(arena: Buffer, count: number, size: number = Math.floor(arena.length / count)): number {
  if (arena.length < count) throw outOfRange('options.arena.length', `at least a byte a slot, ${count}`, arena.length);
  return integer('options.size', size, 1, Math.min(INT32_MAX, Math.floor(arena.length / count)));
}

function detached(): Error {
  return outOfRange('batch', 'whole: its columns were transferred to another thread', 'a detached buffer');
}

/** Says what it is that the addon refused to send, or to receive into. @internal */
export function refuse(batch: DatagramBatch, from: number): never {
  const { columns, arena } = memoryOf(batch);
  if (columns.byteLength === 0) throw detached();
  integer('batch.count', batch.count, 0, batch.capacity);
  integer('from', from, 0, batch.count);
  for (let i = from; i < batch.count; i++) {
    const [offset, length, address] = [batch.offsets[i] ?? 0, batch.lengths[i] ?? 0, batch.addressLengths[i] ?? 0];
    if (offset + length > arena.byteLength)
      throw outOfRange(`slot ${i}`, `within the arena's ${arena.byteLength} bytes`, `${offset} + ${length}`);
    if (address > SOCKADDR) throw outOfRange(`addressLengths[${i}]`, `at most ${SOCKADDR}, a sockaddr`, address);
  }
  throw outOfRange('batch.arena', `${batch.capacity} slots of ${batch.size} bytes`, `${arena.byteLength} bytes`);
}
