import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { close } from '../lib/descriptors.ts';
import { read, readv, splice, write, writev } from '../lib/read_write.ts';
import { Socket } from '../lib/socket.ts';
import { checkDescriptorsAfterEachTest } from './support/descriptors.ts';
import { expectFdError } from './support/expect.ts';
import { bytes, closing, drain, fill, openPipe, pair, say } from './support/sockets.ts';

const linux = process.platform === 'linux';

const openFile = (content: string): { fd: number; path: string } => {
  const folder = mkdtempSync(join(tmpdir(), 'fdpoll-'));
  const path = join(folder, 'file');
  writeFileSync(path, content);
  const fd = openSync(path, 'r+');
  onTestFinished(() => {
    close(fd);
    rmSync(folder, { recursive: true });
  });
  return { fd, path };
};

describe('read and write', () => {
  checkDescriptorsAfterEachTest();

  it('move bytes through a pipe, and would block when it is empty or full', () => {
    const { read: from, write: to } = openPipe();
    const buffer = Buffer.alloc(16);
    expect(read(from, buffer)).toBe(-1);
    expect(write(to, bytes('hello'))).toBe(5);
    expect(read(from, buffer)).toBe(5);
    expect(buffer.toString('utf8', 0, 5)).toBe('hello');
    const block = Buffer.alloc(65536);
    let written = 0;
    for (let n = 0; n >= 0; n = write(to, block)) written += n;
    expect(written).toBeGreaterThan(0);
    expect(write(to, block)).toBe(-1);
  });

  it('say 0 at the end, after the last byte', () => {
    const pipe = openPipe();
    write(pipe.write, bytes('x'));
    pipe.end(pipe.write);
    expect(read(pipe.read, Buffer.alloc(8))).toBe(1);
    expect(read(pipe.read, Buffer.alloc(8))).toBe(0);
  });

  it('take a part of the view, counted in bytes', () => {
    const { read: from, write: to } = openPipe();
    expect(write(to, new Uint16Array([0x6261, 0x6463]), 1, 2)).toBe(2);
    const buffer = Buffer.alloc(8, '.');
    expect(read(from, new DataView(buffer.buffer, buffer.byteOffset, 8), 3, 4)).toBe(2);
    expect(buffer.toString('latin1')).toBe('...bc...');
    expect(write(to, bytes('xyz'), 2)).toBe(1);
    expect(write(to, bytes('xyz'), 3)).toBe(0);
    expect(read(from, buffer, 7)).toBe(1);
    expect(buffer.toString('latin1')).toBe('...bc..z');
  });

  it('go through sockets, files and objects with fd', () => {
    const [a, b] = pair();
    expect(write(a, bytes('socket'))).toBe(6);
    expect(read({ fd: b.fd }, Buffer.alloc(16))).toBe(6);
    const { fd, path } = openFile('content');
    const buffer = Buffer.alloc(4);
    expect(read(fd, buffer)).toBe(4);
    expect(buffer.toString()).toBe('cont');
    expect(write(fd, bytes('!'))).toBe(1);
    expect(readFileSync(path, 'utf8')).toBe('cont!nt');
  });

  it('send one datagram for one write, an empty one too', () => {
    const [a, b] = Socket.pair('dgram').map(closing) as [Socket, Socket];
    expect(write(a, new Uint8Array(0))).toBe(0);
    expect(writev(a, [bytes('ab'), bytes('c')])).toBe(3);
    expect(writev(a, [])).toBe(0);
    const buffer = Buffer.alloc(8);
    expect(read(b, buffer)).toBe(0);
    expect(read(b, buffer)).toBe(3);
    expect(buffer.toString('utf8', 0, 3)).toBe('abc');
    expect(readv(b, [buffer])).toBe(0);
    expect(read(b, buffer)).toBe(-1);
  });

  it('throw EPIPE when nobody reads', () => {
    const pipe = openPipe();
    pipe.end(pipe.read);
    expect(expectFdError(() => write(pipe.write, bytes('x')), 'EPIPE', 'write').fd).toBe(pipe.write);
    expectFdError(() => writev(pipe.write, [bytes('x')]), 'EPIPE', 'writev');
    const [a, b] = pair();
    b.close();
    expectFdError(() => write(a, bytes('x')), 'EPIPE', 'write');
    expectFdError(() => writev(a, [bytes('x')]), 'EPIPE', 'writev');
  });
});

