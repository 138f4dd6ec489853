import { native } from './binding.ts';
import { receiveMessage, receiveOptions } from './message.ts';
import type { Message } from './message_frame.ts';
import type { Socket } from './socket.ts';
import { systemNumber } from './socket_kinds.ts';

/** Where bytes rest between the kernel and the streams of this thread: never longer than one call. @internal */
export const scratch: Buffer = Buffer.alloc(65536);

const usual = receiveOptions(undefined);
type Received = NonNullable<Message['control']>[number];

const SCM_PIDFD = 4;
const INT32_BYTES = 4;
const POOL = 16384;
const SMALL = 4096;

// What small chunks are parts of. Whoever keeps one keeps as much.
let pool: Buffer = Buffer.alloc(0);
let used = 0;

/** With SO_PASSPIDFD (Linux) every message brings a descriptor of its sender, which a stream has nobody to give to. */
function closeForgotten({ level, type, data }: Received): void {
  if (process.platform !== 'linux' || type !== SCM_PIDFD || level !== systemNumber('SOL_SOCKET')) return;
  if (data.length === INT32_BYTES) native.close(new Int32Array(data.buffer)[0] as number);
}

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
  /** The descriptors that came with the last chunk. The addon's, until somebody takes them: see message.ts. */
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
    const message = receiveMessage(this.#socket, scratch, usual, false);
    if (message === undefined) return undefined;
    this.fds = message.fds;
    for (const item of message.control ?? []) closeForgotten(item);
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
