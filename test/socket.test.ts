import { afterEach, describe, expect, it, vi } from 'vitest';
import { native } from '../lib/binding.ts';
import type { Bytes } from '../lib/index.ts';
import { BAD_ARGUMENT, CLOSED_HANDLE, WOULD_BLOCK } from '../lib/native.ts';
import { Socket } from '../lib/socket.ts';
import { failed } from './support/answers.ts';
import { openDescriptors } from './support/descriptors.ts';
import { expectClosed, expectFdError, expectOutOfRange, expectWrongType, thrownBy } from './support/expect.ts';
import { closing, connection, pair } from './support/sockets.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const inet = (): Socket => closing(new Socket('inet', 'stream'));

describe('an error of a socket', () => {
  it('says which descriptor, and which address it met', () => {
    const socket = inet();
    vi.spyOn(native, 'bind').mockReturnValue(failed('bind', 'EADDRINUSE'));
    vi.spyOn(native, 'connect').mockReturnValue(failed('connect', 'ENETUNREACH'));
    vi.spyOn(native, 'listen').mockReturnValue(failed('listen', 'EADDRINUSE'));
    const { fd } = socket;
    const bind = expectFdError(() => socket.bind('127.0.0.1:80'), 'EADDRINUSE', 'bind');
    expect(bind).toMatchObject({ fd, address: '127.0.0.1', port: 80 });
    const connect = expectFdError(() => socket.connect('unix:/run/x'), 'ENETUNREACH', 'connect');
    expect(connect).toMatchObject({ fd, address: 'unix:/run/x' });
    expect(connect).not.toHaveProperty('port');
    expect({ ...expectFdError(() => socket.listen(), 'EADDRINUSE', 'listen') }).not.toHaveProperty('address');
  });

  it('is a value when it was pending', () => {
    const socket = inet();
    expect(socket.takeError()).toBeUndefined();
    vi.spyOn(native, 'takeError').mockReturnValueOnce(111);
    expect(socket.takeError()).toMatchObject({ name: 'FdError', syscall: 'connect', errno: -111, fd: socket.fd });
  });

  it('is ERR_FDPOLL_CLOSED when the handle is', () => {
    const socket = inet();
    vi.spyOn(native, 'accept').mockReturnValue(CLOSED_HANDLE);
    expectClosed(() => socket.accept());
  });
});

describe('a transfer', () => {
  it.each(['recv', 'send'] as const)('%s gives the answer through, and would-block as -1', (name) => {
    const socket = inet();
    for (const answer of [0, 1, 2 ** 31 - 1, WOULD_BLOCK]) {
      vi.spyOn(native, name).mockReturnValueOnce(answer);
      expect(socket[name](Buffer.alloc(1))).toBe(answer);
    }
    vi.spyOn(native, name).mockReturnValueOnce(failed(name, 'ECONNRESET'));
    expect(expectFdError(() => socket[name](Buffer.alloc(1)), 'ECONNRESET', name).fd).toBe(socket.fd);
  });

  it.each([
    [[9], /^"offset" must be >= 0 and <= 8\. Received 9/],
    [[-1], /^"offset"/],
    [[0.5], /^"offset" must be an integer/],
    [[2 ** 53], /^"offset"/],
    [[2, 7], /^"length" must be >= 0 and <= 6\. Received 7/],
    [[0, -1], /^"length"/],
    [[0, Number.NaN], /^"length"/],
    [[0, 1, -1], /^"flags"/],
    [[0, 1, 2 ** 31], /^"flags"/],
  ] as const)('with %o names what is out of range, and nothing moves', (args, message) => {
    const [a, b] = pair();
    b.send(Buffer.from('text'));
    expect(expectOutOfRange(() => a.recv(Buffer.alloc(8), ...args)).message).toMatch(message);
    expect(expectOutOfRange(() => a.send(Buffer.alloc(8), ...args)).message).toMatch(message);
    expect(a.recv(Buffer.alloc(8))).toBe(4);
    expect(b.recv(Buffer.alloc(8))).toBe(-1);
  });

  it.each(['text', new ArrayBuffer(8), [1], null, undefined, 8])('with the buffer %o names the buffer', (value) => {
    const [a] = pair();
    const buffer = value as unknown as Bytes;
    for (const args of [[], [0, 1], [4]]) {
      expect(expectWrongType(() => a.recv(buffer, ...args)).message).toMatch(/^"buffer"/);
      expect(expectWrongType(() => a.send(buffer, ...args)).message).toMatch(/^"buffer"/);
    }
  });

  it('on a closed socket is ERR_FDPOLL_CLOSED, whatever the arguments', () => {
    const [a] = pair();
    a.close();
    const wrong = null as unknown as Bytes;
    for (const [buffer, offset] of [
      [Buffer.alloc(1), 0],
      [Buffer.alloc(1), 0.5],
      [wrong, -1],
    ] as const) {
      expectClosed(() => a.recv(buffer, offset));
      expectClosed(() => a.send(buffer, offset));
    }
  });

  it('that the addon refuses although all seems right is refused', () => {
    vi.spyOn(native, 'recv').mockReturnValue(BAD_ARGUMENT);
    expect(expectWrongType(() => inet().recv(Buffer.alloc(1))).message).toMatch(/^"buffer"/);
  });
});

describe('what is made in steps', () => {
  it('leaves no descriptor when a step fails, and names that step', () => {
    const before = openDescriptors();
    const steps = [
      ['setOption', 'setsockopt'],
      ['bind', 'bind'],
      ['listen', 'listen'],
    ] as const;
    for (const [name, call] of steps) {
      const step = vi.spyOn(native, name).mockReturnValue(failed(call, 'EACCES'));
      expectFdError(() => Socket.listen('127.0.0.1:0'), 'EACCES', call);
      step.mockRestore();
    }
    vi.spyOn(native, 'connect').mockReturnValue(failed('connect', 'EACCES'));
    expectFdError(() => Socket.connect('127.0.0.1:9'), 'EACCES', 'connect');
    expect(openDescriptors()).toEqual(before);
  });

  it('opens nothing when an argument is wrong', () => {
    const opened = vi.spyOn(native, 'openSocket');
    thrownBy(() => Socket.listen('localhost:80'));
    thrownBy(() => Socket.listen('127.0.0.1:0', { mode: -1 }));
    thrownBy(() => Socket.connect('127.0.0.1:9', { type: 'sideways' as 'stream' }));
    thrownBy(() => new Socket('inet', 'stream', { protocol: 'sideways' }));
    expect(opened).not.toHaveBeenCalled();
  });
});

describe('what a socket knows of itself', () => {
  it('is asked of the system once', () => {
    const [client, server] = connection();
    const asked = vi.spyOn(native, 'socketFacts');
    for (const socket of [client, server, client, server])
      expect([socket.family, socket.type]).toEqual(['inet', 'stream']);
    expect(asked.mock.calls.length).toBeLessThanOrEqual(2);
  });

  it('includes the peer once that was read, also when it is gone and this is closed', () => {
    const [client, server] = connection();
    const peer = server.remoteAddress;
    client.close();
    server.close();
    expect(server.remoteAddress).toBe(peer);
    expect(server.localAddress).toBeUndefined();
  });

  it('ends when it is closed: no descriptor, not listening', () => {
    const listener = closing(Socket.listen('127.0.0.1:0'));
    expect([listener.fd >= 0, listener.listening, listener.closed]).toEqual([true, true, false]);
    listener.close();
    expect([listener.fd, listener.listening, listener.closed]).toEqual([-1, false, true]);
    expectClosed(() => listener.detach());
  });
});
