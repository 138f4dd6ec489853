import { fstatSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  close,
  constants,
  ERROR,
  memfd,
  pipe,
  READABLE,
  read,
  type Socket,
  splice,
  WRITABLE,
  waitFor,
  write,
} from '../../lib/index.ts';
import { connectedTo, datagramSocket, linux } from '../support/datagrams.ts';
import { checkDescriptorsAfterEachTest } from '../support/descriptors.ts';
import { expectClosed, expectFdError } from '../support/expect.ts';
import { bytes, closing, connection, openPipe, pair, say } from '../support/sockets.ts';

/** A file with this content, open for both. */
const fileOf = (content: string | Buffer): number => {
  const folder = mkdtempSync(join(tmpdir(), 'fdp-'));
  writeFileSync(join(folder, 'file'), content);
  const fd = openSync(join(folder, 'file'), 'r+');
  onTestFinished(() => {
    close(fd);
    rmSync(folder, { recursive: true });
  });
  return fd;
};

/** Everything that has come, up to so many bytes. */
const receive = (socket: Socket, wanted: number): Buffer => {
  const chunks: Buffer[] = [];
  for (let got = 0; got < wanted; ) {
    expect(waitFor(socket, READABLE, 2000)).not.toBe(0);
    const buffer = Buffer.alloc(Math.min(65536, wanted - got));
    const n = socket.recv(buffer);
    if (n <= 0) return expect.fail(`recv gave ${n} after ${got} of ${wanted} bytes`);
    chunks.push(buffer.subarray(0, n));
    got += n;
  }
  return Buffer.concat(chunks);
};

describe.each([
  ['TCP', (): [Socket, Socket] => connection()],
  ['a unix stream', pair],
])('sendFile over %s', (_, make) => {
  checkDescriptorsAfterEachTest();

  it('sends a part from an offset, and leaves the position of the file', () => {
    const [a, b] = make();
    const fd = fileOf('0123456789');
    readSync(fd, Buffer.alloc(1));
    expect(a.sendFile(fd, 3, 4)).toBe(4);
    expect(a.sendFile({ fd }, 8, 100)).toBe(2);
    expect(receive(b, 6).toString()).toBe('345689');
    expect([a.sendFile(fd, 10, 1), a.sendFile(fd, 99, 1), a.sendFile(fd, 0, 0)]).toEqual([0, 0, 0]);
    const rest = Buffer.alloc(2);
    readSync(fd, rest);
    expect(rest.toString()).toBe('12');
  });

  it('sends megabytes in parts, each as long as there is room, and -1 between', () => {
    const [a, b] = make();
    const content = Buffer.alloc(6 << 20);
    for (let i = 0; i < content.length; i += 4) content.writeUInt32LE(i, i);
    const fd = fileOf(content);
    const chunks: Buffer[] = [];
    let blocked = 0;
    for (let offset = 0; offset < content.length; ) {
      const n = a.sendFile(fd, offset, content.length - offset);
      if (n > 0) {
        expect(n).toBeLessThanOrEqual(content.length - offset);
        chunks.push(receive(b, n));
        offset += n;
      } else {
        expect(n).toBe(-1);
        expect(waitFor(a, WRITABLE, 2000)).toBe(WRITABLE);
        blocked++;
      }
    }
    expect(Buffer.concat(chunks).equals(content)).toBe(true);
    expect(blocked).toBeLessThan(content.length);
  });

  it('waits for room as long as the timeout says, then -1', () => {
    const [a] = make();
    const fd = fileOf(Buffer.alloc(1 << 20));
    // TCP makes room a while longer, by moving bytes to the peer's buffer.
    do {
      while (a.sendFile(fd, 0, 1 << 20) > 0);
      waitFor(a, WRITABLE, 50);
    } while (a.sendFile(fd, 0, 1) > 0);
    a.timeout = 30;
    const start = performance.now();
    expect(a.sendFile(fd, 0, 1)).toBe(-1);
    expect(performance.now() - start).toBeGreaterThanOrEqual(30);
  });

  it('says who is gone, and what is no file', () => {
    const [a, b] = make();
    const fd = fileOf('x');
    expectFdError(() => a.sendFile(openPipe().read, 0, 1), linux ? 'ESPIPE' : 'EINVAL', 'sendfile');
    b.close();
    expectFdError(() => {
      for (let i = 0; i < 100; i++) {
        a.sendFile(fd, 0, 1);
        waitFor(a, READABLE, 100);
      }
    }, 'EPIPE');
    a.close();
    expectClosed(() => a.sendFile(fd, 0, 1));
  });
});

describe.skipIf(!linux)('sendFile of a memfd (Linux)', () => {
  checkDescriptorsAfterEachTest();

  it('goes as one datagram too', () => {
    const server = datagramSocket();
    const client = connectedTo(server);
    const fd = memfd('payload');
    onTestFinished(() => close(fd));
    write(fd, Buffer.alloc(100, 'm'));
    expect(client.sendFile(fd, 40, 60)).toBe(60);
    expect(receive(server, 60).toString()).toBe('m'.repeat(60));
  });
});

