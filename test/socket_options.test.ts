import { afterEach, describe, expect, it, vi } from 'vitest';
import { native } from '../lib/binding.ts';
import { BAD_ARGUMENT, CLOSED_HANDLE } from '../lib/native.ts';
import { Socket } from '../lib/socket.ts';
import type { OptionValue } from '../lib/socket_options.ts';
import { constants } from '../lib/system_constants.ts';
import { failed } from './support/answers.ts';
import {
  expectClosed,
  expectFdError,
  expectOutOfRange,
  expectUnknownValue,
  expectWrongType,
} from './support/expect.ts';
import { closing, pair } from './support/sockets.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const tcp = (): Socket => closing(new Socket('inet', 'stream'));
const { SOL_SOCKET = 0, SO_KEEPALIVE = 0, SO_TYPE = 0, SO_LINGER = 0 } = constants;

describe('an option by name', () => {
  it('is set and read in its own type', () => {
    const socket = tcp();
    socket.setOption('SO_KEEPALIVE', true);
    expect(socket.getOption('SO_KEEPALIVE')).toBe(true);
    socket.setOption('SO_LINGER', { on: true, seconds: 5 });
    expect(socket.getOption('SO_LINGER')).toEqual({ on: true, seconds: 5 });
    expect(socket.getOption('SO_TYPE')).toBe(constants.SOCK_STREAM);
  });

  it('that does not exist is refused', () => {
    const socket = tcp();
    for (const name of ['', 'SO_NOSUCH', 'so_keepalive', 'toString', '__proto__', 'constructor', 'SO_KEEPALIVE\0']) {
      expectUnknownValue(() => socket.getOption(name));
      expectUnknownValue(() => socket.setOption(name, true));
    }
  });

  it('with a value of another type says what it takes, and changes nothing', () => {
    const socket = tcp();
    expect(expectWrongType(() => socket.setOption('SO_KEEPALIVE', 1)).message).toMatch(/"value" must be a boolean/);
    expect(expectWrongType(() => socket.setOption('SO_LINGER', 5)).message).toMatch(/\{ on, seconds \}/);
    expectOutOfRange(() => socket.setOption('SO_RCVBUF', 2 ** 31));
    expectWrongType(() => socket.setOption('SO_RCVBUF', undefined as unknown as OptionValue));
    expect(socket.getOption('SO_KEEPALIVE')).toBe(false);
    expect(socket.getOption('SO_LINGER')).toMatchObject({ on: false });
  });

  it('that the system refuses is an FdError that names it', () => {
    const socket = tcp();
    vi.spyOn(native, 'setOption').mockReturnValueOnce(failed('setsockopt', 'EINVAL'));
    const error = expectFdError(() => socket.setOption('SO_KEEPALIVE', true), 'EINVAL', 'setsockopt');
    expect(error.message).toBe('setsockopt EINVAL: invalid argument (SO_KEEPALIVE)');
    expect(error.fd).toBe(socket.fd);
    vi.spyOn(native, 'getOption').mockReturnValueOnce(failed('getsockopt', 'EPERM'));
    expect(expectFdError(() => socket.getOption('SO_KEEPALIVE'), 'EPERM', 'getsockopt').fd).toBe(socket.fd);
  });

  it('whose list is longer than usual is asked for once more, with room for the longest', () => {
    const [socket] = pair();
    const ask = vi
      .spyOn(native, 'getOption')
      .mockReturnValueOnce(failed('getsockopt', 'ERANGE'))
      .mockImplementationOnce((_handle, _level, _name, view) => view.byteLength);
    const name = constants.SO_PEERGROUPS === undefined ? 'SO_ERROR' : 'SO_PEERGROUPS';
    socket.getOption(name);
    expect(ask.mock.calls.map(([, , , view]) => view.byteLength)).toEqual([name === 'SO_ERROR' ? 4 : 4096, 262144]);
    ask.mockReturnValue(failed('getsockopt', 'ERANGE'));
    expectFdError(() => socket.getOption(name), 'ERANGE', 'getsockopt');
  });
});

