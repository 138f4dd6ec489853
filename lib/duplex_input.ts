import type { Socket } from './socket.ts';

/** Where bytes rest between the kernel and the streams of this thread: never longer than one call. @internal */
export const scratch: Buffer = Buffer.alloc(65536);

const POOL = 16384;
const SMALL = 4096;

// What small chunks are parts of. Whoever keeps one keeps as much.
let pool: Buffer = Buffer.alloc(0);
let used = 0;

/**
 * The receiving half of a stream. Small chunks are received into a pool and cut off, large ones are copied in their
 * size: neither allocates more than it gives.
 * @internal
 */
export class DuplexInput {
  readonly #socket: Socket;
  readonly #passesFds: boolean;
  /** The last chunk was large: so will be the next. */
  #large = false;
  /** The last call had room for more than it gave: there is no more. */
  drained = true;
  /** The descriptors that came with the last chunk. */
  fds: readonly number[] = [];

  constructor(socket: Socket, passesFds: boolean) {
    this.#socket = socket;
    this.#passesFds = passesFds;
  }

  /** @returns what has come, empty at the end; undefined when nothing has. @throws FdError as `Socket.recv`. */
  receive(): Buffer | undefined {
    if (this.#passesFds) return this.#receiveMessage();
    return this.#large ? this.#receiveLarge() : this.#receiveSmall();
  }

  #receiveMessage(): Buffer | undefined {
    const message = this.#socket.recvMessage(scratch);
    if (message === undefined) return undefined;
    this.fds = message.fds;
    return this.#copied(message.bytes);
  }

  #receiveSmall(): Buffer | undefined {
    if (pool.length - used < SMALL) [pool, used] = [Buffer.alloc(POOL), 0];
    const room = pool.length - used;
    const begin = used;
    const n = this.#socket.recv(pool, begin, room);
    if (n < 0) return undefined;
    used += n;
    this.drained = n < room;
    this.#large = n >= SMALL;
    return pool.subarray(begin, used);
  }

  #receiveLarge(): Buffer | undefined {
    const n = this.#socket.recv(scratch);
    if (n < 0) return undefined;
    this.#large = n >= SMALL;
    return this.#copied(n);
  }

  #copied(n: number): Buffer {
    this.drained = n < scratch.length;
    const chunk = Buffer.allocUnsafe(n);
    scratch.copy(chunk, 0, 0, n);
    return chunk;
  }
}