describe.skipIf(!linux)('splice (Linux)', () => {
  checkDescriptorsAfterEachTest();

  it('moves from a socket through a pipe into a file, and back from the file into the socket', () => {
    const [client, server] = connection();
    const [source, sink] = [openPipe(), fileOf('')];
    expect(splice(server, source.write, 64)).toBe(-1);
    say(client, 'hello, kernel');
    expect(waitFor(server, READABLE, 2000)).toBe(READABLE);
    expect(splice(server, source.write, 5)).toBe(5);
    expect(splice(server, source.write, 64)).toBe(8);
    expect(splice(server, source.write, 64)).toBe(-1);
    expect([splice(source.read, sink, 64), splice(source.read, sink, 64)]).toEqual([13, -1]);
    const text = Buffer.alloc(16);
    expect(text.toString('latin1', 0, readSync(sink, text, 0, 16, 0))).toBe('hello, kernel');

    const again = openSync(`/proc/self/fd/${sink}`, 'r');
    onTestFinished(() => close(again));
    expect(splice(again, source.write, 7)).toBe(7);
    expect(splice(again, source.write, 64)).toBe(6);
    expect(splice(again, source.write, 64)).toBe(0);
    expect(splice(source.read, server, 64)).toBe(13);
    expect(receive(client, 13).toString()).toBe('hello, kernel');
  });

  it('says 0 at the end of the stream, and EPIPE into one that nobody reads', () => {
    const [client, server] = connection();
    const { read: source, write: sink } = openPipe();
    client.shutdown('write');
    expect(waitFor(server, READABLE, 2000)).not.toBe(0);
    expect(splice(server, sink, 64)).toBe(0);
    const [a, b] = pair();
    b.close();
    writeSync(sink, 'x');
    expect(expectFdError(() => splice(source, a, 1), 'EPIPE', 'splice').fd).toBe(source);
  });

  it('takes what a full socket has room for, and -1 after that', () => {
    const [a, b] = pair();
    const [source, sink] = pipe();
    onTestFinished(() => {
      close(source);
      close(sink);
    });
    const block = Buffer.alloc(4096, 'b');
    let moved = 0;
    for (;;) {
      write(sink, block);
      const n = splice(source, a, 65536);
      if (n < 0) break;
      moved += n;
    }
    expect(moved).toBeGreaterThan(0);
    expect(receive(b, moved).length).toBe(moved);
    expect(splice(source, a, 65536)).toBeGreaterThan(0);
    expect(read(source, block)).toBe(-1);
  });
});

describe.skipIf(!linux)('MSG_ZEROCOPY (Linux)', () => {
  checkDescriptorsAfterEachTest();
  const { MSG_ZEROCOPY = 0, MSG_ERRQUEUE = 0 } = constants;

  it('tells in ranges, without gap or overlap, which of many sends are done; on loopback they were copied', () => {
    const [client, server] = connection();
    client.setOption('SO_ZEROCOPY', true);
    const COUNT = 40;
    const block = Buffer.alloc(16384, 'z');
    const done: number[] = [];
    const collect = (): void => {
      for (;;) {
        const message = client.recvMessage(Buffer.alloc(0), { flags: MSG_ERRQUEUE });
        if (message === undefined) return;
        const zerocopy = message.zerocopy ?? expect.fail('a completion');
        expect([message.bytes, zerocopy.copied, message.error]).toEqual([0, true, undefined]);
        for (let i = zerocopy.from; i <= zerocopy.to; i++) done.push(i);
      }
    };
    for (let sent = 0; sent < COUNT; sent++) {
      const flags = { flags: MSG_ZEROCOPY };
      const n = sent % 2 === 0 ? client.send(block, 0, block.length, MSG_ZEROCOPY) : client.sendMessage(block, flags);
      expect(n).toBe(block.length);
      receive(server, n);
      if (sent % 7 === 0) collect();
    }
    while (done.length < COUNT) {
      expect(waitFor(client, 0, 2000) & ERROR).toBe(ERROR);
      collect();
    }
    expect(done).toEqual(Array.from({ length: COUNT }, (_, i) => i));
    // A send without the flag has no number.
    say(client, 'copied');
    receive(server, 6);
    expect(client.recvMessage(Buffer.alloc(0), { flags: MSG_ERRQUEUE })).toBeUndefined();
  });

  it('without SO_ZEROCOPY is an ordinary send, of which nothing is told', () => {
    const [client, server] = connection();
    expect(client.send(bytes('plain'), 0, 5, MSG_ZEROCOPY)).toBe(5);
    expect(receive(server, 5).toString()).toBe('plain');
    expect(client.recvMessage(Buffer.alloc(0), { flags: MSG_ERRQUEUE })).toBeUndefined();
  });
});

describe.skipIf(!linux)('memfd in use (Linux)', () => {
  checkDescriptorsAfterEachTest();

  it('is a file that a peer gets by its descriptor, and reads at a position of its own choice', () => {
    const [a, b] = pair();
    const fd = memfd('shared');
    write(fd, bytes('in memory'));
    expect(a.sendMessage(bytes('x'), { fds: [fd] })).toBe(1);
    close(fd);
    const [copy = -1] = b.recvMessage(Buffer.alloc(1))?.fds ?? [];
    closing({ close: () => close(copy) });
    expect(fstatSync(copy).size).toBe(9);
    const text = Buffer.alloc(6);
    expect(text.toString('latin1', 0, readSync(copy, text, 0, 6, 3))).toBe('memory');
  });
});
