import { type BackendName, backends, close, type HostingKind, Poller, pipe, READABLE, write } from '../../index.ts';
import type { BackendState } from '../results.ts';
import type { BackendCheck, Trial } from './diagnosis.ts';
import { type Conditions, refusal } from './refusal.ts';

/** Tries a backend for real. Both throw, or reject with, what went wrong. */
export interface Prober {
  /** Waits for a pipe that is readable. */
  wait(backend: BackendName): void;
  /** The same, hosted. */
  host(backend: BackendName, kind: HostingKind): Promise<void>;
}

const PATIENCE_MS = 2000;

export const realProber: Prober = {
  wait(backend) {
    withReadablePipe((fd) => {
      using poller = new Poller({ backend });
      poller.add(fd, READABLE);
      if (poller.wait(PATIENCE_MS).length === 0) throw silence();
    });
  },
  async host(backend, kind) {
    await withReadablePipe(async (fd) => {
      using poller = new Poller({ backend, hosting: kind });
      poller.add(fd, READABLE);
      const timer = setTimeout(() => poller.close(), PATIENCE_MS);
      try {
        const { done } = await poller[Symbol.asyncIterator]().next();
        if (done) throw silence();
      } finally {
        clearTimeout(timer);
      }
    });
  },
};

/** Tries every backend that calls itself usable, and says of the others why they are not. */
export async function probeBackends(
  states: readonly BackendState[],
  conditions: Conditions,
  prober: Prober = realProber,
): Promise<BackendCheck[]> {
  const checks: BackendCheck[] = [];
  for (const state of states) {
    if (!state.usable) {
      checks.push({ ...state, lacks: [] });
      continue;
    }
    const wait = await attempt(() => prober.wait(state.name), conditions);
    const loop = await attempt(() => prober.host(state.name, 'loop'), conditions);
    const thread = await attempt(() => prober.host(state.name, 'thread'), conditions);
    checks.push({ ...state, wait, ...(loop && { loop }), ...(thread && { thread }), lacks: lacking(state.name) });
  }
  return checks;
}

/** Undefined for what cannot be asked of a backend: only epoll under Node is hosted by the loop. */
async function attempt(action: () => void | Promise<void>, conditions: Conditions): Promise<Trial | undefined> {
  try {
    await action();
    return { works: true };
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_FDPOLL_BACKEND_UNAVAILABLE') return undefined;
    return refusal(error, conditions);
  }
}

/** What epoll has on a kernel that is new enough and not fenced in. */
function lacking(name: BackendName): string[] {
  const capabilities = backends().find((backend) => backend.name === name)?.capabilities;
  if (name !== 'epoll' || capabilities === undefined) return [];
  return [
    ...(capabilities.exclusive ? [] : ['exclusive: EPOLLEXCLUSIVE is of Linux 4.5']),
    ...(capabilities.nanoseconds
      ? []
      : ['timeouts finer than a millisecond: epoll_pwait2 is of Linux 5.11, or a seccomp filter refuses it']),
  ];
}

function silence(): Error {
  return new Error(`a pipe with a byte in it was not reported within ${PATIENCE_MS / 1000} s`);
}

function withReadablePipe<R>(use: (fd: number) => R): R {
  const [reading, writing] = pipe();
  const end = () => {
    close(reading);
    close(writing);
  };
  let result: R;
  try {
    write(writing, Uint8Array.of(1));
    result = use(reading);
  } catch (error) {
    end();
    throw error;
  }
  if (result instanceof Promise) return result.finally(end) as R;
  end();
  return result;
}
