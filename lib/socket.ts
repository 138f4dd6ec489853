import { constants } from 'node:os';
import { type Address, encodeAddress } from './address.ts';
import { native } from './binding.ts';
import { READABLE, WRITABLE } from './constants.ts';
import { fromAnswer, orThrow, systemError } from './errors.ts';
import { WOULD_BLOCK } from './native.ts';
import { patiently } from './patience.ts';
import {
  boundAddressOf,
  checked,
  disown,
  factsOf,
  failureOf,
  forgetRemote,
  handleOf,
  markDialled,
  markListening,
} from './socket_handle.ts';
import {
  type Family,
  familyNumber,
  protocolNumber,
  type SocketType,
  systemNumber,
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
  listenAddresses,
  listenPlan,
  namedOptions,
  type SocketOptions,
  Taken,
} from './socket_setup.ts';
import { TransferSocket } from './socket_transfers.ts';
import { INT32_MAX, integer, oneOf, optionsOf, timeoutOf } from './validate.ts';
import { waitFor } from './wait_for.ts';

/**
 * An owned descriptor with socket calls. Never blocks unless it is given a `timeout`: would-block is a value (`-1`,
 * `undefined`, `false`), 0 from `recv` is the end of a stream (or an empty datagram; on seqpacket it may be either),
 * and real errors throw.
 */
export class Socket extends TransferSocket {
  /** @throws FdError as socket(2). */
  constructor(family: Family, type: SocketType, options?: SocketOptions);
  /** @internal */
  constructor(taken: Taken);
  constructor(family: Family | Taken, type?: SocketType, options?: SocketOptions) {
    super(family instanceof Taken ? family : opened(family, type, optionsOf(options)));
  }

  /**
   * Takes ownership of a descriptor when it succeeds; share one with `fromFd(dup(fd))`.
   * @throws FdError EBADF when it is closed, ENOTSOCK when it is no socket.
   */
  static fromFd(fd: number): Socket {
    const handle = orThrow(native.adoptSocket(integer('fd', fd, 0, INT32_MAX)), { fd });
    const socket = new Socket(new Taken(handle));
    try {
      factsOf(socket);
      return socket;
    } catch (error) {
      // Forgotten it would close the number one day, whosever it is then.
      disown(socket);
      throw error;
    }
  }

  /** Two unix sockets that are connected to each other. */
  static pair(type: SocketType = 'stream'): [Socket, Socket] {
    const handles = native.openSocketPair(typeNumber(type));
    if (typeof handles === 'number') throw fromAnswer(handles);
    return [new Socket(new Taken(handles[0])), new Socket(new Taken(handles[1]))];
  }

