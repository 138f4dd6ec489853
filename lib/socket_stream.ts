import { AsyncResource } from 'node:async_hooks';
import { constants } from 'node:os';
import type { DuplexOptions } from 'node:stream';
import { native } from './binding.ts';
import { LateDuplex } from './builtins.ts';
import { READABLE, WRITABLE } from './constants.ts';
import { DuplexInput } from './duplex_input.ts';
import { DuplexOutput, type Piece } from './duplex_output.ts';
import { closedError, systemError } from './errors.ts';
import { FdError } from './fd_error.ts';
import type { Watch, WatchedPoller } from './hidden_poller.ts';
import { IdleTimer } from './idle_timer.ts';
import type { Socket } from './socket.ts';
import { isDialled } from './socket_handle.ts';

type Callback = (error?: Error | null) => void;

const ROUNDS = 8; // of a full scratch that one event reads: others have their turn after half a megabyte

/** What the face of a stream asks of what is behind it. @internal */
export interface Inner {
  readonly socket: Socket;
  readonly watch: Watch;
  readonly output: DuplexOutput;
  readonly idle: IdleTimer;
}

/** @internal */
export let innerOf: (stream: SocketStream) => Inner;

/** A socket that reads and writes as a stream does: the part of `SocketDuplex` that moves bytes. */
export class SocketStream extends LateDuplex {
  readonly #socket: Socket;
  readonly #input: DuplexInput;
  readonly #output: DuplexOutput;
  readonly #watch: Watch;
  readonly #idle: IdleTimer = new IdleTimer(() => this.emit('timeout'));
  #connecting: boolean;
  /** Somebody wants more bytes. */
  #reading = false;
  /** `_read` was called since it was last set to false. */
  #asked = false;
  /** The descriptor was closed or given away by others. */
  #gone = false;
  #reset = false;
  /** What was asked for before the connection was there. */
  #held: (() => void) | undefined = undefined;
  /** Who waits for the rest of what was written. */
  #written: Callback | undefined = undefined;
  #bytesRead = 0;
  readonly #inner: Inner;

  static {
    innerOf = (stream) => stream.#inner;
  }

