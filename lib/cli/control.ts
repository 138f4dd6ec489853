import { READABLE, Socket, waitFor } from '../index.ts';

/** The descriptor that a program inherits to be spoken to over; its end is the program's. */
export const CONTROL_FD = 3;

const ROOM = 65_536;

/** A program's end of its control socket: requests come in and replies go out, one JSON object a line. */
export class Control {
  readonly socket: Socket;
  readonly #buffer = Buffer.alloc(ROOM);
  #text = '';

  constructor(socket: Socket = Socket.fromFd(CONTROL_FD)) {
    this.socket = socket;
  }

  /** Waits for a request. Undefined: there will be none, since the process that measures is gone. */
  next<T>(): T | undefined {
    for (;;) {
      const end = this.#text.indexOf('\n');
      if (end >= 0) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 1);
        return JSON.parse(line) as T;
      }
      waitFor(this.socket, READABLE);
      if (!this.#receive()) return undefined;
    }
  }

  /** Takes what has arrived, whatever it says. False at the end. */
  skip(): boolean {
    const open = this.#receive();
    this.#text = '';
    return open;
  }

  /** Nobody to tell it to is no error: the socket has ended then, and whoever reads it will notice. */
  tell(reply: object): void {
    try {
      this.socket.send(Buffer.from(`${JSON.stringify(reply)}\n`));
    } catch {}
  }

  #receive(): boolean {
    try {
      const bytes = this.socket.recv(this.#buffer);
      if (bytes > 0) this.#text += this.#buffer.toString('utf8', 0, bytes);
      return bytes !== 0;
    } catch {
      // It went without reading our last reply.
      return false;
    }
  }
}
