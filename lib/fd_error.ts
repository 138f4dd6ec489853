/** Where a system call failed, beyond its name. */
export interface FdErrorDetails {
  readonly errno?: number;
  readonly syscall?: string;
  readonly fd?: number;
  readonly address?: string;
  readonly port?: number;
  readonly cause?: unknown;
}

/**
 * Everything that fails at run time, shaped like Node's system errors: `code` is the symbol of the errno, or one of
 * the library's own: `ERR_FDPOLL_CLOSED`, `ERR_FDPOLL_BACKEND_UNAVAILABLE`, `ERR_FDPOLL_STARTED`,
 * `ERR_FDPOLL_UNSUPPORTED_PLATFORM`. The message of a system call reads `recv ECONNRESET: connection reset by peer`.
 */
export class FdError extends Error {
  readonly code: string;
  /** Negative, as in Node; 0 for the library's own codes. */
  readonly errno: number;
  /** The system call that failed; `''` for the library's own codes. */
  readonly syscall: string;
  declare readonly fd?: number;
  declare readonly address?: string;
  declare readonly port?: number;

  constructor(code: string, message: string, details: FdErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.errno = details.errno ?? 0;
    this.syscall = details.syscall ?? '';
    if (details.fd !== undefined) this.fd = details.fd;
    if (details.address !== undefined) this.address = details.address;
    if (details.port !== undefined) this.port = details.port;
  }
}
Object.defineProperty(FdError.prototype, 'name', {
  value: 'FdError',
  writable: true,
  enumerable: false,
  configurable: true,
});
