import { type AddressObject, toObject } from './address.ts';
import { native } from './binding.ts';
import { type Context, closedError, fromAnswer } from './errors.ts';
import { letGo, watchOver } from './forgotten_sockets.ts';
import { CLOSED_HANDLE } from './native.ts';
import { leavePollers } from './registry.ts';
import { type Family, familyName, type SocketType, systemNumbers, typeName } from './socket_kinds.ts';
import type { Facts, Taken } from './socket_setup.ts';
import { timeoutOf } from './validate.ts';

const GONE = -1;

/** What few sockets have. Apart from the rest, so that an idle connection is four fields. */
interface Rare {
  timeout: number;
  listening: boolean;
  dialled: boolean;
  remote: AddressObject | undefined;
}

/** The addon's handle of a socket; throws a TypeError for what is none. @internal */
export let handleOf: (socket: SocketHandle) => number;
/** `connect` was called on it. @internal */
export let markDialled: (socket: SocketHandle) => void;
/** It was connected by us, or is about to be, and not accepted. @internal */
export let isDialled: (socket: SocketHandle) => boolean;
/** Its peer is another one from here on. @internal */
export let forgetRemote: (socket: SocketHandle) => void;
/** Makes the descriptor the caller's again, as if it had never been adopted. @internal */
export function disown(socket: SocketHandle): void {
  native.detachSocket(release(socket));
}

/** What the kernel says it is, asked once. @internal */
export let factsOf: (socket: SocketHandle) => Facts;

let release: (socket: SocketHandle) => number;
let rareOf: (socket: SocketHandle) => Rare;

/** It accepts connections from here on. @internal */
export function markListening(socket: SocketHandle): void {
  rareOf(socket).listening = true;
}

function ask(socket: SocketHandle): Facts {
  const answer = native.socketFacts(handleOf(socket));
  if (typeof answer === 'number') throw failureOf(socket, answer);
  const [family, type, protocol, listening] = answer;
  if (listening === 1) markListening(socket);
  return {
    family,
    type,
    protocol: family === systemNumbers().all.AF_PACKET ? etherTypeOf(socket, protocol) : protocol,
  };
}

/** The kernel tells the protocol of a packet socket in its address alone, and `bind` may change it. */
function etherTypeOf(socket: SocketHandle, otherwise: number): number {
  const address = addressOf(socket, false);
  return address?.family === 'packet' ? address.protocol : otherwise;
}

function addressOf(socket: SocketHandle, remote: boolean): AddressObject | undefined {
  if (socket.closed) return undefined;
  const answer = native.socketAddress(handleOf(socket), remote);
  // Not connected, or reset by the peer: there is no address to tell.
  if (typeof answer === 'number') return undefined;
  return toObject(answer, systemNumbers().all);
}

/** Where it has to be known: throws when the kernel does not tell. @internal */
export function boundAddressOf(socket: SocketHandle): AddressObject {
  const answer = native.socketAddress(handleOf(socket), false);
  if (typeof answer === 'number') throw failureOf(socket, answer);
  return toObject(answer, systemNumbers().all);
}

/** The error of a negative answer of the addon. @internal */
export function failureOf(socket: SocketHandle, answer: number, context: Context = {}): Error {
  return answer === CLOSED_HANDLE ? closedError('socket') : fromAnswer(answer, { fd: socket.fd, ...context });
}

/** Gives a result through and throws what is none. @internal */
export function checked(socket: SocketHandle, answer: number, context?: () => Context): number {
  if (answer >= 0) return answer;
  throw failureOf(socket, answer, context?.());
}

/** Who a socket is, and who owns its descriptor: the part of `Socket` that makes no transfer. */
export class SocketHandle implements Disposable {
  #handle: number;
  #fd: number;
  #facts: Facts | undefined;
  #rare: Rare | undefined;

  // Functions and no private methods: each class that has one of those costs every socket a field.
  static {
    handleOf = (socket) => socket.#handle;
    release = (socket) => {
      const handle = socket.#handle;
      letGo(socket);
      socket.#handle = GONE;
      socket.#fd = -1;
      return handle;
    };
    rareOf = (socket) => {
      socket.#rare ??= { timeout: 0, listening: false, dialled: false, remote: undefined };
      return socket.#rare;
    };
    markDialled = (socket) => {
      rareOf(socket).dialled = true;
    };
    isDialled = (socket) => socket.#rare?.dialled === true;
    forgetRemote = (socket) => {
      if (socket.#rare !== undefined) socket.#rare.remote = undefined;
    };
    factsOf = (socket) => {
      socket.#facts ??= ask(socket);
      return socket.#facts;
    };
  }

  /** @internal */
  constructor(taken: Taken) {
    this.#handle = taken.handle;
    this.#fd = native.socketFd(taken.handle);
    this.#facts = taken.facts;
    this.#rare = undefined;
    watchOver(this, taken.handle);
  }

  /** The descriptor; -1 once closed or detached. */
  get fd(): number {
    return this.#fd;
  }

  /** `close` was called, or the descriptor was given away. */
  get closed(): boolean {
    return this.#handle === GONE;
  }

  /** The family: a name, or this system's number. */
  get family(): Family {
    return familyName(factsOf(this).family);
  }

  /** The type: a name, or this system's number. */
  get type(): SocketType {
    return typeName(factsOf(this).type);
  }

  /** This system's number, 0 for the family's own; of a packet socket the EtherType, in host order. */
  get protocol(): number {
    const { protocol, family } = factsOf(this);
    return family === systemNumbers().all.AF_PACKET ? etherTypeOf(this, protocol) : protocol;
  }

  /** It accepts connections. */
  get listening(): boolean {
    return this.#rare?.listening === true && !this.closed;
  }

  /** Undefined once closed. */
  get localAddress(): AddressObject | undefined {
    return addressOf(this, false);
  }

  /** Undefined when not connected. Remembered once it was read, also when the peer is gone or this is closed. */
  get remoteAddress(): AddressObject | undefined {
    const known = this.#rare?.remote ?? addressOf(this, true);
    if (known !== undefined) rareOf(this).remote = known;
    return known;
  }

  /**
   * How long `accept`, `connect` and whatever sends or receives wait, in milliseconds; then they give the usual -1,
   * `undefined` or `false`. 0, the default: not at all; Infinity: for ever. The descriptor stays non-blocking.
   */
  get timeout(): number {
    return this.#rare?.timeout ?? 0;
  }
  set timeout(ms: number) {
    const timeout = Math.max(0, timeoutOf(ms));
    if (timeout !== this.timeout) rareOf(this).timeout = timeout;
  }

  /** Gives the descriptor away, open; it leaves every poller of this thread first. */
  detach(): number {
    if (this.closed) throw closedError('socket');
    leavePollers(this.#fd);
    return native.detachSocket(release(this));
  }

  /** Leaves every poller of this thread and closes the descriptor. Twice is fine. */
  close(): void {
    if (this.closed) return;
    leavePollers(this.#fd);
    // What close(2) says about earlier writes is of no use: the descriptor is gone whatever it says.
    native.closeSocket(release(this));
  }

  /** The same as `close`, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }
}
