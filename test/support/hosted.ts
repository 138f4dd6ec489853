import { describe, expect, onTestFinished } from 'vitest';
import { type HostingKind, Poller } from '../../lib/index.ts';
import { type BackendUnderTest, backendsUnderTest } from './backends.ts';
import { checkDescriptorsAfterEachTest } from './descriptors.ts';
import { lacks } from './runtimes.ts';

export interface HostingUnderTest extends Omit<BackendUnderTest, 'poller'> {
  readonly hosting: HostingKind;
  /** A poller on this backend, hosted like this, that is closed when the test ends. */
  poller<T = unknown>(maxEvents?: number): Poller<T>;
}

const hostingsOf = (backend: BackendUnderTest): HostingUnderTest[] =>
  (backend.name === 'epoll' && lacks('hosting on the event loop') === undefined
    ? (['loop', 'thread'] as const)
    : (['thread'] as const)
  ).map((hosting) => ({
    ...backend,
    hosting,
    poller: <T>(maxEvents = 1024) => {
      const poller = new Poller<T>({ backend: backend.name, hosting, maxEvents });
      onTestFinished(() => poller.close());
      return poller;
    },
  }));

/** Every backend with every hosting that it can have. */
export const hostingsUnderTest = (): HostingUnderTest[] => backendsUnderTest().flatMap(hostingsOf);

/** One suite for all of them. No test of it may leave a descriptor open. */
export const describeEachHosting = (title: string, body: (host: HostingUnderTest) => void): void => {
  describe.each(hostingsUnderTest())(`${title}, on $kind, hosted by $hosting`, (host) => {
    checkDescriptorsAfterEachTest();
    body(host);
  });
};

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Lets the event loop turn until something holds. */
export const until = async (what: string, holds: () => boolean): Promise<void> => {
  const deadline = performance.now() + 5000;
  while (!holds()) {
    if (performance.now() > deadline) expect.fail(`waited in vain until ${what}`);
    await pause(0);
  }
};

/** What is uncaught from here to the end of the test comes into this array, and not to Vitest. */
export const collectUncaught = (): unknown[] => {
  const caught: unknown[] = [];
  const others = process.listeners('uncaughtException');
  const collect = (error: unknown): void => void caught.push(error);
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', collect);
  onTestFinished(() => {
    process.removeListener('uncaughtException', collect);
    for (const listener of others) process.on('uncaughtException', listener);
  });
  return caught;
};

/** What this process has used of the processor while `work` lasted, in milliseconds. */
export const cpuOf = async (work: () => Promise<void>): Promise<number> => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};
