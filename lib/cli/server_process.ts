import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { READABLE, Socket, waitFor } from '../index.ts';
import { killChild } from './children.ts';

/** What a server process says over its control socket, one JSON object a line. */
export interface Reply {
  /** Where it listens; 0 when it serves the socket that it inherited. */
  readonly port?: number;
  /** User and system time of the process so far, in µs: the answer to a byte from us. */
  readonly cpu?: number;
  readonly error?: string;
}

/** A starting process loads a runtime; one that serves answers between two messages. */
const ANSWER_MS = 10_000;

/**
 * An echo server in a process of its own, so that its CPU time is its own. It is spoken to over a socket that it
 * inherits as descriptor 3, and ends when that closes: nothing is left behind however this process ends.
 */
export class ServerProcess {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #control: Socket;
  readonly #buffer = Buffer.alloc(4096);

  /** With `adopted`, the process serves that socket (its descriptor 4, closed here) instead of a listener. */
  constructor(serverPath: string, subject: string, adopted?: Socket) {
    const [control, theirs] = Socket.pair();
    this.#control = control;
    const inherited = adopted ? [theirs, adopted] : [theirs];
    try {
      this.#child = spawn(process.execPath, [serverPath, subject, adopted ? 'adopt' : 'tcp'], {
        stdio: ['ignore', 'ignore', 'inherit', ...inherited.map((socket) => socket.fd)],
        // A Ctrl-C on the terminal is ours to handle; it must not end the servers under a measurement.
        detached: true,
      });
    } catch (error) {
      control.close();
      throw error;
    } finally {
      for (const socket of inherited) socket.close();
    }
    // A failed start shows as the end of the control socket; without a listener it would also end this process.
    this.#child.on('error', () => {});
    try {
      this.port = this.#receive().port ?? 0;
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  /** User and system time of the server so far, in µs. */
  cpu(): number {
    this.#control.send(Buffer.from('?'));
    const { cpu } = this.#receive();
    if (cpu === undefined) throw new Error('the server process did not say its CPU time');
    return cpu;
  }

  async close(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child;
    const running = pid !== undefined && exitCode === null && signalCode === null;
    const exited = running ? once(this.#child, 'exit') : undefined;
    this.#end();
    await exited;
  }

  #end(): void {
    this.#control.close();
    killChild(this.#child);
  }

  #receive(): Reply {
    let text = '';
    while (!text.endsWith('\n')) {
      if (waitFor(this.#control, READABLE, ANSWER_MS) === 0) {
        throw new Error(`the server process did not answer within ${ANSWER_MS / 1000} s`);
      }
      const bytes = this.#control.recv(this.#buffer);
      if (bytes === 0) throw new Error('the server process has ended');
      if (bytes > 0) text += this.#buffer.toString('utf8', 0, bytes);
    }
    const reply = JSON.parse(text) as Reply;
    if (reply.error !== undefined) throw new Error(`the server process failed: ${reply.error}`);
    return reply;
  }
}
