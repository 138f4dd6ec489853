import { describe, expect, it, onTestFinished } from 'vitest';
import { type Watch, watchedPoller } from '../lib/hidden_poller.ts';
import { close, dup, Poller, READABLE, WRITABLE } from '../lib/index.ts';
import { runFixture } from './support/children.ts';
import { checkDescriptorsAfterEachTest } from './support/descriptors.ts';
import { expectError, expectFdError } from './support/expect.ts';
import { collectUncaught, until } from './support/hosted.ts';
import { closing, openPipe, pair, poke, say } from './support/sockets.ts';

interface Watched {
  readonly watch: Watch;
  readonly seen: (number | 'left')[];
}

const watching = (fd: number, interest: number, poller?: Poller, act = (): void => {}): Watched => {
  const seen: (number | 'left')[] = [];
  const happened = (flags: number): void => {
    seen.push(flags);
    act();
  };
  const watch = watchedPoller(poller).watch(fd, interest, { happened, left: () => void seen.push('left') });
  onTestFinished(() => watch.stop());
  return { watch, seen };
};

describe('the hidden poller', () => {
  checkDescriptorsAfterEachTest();

  it('is one for the thread, and one for each poller that is given', () => {
    const [a, b] = [closing(new Poller()), closing(new Poller())];
    expect(watchedPoller()).toBe(watchedPoller());
    expect(watchedPoller(a)).toBe(watchedPoller(a));
    expect(new Set([watchedPoller(), watchedPoller(a), watchedPoller(b)]).size).toBe(3);
  });

  it('tells each watch what it asked for, with one registration of the descriptor', async () => {
    const [a, b] = pair();
    const { poller } = watchedPoller();
    const size = poller.size;
    const reading = watching(a.fd, READABLE);
    const writing = watching(a.fd, WRITABLE, undefined, () => writing.watch.set(0));
    expect(poller.size).toBe(size + 1);
    await until('it is writable', () => writing.seen.length > 0);
    expect(reading.seen).toEqual([]);
    say(b);
    await until('it is readable', () => reading.seen.length > 0);
    expect(writing.seen).toEqual([WRITABLE]);
    expect(new Set(reading.seen)).toEqual(new Set([READABLE]));
    reading.watch.stop();
    reading.watch.stop();
    writing.watch.set(READABLE);
    await until('the other hears it', () => writing.seen.length > 1);
    writing.watch.stop();
    expect(poller.size).toBe(size);
  });

  it('tells who leaves, and those whose number was taken by another file', async () => {
    const { read, end } = openPipe();
    const { seen } = watching(read, READABLE);
    const other = watching(read, READABLE);
    end(read, close);
    expect([seen, other.seen]).toEqual([['left'], ['left']]);
    other.watch.set(WRITABLE);
    other.watch.keep(false);
  });

  it('stays started when a watcher throws, and tells the rest again', async () => {
    const uncaught = collectUncaught();
    const { read, write } = openPipe();
    let thrown = 0;
    watching(read, READABLE, undefined, () => {
      if (thrown++ === 0) throw new Error('mine');
    });
    const { seen } = watching(read, READABLE);
    poke(write);
    await until('both were told', () => seen.length > 0);
    expect(uncaught.map(String)).toEqual(['Error: mine']);
  });

  it('refuses what its poller refuses, and remembers nothing of it', () => {
    const { poller } = watchedPoller();
    const { size } = poller;
    const gone = dup(0);
    close(gone);
    expectFdError(() => watching(gone, READABLE), 'EBADF');
    expect(poller.size).toBe(size);
  });

  it('hosts a poller that is given while something is watched by it', async () => {
    const poller = closing(new Poller());
    const { read, write } = openPipe();
    const { watch, seen } = watching(read, READABLE, poller);
    expectError(() => poller.wait(0), Error, 'ERR_FDPOLL_STARTED');
    poke(write);
    await until('it was told', () => seen.length > 0);
    watch.stop();
    expect(poller.wait(0).length).toBe(0);
    poller.start(() => {});
    expectError(() => watching(read, READABLE, poller), Error, 'ERR_FDPOLL_STARTED');
  });

  it('is replaced when it was closed', async () => {
    const { read, write } = openPipe();
    const first = watchedPoller();
    first.poller.close();
    poke(write);
    const { seen } = watching(read, READABLE);
    await until('it was told', () => seen.length > 0);
    expect(watchedPoller()).not.toBe(first);
  });

  it.each([
    'toDuplex',
    'ready',
  ])('out of descriptors makes %s throw EMFILE, leaks none, and works afterwards', async (call) => {
    const { code, stdout, stderr } = await runFixture('hidden_limit.mjs', [call], { descriptors: 128 });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { codes, ...rest } = JSON.parse(stdout) as Record<string, unknown> & { codes: string[] };
    expect(rest).toEqual({ leaked: 0, kept: true, works: true });
    expect(new Set(codes)).toEqual(new Set(['EMFILE']));
  });
});
