import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { close, Poller, Socket } from '../../index.ts';
import { openedBy } from './own_descriptors.ts';
import { closedWith, type Kind } from './specimens.ts';

const HOUR_MS = 3_600_000;

/** What fdpoll opens for its sources, without telling the number. */
export const linuxKinds: readonly Kind[] = [
  {
    name: 'timerfd',
    stimulus: 'its time came',
    open: () => {
      const poller = new Poller({ backend: 'epoll' });
      return closedWith(poller, () => {
        const timer = poller.addTimer(HOUR_MS);
        // Only for somebody who looks at this is there one.
        const fd = openedBy(/timerfd/, () => void poller.fd);
        return { fd, stimulate: () => timer.set(1), close: () => poller.close() };
      });
    },
  },
  signalKind(),
  {
    name: 'inotify',
    stimulus: 'a file was made',
    open: () => {
      const poller = new Poller();
      return closedWith(poller, () => {
        const directory = mkdtempSync(join(tmpdir(), 'fdpoll-doctor-'));
        const close = () => {
          poller.close();
          rmSync(directory, { recursive: true });
        };
        return closedWith({ close }, () => ({
          fd: openedBy(/inotify/, () => poller.addWatch(directory)),
          stimulate: () => writeFileSync(join(directory, 'made'), ''),
          close,
        }));
      });
    },
  },
  processKind(),
];

/**
 * Nothing that Node or fdpoll has opens a signalfd, since every thread would have to block the signal. So somebody else
 * does, and sends it over its descriptor 3. It tells of no signal here, where none is blocked.
 */
const SIGNALFD = `
import array, ctypes, os, signal, socket
libc = ctypes.CDLL(None, use_errno=True)
signals = ctypes.create_string_buffer(128)
libc.sigemptyset(signals)
libc.sigaddset(signals, int(signal.SIGUSR2))
fd = libc.signalfd(-1, signals, os.O_NONBLOCK | os.O_CLOEXEC)
if fd < 0:
    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))
socket.socket(fileno=3).sendmsg([b"x"], [rights])
`;
const PATIENCE_MS = 5000;

/** A signalfd that an interpreter of Python opens. */
export function signalKind(python = 'python3'): Kind {
  return {
    name: 'signalfd',
    open: () => {
      const [ours, theirs] = Socket.pair();
      try {
        const { error, status, stderr } = spawnSync(python, ['-c', SIGNALFD], {
          stdio: ['ignore', 'ignore', 'pipe', theirs.fd],
          encoding: 'utf8',
          timeout: PATIENCE_MS,
        });
        if (error) throw new Error(`opening one takes ${python}, which cannot be run (${error.message})`);
        if (status !== 0) throw new Error(stderr.trim().split('\n').at(-1) || `${python} ended with ${status}`);
        const [fd] = ours.recvMessage(new Uint8Array(1), { maxFds: 1 })?.fds ?? [];
        if (fd === undefined) throw new Error('none came');
        return { fd, close: () => close(fd) };
      } finally {
        ours.close();
        theirs.close();
      }
    },
  };
}

/** It waits for its input to end, and lasts no longer than this process. */
function startCat(): ChildProcess {
  return spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
}

/** A pidfd of a process that `start` starts. */
export function processKind(start: () => ChildProcess = startCat): Kind {
  return {
    name: 'pidfd',
    stimulus: 'the process ended',
    open: () => {
      const poller = new Poller();
      return closedWith(poller, () => {
        const child = start();
        const { pid } = child;
        if (pid === undefined) {
          // Node would kill the whole group of this one if it were asked to kill a child that there is not.
          child.on('error', () => {});
          throw new Error('no process could be started');
        }
        const exited = once(child, 'exit');
        const kill = () => void child.kill('SIGKILL');
        const close = async () => {
          poller.close();
          kill();
          await exited;
        };
        return closedWith({ close: () => void close() }, () => {
          const fd = openedBy(/pidfd/, () => poller.addProcess(pid));
          return { fd, stimulate: kill, close };
        });
      });
    },
  };
}