describe('readv and writev', () => {
  checkDescriptorsAfterEachTest();

  it('go from one view to the next, over empty ones', () => {
    const { read: from, write: to } = openPipe();
    expect(
      writev(to, [bytes('one '), new Uint8Array(0), bytes('two '), new DataView(new ArrayBuffer(0)), bytes('three')]),
    ).toBe(13);
    const [first, second, third] = [Buffer.alloc(3), new Uint32Array(1), Buffer.alloc(32)] as const;
    expect(readv(from, [first, new Uint8Array(0), second, third])).toBe(13);
    expect(first.toString()).toBe('one');
    expect(Buffer.from(second.buffer).toString()).toBe(' two');
    expect(third.toString('utf8', 0, 6)).toBe(' three');
    expect(readv(from, [first, second])).toBe(-1);
  });

  it('read into views that overlap, in their order', () => {
    const { read: from, write: to } = openPipe();
    write(to, bytes('abcdef'));
    const buffer = Buffer.alloc(4, '.');
    expect(readv(from, [buffer, buffer.subarray(2, 4)])).toBe(6);
    expect(buffer.toString()).toBe('abef');
  });

  it('take 1024 views at a time, and say how many bytes those had', () => {
    const { read: from, write: to } = openPipe();
    const many = Array.from({ length: 1500 }, (_, i) => Buffer.of(i % 251));
    expect(writev(to, many)).toBe(1024);
    expect(writev(to, many.slice(1024))).toBe(476);
    const back = Array.from({ length: 1500 }, () => Buffer.alloc(1, 255));
    expect(readv(from, back)).toBe(1024);
    expect(back[1024]).toEqual(Buffer.of(255));
    expect(readv(from, back.slice(1024))).toBe(476);
    expect(Buffer.concat(back)).toEqual(Buffer.concat(many));
  });

  it('do nothing with no views', () => {
    const { read: from, write: to } = openPipe();
    expect(writev(to, [])).toBe(0);
    write(to, bytes('x'));
    expect(readv(from, [])).toBe(0);
    expect(read(from, Buffer.alloc(8))).toBe(1);
  });

  it('would block on a full socket', () => {
    const [a] = pair();
    fill(a);
    expect(writev(a, [Buffer.alloc(65536), Buffer.alloc(65536)])).toBe(-1);
  });
});

describe('splice', () => {
  checkDescriptorsAfterEachTest();

  it('moves a file into a pipe and on into a socket, or says that the system cannot', () => {
    const { fd } = openFile('through the kernel');
    const { read: from, write: to } = openPipe();
    if (!linux) {
      expectFdError(() => splice(fd, to, 7), 'ENOSYS', 'splice');
      return;
    }
    const [a, b] = pair();
    expect(splice(from, a, 10)).toBe(-1);
    expect(splice(fd, to, 7)).toBe(7);
    expect(splice(fd, to, Number.MAX_SAFE_INTEGER)).toBe(11);
    expect(splice(fd, to, 10)).toBe(0);
    expect(splice(from, { fd: a.fd }, 100)).toBe(18);
    expect(drain(b).text).toBe('through the kernel');
    expect(splice(from, a, 0)).toBe(0);
  });

  it.skipIf(!linux)('would block for a full pipe, even one whose descriptors block (Linux)', () => {
    const { write: to } = openPipe();
    while (write(to, Buffer.alloc(65536)) > 0);
    while (write(to, Buffer.alloc(1)) > 0);
    const [a, b] = pair();
    say(a);
    expect(splice(b, to, 1)).toBe(-1);
  });

  it.skipIf(!linux)('throws what the system says (Linux)', () => {
    const [a, b] = pair();
    expect(expectFdError(() => splice(a, b, 1), 'EINVAL', 'splice').fd).toBe(a.fd);
    const pipe = openPipe();
    const other = openPipe();
    write(pipe.write, bytes('x'));
    other.end(other.read);
    expectFdError(() => splice(pipe.read, other.write, 1), 'EPIPE', 'splice');
  });
});
