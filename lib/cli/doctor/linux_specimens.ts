import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Poller } from '../../index.ts';
import { openedBy } from './own_descriptors.ts';
import type { Kind } from './specimens.ts';

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
      const directory = mkdtempSync(join(tmpdir(), 'fdpoll-doctor-'));
      const poller = new Poller();
      const close = () => {
        poller.close();
        rmSync(directory, { recursive: true });
      };
      return closedWith({ close }, () => ({
        fd: openedBy(/inotify/, () => poller.addWatch(directory)),
        stimulate: () => writeFileSync(join(directory, 'made'), ''),
        close,
      }));
    },
  },
  {
    name: 'pidfd',
    stimulus: 'the process ended',
    open: () => {
      // It waits for its input to end, and lasts no longer than this process.
      const child: ChildProcess = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
      const exited = child.pid === undefined ? once(child, 'error') : once(child, 'exit');
      const poller = new Poller();
      const close = async () => {
        poller.close();
        child.kill('SIGKILL');
        await exited;
      };
      try {
        const { pid } = child;
        if (pid === undefined) throw new Error('no process could be started');
        const fd = openedBy(/pidfd/, () => poller.addProcess(pid));
        return { fd, stimulate: () => void child.kill('SIGKILL'), close };
      } catch (error) {
        void close();
        throw error;
      }
    },
  },
];

function closedWith<T>(owner: { close(): void }, open: () => T): T {
  try {
    return open();
  } catch (error) {
    owner.close();
    throw error;
  }
}
