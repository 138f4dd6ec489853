import { describe, expect, it } from 'vitest';
import { ERROR, READABLE, Socket, WRITABLE, waitFor } from '../../lib/index.ts';
import { checkDescriptorsAfterEachTest, openDescriptors } from '../support/descriptors.ts';
import { expectFdError, thrownBy } from '../support/expect.ts';
import {
  acceptOne,
  addressOf,
  bytes,
  closing,
  connect,
  connection,
  drain,
  fill,
  listen,
  pair,
  portOf,
  reset,
  say,
} from '../support/sockets.ts';

const peek = 2; // MSG_PEEK, the same number on every system.

/** A port of this machine at which nobody listens. */
const deadPort = (): number => {
  const listener = Socket.listen('127.0.0.1:0');
  const port = portOf(listener);
  listener.close();
  return port;
};

describe.each([
  ['tcp over inet', () => connection('127.0.0.1:0')],
  ['tcp over inet6', () => connection('[::1]:0')],
  ['unix', pair],
] as const)('a stream socket, %s', (_, connected) => {
  checkDescriptorsAfterEachTest();

  it('carries bytes both ways', () => {
    const [a, b] = connected();
    say(a, 'ping');
    expect(waitFor(b, READABLE, 2000)).toBe(READABLE);
    expect(drain(b)).toEqual({ text: 'ping', ended: false });
    say(b, 'pong');
    expect(waitFor(a, READABLE, 2000)).toBe(READABLE);
    expect(drain(a)).toEqual({ text: 'pong', ended: false });
  });

  it('gives -1 where it would block, and 0 at the end', () => {
    const [a, b] = connected();
    const buffer = Buffer.alloc(8);
    expect(a.recv(buffer)).toBe(-1);
    expect(fill(a)).toBeGreaterThan(0);
    expect(a.send(bytes('more'))).toBe(-1);
    expect(a.send(bytes('more'))).toBe(-1);
    b.shutdown('write');
    expect(waitFor(a, READABLE, 2000) & READABLE).toBe(READABLE);
    expect(a.recv(buffer)).toBe(0);
    expect(a.recv(buffer)).toBe(0);
  });

  it('reads into the part of the buffer that is given, and nothing else', () => {
    const [a, b] = connected();
    say(b, 'abcdef');
    waitFor(a, READABLE, 2000);
    const buffer = Buffer.alloc(8, '.');
    expect(a.recv(buffer, 2, 3)).toBe(3);
    expect(buffer.toString()).toBe('..abc...');
    expect(a.recv(buffer, 6)).toBe(2);
    expect(buffer.toString()).toBe('..abc.de');
    expect(a.recv(buffer, 0, 0)).toBe(0);
    expect(a.recv(buffer, 8)).toBe(0);
    expect(a.recv(buffer)).toBe(1);
    expect(buffer.toString()).toBe('f.abc.de');
  });

  it('sends the part of the buffer that is given, and nothing else', () => {
    const [a, b] = connected();
    expect(a.send(bytes('0123456789'), 3, 4)).toBe(4);
    expect(a.send(bytes('0123456789'), 8)).toBe(2);
    expect(a.send(bytes('0123456789'), 10)).toBe(0);
    expect(a.send(bytes('0123456789'), 0, 0)).toBe(0);
    expect(a.send(Buffer.alloc(0))).toBe(0);
    waitFor(b, READABLE, 2000);
    expect(drain(b).text).toBe('345689');
  });

  it('takes every view of bytes, its offset counted in bytes', () => {
    const [a, b] = connected();
    const memory = new ArrayBuffer(32);
    const views = [
      new Uint8Array(memory, 4, 4),
      new Uint16Array(memory, 4, 2),
      new Int32Array(memory, 4, 1),
      new Float32Array(memory, 4, 1),
      new DataView(memory, 4, 4),
      Buffer.from(memory, 4, 4),
    ];
    for (const view of views) {
      say(b, 'WXYZ');
      waitFor(a, READABLE, 2000);
      new Uint8Array(memory).fill(0);
      expect(a.recv(view, 1, 2)).toBe(2);
      expect(a.recv(view, 3)).toBe(1);
      expect(Buffer.from(memory).toString('latin1', 0, 10)).toBe('\0\0\0\0\0WXY\0\0');
      expect(a.send(view, 1, 3)).toBe(3);
      waitFor(b, READABLE, 2000);
      expect(drain(b).text).toBe('WXY');
      expect(drain(a).text).toBe('Z');
    }
  });

  it('takes shared and resizable memory', () => {
    const [a, b] = connected();
    const shared = new Uint8Array(new SharedArrayBuffer(8));
    say(b, 'shared');
    waitFor(a, READABLE, 2000);
    expect(a.recv(shared)).toBe(6);
    expect(Buffer.from(shared.slice(0, 6)).toString()).toBe('shared');
    const Resizable = ArrayBuffer as unknown as new (
      size: number,
      options: object,
    ) => ArrayBuffer & { resize(n: number): void };
    const memory = new Resizable(4, { maxByteLength: 16 });
    const view = new Uint8Array(memory);
    memory.resize(8);
    expect(a.send(view.fill(65))).toBe(8);
    memory.resize(2);
    expect(a.send(view)).toBe(2);
    waitFor(b, READABLE, 2000);
    expect(drain(b).text).toBe('AAAAAAAAAA');
  });

  it('peeks without taking', () => {
    const [a, b] = connected();
    say(b, 'seen');
    waitFor(a, READABLE, 2000);
    const buffer = Buffer.alloc(4);
    expect(a.recv(buffer, 0, 4, peek)).toBe(4);
    expect(a.recv(buffer, 0, 4)).toBe(4);
    expect(buffer.toString()).toBe('seen');
    expect(a.recv(buffer)).toBe(-1);
  });

  it('carries megabytes in order when both sides go on as they can', () => {
    const [a, b] = connected();
    const data = Buffer.alloc(3_000_000);
    for (let i = 0; i < data.length; i += 4) data.writeUInt32LE(i, i);
    const received = Buffer.alloc(data.length);
    let sent = 0;
    let got = 0;
    for (let round = 0; round < 100_000 && got < data.length; round++) {
      if (sent < data.length) sent += Math.max(0, a.send(data, sent));
      const n = b.recv(received, got);
      if (n > 0) got += n;
      else waitFor(b, READABLE, 100);
    }
    expect(got).toBe(data.length);
    expect(received.equals(data)).toBe(true);
  });

  it('half-closes: one direction ends, the other goes on', () => {
    const [a, b] = connected();
    a.shutdown('write');
    expectFdError(() => a.send(bytes('no')), 'EPIPE');
    waitFor(b, READABLE, 2000);
    expect(drain(b).ended).toBe(true);
    say(b, 'still here');
    waitFor(a, READABLE, 2000);
    expect(drain(a)).toEqual({ text: 'still here', ended: false });
    a.shutdown('both');
    expect(a.recv(Buffer.alloc(1))).toBe(0);
  });

  it('throws when the peer reset the connection, and the process lives', () => {
    const [a, b] = connected();
    reset(b, a);
    waitFor(a, READABLE, 2000);
    const codes: string[] = [];
    for (let i = 0; i < 3; i++) {
      try {
        a.send(bytes('x'));
      } catch (error) {
        codes.push((error as { code: string }).code);
      }
    }
    expect(codes.length).toBeGreaterThanOrEqual(2);
    for (const code of codes) expect(['EPIPE', 'ECONNRESET']).toContain(code);
  });
});

