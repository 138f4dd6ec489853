import { native } from './binding.ts';
import { builtin } from './builtins.ts';
import { FdError } from './fd_error.ts';
import { Socket } from './socket.ts';

const FIRST = 3; // SD_LISTEN_FDS_START
const VARIABLES = ['LISTEN_PID', 'LISTEN_PIDFDID', 'LISTEN_FDS', 'LISTEN_FDNAMES'];

/** The name of each descriptor that was passed; none when the variables are absent, malformed or for somebody else. */
function passedNames(environment: NodeJS.ProcessEnv): string[] {
  const { LISTEN_PID, LISTEN_FDS = '', LISTEN_FDNAMES } = environment;
  if (LISTEN_PID !== String(process.pid) || !/^[1-9]\d{0,6}$/.test(LISTEN_FDS)) return [];
  const count = Number(LISTEN_FDS);
  if (LISTEN_FDNAMES === undefined) return Array.from({ length: count }, () => 'unknown');
  const names = LISTEN_FDNAMES.split(':');
  return names.length === count ? names : [];
}

function adopt(fd: number): Socket | undefined {
  try {
    return Socket.fromFd(fd);
  } catch (error) {
    if (error instanceof FdError && error.code === 'ENOTSOCK') return undefined;
    throw error;
  }
}

/**
 * The sockets that the service manager passed, with their names (sd_listen_fds(3)): yours from here on, non-blocking and
 * close-on-exec. The variables are removed, so that no child takes them for its own, and a second call has none.
 *
 * Empty when LISTEN_PID is another process (a shell or npm in between), when the variables are malformed or count more
 * descriptors than are open, and in a Worker. What is no socket (a FIFO, a file) is left open under its number, from 3
 * on in the order of the unit, close-on-exec.
 */
export function listenFds(): readonly { name: string; socket: Socket }[] {
  if (!builtin('node:worker_threads').isMainThread) return [];
  const names = passedNames(process.env);
  for (const variable of VARIABLES) delete process.env[variable];
  const fds = names.map((_, i) => FIRST + i);
  if (fds.some((fd) => native.setCloseOnExec(fd) < 0)) return [];
  return names.flatMap((name, i) => {
    const socket = adopt(FIRST + i);
    return socket === undefined ? [] : [{ name, socket }];
  });
}
