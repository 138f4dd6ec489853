import { chmodSync } from 'node:fs';
import { type Address, type AddressObject, encodeAddress, formatAddress, parseAddress, toObject } from './address.ts';
import { native } from './binding.ts';
import { type Context, closedError, type FdError, fromAnswer, orThrow, systemError } from './errors.ts';
import { BAD_ARGUMENT, CLOSED_HANDLE, WOULD_BLOCK } from './native.ts';
import { leavePollers } from './registry.ts';
import {
  type Family,
  familyName,
  familyNumber,
  protocolNumber,
  type SocketType,
  systemNumber,
  systemNumbers,
  typeName,
  typeNumber,
} from './socket_kinds.ts';
import { type Bytes, fdOf, integer, oneOf, optionsOf, outOfRange, viewOf, wrongType } from './validate.ts';

export interface SocketOptions {
  /** A number, 'tcp' or 'udp'. Default: the family's own for the type. */
  protocol?: number | string;
}

export interface ListenOptions {
  /** Default 'stream'. Of the others only 'seqpacket' listens; 'dgram' is bound and that is all. */
  type?: SocketType;
  /** Connections that may wait to be accepted. Default 4096; the system clamps it (net.core.somaxconn). */
  backlog?: number;
  /** Bind although earlier connections are still in TIME_WAIT. Default true. */
  reuseAddress?: boolean;
  /** Share the port with other sockets that say so; the kernel spreads connections. Default false. */
  reusePort?: boolean;
  /** An inet6 socket takes no IPv4 connections. Default false on every system. */
  ipv6Only?: boolean;
  /** File mode of a unix path, set before anyone can connect. Default: what the umask leaves. */
  mode?: number;
}

export interface ConnectOptions {
  /** Default 'stream'. */
  type?: SocketType;
  /** Connect from this address. */
  localAddress?: Address;
}

interface Facts {
  readonly family: number;
  readonly type: number;
  readonly protocol: number;
}

const HOW: ReadonlyMap<string, number> = new Map([
  ['read', 0],
  ['write', 1],
  ['both', 2],
]);
const GONE = -1;
const DEFAULT_BACKLOG = 4096;
const INT32_MIN = -0x80000000;
const INT32_MAX = 0x7fffffff;

let warned = false;

// The net for sockets that were forgotten open. It cannot fire while one is registered: the poller holds it.
const forgotten: FinalizationRegistry<number> = new FinalizationRegistry((handle) => {
  const fd = native.socketFd(handle);
  native.closeSocket(handle);
  if (warned || fd < 0) return;
  warned = true;
  process.emitWarning(
    `a Socket was collected while open and its descriptor ${fd} was closed; call close() (said once)`,
    { code: 'FDPOLL_SOCKET_COLLECTED' },
  );
});

function contextOf(address: Address): Context {
  const object = typeof address === 'string' ? parseAddress(address) : address;
  if (object instanceof Uint8Array || 'bytes' in object) return {};
  if (object.family === 'unix') return { address: formatAddress(object) };
  return { address: object.host, port: object.port };
}

function familyOf(address: Address): number {
  const object = typeof address === 'string' ? parseAddress(address) : address;
  if (!(object instanceof Uint8Array)) return familyNumber(object.family);
  const decoded = native.decodeAddress(object);
  if (typeof decoded === 'number') throw outOfRange('address.length', 'at most 128 bytes, a sockaddr', object.length);
  return decoded.family;
}

/** A way into the constructor for descriptors that exist already. */
class Taken {
  readonly handle: number;
  readonly facts: Facts | undefined;
  constructor(handle: number, facts?: Facts) {
    this.handle = handle;
    this.facts = facts;
  }
}

/**
 * An owned descriptor with socket calls. Never blocks: would-block is a value (`-1`, `undefined`, `false`), 0 from
 * `recv` is the end of a stream (or an empty datagram; on seqpacket it may be either), and real errors throw.
 */
export class Socket implements Disposable {
  #handle: number;
  #fd: number;
  #facts: Facts | undefined;
  #listening = false;
  #remote: AddressObject | undefined;

