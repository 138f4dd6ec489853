import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { beforeAll, beforeEach, expect } from 'vitest';
import { backends, Socket, toDuplex } from '../../lib/index.ts';
import { lacks, runtime } from './runtimes.ts';
import { workersStarted } from './threads.ts';

const directory = process.platform === 'linux' ? '/proc/self/fd' : '/dev/fd';

/** How many Workers had been started when a list was made. */
const workersAt = new WeakMap<readonly string[], number>();

/** This process's descriptors, each with what it is where the system tells. */
export const openDescriptors = (): string[] => {
  const list = readdirSync(directory)
    .map((name) => {
      try {
        return `${name} ${process.platform === 'linux' ? readlinkSync(`${directory}/${name}`) : ''}`;
      } catch {
        return ''; // The descriptor that read the directory.
      }
    })
    // Deno opens the files of its caches when it likes.
    .filter((entry) => entry !== '' && !(runtime === 'deno' && entry.includes('/deno/')))
    // Node leaves a module's file open when a Worker is terminated while it reads that.
    .filter((entry) => !/\.[cm]?js$/.test(entry))
    .sort();
  workersAt.set(list, workersStarted());
  return list;
};

// The socket tells its threads of signals; each has one, from the first time that one of them has a child.
const OF_LOOPS = ['anon_inode:[eventpoll]', 'anon_inode:[eventfd]', 'socket'];

/**
 * What is open and was not, and the other way round. Where the runtime leaves its own event loops open when Workers end,
 * and closes some of them later, without as many of these as there were Workers.
 */
export const changedDescriptors = (before: readonly string[]): string[] => {
  const now = openDescriptors();
  const closed = before.filter((entry) => !now.includes(entry));
  const opened = now.filter((entry) => !before.includes(entry));
  if (!lacks('closing what an ended Worker had')) return [...closed, ...opened];
  const kindOf = (entry: string): string => entry.slice(entry.indexOf(' ') + 1).replace(/^socket:.*/, 'socket');
  const workers = workersStarted() - (workersAt.get(before) ?? 0);
  const left = new Map(
    OF_LOOPS.map((kind) => [kind, 2 * workers + closed.filter((entry) => kindOf(entry) === kind).length]),
  );
  left.set('socket', 2 + (left.get('socket') ?? 0));
  const isLeft = (entry: string): boolean => {
    const count = left.get(kindOf(entry)) ?? 0;
    left.set(kindOf(entry), count - 1);
    return count > 0;
  };
  return [...closed.filter((entry) => !OF_LOOPS.includes(kindOf(entry))), ...opened.filter((entry) => !isLeft(entry))];
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits for the same descriptors as before: libkqueue and node:net close theirs a little late. */
export const expectSameDescriptors = async (before: readonly string[]): Promise<void> => {
  const deadline = performance.now() + 1000;
  let changed = changedDescriptors(before);
  while (changed.length > 0 && performance.now() < deadline) {
    await pause(2);
    changed = changedDescriptors(before);
  }
  expect(changed, 'descriptors that the test left open, or closed').toEqual([]);
};

let settled = runtime === 'node';

/** Opens what other runtimes open with their first child, output and Workers. */
const settleRuntime = async (): Promise<void> => {
  if (settled) return;
  settled = true;
  spawnSync('true');
  void [process.stdout, process.stderr];
  await new Promise((resolve) => spawn('true').once('close', resolve));
  for (let round = 0; round < 2; round++)
    await new Promise((resolve) => new Worker(';', { eval: true }).once('exit', resolve));
};

/** Opens what the library and the runtime keep open for the whole process, and waits until nothing changes any more. */
export const settleDescriptors = async (): Promise<void> => {
  await settleRuntime();
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
