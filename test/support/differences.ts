import type { BackendName } from '../../lib/index.ts';

/** A backend as the suite tells it apart: on Linux, kqueue is always the emulation of libkqueue. */
export type BackendKind = BackendName | 'libkqueue';

export type Behaviour =
  | 'edge mode'
  | 'exclusive mode'
  | 'priority'
  | 'read-closed flag'
  | 'half-close flag'
  | 'prompt read-closed flag'
  | 'write-closed flag'
  | 'error flag'
  | 'socket errors after the event'
  | 'available'
  | 'exact backlog'
  | 'pollable descriptor'
  | 'descriptors of any number'
  | 'silence about a reused number'
  | 'silence about a number closed during a wait'
  | 'both directions in one batch of a running wait';

export interface Difference {
  readonly behaviour: Behaviour;
  readonly reason: string;
  /** Only on these systems; everywhere when left out. */
  readonly systems?: readonly NodeJS.Platform[];
}

const levelOnly = 'the call knows levels only';
const noBytes = 'the kernel does not tell how much there is';
const threeSets = 'three sets of bits cannot tell why a descriptor is ready';
const byNumber = 'registrations are numbers: the new file is watched under the old label';
const twoFilters = 'each direction is a filter of its own, and one is there before the other';
const noDescriptor = 'there is no kernel object behind it';

/** What a backend does otherwise than the others, and why: the only place where the suite says so. */
export const differences: Readonly<Record<BackendKind, readonly Difference[]>> = {
  epoll: [{ behaviour: 'available', reason: noBytes }],
  kqueue: [
    { behaviour: 'exclusive mode', reason: 'kqueue has no exclusive wake-up' },
    { behaviour: 'priority', reason: 'this system has no EVFILT_EXCEPT', systems: ['freebsd', 'netbsd'] },
    { behaviour: 'both directions in one batch of a running wait', reason: twoFilters },
  ],
  libkqueue: [
    { behaviour: 'exclusive mode', reason: 'kqueue has no exclusive wake-up' },
    { behaviour: 'priority', reason: 'libkqueue has no EVFILT_EXCEPT' },
    { behaviour: 'prompt read-closed flag', reason: 'libkqueue may report the end after the data' },
    { behaviour: 'socket errors after the event', reason: 'libkqueue takes SO_ERROR for itself' },
    { behaviour: 'exact backlog', reason: 'libkqueue counts one connection for any backlog' },
    { behaviour: 'pollable descriptor', reason: 'the queue is emulated in user space' },
    { behaviour: 'both directions in one batch of a running wait', reason: twoFilters },
  ],
  poll: [
    { behaviour: 'edge mode', reason: levelOnly },
    { behaviour: 'exclusive mode', reason: levelOnly },
    { behaviour: 'half-close flag', reason: 'this system has no POLLRDHUP', systems: ['darwin', 'netbsd', 'openbsd'] },
    { behaviour: 'available', reason: noBytes },
    { behaviour: 'pollable descriptor', reason: noDescriptor },
    { behaviour: 'silence about a reused number', reason: byNumber },
  ],
  select: [
    { behaviour: 'edge mode', reason: levelOnly },
    { behaviour: 'exclusive mode', reason: levelOnly },
    { behaviour: 'read-closed flag', reason: threeSets },
    { behaviour: 'half-close flag', reason: threeSets },
    { behaviour: 'write-closed flag', reason: threeSets },
    { behaviour: 'error flag', reason: threeSets },
    { behaviour: 'available', reason: noBytes },
    { behaviour: 'pollable descriptor', reason: noDescriptor },
    { behaviour: 'descriptors of any number', reason: 'a set holds FD_SETSIZE descriptors' },
    { behaviour: 'silence about a reused number', reason: byNumber },
    {
      behaviour: 'silence about a number closed during a wait',
      reason: 'Linux calls a number ready that was closed since the call began',
      systems: ['linux'],
    },
  ],
};
