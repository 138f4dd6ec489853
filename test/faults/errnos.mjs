// What may go wrong with each kind of call, from the man pages and the kernel, and what its errors are called.
import { constants } from 'node:os';

/** The least that the kernel may do: one byte of a stream, one event, one datagram. */
export const SHORT = 'short';
/** More than was asked for, which no kernel does: see native/core/invariant.h. */
export const LONG = 'long';

// What node:os leaves out.
const numbers = { ...constants.errno, ETOOMANYREFS: 109 };

export const numberOf = (fault) => {
  const number = { [SHORT]: -1, [LONG]: -2 }[fault] ?? numbers[fault];
  if (number === undefined) throw new Error(`no number of ${fault}`);
  return number;
};

const full = ['EMFILE', 'ENFILE', 'ENOMEM'];
const received = ['EAGAIN', 'ECONNREFUSED', 'ECONNRESET', 'ENOMEM', 'ENOBUFS', 'ETIMEDOUT', 'EHOSTUNREACH'];
const sent = ['EAGAIN', 'ENOBUFS', 'ENOMEM', 'EPIPE', 'ECONNRESET', 'EACCES', 'EPERM', 'EMSGSIZE', 'EHOSTUNREACH'];
const written = ['EAGAIN', 'EPIPE', 'EIO', 'ENOSPC', 'EDQUOT', 'EFBIG', 'ENOMEM'];
const control = ['epoll_ctl', 'kevent', 'poll', 'select'];

