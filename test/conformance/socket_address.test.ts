import { describe, expect, it } from 'vitest';
import { type Address, READABLE, Socket, WRITABLE, waitFor } from '../../lib/index.ts';
import { checkDescriptorsAfterEachTest } from '../support/descriptors.ts';
import { expectError, expectFdError, thrownBy } from '../support/expect.ts';
import { acceptOne, addressOf, closing, connect, connection, listen, pair, portOf } from '../support/sockets.ts';

describe('the addresses of a socket', () => {
  checkDescriptorsAfterEachTest();

  it('are objects, and both sides agree', () => {
    const [client, server] = connection('127.0.0.1:0');
    expect(client.localAddress).toEqual({ family: 'inet', host: '127.0.0.1', port: expect.any(Number) });
    expect(server.remoteAddress).toEqual(client.localAddress);
    expect(client.remoteAddress).toEqual(server.localAddress);
  });

  it('agree over inet6 too', () => {
    const [client, server] = connection('[::1]:0');
    expect(client.localAddress).toMatchObject({ family: 'inet6', host: '::1', port: expect.any(Number) });
    expect(server.remoteAddress).toEqual(client.localAddress);
    expect(client.remoteAddress).toEqual(server.localAddress);
  });

  it('of what is unbound are the wildcard, and undefined on the other side', () => {
    const socket = closing(new Socket('inet', 'stream'));
    expect(socket.localAddress).toEqual({ family: 'inet', host: '0.0.0.0', port: 0 });
    expect(socket.remoteAddress).toBeUndefined();
    expect(listen().remoteAddress).toBeUndefined();
    expect(closing(new Socket('inet6', 'stream')).localAddress).toMatchObject({ family: 'inet6', host: '::', port: 0 });
  });

  it('of a pair are unnamed', () => {
    for (const socket of pair()) {
      expect(socket.localAddress).toEqual({ family: 'unix', path: '' });
      expect(socket.remoteAddress).toEqual({ family: 'unix', path: '' });
    }
  });

  it('are kept by bind: port 0 becomes a port', () => {
    const socket = closing(new Socket('inet', 'stream'));
    socket.bind('127.0.0.1:0');
    const address = addressOf(socket);
    expect(address).toEqual({ family: 'inet', host: '127.0.0.1', port: expect.any(Number) });
    expect(portOf(socket)).toBeGreaterThan(0);
    expect(socket.listening).toBe(false);
    socket.listen();
    expect(socket.listening).toBe(true);
    expect(addressOf(socket)).toEqual(address);
  });

  it('of [::] take inet clients too: ipv6Only is false by default', () => {
    const listener = listen('[::]:0');
    const client = connect(`127.0.0.1:${portOf(listener)}`);
    const server = acceptOne(listener);
    expect(server.remoteAddress).toMatchObject({
      family: 'inet6',
      host: expect.stringMatching(/^::ffff:127\.0\.0\.1$/),
    });
    expect(client.remoteAddress).toMatchObject({ family: 'inet', host: '127.0.0.1' });
  });

  it('of [::] refuse inet clients with ipv6Only', () => {
    const listener = closing(Socket.listen('[::]:0', { ipv6Only: true }));
    expectFdError(() => {
      const client = closing(Socket.connect(`127.0.0.1:${portOf(listener)}`));
      waitFor(client, WRITABLE, 2000);
      throw client.takeError();
    }, 'ECONNREFUSED');
  });
});

