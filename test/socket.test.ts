import { afterEach, describe, expect, it, vi } from 'vitest';
import { native } from '../lib/binding.ts';
import { dup } from '../lib/descriptors.ts';
import { CLOSED_HANDLE } from '../lib/native.ts';
import { Socket } from '../lib/socket.ts';
import { failed } from './support/answers.ts';
import { openDescriptors } from './support/descriptors.ts';
import { expectClosed, expectFdError, thrownBy } from './support/expect.ts';
import { closing } from './support/sockets.ts';

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

describe('what fails half way', () => {
  const failsOnce = (): void => {
    vi.spyOn(native, 'socketFacts').mockReturnValueOnce(failed('getsockopt', 'ENOBUFS'));
  };

  it('leaves a connection in the queue when the listener cannot be asked what it is', () => {
    const listener = closing(Socket.listen('127.0.0.1:0'));
    closing(Socket.connect(listener.localAddress ?? 'unix:', { timeout: 1000 }));
    const before = openDescriptors();
    failsOnce();
    expectFdError(() => listener.accept(), 'ENOBUFS', 'getsockopt');
    expect(openDescriptors()).toEqual(before);
    expect(closing(listener.accept() ?? expect.fail('nobody'))).toBeInstanceOf(Socket);
  });

  it('leaves a descriptor that could not be adopted to the caller, for ever', () => {
    const [a, b] = Socket.pair().map(closing) as [Socket, Socket];
    const fd = dup(a);
    const given = vi.spyOn(native, 'detachSocket');
    failsOnce();
    expectFdError(() => Socket.fromFd(fd), 'ENOBUFS', 'getsockopt');
    expect(given).toHaveReturnedWith(fd);
    const adopted = closing(Socket.fromFd(fd));
    expect([adopted.send(Buffer.from('x')), b.recv(Buffer.alloc(1))]).toEqual([1, 1]);
  });

  it('gives the connections that acceptAll has, whatever the next one says', () => {
    const listener = closing(Socket.listen('127.0.0.1:0'));
    const client = closing(Socket.connect(listener.localAddress ?? 'unix:', { timeout: 1000 }));
    const accept = native.accept.bind(native);
    vi.spyOn(native, 'accept').mockImplementationOnce(accept).mockReturnValue(failed('accept', 'EPERM'));
    const accepted = listener.acceptAll().map(closing);
    expect(accepted.map((socket) => socket.remoteAddress)).toEqual([client.localAddress]);
    expectFdError(() => listener.acceptAll(), 'EPERM', 'accept');
  });

  it('listens on all addresses or on none when the port of the first is not told', () => {
    const before = openDescriptors();
    vi.spyOn(native, 'socketAddress').mockReturnValue(failed('getsockname', 'ENOBUFS'));
    expectFdError(() => Socket.listenAll(['127.0.0.1:0', '127.0.0.1:0']), 'ENOBUFS', 'getsockname');
    expect(openDescriptors()).toEqual(before);
  });
});
