import { native } from './binding.ts';
import { FdError, type FdErrorDetails } from './fd_error.ts';
import { TABLE_FULL } from './native.ts';

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
  [
    'epoll_ctl EINVAL',
    'exclusive goes with READABLE and WRITABLE, level or edge, and without modify; no poller watches itself',
  ],
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

export function startedError(): FdError {
  return new FdError('ERR_FDPOLL_STARTED', 'the poller is started: stop() it first');
}

export function closedError(what: string): FdError {
  return new FdError('ERR_FDPOLL_CLOSED', `the ${what} is closed`);
}
