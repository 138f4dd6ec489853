import { type BackendName, FdError, Poller, READABLE, Socket } from '../../index.ts';
import { formatCount } from '../format.ts';

/** Left free when the process runs out of descriptors: pollers and the runtime need some. */
const SPARE_PAIRS = 16;
/** Of `add`, and of the constructor. */
const TOO_HIGH: readonly string[] = ['ERANGE', 'ERR_FDPOLL_BACKEND_UNAVAILABLE'];

/**
 * Socket pairs rather than pipes: they are what libevent's experiment measures, and `Socket` has the calls to read and
 * write them. They are opened in order and shared by all backends: the n lowest descriptors serve every measurement of
 * n, and select comes as far as it can.
 */
export class Pairs {
  readonly readers: Socket[] = [];
  readonly writers: Socket[] = [];

  get count(): number {
    return this.readers.length;
  }

  /** Says which limit is in the way when there cannot be as many, and what helps. */
  grow(count: number): string | undefined {
    try {
      while (this.count < count) {
        const [reader, writer] = Socket.pair();
        this.readers.push(reader);
        this.writers.push(writer);
      }
      return undefined;
    } catch (error) {
      if (!(error instanceof FdError) || (error.code !== 'EMFILE' && error.code !== 'ENFILE')) throw error;
      this.#shrink(Math.max(0, this.count - SPARE_PAIRS));
      return shortageOf(error.code, 2 * (count + SPARE_PAIRS));
    }
  }

  /** Reads what an interrupted measurement has left, so that the next one does not find it. */
  drain(): void {
    const buffer = new Uint8Array(4096);
    for (const reader of this.readers) while (reader.recv(buffer) === buffer.length);
  }

  close(): void {
    this.#shrink(0);
  }

  #shrink(count: number): void {
    for (const socket of [...this.readers.splice(count), ...this.writers.splice(count)]) socket.close();
  }
}

/** Node.js has raised the soft limit to the hard one when it started: only that one is left to be raised. */
function shortageOf(code: 'EMFILE' | 'ENFILE', descriptors: number): string {
  const few = `too low for ${formatCount(descriptors)} descriptors`;
  return code === 'EMFILE'
    ? `RLIMIT_NOFILE is ${few}; as root, "ulimit -n ${descriptors}" raises it (containers: --ulimit nofile=${descriptors})`
    : `the system's limit of open files is ${few} (Linux: sysctl fs.file-max)`;
}

/** False where a descriptor is too high for the backend, or those of its own that come after that one. */
export function holds(backend: BackendName, socket: Socket): boolean {
  let poller: Poller | undefined;
  try {
    poller = new Poller({ backend });
    poller.add(socket, READABLE);
    return true;
  } catch (error) {
    // Whatever else is wrong will fail the measurement itself.
    return !(error instanceof FdError && TOO_HIGH.includes(error.code));
  } finally {
    poller?.close();
  }
}

/** To two significant digits: a round figure for the axis. */
export function roundDown(count: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(count)) - 1);
  return Math.floor(count / unit) * unit;
}