describe('TCP', () => {
  checkDescriptorsAfterEachTest();

  it('refused is ECONNREFUSED of connect', () => {
    const port = deadPort();
    const error = expectFdError(() => {
      const socket = closing(Socket.connect(`127.0.0.1:${port}`));
      expect(waitFor(socket, WRITABLE, 2000) & ERROR).toBe(ERROR);
      throw socket.takeError();
    }, 'ECONNREFUSED');
    expect(error.syscall).toBe('connect');
    expect(error.message).toBe('connect ECONNREFUSED: connection refused');
  });

  it('to where no way leads is an error with address and port, and leaks nothing', () => {
    const before = openDescriptors();
    const error = expectFdError(() => Socket.connect('255.255.255.255:9'), 'ENETUNREACH', 'connect');
    expect(openDescriptors()).toEqual(before);
    expect(error.address).toBe('255.255.255.255');
    expect(error.port).toBe(9);
  });

  it('connects in two steps: false is in progress, then WRITABLE', () => {
    const listener = listen();
    const client = closing(new Socket('inet', 'stream'));
    expect([true, false]).toContain(client.connect(addressOf(listener)));
    expect(waitFor(client, WRITABLE, 2000)).toBe(WRITABLE);
    acceptOne(listener);
    expect(client.remoteAddress).toEqual(addressOf(listener));
    // The first connect after EINPROGRESS tells that it is over, the next one that it was before.
    const again = [0, 1].map(() => {
      try {
        return client.connect(addressOf(listener));
      } catch (error) {
        return (error as { code: string }).code;
      }
    });
    expect([true, 'EISCONN']).toContain(again[0]);
    expect(again[1]).toBe('EISCONN');
  });

  it('with a full backlog stays in progress: false, and never writable', () => {
    const listener = closing(Socket.listen('127.0.0.1:0', { backlog: 0 }));
    const address = addressOf(listener);
    let pending: Socket | undefined;
    for (let i = 0; i < 50 && !pending; i++) {
      const client = closing(new Socket('inet', 'stream'));
      if (!client.connect(address) && waitFor(client, WRITABLE, 20) === 0) pending = client;
    }
    expect(pending).toBeDefined();
    expect(pending?.remoteAddress).toBeUndefined();
    expect(waitFor(pending ?? expect.fail('every connection came through'), WRITABLE, 30)).toBe(0);
  });

  it('a taken port is EADDRINUSE of bind, and leaks nothing', () => {
    const listener = listen();
    const before = openDescriptors();
    const error = expectFdError(() => Socket.listen(addressOf(listener)), 'EADDRINUSE');
    expect(['bind', 'listen']).toContain(error.syscall);
    expect(error.address).toBe('127.0.0.1');
    expect(error.port).toBe(portOf(listener));
    expect(openDescriptors()).toEqual(before);
  });

  it('a port can be listened on again at once', () => {
    const listener = listen();
    const address = addressOf(listener);
    const client = connect(address);
    const server = acceptOne(listener);
    server.close();
    client.close();
    listener.close();
    expect(addressOf(listen(address))).toEqual(address);
  });

  it('an address of another machine cannot be bound: EADDRNOTAVAIL', () => {
    expectFdError(() => Socket.listen('192.0.2.77:0'), 'EADDRNOTAVAIL', 'bind');
  });

  it('what is not connected is ENOTCONN to shutdown, and throws on recv and send', () => {
    const socket = closing(new Socket('inet', 'stream'));
    expectFdError(() => socket.shutdown('write'), 'ENOTCONN', 'shutdown');
    expectFdError(() => socket.recv(Buffer.alloc(1)), 'ENOTCONN');
    expect((thrownBy(() => socket.send(bytes('x'))) as { code: string }).code).toMatch(/^(EPIPE|ENOTCONN)$/);
  });
});