/** By kind: what may go wrong (EINTR may always), and the calls that an error may name. */
export const kinds = {
  accept4: [[...full, 'ENOBUFS', 'EPERM', 'ECONNABORTED', 'EPROTO', 'EHOSTUNREACH', 'EAGAIN'], ['accept']],
  bind: [['EADDRINUSE', 'EADDRNOTAVAIL', 'EACCES', 'ENOMEM', 'EROFS', 'ENOSPC'], ['bind']],
  chmod: [['EPERM', 'EACCES', 'EROFS', 'EIO', 'ENOENT'], ['chmod']],
  close: [['EIO', 'ENOSPC', 'EDQUOT'], ['close']],
  connect: [
    [
      'EINPROGRESS',
      'ECONNREFUSED',
      'ENETUNREACH',
      'EADDRNOTAVAIL',
      'EACCES',
      'EPERM',
      'ETIMEDOUT',
      'ENOBUFS',
      'EAGAIN',
    ],
    ['connect'],
  ],
  dlsym: [['ENOTSUP'], ['epoll_ctl', 'uv_signal_start']],
  dup3: [['EMFILE', 'EBUSY'], ['dup']],
  epoll_create1: [full, ['epoll_create1', ...control]],
  epoll_ctl_add: [['ENOMEM', 'ENOSPC'], control],
  epoll_ctl_mod: [['ENOMEM'], ['epoll_ctl']],
  epoll_ctl_del: [['ENOENT', 'EBADF'], []],
  epoll_pwait2: [['ENOSYS', 'EPERM', 'EINVAL', 'ENOMEM', SHORT, LONG], ['epoll_wait']],
  epoll_wait: [['EINVAL', 'ENOMEM', SHORT, LONG], ['epoll_wait']],
  eventfd: [[...full, 'ENODEV'], ['eventfd']],
  fchmod: [['EIO', 'ENOMEM', 'EACCES', 'EINVAL'], ['fchmod']],
  fchmodat2: [['ENOSYS', 'EPERM', 'EROFS', 'EIO'], ['chmod']],
  fcntl_dupfd: [['EMFILE', 'EACCES'], ['dup']],
  fcntl_getfl: [['EACCES'], ['fcntl', ...control]],
  fcntl_setfd: [['EACCES'], ['fcntl']],
  fcntl_setfl: [['EACCES', 'EPERM'], ['fcntl']],
  fstat: [
    ['EIO', 'ENOMEM', 'EOVERFLOW', 'EACCES'],
    ['fstat', 'write', 'writev', ...control],
  ],
  getcwd: [['ENOENT', 'EACCES', 'ENOMEM'], []],
  getpeername: [['ENOTCONN', 'ENOBUFS'], ['getpeername']],
  getsockname: [['ENOBUFS'], ['getsockname']],
  getsockopt: [['ENOBUFS', 'ENOMEM', 'ENOPROTOOPT', 'EACCES'], ['getsockopt']],
  inotify_add_watch: [['ENOSPC', 'ENOMEM', 'EACCES', 'ENOENT'], ['inotify_add_watch']],
  inotify_init1: [full, ['inotify_init1']],
  inotify_rm_watch: [['EINVAL'], []],
  ioctl: [
    ['EIO', 'ENOTTY', 'ENODEV', 'EPERM', 'ENOMEM', 'EAGAIN'],
    ['ioctl', 'if_nametoindex', 'if_indextoname'],
  ],
  ioctl_unixfile: [['EPERM', 'EMFILE', 'ENOMEM', 'EINVAL'], []],
  // Of changes, which answer at once: by a receipt each.
  kevent_add: [['ENOMEM', 'EINVAL'], control],
  kevent_delete: [['ENOENT'], ['kevent']],
  kevent_wait: [['EINVAL', 'ENOMEM', SHORT, LONG], ['kevent']],
  kqueue: [full, ['kqueue']],
  listen: [['EADDRINUSE', 'EACCES', 'ENOBUFS'], ['listen']],
  lstat: [['ENOENT', 'EACCES', 'ENOMEM', 'EIO'], []],
  memory: [['ENOMEM'], ['malloc']],
  memfd_create: [[...full, 'EACCES', 'EINVAL'], ['memfd_create']],
  open: [[...full, 'EACCES', 'ENOENT', 'ELOOP'], ['open']],
  pidfd_open: [[...full, 'ENODEV', 'ENOSYS', 'ESRCH', 'EINVAL'], ['pidfd_open']],
  pipe2: [
    ['EMFILE', 'ENFILE'],
    ['pipe', 'uv_signal_start'],
  ],
  ppoll: [['ENOMEM', 'EINVAL'], ['poll']],
  pselect: [['ENOMEM', 'EINVAL', 'EBADF'], ['select']],
  pthread_create: [['EAGAIN', 'EPERM'], ['pthread_create']],
  pwritev2: [
    [...written, SHORT],
    ['write', 'writev'],
  ],
  read: [['EAGAIN', 'EIO', 'ENOMEM', 'ECONNRESET', SHORT], ['read']],
  read_event: [['EAGAIN'], []],
  readv: [['EAGAIN', 'EIO', 'ENOMEM', 'ECONNRESET', SHORT], ['readv']],
  recvfrom: [
    [...received, SHORT],
    ['recv', 'recvfrom'],
  ],
  recvmmsg: [[...received, 'EINVAL', SHORT, LONG], ['recvmmsg']],
  recvmsg: [[...received, 'EINVAL'], ['recvmsg']],
  sendfile: [['EAGAIN', 'EIO', 'ENOMEM', 'EINVAL', 'EPIPE', 'EOVERFLOW', SHORT], ['sendfile']],
  sendmmsg: [[...sent, 'EINVAL', SHORT, LONG], ['sendmmsg']],
  sendmsg: [
    [...sent, 'ETOOMANYREFS', 'EINVAL'],
    ['sendmsg', 'writev'],
  ],
  sendto: [
    [...sent, SHORT],
    ['send', 'sendto', 'write'],
  ],
  setsockopt: [['ENOBUFS', 'ENOMEM', 'ENOPROTOOPT', 'EPERM', 'EACCES', 'EDOM'], ['setsockopt']],
  shutdown: [['ENOTCONN', 'ENOBUFS'], ['shutdown']],
  sigaction: [['EINVAL'], ['sigaction']],
  sigtimedwait: [['EAGAIN'], []],
  sockatmark: [['EINVAL', 'ENOTTY'], ['ioctl']],
  socket: [
    [...full, 'ENOBUFS', 'EACCES', 'EAFNOSUPPORT', 'EPROTONOSUPPORT'],
    ['socket', 'if_nametoindex'],
  ],
  socketpair: [[...full, 'ENOBUFS', 'EACCES', 'EAFNOSUPPORT', 'EPROTONOSUPPORT'], ['socketpair']],
  splice: [['EAGAIN', 'ENOMEM', 'EINVAL', 'EPIPE', SHORT], ['splice']],
  stat: [['ENOENT', 'EACCES', 'ENOMEM', 'EIO', 'ELOOP'], []],
  timerfd_create: [[...full, 'ENODEV'], ['timerfd_create']],
  timerfd_settime: [['EINVAL', 'ENOMEM'], ['timerfd_settime']],
  // Once: it is asked again.
  uv_loop_close: [['EBUSY'], []],
  uv_loop_init: [['ENOMEM', 'EMFILE'], ['uv_signal_start']],
  uv_poll_init: [['EPERM', 'EEXIST', 'ENOMEM'], ['epoll_ctl']],
  uv_poll_start: [['ENOMEM'], ['epoll_ctl']],
  uv_signal_init: [['EMFILE', 'ENOMEM'], ['uv_signal_start']],
  uv_signal_start: [['EINVAL', 'EMFILE'], ['uv_signal_start']],
  waitid: [['ECHILD', 'EINVAL'], []],
  write: [[...written, SHORT], ['write']],
  // A wake-up: the counter is never full.
  write_event: [[], []],
  writev: [[...written, SHORT], ['writev']],
};

/** libuv repeats what is interrupted itself, and none of the others is a system call. */
const uninterrupted = /^(uv_|dlsym|pthread_create|memory|kevent_(add|delete)|kqueue)/;

export const faultsOf = (kind) => [...(uninterrupted.test(kind) ? [] : ['EINTR']), ...kinds[kind][0]];
