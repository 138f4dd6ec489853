import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { beforeAll, beforeEach, expect } from 'vitest';
import { backends, Socket, toDuplex } from '../../lib/index.ts';

const directory = process.platform === 'linux' ? '/proc/self/fd' : '/dev/fd';

/** This process's descriptors, each with what it is where the system tells. */
export const openDescriptors = (): string[] =>
  readdirSync(directory)
    .map((name) => {
      try {
        return `${name} ${process.platform === 'linux' ? readlinkSync(`${directory}/${name}`) : ''}`;
      } catch {
        return ''; // The descriptor that read the directory.
      }
    })
    .filter((entry) => entry !== '')
    .sort();

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits for the same descriptors as before: libkqueue and node:net close theirs a little late. */
export const expectSameDescriptors = async (before: readonly string[]): Promise<void> => {
  const deadline = performance.now() + 1000;
  let now = openDescriptors();
  while (now.join() !== before.join() && performance.now() < deadline) {
    await pause(2);
    now = openDescriptors();
  }
  expect(now, 'open descriptors after the test').toEqual(before);
};

/** Opens what the library keeps open for the whole process, and waits until nothing changes any more. */
export const settleDescriptors = async (): Promise<void> => {
  backends();
  // The hidden poller of this thread stays open once it is used.
  const [a, b] = Socket.pair();
  b.close();
  toDuplex(a).destroy();
  let before = openDescriptors();
  for (let round = 0, same = 0; round < 100 && same < 3; round++) {
    await pause(20);
    const now = openDescriptors();
    same = now.join() === before.join() ? same + 1 : 0;
    before = now;
  }
};

/** Inside a describe: every test of it ends with the descriptors that it began with. */
export const checkDescriptorsAfterEachTest = (): void => {
  beforeAll(settleDescriptors);
  beforeEach(({ onTestFinished }) => {
    const before = openDescriptors();
    // What is registered first runs last, after all that the test itself cleans up.
    onTestFinished(() => expectSameDescriptors(before));
  });
};

/** What fcntl(F_GETFD) would say, from /proc: only Linux tells. */
export const isCloseOnExec = (fd: number): boolean => {
  const flags = /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1];
  return (Number.parseInt(flags ?? '0', 8) & 0o2000000) !== 0;
};

export const isNonBlocking = (fd: number): boolean => {
  const flags = /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1];
  return (Number.parseInt(flags ?? '0', 8) & 0o4000) !== 0;
};
