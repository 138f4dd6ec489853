import { closeSync, fstatSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { READABLE, Socket, type SocketType, waitFor } from '../../lib/index.ts';
import { systemNumber } from '../../lib/socket_kinds.ts';
import { runFixture } from '../support/children.ts';
import { checkDescriptorsAfterEachTest, isCloseOnExec, openDescriptors } from '../support/descriptors.ts';
import { expectFdError, expectOutOfRange } from '../support/expect.ts';
import { closingFd, linux, nextMessage, pairOf } from '../support/messages.ts';
import { lacks } from '../support/runtimes.ts';
import { bytes, closing, openPipe, pair, say } from '../support/sockets.ts';

const types: SocketType[] = process.platform === 'darwin' ? ['stream', 'dgram'] : ['stream', 'dgram', 'seqpacket'];

const openFile = (): number => {
  const folder = mkdtempSync(join(tmpdir(), 'fdp-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return closingFd(openSync(join(folder, 'file'), 'w+'));
};

/** So many descriptors of one pipe, to be sent. */
const copies = (count: number): number[] => new Array(count).fill(openPipe().read);

const isSame = (a: number, b: number): boolean => {
  const [x, y] = [fstatSync(a), fstatSync(b)];
  return x.ino === y.ino && x.dev === y.dev;
};

describe.each(types)('descriptors in messages of a %s', (type) => {
  checkDescriptorsAfterEachTest();

  it('are those of a file, a pipe and a socket, in order, distinct and close-on-exec', () => {
    const [a, b] = pairOf(type);
    const [one, other] = pair();
    const ends = openPipe();
    const sent = [openFile(), ends.read, ends.write, one.fd, one.fd];
    expect(a.sendMessage(bytes('five'), { fds: sent })).toBe(4);
    const message = nextMessage(b);
    expect(message).toMatchObject({ text: 'five', truncated: false, controlTruncated: false });
    expect(message.fds).toHaveLength(5);
    expect(new Set([...message.fds, ...sent]).size).toBe(9);
    message.fds.forEach((fd, i) => {
      expect(isSame(fd, sent[i] as number)).toBe(true);
      if (linux) expect(isCloseOnExec(fd)).toBe(true);
    });
    const [file = -1, read = -1, write = -1, socket = -1] = message.fds;
    writeSync(file, 'written');
    writeSync(write, 'through');
    const buffer = Buffer.alloc(7);
    readSync(read, buffer);
    expect(buffer.toString()).toBe('through');
    const taken = closing(Socket.fromFd(socket));
    say(other, 'hello');
    expect(waitFor(taken, READABLE, 2000)).toBe(READABLE);
    expect(taken.recv(buffer)).toBe(5);
  });

  it('stay the sender’s, who may close them before they arrive', () => {
    const [a, b] = pairOf(type);
    const file = openFile();
    a.sendMessage(bytes('x'), { fds: [file] });
    expect(fstatSync(file).isFile()).toBe(true);
    closeSync(file);
    const [received = -1] = nextMessage(b).fds;
    expect(fstatSync(received).isFile()).toBe(true);
  });

  it('stay with their messages', () => {
    const [a, b] = pairOf(type);
    const files = [openFile(), openFile(), openFile()];
    a.sendMessage(bytes('none'), {});
    a.sendMessage(bytes('one.'), { fds: files.slice(0, 1) });
    a.sendMessage(bytes('none'), { fds: [] });
    a.sendMessage(bytes('two.'), { fds: files.slice(1) });
    a.sendMessage(bytes('none'));
    // Read as a stream parser does, a message's length at a time.
    const counts = [0, 1, 2, 3, 4].map(() => {
      const message = nextMessage(b, 4);
      return [message.text, message.fds.length];
    });
    expect(counts).toEqual([
      ['none', 0],
      ['one.', 1],
      ['none', 0],
      ['two.', 2],
      ['none', 0],
    ]);
  });

  it('are as many as the system takes, 253 on Linux, and one more is an error', () => {
    const [a, b] = pairOf(type);
    const most = process.platform === 'darwin' ? 100 : 253;
    a.sendMessage(bytes('x'), { fds: copies(most) });
    const message = nextMessage(b);
    expect(message.fds).toHaveLength(most);
    expect(message.controlTruncated).toBe(false);
    if (!linux) return;
    for (const count of [254, 1000]) {
      const error = expectFdError(() => a.sendMessage(bytes('x'), { fds: copies(count) }), 'EINVAL', 'sendmsg');
      expect(error.message).toContain('253');
      expect(error.fd).toBe(a.fd);
    }
    expect(b.recvMessage(Buffer.alloc(8))).toBeUndefined();
  });

  it('are closed when some were cut off, whatever the control space is', () => {
    const [a, b] = pairOf(type);
    const fds = copies(3);
    const open = openDescriptors();
    for (const controlSize of [0, 1, 12, 16, 19, 20, 23]) {
      a.sendMessage(bytes('cut'), { fds });
      expect(nextMessage(b, 8, { controlSize })).toMatchObject({ text: 'cut', fds: [], controlTruncated: true });
      expect(openDescriptors()).toEqual(open);
    }
    a.sendMessage(bytes('whole'), { fds });
    expect(nextMessage(b, 8, { controlSize: 64 }).fds).toHaveLength(3);
  });

  it('are closed when there are more than maxFds, whatever else the message has', () => {
    const [a, b] = pairOf(type);
    const fds = copies(3);
    const open = openDescriptors();
    if (linux) b.setOption('SO_PASSCRED', true);
    for (const maxFds of [0, 1, 2]) {
      a.sendMessage(bytes('many'), { fds });
      const message = nextMessage(b, 8, { maxFds });
      expect(message).toMatchObject({ text: 'many', fds: [], controlTruncated: true });
      if (linux) expect(message.credentials?.pid).toBe(process.pid);
      expect(openDescriptors()).toEqual(open);
    }
    a.sendMessage(bytes('few'), { fds });
    const few = nextMessage(b, 8, { maxFds: 3 });
    expect(few.fds).toHaveLength(3);
    expect(few.controlTruncated).toBe(false);
    a.sendMessage(bytes('none'));
    expect(nextMessage(b, 8, { maxFds: 0 })).toMatchObject({ text: 'none', fds: [], controlTruncated: false });
    for (const maxFds of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, 2 ** 53])
      expectOutOfRange(() => b.recvMessage(Buffer.alloc(1), { maxFds }));
  });

  it('that nobody asks for are closed: recv, recvFrom, and a socket that is closed', () => {
    const [a, b] = pairOf(type);
    const fds = copies(2);
    const open = openDescriptors();
    const buffer = Buffer.alloc(8);
    a.sendMessage(bytes('one'), { fds });
    expect(b.recv(buffer)).toBe(3);
    a.sendMessage(bytes('two'), { fds });
    expect(b.recvFrom(buffer)?.bytes).toBe(3);
    expect(openDescriptors()).toEqual(open);
    a.sendMessage(bytes('three'), { fds });
    b.close();
  });

  it('that are peeked at are not received', () => {
    const [a, b] = pairOf(type);
    a.sendMessage(bytes('look'), { fds: copies(2) });
    const open = openDescriptors();
    const flags = systemNumber('MSG_PEEK');
    for (let i = 0; i < 3; i++) expect(nextMessage(b, 8, { flags })).toMatchObject({ text: 'look', fds: [] });
    expect(openDescriptors()).toEqual(open);
    expect(nextMessage(b).fds).toHaveLength(2);
  });

  it('may be objects with a descriptor, and must be open', () => {
    const [a, b] = pairOf(type);
    const [read, write] = [openPipe(), openPipe()];
    a.sendMessage(bytes('x'), { fds: [a, { fd: read.read }, write.write] });
    expect(nextMessage(b).fds).toHaveLength(3);
    const gone = openFile();
    closeSync(gone);
    expectFdError(() => a.sendMessage(bytes('x'), { fds: [gone] }), 'EBADF', 'sendmsg');
    expect(b.recvMessage(Buffer.alloc(8))).toBeUndefined();
  });
});

describe('descriptors on a stream', () => {
  checkDescriptorsAfterEachTest();

  it('without a byte are EINVAL, since the kernel would drop them', () => {
    const [a, b] = pair();
    for (const nothing of [[], Buffer.alloc(0), [Buffer.alloc(0), Buffer.alloc(0)]]) {
      const error = expectFdError(() => a.sendMessage(nothing, { fds: copies(1) }), 'EINVAL', 'sendmsg');
      expect(error.message).toContain('a byte');
    }
    expect(b.recvMessage(Buffer.alloc(8))).toBeUndefined();
  });

  it('come with the first byte of their message, and with those of one sender at most', () => {
    const [a, b] = pair();
    a.sendMessage(bytes('first'), { fds: copies(1) });
    a.sendMessage(bytes('second'), { fds: copies(2) });
    a.sendMessage(bytes('third'));
    expect(nextMessage(b, 2)).toMatchObject({ text: 'fi', fds: [expect.any(Number)] });
    let text = '';
    const counts: number[] = [];
    while (text.length < 14) {
      const message = nextMessage(b);
      text += message.text;
      if (message.fds.length > 0) counts.push(message.fds.length);
    }
    expect(text).toBe('rstsecondthird');
    expect(counts).toEqual([2]);
  });

  it('go with what a full socket took, and are closed when nobody ever reads', () => {
    const [a, b] = pair();
    const big = Buffer.alloc(4 << 20);
    const taken = a.sendMessage(big, { fds: copies(1) });
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThan(big.length);
    expect(a.sendMessage(big, { fds: copies(1) })).toBe(-1);
    expect(nextMessage(b, 1).fds).toHaveLength(1);
  });

  it('over a datagram may come without a byte', () => {
    const [a, b] = pairOf('dgram');
    expect(a.sendMessage([], { fds: copies(1) })).toBe(0);
    expect(nextMessage(b)).toMatchObject({ bytes: 0, fds: [expect.any(Number)] });
  });
});

describe.runIf(linux)('a descriptor of the sender (SO_PASSPIDFD)', () => {
  checkDescriptorsAfterEachTest();

  it('comes in the raw control data, is closed when it was only looked at, or is no option of this kernel', () => {
    const [a, b] = pairOf('dgram');
    const [level, name] = [systemNumber('SOL_SOCKET'), systemNumber('SO_PASSPIDFD')];
    try {
      b.setOption(level, name, 1);
    } catch (error) {
      // Before Linux 6.5.
      expect(error).toMatchObject({ code: 'ENOPROTOOPT', syscall: 'setsockopt' });
      return;
    }
    a.send(bytes('x'));
    const open = openDescriptors();
    expect(nextMessage(b, 8, { flags: systemNumber('MSG_PEEK') }).control).toBeUndefined();
    expect(openDescriptors()).toEqual(open);
    const [item] = nextMessage(b).control ?? [];
    expect(item).toMatchObject({ level, type: 4 });
    const pidfd = closingFd(Buffer.from(item?.data ?? []).readInt32LE());
    expect(isCloseOnExec(pidfd)).toBe(true);
    expect(readFileSync(`/proc/self/fdinfo/${pidfd}`, 'utf8')).toContain(`Pid:\t${process.pid}`);
  });
});

describe('descriptors that cannot be handed over', () => {
  checkDescriptorsAfterEachTest();

  it('are closed: no numbers left, a full stack, and a changed Array.prototype', async () => {
    // Interpreted, so that each call takes the same part of the stack every time.
    const flags = ['--no-opt', '--no-sparkplug', '--no-maglev'];
    const { code, stdout, stderr } = await runFixture('received_descriptors.mjs', [], { descriptors: 128, flags });
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as {
      few: { fds: number[]; controlTruncated: boolean; leaked: number };
      deep: { between: number; leaked: number };
      prototype: { fds: number; leaked: number };
    };
    expect(report.few).toEqual({ fds: [], controlTruncated: true, leaked: 0 });
    if (lacks('a full stack inside of a call')) expect(report.deep.between).toBe(0);
    else expect(report.deep.between).toBeGreaterThan(0);
    expect(report.deep.leaked).toBe(0);
    expect(report.prototype).toEqual({ fds: 2, leaked: 0 });
  });
});
