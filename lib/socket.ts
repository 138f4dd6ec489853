import { constants } from 'node:os';
import { type Address, type AddressObject, encodeAddress, toObject } from './address.ts';
import { native } from './binding.ts';
import { WRITABLE } from './constants.ts';
import { type Context, closedError, fromAnswer, orThrow, systemError } from './errors.ts';
import type { FdError } from './fd_error.ts';
import { letGo, watchOver } from './forgotten_sockets.ts';
import { BAD_ARGUMENT, CLOSED_HANDLE, WOULD_BLOCK } from './native.ts';
import { leavePollers } from './registry.ts';
import {
  type Family,
  familyName,
  familyNumber,
  protocolNumber,
  type SocketType,
  systemNumbers,
  typeName,
  typeNumber,
} from './socket_kinds.ts';
import {
  type ConnectOptions,
  contextOf,
  DEFAULT_BACKLOG,
  DIRECTIONS,
  type Facts,
  familyOf,
  type ListenOptions,
  listenPlan,
  type SocketOptions,
  setPathMode,
  Taken,
} from './socket_setup.ts';
import { type Bytes, INT32_MAX, integer, isPart, oneOf, optionsOf, timeoutOf, viewOf, wrongType } from './validate.ts';
import { waitFor } from './wait_for.ts';

const GONE = -1;
const REST = -1; // of a length: as far as the buffer goes

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
    watchOver(this, this.#handle);
  }

  /**
   * Takes ownership of a descriptor when it succeeds; share one with `fromFd(dup(fd))`.
   * @throws FdError EBADF when it is closed, ENOTSOCK when it is no socket.
   */
  static fromFd(fd: number): Socket {
    const handle = orThrow(native.adoptSocket(integer('fd', fd, 0, INT32_MAX)), { fd });
    const socket = new Socket(new Taken(handle));
    socket.#facts = socket.#ask();
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
    const plan = listenPlan(address, optionsOf(options));
    return Socket.#making(new Socket(plan.family, plan.type), (socket) => {
      for (const [level, name, value] of plan.options)
        socket.#check(native.setOption(socket.#handle, level, name, value));
      socket.bind(address);
      if (plan.mode !== undefined) setPathMode(address, plan.mode);
      if (plan.listens) socket.listen(plan.backlog);
    });
  }

  /**
   * Starts to connect: writable means that it is over, and `takeError` tells how it went. With a timeout it waits for
   * that and throws what went wrong.
   */
  static connect(address: Address, options?: ConnectOptions): Socket {
    const { type = 'stream', localAddress, timeout = 0 } = optionsOf(options) ?? {};
    timeoutOf(timeout);
    return Socket.#making(new Socket(familyOf(address), type), (socket) => {
      if (localAddress !== undefined) socket.bind(localAddress);
      if (!socket.connect(address) && timeout > 0) socket.#awaitConnection(address, timeout);
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
    this.#check(native.shutdown(this.#handle, oneOf('how', DIRECTIONS, how)));
  }

  /**
   * Receives into a part of `buffer`; offset and length in bytes. Returns how many, 0 at the end of the stream, -1 when
   * nothing is there yet.
   */
  recv(buffer: Bytes, offset: number = 0, length?: number, flags: number = 0): number {
    let answer = BAD_ARGUMENT;
    if (offset === 0 && length === undefined && flags === 0) answer = native.recv(this.#handle, buffer);
    else if (isPart(offset, length, flags)) answer = native.recv(this.#handle, buffer, offset, length ?? REST, flags);
    if (answer >= WOULD_BLOCK) return answer;
    throw this.#transferFailure(answer, buffer, offset, length, flags);
  }

  /**
   * Sends a part of `buffer`; offset and length in bytes. Returns how many were taken, -1 when there is no room yet.
   * Never raises SIGPIPE: a peer that is gone is EPIPE or ECONNRESET.
   */
  send(buffer: Bytes, offset: number = 0, length?: number, flags: number = 0): number {
    let answer = BAD_ARGUMENT;
    if (offset === 0 && length === undefined && flags === 0) answer = native.send(this.#handle, buffer);
    else if (isPart(offset, length, flags)) answer = native.send(this.#handle, buffer, offset, length ?? REST, flags);
    if (answer >= WOULD_BLOCK) return answer;
    throw this.#transferFailure(answer, buffer, offset, length, flags);
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
    return native.detachSocket(this.#release());
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

  #awaitConnection(address: Address, timeout: number): void {
    const over = waitFor(this.#fd, WRITABLE, timeout) !== 0;
    const errno = over ? this.#check(native.takeError(this.#handle)) : constants.errno.ETIMEDOUT;
    if (errno !== 0) throw systemError('connect', errno, { fd: this.#fd, ...contextOf(address) });
  }

  #release(): number {
    const handle = this.#handle;
    letGo(this);
    this.#handle = GONE;
    this.#fd = -1;
    return handle;
  }

  /** What the kernel says the socket is; also learns whether it listens. */
  #ask(): Facts {
    const answer = native.socketFacts(this.#handle);
    if (typeof answer === 'number') throw this.#failure(answer);
    const [family, type, protocol, listening] = answer;
    this.#listening ||= listening === 1;
    return { family, type, protocol };
  }

  #known(): Facts {
    this.#facts ??= this.#ask();
    return this.#facts;
  }

  #address(remote: boolean): AddressObject | undefined {
    if (this.closed) return undefined;
    const answer = native.socketAddress(this.#handle, remote);
    // Not connected, or reset by the peer: there is no address to tell.
    if (typeof answer === 'number') return undefined;
    return toObject(answer, systemNumbers().all);
  }

  #check(answer: number, context?: () => Context): number {
    if (answer >= 0) return answer;
    throw this.#failure(answer, context?.());
  }

  #failure(answer: number, context: Context = {}): Error {
    return answer === CLOSED_HANDLE ? closedError('socket') : fromAnswer(answer, { fd: this.#fd, ...context });
  }

  #transferFailure(answer: number, buffer: unknown, offset: number, length: unknown, flags: number): Error {
    if (answer !== BAD_ARGUMENT) return this.#failure(answer);
    if (this.closed) return closedError('socket');
    const size = viewOf('buffer', buffer).byteLength;
    integer('offset', offset, 0, size);
    if (length !== undefined) integer('length', length, 0, size - offset);
    integer('flags', flags, 0, INT32_MAX);
    return wrongType('buffer', 'a kind of view that Node-API knows', buffer);
  }
}
