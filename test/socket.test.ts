import { afterEach, describe, expect, it, vi } from 'vitest';
import { native } from '../lib/binding.ts';
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