  /**
   * Binds and, where the type does so, listens. On failure the error names the call that failed, and no descriptor is
   * left.
   */
  static listen(address: Address, options?: ListenOptions): Socket {
    const plan = listenPlan(address, optionsOf(options));
    return Socket.#making(new Socket(plan.family, plan.type, { protocol: plan.protocol }), (socket) => {
      for (const [level, name, value] of plan.options) socket.setOption(level, name, value);
      for (const [name, value] of plan.named) socket.setOption(name, value);
      if (plan.mode === undefined) socket.bind(address);
      else bindWithMode(socket, address, plan.mode);
      if (plan.listens) socket.listen(plan.backlog);
    });
  }

  /**
   * Listens on several addresses, as those that `node:dns` finds for a host: all of them or, on failure, none. Port 0
   * means one free port, the same for all. An inet6 socket beside inet ones is `ipv6Only` unless told otherwise.
   */
  static listenAll(addresses: readonly Address[], options?: ListenOptions): Socket[] {
    const sockets: Socket[] = [];
    const first = () => (sockets[0] === undefined ? undefined : boundAddressOf(sockets[0]));
    try {
      for (const [address, its] of listenAddresses(addresses, optionsOf(options), first))
        sockets.push(Socket.listen(address, its));
      return sockets;
    } catch (error) {
      for (const socket of sockets) socket.close();
      throw error;
    }
  }

  /**
   * Starts to connect: writable means that it is over, and `takeError` tells how it went. With a timeout it waits for
   * that and throws what went wrong.
   */
  static connect(address: Address, options?: ConnectOptions): Socket {
    const { type = 'stream', protocol, localAddress, timeout = 0, options: named } = optionsOf(options);
    timeoutOf(timeout);
    return Socket.#making(new Socket(familyOf(address), type, { protocol }), (socket) => {
      for (const [name, value] of namedOptions(named)) socket.setOption(name, value);
      if (localAddress !== undefined) socket.bind(localAddress);
      if (!socket.connect(address) && timeout > 0 && !connected(socket, address, timeout))
        throw systemError('connect', constants.errno.ETIMEDOUT, { fd: socket.fd, ...contextOf(address) });
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

  /** Gives the socket an address of its own (bind(2)). */
  bind(address: Address): void {
    checked(this, native.bind(handleOf(this), encodeAddress(address)), () => contextOf(address));
  }

  /** Accepts connections from now on (listen(2)). Default 4096 may wait; the system clamps it. */
  listen(backlog: number = DEFAULT_BACKLOG): void {
    checked(this, native.listen(handleOf(this), integer('backlog', backlog, 0, INT32_MAX)));
    markListening(this);
  }

  /**
   * The next connection; undefined when nobody waits. Peers that are gone by now are skipped.
   * @throws FdError EMFILE, ENFILE, ENOBUFS or ENOMEM with the queue as it was: stop watching the listener for a while,
   * or it stays readable and the loop spins.
   */
  accept(): Socket | undefined {
    const socket = acceptOnce(this);
    if (socket !== undefined || this.timeout === 0) return socket;
    return patiently(this, READABLE, undefined, () => acceptOnce(this));
  }

  /**
   * The connections that wait now, at most `limit` of them: a budget, so that one busy listener starves nobody. Does
   * not wait. Throws as `accept`, but only when there is none to give.
   */
  acceptAll(limit: number = Number.POSITIVE_INFINITY): Socket[] {
    const most = limit === Number.POSITIVE_INFINITY ? limit : integer('limit', limit, 1, INT32_MAX);
    const sockets: Socket[] = [];
    try {
      while (sockets.length < most) {
        const socket = acceptOnce(this);
        if (socket === undefined) break;
        sockets.push(socket);
      }
    } catch (error) {
      if (sockets.length === 0) throw error;
    }
    return sockets;
  }

  /**
   * True when connected, false when it is in progress: writable means that it is over, `takeError` tells how it went.
   * With a `timeout` it waits for that; false then means that the time is over and the attempt goes on.
   * @throws FdError as connect(2); EAGAIN when a unix listener's backlog is full, since no event would follow.
   */
  connect(address: Address): boolean {
    forgetRemote(this);
    const done = checked(this, native.connect(handleOf(this), encodeAddress(address)), () => contextOf(address)) === 1;
    markDialled(this);
    return done || (this.timeout > 0 && connected(this, address, this.timeout));
  }

  /**
   * Datagram sockets: forgets the peer of `connect`, so that all may send again (connect(2), AF_UNSPEC). Linux takes back
   * a port that it had chosen itself.
   */
  disconnect(): void {
    forgetRemote(this);
    checked(this, native.disconnect(handleOf(this)));
  }

  /** Ends a direction: after 'write' the peer reads the end, what it sends still comes. */
  shutdown(how: 'read' | 'write' | 'both'): void {
    checked(this, native.shutdown(handleOf(this), oneOf('how', DIRECTIONS, how)));
  }

  /** Closes at once and drops what was not sent; the peer of a TCP connection gets ECONNRESET. Twice is fine. */
  reset(): void {
    if (this.closed) return;
    // Where it is no option of the type, closing is all there is.
    native.abortive(handleOf(this));
    this.close();
  }
}

/** Also sets the permissions of the path that comes to be. */
function bindWithMode(socket: Socket, address: Address, mode: number): void {
  checked(socket, native.bind(handleOf(socket), encodeAddress(address), mode), () => contextOf(address));
}

function acceptOnce(socket: Socket): Socket | undefined {
  // First, since asking may fail, and would lose the connection then.
  const facts = factsOfAccepted(socket);
  const answer = native.accept(handleOf(socket));
  if (answer >= 0) return new Socket(new Taken(answer, facts));
  if (answer === WOULD_BLOCK) return undefined;
  throw failureOf(socket, answer);
}

/** Those of the listener, which saves asking; but a peer that speaks no MPTCP makes a socket of plain TCP. */
function factsOfAccepted(listener: Socket): Facts | undefined {
  const facts = factsOf(listener);
  return facts.protocol === systemNumber('IPPROTO_MPTCP') ? undefined : facts;
}

/** Waits for the end of a connection attempt; throws how it failed. */
function connected(socket: Socket, address: Address, timeout: number): boolean {
  if (waitFor(socket.fd, WRITABLE, timeout) === 0) return false;
  const errno = checked(socket, native.takeError(handleOf(socket)));
  if (errno !== 0) throw systemError('connect', errno, { fd: socket.fd, ...contextOf(address) });
  return true;
}

function opened(family: Family, type: SocketType | undefined, options: SocketOptions): Taken {
  const [domain, kind] = [familyNumber(family), typeNumber(type)];
  return new Taken(orThrow(native.openSocket(domain, kind, protocolNumber(options.protocol, domain))));
}