describe('an option by number', () => {
  it('takes an int or bytes, and gives bytes', () => {
    const socket = tcp();
    socket.setOption(SOL_SOCKET, SO_KEEPALIVE, 1);
    const answer = socket.getOption(SOL_SOCKET, SO_KEEPALIVE, 64);
    expect(Buffer.isBuffer(answer)).toBe(true);
    expect(answer).toHaveLength(4);
    expect(answer.some((byte) => byte !== 0)).toBe(true);
    socket.setOption(SOL_SOCKET, SO_LINGER, new Int32Array([1, 9]));
    expect(socket.getOption('SO_LINGER')).toEqual({ on: true, seconds: 9 });
    socket.setOption(SOL_SOCKET, SO_LINGER, new DataView(new Int32Array([0, 9, 0]).buffer, 0, 8));
    expect(socket.getOption('SO_LINGER')).toMatchObject({ on: false });
  });

  it('gives no more than was asked for, and zeros never come from elsewhere', () => {
    const socket = tcp();
    expect(socket.getOption(SOL_SOCKET, SO_TYPE, 0)).toHaveLength(0);
    expect(socket.getOption(SOL_SOCKET, SO_TYPE, 2).length).toBeLessThanOrEqual(2);
    expect(socket.getOption(SOL_SOCKET, SO_TYPE, 65536).length).toBeLessThanOrEqual(4);
    const view = vi.spyOn(native, 'getOption').mockImplementation((_handle, _level, _name, bytes) => {
      expect(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).every((byte) => byte === 0)).toBe(true);
      return bytes.byteLength;
    });
    for (const size of [1, 100, 5000, 65536]) expect(socket.getOption(1, 2, size)).toHaveLength(size);
    expect(view).toHaveBeenCalledTimes(4);
  });

  it('is any level and name that C can write, and no other', () => {
    const socket = tcp();
    const call = vi.spyOn(native, 'setOption').mockReturnValue(0);
    for (const number of [-(2 ** 31), -1, 0, 2 ** 31 - 1]) {
      socket.setOption(number, number, 1);
      expect(call).toHaveBeenLastCalledWith(expect.any(Number), number, number, 1);
    }
    for (const number of [2 ** 31, -(2 ** 31) - 1, 0.5, Number.NaN, Infinity]) {
      expect(expectOutOfRange(() => socket.setOption(number, 1, 1)).message).toMatch(/^"level"/);
      expect(expectOutOfRange(() => socket.setOption(1, number, 1)).message).toMatch(/^"name"/);
      expect(expectOutOfRange(() => socket.getOption(number, 1, 4)).message).toMatch(/^"level"/);
      expect(expectOutOfRange(() => socket.getOption(1, number, 4)).message).toMatch(/^"name"/);
    }
    for (const value of [2 ** 32, -(2 ** 31) - 1, 0.5]) expectOutOfRange(() => socket.setOption(1, 1, value));
    for (const size of [-1, 65537, 0.5, Number.NaN]) expectOutOfRange(() => socket.getOption(1, 1, size));
  });

  it.each([null, undefined, true, {}, [], 1n, Symbol('s')])('with %o for a number or bytes is refused', (value) => {
    const socket = tcp();
    const wrong = value as unknown as number;
    expectWrongType(() => socket.setOption(wrong, 1, 1));
    expectWrongType(() => socket.setOption(1, wrong, 1));
    expectWrongType(() => socket.setOption(1, 1, wrong));
    expectWrongType(() => socket.getOption(wrong, 1, 1));
    expectWrongType(() => socket.getOption(1, wrong, 1));
    expectWrongType(() => socket.getOption(1, 1, wrong));
  });

  it('with text or a bare ArrayBuffer is refused', () => {
    for (const value of ['text', new ArrayBuffer(4), new SharedArrayBuffer(4)])
      expectWrongType(() => tcp().setOption(1, 1, value as unknown as number));
  });

  it('that the system does not know is its error, with the descriptor', () => {
    const socket = tcp();
    expect(expectFdError(() => socket.getOption(SOL_SOCKET, 0x7fff, 4), 'ENOPROTOOPT', 'getsockopt').fd).toBe(
      socket.fd,
    );
    expectFdError(() => socket.setOption(SOL_SOCKET, 0x7fff, 1), 'ENOPROTOOPT', 'setsockopt');
  });

  it('is refused when the addon refuses it', () => {
    vi.spyOn(native, 'setOption').mockReturnValue(BAD_ARGUMENT);
    expectWrongType(() => tcp().setOption(1, 1, Buffer.alloc(1)));
    expectWrongType(() => tcp().setOption(1, 1, 1));
  });
});

describe('on a closed socket', () => {
  it('everything is ERR_FDPOLL_CLOSED', () => {
    const socket = tcp();
    socket.close();
    expectClosed(() => socket.getOption('SO_TYPE'));
    expectClosed(() => socket.setOption('SO_KEEPALIVE', true));
    expectClosed(() => socket.getOption('IP_BOUND_IF'));
    expectClosed(() => socket.getOption(1, 1, 4));
    expectClosed(() => socket.setOption(1, 1, 1));
    expectClosed(() => socket.takeError());
    expectClosed(() => socket.tcpInfo());
    expectClosed(() => socket.peerCredentials);
    expectClosed(() => socket.addMembership('239.0.0.1'));
    expectClosed(() => socket.dropMembership('239.0.0.1'));
  });

  it('also when only the addon knows', () => {
    const socket = tcp();
    vi.spyOn(native, 'peerCredentials').mockReturnValue(CLOSED_HANDLE);
    expectClosed(() => socket.peerCredentials);
  });
});

describe('credentials of a peer', () => {
  it('leave out the process where it is not known', () => {
    const [socket] = pair();
    vi.spyOn(native, 'peerCredentials').mockReturnValue([-1, 7, 8]);
    expect(socket.peerCredentials).toEqual({ pid: undefined, uid: 7, gid: 8 });
  });
});

describe('a source', () => {
  it('is an address, and must be there', () => {
    const socket = closing(new Socket('inet', 'dgram'));
    for (const call of ['blockSource', 'unblockSource'] as const) {
      expectWrongType(() => socket[call]('239.0.0.1', undefined as unknown as string));
      expectUnknownValue(() => socket[call]('239.0.0.1', 'localhost'));
    }
  });
});
