import { native } from './binding.ts';
import { TABLE_FULL } from './native.ts';

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
 * the library's own: `ERR_FDPOLL_CLOSED`, `ERR_FDPOLL_BACKEND_UNAVAILABLE`. The message of a system call reads
 * `recv ECONNRESET: connection reset by peer`.
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

/** The details that a caller knows and a system call does not. */
export type Context = Pick<FdErrorDetails, 'fd' | 'address' | 'port'>;

// What the kernel's own words leave open.
const REGISTERED = 'the descriptor is registered already: modify it';
const UNREGISTERED = 'the descriptor is not registered, or its number names another file by now: add it';
const UNPOLLABLE = 'this kind of file is always ready, so no poller takes it';
const LACKING = 'this backend lacks the mode or interest, see backends()';
const HINTS: ReadonlyMap<string, string> = new Map([
  ...['epoll_ctl', 'kevent', 'poll', 'select'].flatMap((call): [string, string][] => [
    [`${call} EEXIST`, REGISTERED],
    [`${call} ENOENT`, UNREGISTERED],
    [`${call} EPERM`, UNPOLLABLE],
    [`${call} ENOTSUP`, LACKING],
  ]),
  ['epoll_ctl EINVAL', 'an exclusive registration is readable or writable, level or edge, and cannot be modified'],
  ['epoll_ctl ELOOP', 'pollers nest at most four deep and never in a circle'],
  ['select ERANGE', 'select takes descriptors below FD_SETSIZE only; use another backend'],
]);

/** The error of an errno. */
export function systemError(syscall: string, errno: number, context: Context = {}): FdError {
  const [name, text] = native.describeErrno(errno);
  const code = name || `E${errno}`;
  const hint = HINTS.get(`${syscall} ${code}`);
  return new FdError(code, `${syscall} ${code}: ${text}${hint === undefined ? '' : ` (${hint})`}`, {
    ...context,
    errno: -errno,
    syscall,
  });
}

/** The error of a negative answer of the addon that is a failed system call: -(call * 4096 + errno). */
export function fromAnswer(answer: number, context?: Context): Error {
  if (answer === TABLE_FULL) return new FdError('EMFILE', 'more than a million open in this thread', context);
  return systemError(native.callName(Math.floor(-answer / 4096)), -answer % 4096, context);
}

/** Gives a result through and throws a failed system call. */
export function orThrow(answer: number, context?: Context): number {
  if (answer < 0) throw fromAnswer(answer, context);
  return answer;
}

/** The process or the system has run out of something; the same call may succeed later. */
export function isExhaustion(error: unknown): boolean {
  return error instanceof FdError && ['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS'].includes(error.code);
}

export function closedError(what: string): FdError {
  return new FdError('ERR_FDPOLL_CLOSED', `the ${what} is closed`);
}
