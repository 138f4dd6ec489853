import { closeSync, fstatSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import { dup, Poller, READABLE, Socket } from '../../lib/index.ts';
import { runFixture } from '../support/children.ts';
import {
  checkDescriptorsAfterEachTest,
  isCloseOnExec,
  isNonBlocking,
  openDescriptors,
} from '../support/descriptors.ts';
import { expectClosed, expectFdError, expectOutOfRange, expectWrongType } from '../support/expect.ts';
import {
  acceptOne,
  addressOf,
  closedNumber,
  closing,
  connect,
  drain,
  listen,
  openPipe,
  openPipeAt,
  pair,
  say,
} from '../support/sockets.ts';

const linux = process.platform === 'linux';

describe('a socket', () => {
  checkDescriptorsAfterEachTest();

  it('says what it is', () => {
    const tcp = closing(new Socket('inet', 'stream'));
    expect([tcp.family, tcp.type, tcp.listening, tcp.closed]).toEqual(['inet', 'stream', false, false]);
    expect(tcp.protocol).toBe(6);
    const six = closing(new Socket('inet6', 'stream', { protocol: 6 }));
    expect([six.family, six.type, six.protocol]).toEqual(['inet6', 'stream', 6]);
    const unix = closing(new Socket('unix', 'stream'));
    expect([unix.family, unix.type, unix.protocol]).toEqual(['unix', 'stream', 0]);
    expect(listen().listening).toBe(true);
    for (const socket of pair()) expect([socket.family, socket.type]).toEqual(['unix', 'stream']);
  });

  it('may have its protocol by name', () => {
    expect(closing(new Socket('inet', 'stream', { protocol: 'tcp' })).protocol).toBe(6);
  });

  it('may have its family and type by number', () => {
    const socket = closing(new Socket(2, 1));
    expect([socket.family, socket.type]).toEqual(['inet', 'stream']);
  });

  it('that the system does not have is its error, and nothing is opened', () => {
    const before = openDescriptors();
    expectFdError(() => new Socket('inet', 'stream', { protocol: 17 }), 'EPROTONOSUPPORT', 'socket');
    expectFdError(() => new Socket(250, 1), 'EAFNOSUPPORT', 'socket');
    expect(openDescriptors()).toEqual(before);
  });

  it('never blocks', () => {
    const listener = listen();
    const client = connect(addressOf(listener));
    const sockets = [closing(new Socket('inet', 'stream')), ...pair(), listener, client, acceptOne(listener)];
    if (linux) for (const socket of sockets) expect(isNonBlocking(socket.fd)).toBe(true);
    expect(client.recv(Buffer.alloc(1))).toBe(-1);
  });

  describe('closed', () => {
    it('has fd -1, and closing again is fine', () => {
      const [a] = pair();
      const { fd } = a;
      a.close();
      expect(a.fd).toBe(-1);
      expect(a.closed).toBe(true);
      expect(() => fstatSync(fd)).toThrow(/EBADF/);
      a.close();
      a[Symbol.dispose]();
      expect(a.closed).toBe(true);
    });

    it('does not close a number that somebody else has by now', () => {
      const [a] = pair();
      const { fd } = a;
      a.close();
      const next = openPipeAt(fd);
      a.close();
      a[Symbol.dispose]();
      expect(fstatSync(next.read).isFIFO()).toBe(true);
    });

    it('throws ERR_FDPOLL_CLOSED from everything', () => {
      const [a] = pair();
      a.close();
      const buffer = Buffer.alloc(1);
      expectClosed(() => a.recv(buffer));
      expectClosed(() => a.send(buffer));
      expectClosed(() => a.shutdown('both'));
      expectClosed(() => a.detach());
      expectClosed(() => a.accept());
      expectClosed(() => a.listen());
      expectClosed(() => a.bind('unix:@never'));
      expectClosed(() => a.connect('unix:@never'));
    });

    it('is what using leaves behind', () => {
      let kept: Socket;
      {
        using socket = new Socket('inet', 'stream');
        kept = socket;
        expect(kept.closed).toBe(false);
      }
      expect(kept.closed).toBe(true);
    });
  });

  describe('detached', () => {
    it('gives its number away and closes nothing', () => {
      const [a, b] = pair();
      const { fd } = a;
      expect(a.detach()).toBe(fd);
      onTestFinished(() => closeSync(fd));
      expect(a.fd).toBe(-1);
      expect(a.closed).toBe(true);
      a.close();
      expect(fstatSync(fd).isSocket()).toBe(true);
      expectClosed(() => a.detach());
      expectClosed(() => a.send(Buffer.from('x')));
      say(b);
    });

    it('can be adopted again', () => {
      const [a, b] = pair();
      const again = closing(Socket.fromFd(a.detach()));
      say(b, 'again');
      expect(drain(again).text).toBe('again');
    });
  });

  describe('from a descriptor', () => {
    it('owns it, and says what it is', () => {
      const listener = listen();
      const address = addressOf(listener);
      const fd = listener.detach();
      const adopted = closing(Socket.fromFd(fd));
      expect(adopted.fd).toBe(fd);
      expect([adopted.family, adopted.type, adopted.listening]).toEqual(['inet', 'stream', true]);
      expect(adopted.localAddress).toEqual(address);
      closing(Socket.connect(address));
      acceptOne(adopted);
      adopted.close();
      expect(() => fstatSync(fd)).toThrow(/EBADF/);
    });

    it('can share through dup: each end closes its own', () => {
      const [a, b] = pair();
      const other = closing(Socket.fromFd(dup(a)));
      other.close();
      say(a, 'still open');
      expect(drain(b).text).toBe('still open');
    });

    it('that is none is refused and stays the caller’s', () => {
      const file = openSync(tmpdir(), 'r');
      onTestFinished(() => closeSync(file));
      const { read, write } = openPipe();
      for (const fd of [file, read, write]) {
        expectFdError(() => Socket.fromFd(fd), 'ENOTSOCK');
        expect(fstatSync(fd)).toBeDefined();
      }
      expectFdError(() => Socket.fromFd(closedNumber()), 'EBADF');
      for (const fd of [-1, 1.5, Number.NaN, 2 ** 31, 2 ** 32, Infinity]) expectOutOfRange(() => Socket.fromFd(fd));
      for (const fd of ['3', null, undefined, { fd: 3 }, 3n, []])
        expectWrongType(() => Socket.fromFd(fd as unknown as number));
    });

    it('does not block and is close-on-exec, however it was given', async () => {
      const { stdout, stderr, code } = await runFixture('adopt_inherited.mjs');
      expect(stderr).toBe('');
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toEqual({ received: -1, nonBlocking: true, closeOnExec: true });
    });

    it('leaves the pollers of the thread when it is closed, also under its number', () => {
      const [a] = pair();
      const adopted = closing(Socket.fromFd(a.detach()));
      const poller = closing(new Poller());
      poller.add(adopted.fd, READABLE);
      adopted.close();
      expect(poller.size).toBe(0);
    });
  });

  it.runIf(linux)('of a pair is close-on-exec (Linux: /proc tells)', () => {
    for (const socket of pair()) expect(isCloseOnExec(socket.fd)).toBe(true);
  });
});
