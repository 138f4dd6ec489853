import { constants } from 'node:os';
import type { DuplexOptions } from 'node:stream';
import type { AddressObject } from './address.ts';
import { systemError } from './errors.ts';
import type { WatchedPoller } from './hidden_poller.ts';
import { keepDuplicates } from './kept_descriptors.ts';
import type { Socket } from './socket.ts';
import { systemNumber, systemNumbers } from './socket_kinds.ts';
import { innerOf, SocketStream } from './socket_stream.ts';
import { booleanOf, outOfRange, wrongType, wrongValue } from './validate.ts';

const MOST_FDS = 253; // in one message: SCM_MAX_FD of Linux

/** An address as node:net tells it. */
export interface NetAddress {
  /** The host. */
  address: string;
  /** The version of IP. */
  family: 'IPv4' | 'IPv6';
  /** The port. */
  port: number;
}

function netAddress(address: AddressObject | undefined): NetAddress | undefined {
  if (address === undefined || !('host' in address)) return undefined;
  return { address: address.host, family: address.family === 'inet' ? 'IPv4' : 'IPv6', port: address.port };
}

function milliseconds(ms: unknown): number {
  if (typeof ms !== 'number') throw wrongType('ms', 'a number of milliseconds', ms);
  if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY)) throw outOfRange('ms', 'a number of milliseconds >= 0', ms);
  return ms;
}

/**
 * A socket as a `stream.Duplex`, with what `node:http`, `node:tls` and others look for on a `net.Socket`. Beside the
 * events of a Duplex: 'connect' and 'ready' when a connection was made, 'timeout', and 'fds', an array of descriptors,
 * before the bytes that they came with.
 */
export class SocketDuplex extends SocketStream {
  readonly #passesFds: boolean;
  #local: NetAddress | undefined = undefined;
  #noDelay = false;
  /** What `setTimeout` was given. */
  timeout: number | undefined = undefined;

  /** @internal */
  constructor(socket: Socket, watched: WatchedPoller, passesFds: boolean, options: DuplexOptions) {
    super(socket, watched, passesFds, options);
    this.#passesFds = passesFds;
  }

  /** The host of the peer; undefined where it has none, and before there is a connection. */
  get remoteAddress(): string | undefined {
    return this.#remote()?.address;
  }
  /** The port of the peer. */
  get remotePort(): number | undefined {
    return this.#remote()?.port;
  }
  /** `IPv4` or `IPv6`, of the peer. */
  get remoteFamily(): string | undefined {
    return this.#remote()?.family;
  }
  /** The host at this end; undefined where it has none. */
  get localAddress(): string | undefined {
    return this.#bound()?.address;
  }
  /** The port at this end. */
  get localPort(): number | undefined {
    return this.#bound()?.port;
  }
  /** `IPv4` or `IPv6`, at this end. */
  get localFamily(): string | undefined {
    return this.#bound()?.family;
  }

  /** The local address; empty for what has none. */
  address(): NetAddress | Record<string, never> {
    return this.#bound() ?? {};
  }

  /** Not connected yet, or no more. */
  get pending(): boolean {
    return this.connecting || this.destroyed;
  }

  /** As that of net.Socket. */
  get readyState(): 'opening' | 'open' | 'readOnly' | 'writeOnly' | 'closed' {
    if (this.connecting && !this.destroyed) return 'opening';
    if (this.readable) return this.writable ? 'open' : 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  }

  /** Emits 'timeout' after so many milliseconds without activity, and does no more than that. 0: never. */
  setTimeout(ms: number, callback?: () => void): this {
    const limit = milliseconds(ms);
    if (callback !== undefined && typeof callback !== 'function') throw wrongType('callback', 'a function', callback);
    this.timeout = limit;
    if (!this.destroyed) innerOf(this).idle.set(limit);
    if (callback !== undefined) {
      if (limit === 0) this.removeListener('timeout', callback);
      else this.once('timeout', callback);
    }
    return this;
  }

  /** TCP_NODELAY; nothing for other sockets. */
  setNoDelay(on: boolean = true): this {
    booleanOf('on', on);
    if (on === this.#noDelay || !this.#isInet()) return this;
    innerOf(this).socket.setOption(systemNumber('IPPROTO_TCP'), systemNumber('TCP_NODELAY'), on ? 1 : 0);
    this.#noDelay = on;
    return this;
  }

  /** SO_KEEPALIVE, the first probe after `delay` milliseconds (whole seconds; 0: the system's own). TCP only. */
  setKeepAlive(on: boolean = false, delay: number = 0): this {
    booleanOf('on', on);
    const seconds = Math.floor(milliseconds(delay) / 1000);
    if (!this.#isInet()) return this;
    const { socket } = innerOf(this);
    socket.setOption(systemNumber('SOL_SOCKET'), systemNumber('SO_KEEPALIVE'), on ? 1 : 0);
    const { TCP_KEEPIDLE, TCP_KEEPALIVE } = systemNumbers().all;
    const idle = TCP_KEEPIDLE ?? TCP_KEEPALIVE; // macOS has but the second
    if (on && seconds > 0 && idle !== undefined) socket.setOption(systemNumber('IPPROTO_TCP'), idle, seconds);
    return this;
  }

  /** It keeps the process alive while it waits for something: the default. */
  ref(): this {
    innerOf(this).watch.keep(true);
    return this;
  }

  /** It does not. */
  unref(): this {
    innerOf(this).watch.keep(false);
    return this;
  }

  /** Ends, and destroys once everything is written. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', this.destroy);
  }

  /**
   * Writes bytes with descriptors, which go with the first of them. They are duplicated now: yours stay yours.
   * @returns as `write`.
   * @throws FdError EINVAL for descriptors without a byte, which the kernel would drop, and for more than 253 of them;
   * as `dup`.
   */
  writeWithFds(bytes: Uint8Array, fds: readonly number[]): boolean {
    if (!this.#passesFds) throw wrongValue('this', 'a stream that was made with { fds: true }', 'another');
    if (!(bytes instanceof Uint8Array)) throw wrongType('bytes', 'a Uint8Array', bytes);
    if (!Array.isArray(fds)) throw wrongType('fds', 'an array', fds);
    if (fds.length === 0 || this.destroyed || this.writableEnded) return this.write(bytes);
    const { socket, output } = innerOf(this);
    if (bytes.byteLength === 0 || fds.length > MOST_FDS)
      throw systemError('sendmsg', constants.errno.EINVAL, { fd: socket.fd });
    // A view of its own: the same bytes may be written again, with others.
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    output.attach(chunk, keepDuplicates(fds));
    return this.write(chunk);
  }

  #isInet(): boolean {
    const { socket } = innerOf(this);
    return !socket.closed && (socket.family === 'inet' || socket.family === 'inet6');
  }

  #remote(): NetAddress | undefined {
    return netAddress(innerOf(this).socket.remoteAddress);
  }

  #bound(): NetAddress | undefined {
    this.#local ??= netAddress(innerOf(this).socket.localAddress);
    return this.#local;
  }
}