  /** @internal */
  constructor(socket: Socket, watched: WatchedPoller, passesFds: boolean, options: DuplexOptions) {
    super({ ...options, objectMode: false, decodeStrings: false });
    this.#socket = socket;
    this.#input = new DuplexInput(socket, passesFds);
    this.#output = new DuplexOutput(socket);
    this.#connecting = isDialled(socket) || socket.remoteAddress === undefined;
    // The poller was started by somebody else: listeners run in the context of whom the stream belongs to.
    const context = new AsyncResource('FDPOLL_DUPLEX');
    this.#watch = watched.watch(socket, this.#connecting ? WRITABLE : READABLE, {
      happened: (flags) => context.runInAsyncScope(this.#happened, this, flags),
      left: () => {
        this.#gone = true;
        this.destroy(closedError('socket'));
      },
    });
    this.#inner = { socket, watch: this.#watch, output: this.#output, idle: this.#idle };
    // As net.Socket does: an end or an error is noticed although nobody reads yet.
    this.read(0);
  }

  /** The connection is on its way: 'connect' or 'error' comes. */
  get connecting(): boolean {
    return this.#connecting;
  }

  /** Bytes received so far. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** What the kernel took; the rest is `writableLength`. */
  get bytesWritten(): number {
    return this.#output.bytesWritten;
  }

  /** Closes at once and drops what was not sent: the peer of a TCP connection gets ECONNRESET. */
  resetAndDestroy(): this {
    this.#reset = true;
    return this.destroy();
  }

  #happened(flags: number): void {
    if (this.#connecting) {
      this.#connected();
      return;
    }
    if (flags & READABLE) this.#receive();
    // A listener may have destroyed it meanwhile.
    if (flags & WRITABLE && this.#written !== undefined) this.#goOn(this.#written);
  }

  #connected(): void {
    const { fd } = this.#socket;
    const error = this.#socket.takeError();
    if (error !== undefined || this.#socket.remoteAddress === undefined) {
      this.destroy(error ?? systemError('connect', constants.errno.ENOTCONN, { fd }));
      return;
    }
    this.#connecting = false;
    this.#idle.touch();
    this.#want(this.#reading ? READABLE : 0);
    const held = this.#held;
    this.#held = undefined;
    this.#written = undefined;
    held?.();
    this.emit('connect');
    this.emit('ready');
  }

  /** What the poller is to tell. It refuses when it is closed, or the descriptor is, behind our back. */
  #want(interest: number): void {
    try {
      this.#watch.set(interest);
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  /** @internal */
  override _read(): void {
    this.#reading = true;
    this.#asked = true;
    if (!this.#connecting) this.#want(this.#watch.interest | READABLE);
  }

  #receive(): void {
    for (let round = 0; round < ROUNDS && this.#reading; round++) {
      const chunk = this.#receiveSome();
      if (chunk === undefined || this.destroyed) return;
      this.#idle.touch();
      if (chunk.length === 0) {
        this.#ended();
        return;
      }
      this.#bytesRead += chunk.length;
      try {
        if (this.#input.fds.length > 0) this.#pass(this.#input.fds);
      } finally {
        // Also when a listener threw: the bytes are here, and nobody else has them.
        this.#asked = false;
        if (!this.push(chunk)) this.#reading = this.#asked;
      }
      // There is no more, and the next event comes by itself.
      if (this.#input.drained || this.destroyed) return;
    }
    // Nobody takes more. Said to the kernel only now that more is there: most pauses are over before.
    if (!this.#reading) this.#want(this.#watch.interest & ~READABLE);
  }

  #receiveSome(): Buffer | undefined {
    try {
      return this.#input.receive();
    } catch (error) {
      this.destroy(error as Error);
      return undefined;
    }
  }

  #pass(fds: readonly number[]): void {
    if (this.listenerCount('fds') === 0) {
      native.closeDescriptors();
      return;
    }
    native.takeDescriptors();
    this.emit('fds', fds);
  }

  #ended(): void {
    this.#reading = false;
    this.#want(this.#watch.interest & ~READABLE);
    this.push(null);
    // Nobody may be reading: then this makes 'end' come.
    this.read(0);
  }

  /** @internal */
  override _write(chunk: Buffer | string, encoding: BufferEncoding, callback: Callback): void {
    if (this.#connecting) {
      this.#hold(callback, () => this._write(chunk, encoding, callback));
      return;
    }
    let done: boolean;
    this.#idle.touch();
    try {
      done = this.#output.send(chunk, encoding);
    } catch (error) {
      callback(error as Error);
      return;
    }
    this.#sent(done, callback);
  }

  /** @internal */
  override _writev(pieces: Piece[], callback: Callback): void {
    if (this.#connecting) {
      this.#hold(callback, () => this._writev(pieces, callback));
      return;
    }
    let done: boolean;
    this.#idle.touch();
    try {
      done = this.#output.sendAll(pieces);
    } catch (error) {
      callback(error as Error);
      return;
    }
    this.#sent(done, callback);
  }

  /** There is room again for what was left. */
  #goOn(callback: Callback): void {
    let done: boolean;
    this.#idle.touch();
    try {
      done = this.#output.flush();
    } catch (error) {
      this.#written = undefined;
      callback(error as Error);
      return;
    }
    this.#sent(done, callback);
  }

  #sent(done: boolean, callback: Callback): void {
    const { interest } = this.#watch;
    if (done) {
      this.#written = undefined;
      this.#want(interest & ~WRITABLE);
      callback();
    } else {
      this.#written = callback;
      this.#want(interest | WRITABLE);
    }
  }

  #hold(callback: Callback, act: () => void): void {
    this.#written = callback;
    this.#held = act;
  }

  /** @internal */
  override _final(callback: Callback): void {
    if (this.#connecting) {
      this.#hold(callback, () => this._final(callback));
      return;
    }
    try {
      this.#socket.shutdown('write');
    } catch (error) {
      // The peer is gone already; whoever reads is told how.
      if (!(error instanceof FdError && error.code === 'ENOTCONN')) {
        callback(error as Error);
        return;
      }
    }
    callback();
  }

  /** @internal */
  override _destroy(error: Error | null, callback: Callback): void {
    this.#watch.stop();
    this.#idle.stop();
    this.#output.discard();
    if (this.#reset) this.#socket.reset();
    else if (!this.#gone) this.#socket.close();
    const written = this.#written;
    this.#written = undefined;
    this.#held = undefined;
    callback(error);
    written?.(error ?? Object.assign(new Error('the stream was destroyed'), { code: 'ERR_STREAM_DESTROYED' }));
  }
}
