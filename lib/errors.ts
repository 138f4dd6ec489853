import { native } from './binding.ts';
import { FdError, type FdErrorDetails } from './fd_error.ts';
import { TABLE_FULL } from './native.ts';

/** The details that a caller knows and a system call does not. */
export type Context = Pick<FdErrorDetails, 'fd' | 'address' | 'port' | 'path'>;

// What the kernel's own words leave open.
const REGISTERED = 'the descriptor is registered already: modify it';
const UNREGISTERED = 'the descriptor is not registered, or its number names another file by now: add it';
const UNPOLLABLE = 'this kind of file is always ready, so no poller takes it';
const LACKING = 'this backend lacks the mode or interest, see backends()';
const NO_DATAGRAMS = 'batches take datagrams, no streams; segments take UDP on Linux 4.18 or later';
const TOO_LONG = 'a datagram has at most 65507 bytes (65487 over IPv6), with or without segments';
const BAD_SEGMENTS =
  'segments: at most 64 (128 in newer kernels), none longer than the MTU allows; a local address: of this host';
const PRIVILEGED =
  'raw and packet sockets need privileges (Linux: CAP_NET_RAW); "dgram" with "icmp" needs a group of net.ipv4.ping_group_range';
const REGISTRATIONS_SPENT =
  'this user has as many registrations with epoll as allowed: raise it with sysctl fs.epoll.max_user_watches=N';
const WATCHES_SPENT = 'this user has as many watches as allowed: raise it with sysctl fs.inotify.max_user_watches=N';
const INSTANCES_SPENT =
  'too many descriptors (ulimit -n), or as many pollers with watches as this user may have: sysctl fs.inotify.max_user_instances=N';
const FAILED_BEFORE = 'an earlier attempt of this socket failed: make a new one';
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
  ['epoll_ctl ENOSPC', REGISTRATIONS_SPENT],
  ['epoll_ctl ELOOP', 'pollers nest at most four deep and never in a circle'],
  ...['recvmmsg ENOTSUP', 'recvmsg ENOTSUP', 'sendmmsg ENOTSUP', 'sendmsg ENOTSUP'].map((failure): [string, string] => [
    failure,
    NO_DATAGRAMS,
  ]),
  ['sendmmsg EMSGSIZE', TOO_LONG],
  ['sendmmsg EINVAL', BAD_SEGMENTS],
  ['inotify_add_watch ENOSPC', WATCHES_SPENT],
  ['inotify_init1 EMFILE', INSTANCES_SPENT],
  ['pidfd_open ESRCH', 'it never was, or it has ended and was waited for'],
  ['pidfd_open ENOSYS', 'Linux 5.3 or later'],
  ['pidfd_open EINVAL', 'a process, no thread of one'],
  ['socket EACCES', PRIVILEGED],
  ['socket EPERM', PRIVILEGED],
  ['connect ECONNABORTED', FAILED_BEFORE],
  ['select ERANGE', 'select takes descriptors below FD_SETSIZE only; use another backend'],
]);

/** What native/core/invariant.h has in the place of a call. */
const INVARIANT = 'invariant';

/** The error of an errno; `detail` is what more there is to say about this one. */
export function systemError(syscall: string, errno: number, context: Context = {}, detail?: string): FdError {
  const [name, text] = native.describeErrno(errno);
  const code = name || `E${errno}`;
  const hint = detail ?? HINTS.get(`${syscall} ${code}`);
  const where = !Object.hasOwn(context, 'path') ? '' : `, '${context.path}'`;
  return new FdError(code, `${syscall} ${code}: ${text}${where}${hint === undefined ? '' : ` (${hint})`}`, {
    ...context,
    errno: -errno,
    syscall,
  });
}

/** The error of a negative answer of the addon that is a failed system call: -(call * 4096 + errno). */
export function fromAnswer(answer: number, context?: Context, detail?: string): Error {
  if (answer === TABLE_FULL) return new FdError('EMFILE', 'more than a million open in this thread', context);
  const call = native.callName(Math.floor(-answer / 4096));
  return call === INVARIANT ? internalError(-answer % 4096) : systemError(call, -answer % 4096, context, detail);
}

/** Something that cannot be is: of no use to whoever called, but to the author of this library. */
function internalError(invariant: number): FdError {
  const what = native.describeInvariant(invariant);
  return new FdError(
    'ERR_FDPOLL_INTERNAL',
    `${what}: a bug of fdpoll or of the system. Please report it, with \`npx fdpoll --version\``,
  );
}

/** Gives a result through and throws a failed system call. */
export function orThrow(answer: number, context?: Context): number {
  if (answer < 0) throw fromAnswer(answer, context);
  return answer;
}

/** The process or the system has run out of something; the same call may succeed later. */
export function isExhaustion(error: unknown): boolean {
  return error instanceof FdError && ['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS', 'ENOSPC'].includes(error.code);
}

export function startedError(): FdError {
  return new FdError('ERR_FDPOLL_STARTED', 'the poller is started: stop() it first');
}

export function closedError(what: string): FdError {
  return new FdError('ERR_FDPOLL_CLOSED', `the ${what} is closed`);
}
