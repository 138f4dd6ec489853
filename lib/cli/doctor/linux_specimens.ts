import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Poller } from '../../index.ts';
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
  {
    name: 'signalfd',
    open: () => {
      throw new Error('neither Node nor fdpoll opens one');
    },
  },
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