describe('an address', () => {
  checkDescriptorsAfterEachTest();

  const forms = (port: number): Address[] => {
    const address: Address[] = [`127.0.0.1:${port}`, { family: 'inet', host: '127.0.0.1', port }];
    if (process.platform === 'linux')
      address.push(Uint8Array.of(2, 0, port >> 8, port & 255, 127, 0, 0, 1, ...new Uint8Array(8)));
    return address;
  };

  it('is an object, a string or the bytes of a sockaddr', () => {
    for (const form of forms(0)) expect(addressOf(listen(form))).toMatchObject({ family: 'inet', host: '127.0.0.1' });
    const listener = listen();
    for (const form of forms(portOf(listener))) {
      const client = connect(form);
      expect(acceptOne(listener).remoteAddress).toEqual(client.localAddress);
    }
  });

  it('of inet6 may say scope and flow', () => {
    const listener = listen({ family: 'inet6', host: '::1', port: 0, scopeId: 0, flowInfo: 0 });
    expect(addressOf(listener)).toMatchObject({ family: 'inet6', host: '::1' });
    const spelled = connect(`[0:0:0:0:0:0:0:1]:${portOf(listener)}`);
    expect(waitFor(listener, READABLE, 2000)).toBe(READABLE);
    expect(spelled.remoteAddress).toMatchObject({ host: '::1' });
  });

  it.each([
    'localhost:80',
    'example.org:80',
    '127.0.0.1',
    '127.0.0.1:',
    ':80',
    '127.0.0.1:65536',
    '127.0.0.1:-1',
    '127.0.0.1:80x',
    '127.0.0.1: 80',
    '127.0.0.1:1e3',
    '127.0.0.256:80',
    '127.0.0:80',
    '::1:80',
    '[::1]',
    '[::1]80',
    '[::1:80',
    '[:::1]:80',
    '[127.0.0.1]:80',
    'http://127.0.0.1:80',
    '127.0.0.1:80\0',
    '',
    ':',
    'unix',
  ])('that nobody can read is refused, names too: %j', (address) => {
    for (const call of [() => Socket.listen(address), () => Socket.connect(address)])
      expectError(call, TypeError, 'ERR_INVALID_ARG_VALUE');
  });

  const objects: readonly (readonly [unknown, string])[] = [
    [{ family: 'inet', host: '127.0.0.1' }, 'ERR_INVALID_ARG_TYPE'],
    [{ family: 'inet', host: '127.0.0.1', port: '80' }, 'ERR_INVALID_ARG_TYPE'],
    [{ family: 'inet', port: 80 }, 'ERR_INVALID_ARG_TYPE'],
    [{ family: 'inet', host: 127, port: 80 }, 'ERR_INVALID_ARG_TYPE'],
    [{ family: 'inet', host: 'localhost', port: 80 }, 'ERR_INVALID_ARG_VALUE'],
    [{ family: 'inet', host: '::1', port: 80 }, 'ERR_INVALID_ARG_VALUE'],
    [{ family: 'inet6', host: '127.0.0.1', port: 80 }, 'ERR_INVALID_ARG_VALUE'],
    [{ family: 'inet', host: '127.0.0.1\0', port: 80 }, 'ERR_INVALID_ARG_VALUE'],
    [{ family: 'inet', host: '127.0.0.1', port: -1 }, 'ERR_OUT_OF_RANGE'],
    [{ family: 'inet', host: '127.0.0.1', port: 65536 }, 'ERR_OUT_OF_RANGE'],
    [{ family: 'inet', host: '127.0.0.1', port: 1.5 }, 'ERR_OUT_OF_RANGE'],
    [{ family: 'inet', host: '127.0.0.1', port: Number.NaN }, 'ERR_OUT_OF_RANGE'],
    [{ family: 'inet6', host: '::1', port: 80, scopeId: -1 }, 'ERR_OUT_OF_RANGE'],
    [{ family: 'inet6', host: '::1', port: 80, scopeId: 2 ** 32 }, 'ERR_OUT_OF_RANGE'],
    [{ family: 'ipx', host: '::1', port: 80 }, 'ERR_INVALID_ARG_VALUE'],
    [{ family: 'unix' }, 'ERR_INVALID_ARG_TYPE'],
    [{ family: 'unix', path: 7 }, 'ERR_INVALID_ARG_TYPE'],
    [{}, 'ERR_INVALID_ARG_TYPE'],
    [{ host: '127.0.0.1', port: 80 }, 'ERR_INVALID_ARG_TYPE'],
    [null, 'ERR_INVALID_ARG_TYPE'],
    [undefined, 'ERR_INVALID_ARG_TYPE'],
    [80, 'ERR_INVALID_ARG_TYPE'],
    [true, 'ERR_INVALID_ARG_TYPE'],
    [new ArrayBuffer(16), 'ERR_INVALID_ARG_TYPE'],
    [() => '127.0.0.1:80', 'ERR_INVALID_ARG_TYPE'],
  ];
  it.each(objects)('that is %j is refused with %s', (address, code) => {
    for (const call of [() => Socket.listen(address as Address), () => Socket.connect(address as Address)]) {
      const error = thrownBy(call) as Error & { code: string };
      expect(error.code, error.message).toBe(code);
      expect(error).toBeInstanceOf(code === 'ERR_OUT_OF_RANGE' ? RangeError : TypeError);
    }
  });

  it('of bytes that are no sockaddr is refused without harm', () => {
    for (const bytes of [[], [2], [2, 0, 0], [0xff, 0xff, 1, 2, 3, 4], new Array(4096).fill(1)])
      expect(() => Socket.connect(Uint8Array.from(bytes)), `${bytes.length} bytes`).toThrow(Error);
  });

  it('of another family than the socket is the error of the system', () => {
    const socket = closing(new Socket('inet', 'stream'));
    expect(() => socket.bind('[::1]:0')).toThrow(/EAFNOSUPPORT|EINVAL/);
    expect(() => socket.bind('unix:/tmp/never-bound')).toThrow(/EAFNOSUPPORT|EINVAL/);
  });
});
