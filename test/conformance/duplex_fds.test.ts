import { closeSync, fstatSync, readSync, writeSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { close, dup, Socket, type SocketDuplex, toDuplex } from '../../lib/index.ts';
import { systemNumber } from '../../lib/socket_kinds.ts';
import { checkDescriptorsAfterEachTest, isCloseOnExec, openDescriptors } from '../support/descriptors.ts';
import { closed, errorOf, pattern, receive, streamOf, streams, take } from '../support/duplex.ts';
import { expectError, expectFdError, expectWrongType } from '../support/expect.ts';
import { collectUncaught, until } from '../support/hosted.ts';
import { bytes, closedNumber, connection, fill, openPipe, pair } from '../support/sockets.ts';

const inode = (fd: number): number => fstatSync(fd).ino;

/** What comes out of a stream: text, and how much of it was there when which descriptors came, which are closed. */
const contents = (stream: SocketDuplex): { text: string; fds: [at: number, inodes: number[]][] } => {
  const seen: ReturnType<typeof contents> = { text: '', fds: [] };
  stream.on('fds', (fds: number[]) => {
    seen.fds.push([seen.text.length, fds.map(inode)]);
    for (const fd of fds) close(fd);
  });
  stream.on('data', (chunk: Buffer) => {
    seen.text += chunk;
  });
  return seen;
};

describe('a stream that passes descriptors', () => {
  checkDescriptorsAfterEachTest();

  it('gives them before the bytes that they were written with', async () => {
    const [a, b] = streams({ fds: true }, 'unix');
    const { read, write } = openPipe();
    const seen = contents(b);
    a.write('before ');
    expect(a.writeWithFds(bytes('with '), [read, write])).toBe(true);
    a.write('after ');
    a.writeWithFds(bytes('again'), [read]);
    await until('everything came', () => seen.text === 'before with after again');
    expect(seen.fds.map(([, inodes]) => inodes)).toEqual([[inode(read), inode(write)], [inode(read)]]);
    const [first = -1, second = -1] = seen.fds.map(([at]) => at);
    expect(first, 'with the first byte or before').toBeLessThanOrEqual('before '.length);
    expect(second, 'after those from before').toBeGreaterThan('before '.length);
    expect(second).toBeLessThanOrEqual('before with after '.length);
  });

  it('gives descriptors that work and are close-on-exec', async () => {
    const [a, b] = streams({ fds: true }, 'unix');
    const { read, write } = openPipe();
    const passed = new Promise<number[]>((resolve) => b.once('fds', resolve));
    b.resume();
    a.writeWithFds(bytes('x'), [write]);
    const [fd = -1] = await passed;
    onTestFinished(() => close(fd));
    expect(fd).not.toBe(write);
    if (process.platform === 'linux') expect(isCloseOnExec(fd)).toBe(true);
    writeSync(fd, 'through');
    const buffer = Buffer.alloc(16);
    expect(buffer.toString('utf8', 0, readSync(read, buffer))).toBe('through');
  });

  it('duplicates what it queues: closing yours at once is fine', async () => {
    const [a, b] = streams({ fds: true }, 'unix');
    const seen = contents(b);
    const own = dup(openPipe().read);
    const expected = inode(own);
    a.cork();
    a.writeWithFds(bytes('x'), [own]);
    closeSync(own);
    a.uncork();
    await until('it came', () => seen.text === 'x');
    expect(seen.fds).toEqual([[0, [expected]]]);
  });

  it('keeps the order among megabytes', async () => {
    const [a, b] = streams({ fds: true }, 'unix');
    const { read, write } = openPipe();
    const block = 'b'.repeat(1_000_000);
    const seen = contents(b);
    for (let round = 0; round < 3; round++) {
      a.write(block);
      a.writeWithFds(bytes(`<${round}>`), [round % 2 === 0 ? read : write]);
      a.write(bytes(block));
    }
    const expected = [0, 1, 2].map((round) => `${block}<${round}>${block}`).join('');
    await until('everything came', () => seen.text.length >= expected.length);
    expect(seen.text === expected).toBe(true);
    expect(seen.fds.map(([, inodes]) => inodes)).toEqual([[inode(read)], [inode(write)], [inode(read)]]);
    for (const [round, [at]] of seen.fds.entries()) {
      const marked = round * 2_000_003 + 1_000_000;
      expect(at).toBeLessThanOrEqual(marked);
      expect(at, 'never by more than one receive before').toBeGreaterThan(marked - 65536);
    }
  });

  it('gives the bytes although a listener of the descriptors throws', async () => {
    const uncaught = collectUncaught();
    const [a, b] = streams({ fds: true }, 'unix');
    b.on('fds', (fds: number[]) => {
      for (const fd of fds) close(fd);
      throw new Error('mine');
    });
    a.writeWithFds(bytes('there'), [0]);
    expect((await take(b, 5)).toString()).toBe('there');
    await until('the error is told', () => uncaught.length > 0);
    expect(uncaught.map(String)).toEqual(['Error: mine']);
  });

  it('closes what nobody listens for', async () => {
    const [a, b] = streams({ fds: true }, 'unix');
    const before = openDescriptors();
    a.writeWithFds(bytes('unheard'), [0, 1, 2]);
    expect((await take(b, 7)).toString()).toBe('unheard');
    expect(openDescriptors()).toEqual(before);
  });

  it.runIf(process.platform === 'linux')('closes what comes unasked with the bytes (SO_PASSPIDFD)', async () => {
    const [a, b] = Socket.pair();
    try {
      b.setOption(systemNumber('SOL_SOCKET'), systemNumber('SO_PASSPIDFD'), 1);
    } catch (error) {
      // Before Linux 6.5.
      expect(error).toMatchObject({ code: 'ENOPROTOOPT', syscall: 'setsockopt' });
    }
    const stream = streamOf(b, { fds: true });
    const before = openDescriptors();
    for (const text of ['one', 'two']) {
      a.send(bytes(text));
      expect((await take(stream, 3)).toString()).toBe(text);
    }
    expect(openDescriptors()).toEqual(before);
    a.close();
  });

  it('closes what is queued when it is destroyed', async () => {
    const [a, b] = pair();
    const stream = streamOf(a, { fds: true });
    fill(a);
    const before = openDescriptors();
    const results: unknown[] = [];
    stream.writeWithFds(bytes('one'), [0, 1]);
    stream.writeWithFds(bytes('two'), [2]);
    stream.write('three', (error) => results.push(error));
    expect(openDescriptors()).toHaveLength(before.length + 3);
    stream.destroy();
    await closed(stream);
    expect(openDescriptors()).toHaveLength(before.length - 1);
    expect(b.closed).toBe(false);
  });

  it('opens none for what will not be sent', async () => {
    const [a] = streams({ fds: true }, 'unix');
    const before = openDescriptors();
    expectFdError(() => a.writeWithFds(bytes(''), [0]), 'EINVAL', 'sendmsg');
    expectFdError(() => a.writeWithFds(bytes('x'), Array(254).fill(0)), 'EINVAL', 'sendmsg');
    expectFdError(() => a.writeWithFds(bytes('x'), [0, 1, closedNumber() + 100]), 'EBADF');
    expectError(() => a.writeWithFds(bytes('x'), [0, -1]), RangeError, 'ERR_OUT_OF_RANGE');
    expectWrongType(() => a.writeWithFds('x' as unknown as Buffer, [0]));
    expectWrongType(() => a.writeWithFds(bytes('x'), null as unknown as number[]));
    expectWrongType(() => a.writeWithFds(bytes('x'), ['0'] as unknown as number[]));
    expect(openDescriptors()).toEqual(before);
    const error = errorOf(a);
    a.end();
    a.writeWithFds(bytes('x'), [0]);
    expect((await error).code).toBe('ERR_STREAM_WRITE_AFTER_END');
    await closed(a);
    a.writeWithFds(bytes('x'), [0]);
  });

  it('writes plain bytes with no descriptors', async () => {
    const [a, b] = pair();
    const stream = streamOf(a, { fds: true });
    const data = pattern(2_000_000);
    stream.writeWithFds(data, []);
    stream.write('text');
    expect((await receive(b, data.length)).equals(data)).toBe(true);
    expect((await receive(b, 4)).toString()).toBe('text');
  });

  it('is for unix sockets alone, and has to be asked for', () => {
    const [client] = connection();
    expectError(() => toDuplex(client, { fds: true }), TypeError, 'ERR_INVALID_ARG_VALUE');
    expectWrongType(() => toDuplex(client, { fds: 1 as unknown as boolean }));
    const [a] = streams({}, 'unix');
    expectError(() => a.writeWithFds(bytes('x'), [0]), TypeError, 'ERR_INVALID_ARG_VALUE');
    expect(client).toBeInstanceOf(Socket);
  });
});
