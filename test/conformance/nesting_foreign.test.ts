import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Poller, READABLE, Socket } from '../../lib/index.ts';
import { backendsUnderTest } from '../support/backends.ts';
import { checkDescriptorsAfterEachTest } from '../support/descriptors.ts';
import { expectEvents, expectFdError, expectNoEvents } from '../support/expect.ts';
import { describeEachHosting, pause, until } from '../support/hosted.ts';
import { bytes, closing, drain, pair, say } from '../support/sockets.ts';
import { fixturePath, library } from '../support/threads.ts';

/** A program that inherits this descriptor as 3, and answers in lines. */
const startForeign = (fd: number, command: string, ...args: string[]) => {
  const child: ChildProcess = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'inherit', fd],
    // What is preloaded is for Node.
    env: {
      ...process.env,
      FDPOLL_LIBRARY: library,
      NODE_OPTIONS: '',
      ...(command === 'python3' ? { LD_PRELOAD: '' } : {}),
    },
  });
  const failed = new Promise<never>((_resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${command} has ended with ${code}`)));
  });
  failed.catch(() => {});
  const ended = new Promise((resolve) => child.once('close', resolve));
  onTestFinished(async () => {
    child.stdin?.end();
    await ended;
  });
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  const line = async (): Promise<unknown> => (await Promise.race([lines.next(), failed])).value;
  const ask = (word: string): Promise<unknown> => {
    child.stdin?.write(`${word}\n`);
    return line();
  };
  return { line, ask, tell: (word: string) => void child.stdin?.write(`${word}\n`) };
};

const startEpollProgram = async (fd: number) => {
  const program = startForeign(fd, 'python3', fixturePath('foreign_epoll.py'));
  expect(await program.line()).toBe('ready');
  return program;
};

const epoll = backendsUnderTest().filter((backend) => backend.kind === 'epoll');

describe.each(epoll)('a poller in somebody else’s epoll set', () => {
  checkDescriptorsAfterEachTest();
  const poller = (): Poller => closing(new Poller({ backend: 'epoll' }));

  it('is readable there as long as it has something to tell', async () => {
    const inner = poller();
    const [a, b] = pair();
    inner.add(a, READABLE);
    const program = await startEpollProgram(inner.fd);
    await program.ask('level');
    expect(await program.ask('wait')).toBe('nothing');
    say(b);
    expect([await program.ask('wait'), await program.ask('wait')]).toEqual(['readable', 'readable']);
    expectEvents(inner, [[a, READABLE]]);
    expect(await program.ask('wait'), 'nobody has read').toBe('readable');
    drain(a);
    expect(await program.ask('wait')).toBe('nothing');
    inner.waker.wake();
    expect(await program.ask('wait')).toBe('readable');
    expect(inner.wait(0).woken).toBe(true);
    expect(await program.ask('wait')).toBe('nothing');
  });

  it('is readable there once for each arrival when it is watched for edges', async () => {
    const inner = poller();
    const [a, b] = pair();
    inner.add(a, READABLE);
    const program = await startEpollProgram(inner.fd);
    await program.ask('edge');
    for (let round = 0; round < 3; round++) {
      say(b);
      expect([await program.ask('wait'), await program.ask('wait')]).toEqual(['readable', 'nothing']);
    }
    expectEvents(inner, [[a, READABLE]]);
  });

  it('of which an edge was collected is quiet there', async () => {
    const inner = poller();
    const [a, b] = pair();
    inner.add(a, READABLE, { mode: 'edge' });
    const program = await startEpollProgram(inner.fd);
    await program.ask('level');
    say(b);
    expect([await program.ask('wait'), await program.ask('wait')]).toEqual(['readable', 'readable']);
    expectEvents(inner, [[a, READABLE]]);
    expect(await program.ask('wait'), 'nobody has read').toBe('nothing');
  });

  it('may come by a message, and goes on when its poller is closed here', async () => {
    const inner = new Poller({ backend: 'epoll' });
    const [a, b] = pair();
    inner.add(a, READABLE);
    const [left, right] = pair();
    left.sendMessage(bytes('x'), { fds: [inner.fd] });
    const [fd] = right.recvMessage(Buffer.alloc(1))?.fds ?? [];
    const outer = poller();
    outer.add(fd as number, READABLE);
    expectNoEvents(outer);
    say(b);
    expectEvents(outer, [[fd as number, READABLE]]);
    inner.close();
    expectEvents(outer, [[fd as number, READABLE]]);
    drain(a);
    expectNoEvents(outer);
    expectFdError(() => Socket.fromFd(fd as number), 'ENOTSOCK');
    outer.delete(fd as number);
    closeSync(fd as number);
  });

  it.each([
    ['level', 'edge'],
    ['edge', 'level'],
    ['edge', 'edge'],
    ['oneshot', 'level'],
  ] as const)('of ours is told as %s outside and %s inside say', (outside, inside) => {
    const [outer, inner] = [poller(), poller()];
    const [a, b] = pair();
    inner.add(a, READABLE, { mode: inside });
    outer.add(inner, READABLE, { mode: outside });
    for (let round = 0; round < 3; round++) {
      say(b);
      expectEvents(outer, [[inner, READABLE]]);
      if (outside === 'level') expectEvents(outer, [[inner, READABLE]]);
      else expectNoEvents(outer);
      expectEvents(inner, [[a, READABLE]]);
      // Collected: an edge inside is over, a level is not.
      expectNoEvents(outer);
      if (outside === 'oneshot') outer.modify(inner, READABLE);
      if (outside === 'oneshot' && inside === 'level') expectEvents(outer, [[inner, READABLE]]);
      drain(a);
      if (outside === 'oneshot') outer.modify(inner, READABLE);
    }
  });
});

describeEachHosting('a started poller in another set', (host) => {
  if (host.name === 'epoll') {
    it('is readable in a foreign epoll set while its callback holds it back', async () => {
      const inner = host.poller();
      const [a, b] = pair();
      inner.add(a, READABLE);
      const program = await startEpollProgram(inner.fd);
      await program.ask('level');
      let goOn = (): void => {};
      inner.start(
        () =>
          new Promise((resolve) => {
            goOn = resolve;
          }),
      );
      const idle = goOn;
      say(b);
      await until('the callback', () => goOn !== idle);
      expect([await program.ask('wait'), await program.ask('wait')]).toEqual(['readable', 'readable']);
      drain(a);
      goOn();
      expect(await program.ask('wait')).toBe('nothing');
    });

    it.each(['level', 'edge'])('is watched by a started poller of another process: %s', async (mode) => {
      const inner = closing(new Poller({ backend: 'epoll' }));
      const [a, b] = pair();
      inner.add(a, READABLE);
      const child = startForeign(inner.fd, process.execPath, fixturePath('nested_child.mjs'), host.hosting, mode);
      expect(await child.line()).toBe('ready');
      for (let round = 0; round < 3; round++) {
        say(b);
        expect(await child.line()).toBe('readable');
        expectEvents(inner, [[a, READABLE]]);
        drain(a);
        child.tell('again');
      }
    });

    it('and that other one started, too: both hear, and neither spins', async () => {
      const [outer, inner] = [host.poller(), host.poller()];
      const [a, b] = pair();
      inner.add(a, READABLE);
      outer.add(inner, READABLE);
      const heard = { outer: 0, inner: 0 };
      let goOn = (): void => {};
      // Held back, so that the outer one finds it readable.
      inner.start(() => {
        heard.inner++;
        return new Promise((resolve) => {
          goOn = resolve;
        });
      });
      outer.start(() => {
        heard.outer++;
        if (heard.inner > 0) outer.modify(inner, 0);
      });
      expectFdError(() => inner.add(outer, READABLE), 'ELOOP', 'epoll_ctl');
      say(b);
      await until('both have heard', () => heard.inner === 1 && heard.outer > 0);
      drain(a);
      goOn();
      await pause(20);
      const before = { ...heard };
      outer.modify(inner, READABLE);
      await pause(20);
      expect(heard).toEqual(before);
      inner.stop();
      say(b);
      await until('the outer one alone', () => heard.outer > before.outer);
      expect(heard.inner).toBe(1);
    });

    it('and that one waited for in wait(), as in a thread of its own', () => {
      const inner = host.poller();
      const outer = closing(new Poller());
      const [a, b] = pair();
      inner.add(a, READABLE, { mode: 'level' });
      outer.add(inner, READABLE);
      inner.start(() => {});
      say(b);
      expectEvents(outer, [[inner, READABLE]]);
      drain(a);
      expectNoEvents(outer);
    });
  } else
    it('has no descriptor that could be there', () => {
      const inner = host.poller();
      inner.start(() => {});
      expect(host.differs('pollable descriptor') === undefined).toBe(inner.fd >= 0);
    });
});