  /** @throws FdError as socket(2). */
  constructor(family: Family, type: SocketType, options?: SocketOptions);
  /** @internal */
  constructor(taken: Taken);
  constructor(family: Family | Taken, type?: SocketType, options?: SocketOptions) {
    if (family instanceof Taken) {
      this.#handle = family.handle;
      this.#facts = family.facts;
    } else {
      const domain = familyNumber(family);
      const kind = typeNumber(type);
      this.#handle = orThrow(native.openSocket(domain, kind, protocolNumber(optionsOf(options)?.protocol)));
    }
    this.#fd = native.socketFd(this.#handle);
    forgotten.register(this, this.#handle, this);
  }

  /**
   * Takes ownership of a descriptor when it succeeds; share one with `fromFd(dup(fd))`.
   * @throws FdError EBADF when it is closed, ENOTSOCK when it is no socket.
   */
  static fromFd(fd: number): Socket {
    if (typeof fd !== 'number') throw wrongType('fd', 'a number', fd);
    const handle = orThrow(native.adoptSocket(fdOf(fd)), { fd });
    const socket = new Socket(new Taken(handle));
    socket.#listening = native.socketFact(handle, 3) === 1;
    return socket;
  }

  /** Two unix sockets that are connected to each other. */
  static pair(type: SocketType = 'stream'): [Socket, Socket] {
    const handles = native.openSocketPair(typeNumber(type));
    if (typeof handles === 'number') throw fromAnswer(handles);
    return [new Socket(new Taken(handles[0])), new Socket(new Taken(handles[1]))];
  }

  /** Binds and listens. On failure the error names the call that failed, and no descriptor is left. */
  static listen(address: Address, options?: ListenOptions): Socket {
    const checked = optionsOf(options) ?? {};
    const { type = 'stream', backlog = DEFAULT_BACKLOG, reuseAddress = true, reusePort = false } = checked;
    const family = familyOf(address);
    const { AF_UNIX, AF_INET6, SOCK_STREAM, SOCK_SEQPACKET } = systemNumbers().all;
    return Socket.#making(new Socket(family, type), (socket) => {
      if (reuseAddress && family !== AF_UNIX) socket.#setOption('SOL_SOCKET', 'SO_REUSEADDR', 1);
      if (reusePort) socket.#setOption('SOL_SOCKET', 'SO_REUSEPORT', 1);
      if (family === AF_INET6) socket.#setOption('IPPROTO_IPV6', 'IPV6_V6ONLY', checked.ipv6Only ? 1 : 0);
      socket.bind(address);
      if (checked.mode !== undefined) socket.#setMode(address, checked.mode);
      const kind = typeNumber(type);
      if (kind === SOCK_STREAM || kind === SOCK_SEQPACKET) socket.listen(backlog);
    });
  }

  /** Starts to connect: writable means that it is over, and `takeError` tells how it went. */
  static connect(address: Address, options?: ConnectOptions): Socket {
    const { type = 'stream', localAddress } = optionsOf(options) ?? {};
    return Socket.#making(new Socket(familyOf(address), type), (socket) => {
      if (localAddress !== undefined) socket.bind(localAddress);
      socket.connect(address);
    });
  }

  static #making(socket: Socket, make: (socket: Socket) => void): Socket {
    try {
      make(socket);
      return socket;
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  /** The descriptor; -1 once closed or detached. */
  get fd(): number {
    return this.#fd;
  }

  get closed(): boolean {
    return this.#handle === GONE;
  }

  get family(): Family {
    return familyName(this.#known().family);
  }

  get type(): SocketType {
    return typeName(this.#known().type);
  }

  /** This system's number, 0 for the family's own. */
  get protocol(): number {
    return this.#known().protocol;
  }

  /** It accepts connections. */
  get listening(): boolean {
    return this.#listening && !this.closed;
  }

  /** Undefined once closed. */
  get localAddress(): AddressObject | undefined {
    return this.#address(false);
  }

  /** Undefined when not connected. Remembered once it was read, also when the peer is gone or this is closed. */
  get remoteAddress(): AddressObject | undefined {
    this.#remote ??= this.#address(true);
    return this.#remote;
  }

  bind(address: Address): void {
    this.#check(native.bind(this.#handle, encodeAddress(address)), () => contextOf(address));
  }

  listen(backlog: number = DEFAULT_BACKLOG): void {
    this.#check(native.listen(this.#handle, integer('backlog', backlog, 0, INT32_MAX)));
    this.#listening = true;
  }

  /**
   * The next connection; undefined when nobody waits. Peers that are gone by now are skipped.
   * @throws FdError EMFILE, ENFILE, ENOBUFS or ENOMEM with the queue as it was: stop watching the listener for a while,
   * or it stays readable and the loop spins.
   */
  accept(): Socket | undefined {
    const answer = native.accept(this.#handle);
    if (answer >= 0) return new Socket(new Taken(answer, this.#known()));
    if (answer === WOULD_BLOCK) return undefined;
    throw this.#failure(answer);
  }

  /**
   * True when connected, false when it is in progress: writable means that it is over, `takeError` tells how it went.
   * @throws FdError as connect(2); EAGAIN when a unix listener's backlog is full, since no event would follow.
   */
  connect(address: Address): boolean {
    return this.#check(native.connect(this.#handle, encodeAddress(address)), () => contextOf(address)) === 1;
  }

  /** Ends a direction: after 'write' the peer reads the end, what it sends still comes. */
  shutdown(how: 'read' | 'write' | 'both'): void {
    this.#check(native.shutdown(this.#handle, oneOf('how', HOW, how)));
  }

  /**
   * Receives into a part of `buffer`; offset and length in bytes. Returns how many, 0 at the end of the stream, -1 when
   * nothing is there yet.
   */
  recv(buffer: Bytes, offset: number = 0, length?: number, flags: number = 0): number {
    const room = length ?? buffer?.byteLength - offset;
    const answer = Number.isSafeInteger(offset) ? native.recv(this.#handle, buffer, offset, room, flags) : BAD_ARGUMENT;
    if (answer >= WOULD_BLOCK) return answer;
    throw this.#transferFailure(answer, buffer, offset, room, flags);
  }

  /**
   * Sends a part of `buffer`; offset and length in bytes. Returns how many were taken, -1 when there is no room yet.
   * Never raises SIGPIPE: a peer that is gone is EPIPE or ECONNRESET.
   */
  send(buffer: Bytes, offset: number = 0, length?: number, flags: number = 0): number {
    const room = length ?? buffer?.byteLength - offset;
    const answer = Number.isSafeInteger(offset) ? native.send(this.#handle, buffer, offset, room, flags) : BAD_ARGUMENT;
    if (answer >= WOULD_BLOCK) return answer;
    throw this.#transferFailure(answer, buffer, offset, room, flags);
  }

  /** Takes the pending error (SO_ERROR): how a connection attempt went. Undefined when there is none. */
  takeError(): FdError | undefined {
    const errno = this.#check(native.takeError(this.#handle));
    return errno === 0 ? undefined : systemError('connect', errno, { fd: this.#fd });
  }

  /** Gives the descriptor away, open; it leaves every poller of this thread first. */
  detach(): number {
    if (this.closed) throw closedError('socket');
    leavePollers(this.#fd);
    const fd = native.detachSocket(this.#release());
    return fd;
  }

  /** Leaves every poller of this thread and closes the descriptor. Twice is fine. */
  close(): void {
    if (this.closed) return;
    leavePollers(this.#fd);
    // What close(2) says about earlier writes is of no use: the descriptor is gone whatever it says.
    native.closeSocket(this.#release());
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #release(): number {
    const handle = this.#handle;
    forgotten.unregister(this);
    this.#handle = GONE;
    this.#fd = -1;
    return handle;
  }

  #known(): Facts {
    this.#facts ??= {
      family: this.#check(native.socketFact(this.#handle, 0)),
      type: this.#check(native.socketFact(this.#handle, 1)),
      protocol: this.#check(native.socketFact(this.#handle, 2)),
    };
    return this.#facts;
  }

  #address(remote: boolean): AddressObject | undefined {
    if (this.closed) return undefined;
    const answer = native.socketAddress(this.#handle, remote);
    // Not connected, or reset by the peer: there is no address to tell.
    if (typeof answer === 'number') return undefined;
    return toObject(answer, systemNumbers().all);
  }

  #setOption(level: string, name: string, value: number): void {
    this.#check(native.setOption(this.#handle, systemNumber(level), systemNumber(name), value));
  }

  #setMode(address: Address, mode: number): void {
    integer('options.mode', mode, 0, 0o777);
    const object = typeof address === 'string' ? parseAddress(address) : address;
    if (!('path' in object) || object.path === '' || object.path.startsWith('\0')) return;
    try {
      chmodSync(object.path, mode);
    } catch (error) {
      const { errno = 0 } = error as NodeJS.ErrnoException;
      throw systemError('chmod', -errno, contextOf(address));
    }
  }

  #check(answer: number, context?: () => Context): number {
    if (answer >= 0) return answer;
    throw this.#failure(answer, context?.());
  }

  #failure(answer: number, context: Context = {}): Error {
    return answer === CLOSED_HANDLE ? closedError('socket') : fromAnswer(answer, { fd: this.#fd, ...context });
  }

  #transferFailure(answer: number, buffer: unknown, offset: number, length: number, flags: number): Error {
    if (answer !== BAD_ARGUMENT) return this.#failure(answer);
    if (this.closed) return closedError('socket');
    const size = viewOf('buffer', buffer).byteLength;
    integer('offset', offset, 0, size);
    integer('length', length, 0, size - offset);
    integer('flags', flags, INT32_MIN, INT32_MAX);
    return wrongType('buffer', 'a kind of view that Node-API knows', buffer);
  }
}
