import { bare } from './validate.ts';

/** Where a system call failed, beyond its name. */
export interface FdErrorDetails {
  /** Negative, as in Node. */
  readonly errno?: number;
  /** The system call that failed. */
  readonly syscall?: string;
  /** The descriptor that it was called with. */
  readonly fd?: number;
  /** The host or path that it was called with. */
  readonly address?: string;
  /** The port beside that host. */
  readonly port?: number;
  /** The file that it was called with. */
  readonly path?: string;
  /** What was thrown before, and led to this. */
  readonly cause?: unknown;
}

/**
 * Everything that fails at run time, shaped like Node's system errors: `code` is the symbol of the errno, or one of
 * the library's own: `ERR_FDPOLL_CLOSED`, `ERR_FDPOLL_BACKEND_UNAVAILABLE`, `ERR_FDPOLL_STARTED`,
 * `ERR_FDPOLL_UNSUPPORTED_PLATFORM`, `ERR_FDPOLL_INTERNAL`. The message of a system call reads `recv ECONNRESET: connection reset by peer`.
 */
export class FdError extends Error {
  /** The symbol of the errno, such as `ECONNRESET`, or one of the library's own codes. */
  readonly code: string;
  /** Negative, as in Node; 0 for the library's own codes. */
  readonly errno: number;
  /** The system call that failed; `''` for the library's own codes. */
  readonly syscall: string;
  /** The descriptor that the call was made with, where there is one. */
  declare readonly fd?: number;
  /** The host or path of the address, where there is one. */
  declare readonly address?: string;
  /** The port beside that host. */
  declare readonly port?: number;
  /** The file, where there is one. */
  declare readonly path?: string;

  constructor(code: string, message: string, given: FdErrorDetails = {}) {
    const details = bare(given);
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.errno = details.errno ?? 0;
    this.syscall = details.syscall ?? '';
    if (details.fd !== undefined) this.fd = details.fd;
    if (details.address !== undefined) this.address = details.address;
    if (details.port !== undefined) this.port = details.port;
    if (details.path !== undefined) this.path = details.path;
  }
}
Object.defineProperty(FdError.prototype, 'name', {
  value: 'FdError',
  writable: true,
  enumerable: false,
  configurable: true,
});
