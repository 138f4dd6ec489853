import { afterEach, describe, expect, it, vi } from 'vitest';
import { native } from '../lib/binding.ts';
import { Socket } from '../lib/socket.ts';
import { handleOf } from '../lib/socket_handle.ts';
import { expectClosed, expectOutOfRange, expectWrongType } from './support/expect.ts';
import { addressOf, closing, connection, listen, pair } from './support/sockets.ts';

afterEach(() => {
  vi.restoreAllMocks();
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

describe('the handle of a socket', () => {
  it('is its own, and no other object has one', () => {
    const [a, b] = pair();
    expect(handleOf(a)).not.toBe(handleOf(b));
    for (const other of [{}, Object.create(Socket.prototype), { fd: a.fd }])
      expect(() => handleOf(other as Socket)).toThrow(TypeError);
  });

  it('finds nothing once the socket is closed or detached', () => {
    const [a] = pair();
    a.close();
    expect(handleOf(a)).toBe(-1);
    expectClosed(() => a.recv(Buffer.alloc(1)));
  });
});

describe('the timeout of a socket', () => {
  it('is 0 at first, and what it is set to', () => {
    const [a] = pair();
    expect(a.timeout).toBe(0);
    for (const ms of [1, 0.5, Number.POSITIVE_INFINITY, 0]) {
      a.timeout = ms;
      expect(a.timeout).toBe(ms);
    }
  });

  it('that is over already is 0', () => {
    const [a] = pair();
    a.timeout = 5;
    a.timeout = -3;
    expect(a.timeout).toBe(0);
    a.timeout = Number.NEGATIVE_INFINITY;
    expect(a.timeout).toBe(0);
  });

  it('that is no number is refused, and the old one stays', () => {
    const [a] = pair();
    a.timeout = 7;
    const wrong: unknown[] = ['1', null, undefined, {}, 1n];
    for (const value of wrong)
      expectWrongType(() => {
        a.timeout = value as number;
      });
    expectOutOfRange(() => {
      a.timeout = Number.NaN;
    });
    expect(a.timeout).toBe(7);
  });

  it('is not that of its copy or of what it accepts', () => {
    const listener = listen();
    listener.timeout = 1000;
    const client = closing(Socket.connect(addressOf(listener)));
    const server = closing(listener.accept() ?? expect.fail('no connection within a second'));
    expect([client.timeout, server.timeout]).toEqual([0, 0]);
  });
});
