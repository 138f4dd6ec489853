import { scratch } from './duplex_input.ts';
import { closeKept } from './kept_descriptors.ts';
import type { Socket } from './socket.ts';

/** What one `write` brought. */
export interface Piece {
  readonly chunk: Buffer | string;
  readonly encoding: BufferEncoding;
}

const MOST_BYTES_A_CHARACTER = 3; // of a UTF-16 code unit, in UTF-8
const MOST_BUFFERS = 64; // in one sendmsg(2): what is beyond waits for the next

function most({ chunk }: Piece): number {
  return typeof chunk === 'string' ? chunk.length * MOST_BYTES_A_CHARACTER : chunk.length;
}

function asBuffer({ chunk, encoding }: Piece): Buffer {
  return typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
}

/**
 * The sending half of a stream: takes what was written, sends what the socket takes, keeps the rest. Small pieces are
 * put together in one call without being allocated; large ones are gathered where they are.
 * @internal
 */
export class DuplexOutput {
  readonly #socket: Socket;
  /** Duplicates of descriptors, each going with the first byte of a chunk. */
  readonly #fds: Map<Buffer, readonly number[]> = new Map();
  #rest: Buffer[] = [];
  bytesWritten = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** These descriptors, which are kept for us, go with the first byte of this chunk, which was not sent before. */
  attach(chunk: Buffer, fds: readonly number[]): void {
    this.#fds.set(chunk, fds);
  }

  /** @returns true when everything went; else `flush` goes on. @throws FdError as `Socket.send`. */
  send(chunk: Buffer | string, encoding: BufferEncoding): boolean {
    if (typeof chunk === 'string') {
      if (chunk.length * MOST_BYTES_A_CHARACTER <= scratch.length)
        return this.#sendScratch(scratch.write(chunk, encoding));
      this.#rest = [Buffer.from(chunk, encoding)];
      return this.flush();
    }
    if (this.#fds.size === 0) {
      const sent = this.#socket.send(chunk);
      if (sent > 0) this.bytesWritten += sent;
      if (sent === chunk.length) return true;
      this.#rest = [sent > 0 ? chunk.subarray(sent) : chunk];
      return false;
    }
    this.#rest = [chunk];
    return this.flush();
  }

  sendAll(pieces: readonly Piece[]): boolean {
    let size = 0;
    for (const piece of pieces) size += most(piece);
    if (size > scratch.length || this.#fds.size > 0) {
      this.#rest = pieces.map(asBuffer);
      return this.flush();
    }
    let length = 0;
    for (const { chunk, encoding } of pieces) {
      if (typeof chunk === 'string') length += scratch.write(chunk, length, encoding);
      else if (chunk.length > 0) {
        // set() throws for memory that was transferred away since, which is nothing to send, as for Socket.send.
        scratch.set(chunk, length);
        length += chunk.length;
      }
    }
    return this.#sendScratch(length);
  }

  /** Goes on with what was left. @returns true when nothing is. */
  flush(): boolean {
    while (this.#rest.length > 0) {
      const sent = this.#sendSome();
      if (sent < 0) return false;
      this.bytesWritten += sent;
      this.#advance(sent);
    }
    return true;
  }

  /** Forgets what was not sent, and closes the descriptors that were to go with it. */
  discard(): void {
    this.#rest = [];
    for (const chunk of [...this.#fds.keys()]) this.#release(chunk);
  }

  #sendScratch(length: number): boolean {
    if (length === 0) return true;
    const sent = Math.max(0, this.#socket.send(scratch, 0, length));
    this.bytesWritten += sent;
    if (sent === length) return true;
    this.#rest = [Buffer.from(scratch.subarray(sent, length))];
    return false;
  }

  #sendSome(): number {
    const first = this.#rest[0] as Buffer;
    const fds = this.#fds.get(first);
    const buffers = this.#together();
    if (fds === undefined && buffers.length === 1) return this.#socket.send(first);
    const sent = this.#socket.sendMessage(buffers, fds === undefined ? undefined : { fds });
    if (fds !== undefined && sent > 0) this.#release(first);
    return sent;
  }

  /** What one call may send: not past the next descriptors, which go with the first byte of theirs. */
  #together(): Buffer[] {
    const most = Math.min(this.#rest.length, MOST_BUFFERS);
    let count = 1;
    while (count < most && !this.#fds.has(this.#rest[count] as Buffer)) count++;
    return this.#rest.slice(0, count);
  }

  #advance(sent: number): void {
    let [left, whole] = [sent, 0];
    for (const { length } of this.#rest) {
      if (left < length) break;
      left -= length;
      whole++;
    }
    this.#rest.splice(0, whole);
    if (left > 0) this.#rest[0] = (this.#rest[0] as Buffer).subarray(left);
  }

  #release(chunk: Buffer): void {
    const fds = this.#fds.get(chunk) ?? [];
    this.#fds.delete(chunk);
    closeKept(fds);
  }
}
