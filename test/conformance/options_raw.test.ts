import { describe, expect, it } from 'vitest';
import { native } from '../../lib/binding.ts';
import { constants, Socket } from '../../lib/index.ts';
import { handleOf } from '../../lib/socket_handle.ts';
import { checkDescriptorsAfterEachTest } from '../support/descriptors.ts';
import { expectFdError, expectWrongType } from '../support/expect.ts';
import { ACCEPT_ALL } from '../support/option_samples_linux.ts';
import { addressOf, bytes, closing, connection, listen, pair, portOf } from '../support/sockets.ts';

const { SOL_SOCKET = 0, SO_LINGER = 0, SO_RCVBUF = 0, SO_GET_FILTER, IPPROTO_TCP = 6, TCP_INFO } = constants;
const onLinux = process.platform === 'linux';

// BPF: return 0, drop everything; return 4, the first four bytes.
const DROP_ALL = Buffer.from([6, 0, 0, 0, 0, 0, 0, 0]);
const FIRST_FOUR = Buffer.from([6, 0, 0, 0, 4, 0, 0, 0]);

describe('options by number', () => {
  checkDescriptorsAfterEachTest();

  it('memory that was transferred away is no bytes, or an error, never a crash', () => {
    const socket = closing(new Socket('inet', 'stream'));
    const gone = new Uint8Array(8);
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    expectFdError(() => socket.setOption(SOL_SOCKET, SO_LINGER, gone), 'EINVAL', 'setsockopt');
    expect(native.getOption(handleOf(socket), SOL_SOCKET, SO_LINGER, gone)).toBeLessThanOrEqual(0);
  });

  it('shared and resizable memory is taken as it is now', () => {
    const socket = closing(new Socket('inet', 'stream'));
    socket.setOption(SOL_SOCKET, SO_LINGER, new Int32Array(new SharedArrayBuffer(8)));
    const Resizable = ArrayBuffer as unknown as new (
      size: number,
      options: object,
    ) => ArrayBuffer & { resize(n: number): void };
    const buffer = new Resizable(8, { maxByteLength: 16 });
    const tracking = new Uint8Array(buffer);
    socket.setOption(SOL_SOCKET, SO_LINGER, tracking);
    const fixed = new Uint8Array(buffer, 0, 8);
    buffer.resize(4);
    expectFdError(() => socket.setOption(SOL_SOCKET, SO_LINGER, fixed), 'EINVAL', 'setsockopt');
    expectFdError(() => socket.setOption(SOL_SOCKET, SO_LINGER, tracking), 'EINVAL', 'setsockopt');
  });

  it('a conversion that would change the value is never made', () => {
    const socket = closing(new Socket('inet', 'stream'));
    const evil = { valueOf: () => expect.fail('never called') };
    expectWrongType(() => socket.setOption(SOL_SOCKET, SO_RCVBUF, evil as unknown as number));
    expectWrongType(() => socket.getOption(SOL_SOCKET, SO_RCVBUF, evil as unknown as number));
  });

  it('every number as name is an answer or an error of the system, and stays inside its buffer', () => {
    const [socket] = onLinux ? connection() : pair();
    const guard = Buffer.alloc(48, 0xee);
    for (const level of [SOL_SOCKET, 0, 6, 17, 41, 255, 263, 270, 282, 284, 2 ** 31 - 1, -1]) {
      for (let name = 0; name < 100; name++) {
        guard.fill(0xee);
        const answer = native.getOption(handleOf(socket), level, name, guard.subarray(16, 32));
        expect(answer).toBeLessThanOrEqual(16);
        expect(guard.subarray(0, 16)).toEqual(Buffer.alloc(16, 0xee));
        expect(guard.subarray(32)).toEqual(Buffer.alloc(16, 0xee));
        // SO_PEERPIDFD opens a descriptor on unix sockets alone, and this is none on Linux.
      }
    }
  });

  it('a size between 0 and 65536 is what the kernel is told', () => {
    const [socket] = connection();
    if (TCP_INFO === undefined) {
      expectFdError(() => socket.getOption('TCP_INFO'), 'ENOPROTOOPT');
      return;
    }
    for (const size of [0, 1, 7, 8, 104, 105, 65536]) {
      const answer = socket.getOption(IPPROTO_TCP, TCP_INFO, size);
      expect(answer.length).toBeLessThanOrEqual(size);
      if (onLinux) expect(answer.length).toBe(Math.min(size, socket.getOption(IPPROTO_TCP, TCP_INFO, 512).length));
    }
  });
});

describe('classic BPF', () => {
  checkDescriptorsAfterEachTest();

  const lacking = (socket: Socket): boolean => {
    if (onLinux) return false;
    expectFdError(() => socket.setOption('SO_ATTACH_FILTER', DROP_ALL), 'ENOPROTOOPT', 'setsockopt');
    return true;
  };
  const receiver = (): [receiver: Socket, sender: Socket] => {
    const socket = closing(Socket.listen('127.0.0.1:0', { type: 'dgram' }));
    return [socket, closing(Socket.connect(addressOf(socket), { type: 'dgram' }))];
  };

  it('decides what a socket receives, and can be taken off', () => {
    const [socket, sender] = receiver();
    if (lacking(socket)) return;
    const buffer = Buffer.alloc(32);
    const received = (): number => {
      sender.send(bytes('12345678'));
      return socket.recv(buffer);
    };
    expect(received()).toBe(8);
    socket.setOption('SO_ATTACH_FILTER', DROP_ALL);
    expect(received()).toBe(-1);
    // A filter sees the UDP header too, 8 bytes.
    socket.setOption('SO_ATTACH_FILTER', Buffer.from([6, 0, 0, 0, 12, 0, 0, 0]));
    expect(received()).toBe(4);
    socket.setOption('SO_DETACH_FILTER', true);
    expect(received()).toBe(8);
  });

  it('is read back in bytes, never beyond the buffer', () => {
    const [socket] = receiver();
    if (lacking(socket) || SO_GET_FILTER === undefined) return;
    expect(socket.getOption('SO_GET_FILTER')).toEqual(Buffer.alloc(0));
    const program = Buffer.concat([...Array(63).fill(Buffer.from([0, 0, 0, 0, 1, 0, 0, 0])), ACCEPT_ALL]);
    socket.setOption('SO_ATTACH_FILTER', program);
    expect(socket.getOption('SO_GET_FILTER')).toEqual(program);
    expect(socket.getOption(SOL_SOCKET, SO_GET_FILTER, 512)).toEqual(program);
    // 64 would be enough if these were instructions.
    for (const size of [8, 64, 504, 511])
      expectFdError(() => socket.getOption(SOL_SOCKET, SO_GET_FILTER, size), 'EINVAL', 'getsockopt');
    const guard = Buffer.alloc(1024, 0xee);
    native.getOption(handleOf(socket), SOL_SOCKET, SO_GET_FILTER, guard.subarray(0, 64));
    expect(guard).toEqual(Buffer.alloc(1024, 0xee));
  });

  it('is checked before it is used, by name and by number', () => {
    const [socket] = receiver();
    if (lacking(socket)) return;
    const number = constants.SO_ATTACH_FILTER as number;
    const broken = [
      Buffer.alloc(0),
      Buffer.alloc(7, 6),
      Buffer.alloc(8, 0xff),
      Buffer.alloc(8 * 65536),
      Buffer.alloc(8 * 4097),
    ];
    for (const program of broken) {
      expectFdError(() => socket.setOption('SO_ATTACH_FILTER', program), 'EINVAL', 'setsockopt');
      expectFdError(() => socket.setOption(SOL_SOCKET, number, program), 'EINVAL', 'setsockopt');
    }
    socket.setOption(SOL_SOCKET, number, FIRST_FOUR);
    expect(socket.getOption('SO_GET_FILTER')).toEqual(FIRST_FOUR);
  });

  it('spreads connections over the listeners of a port', () => {
    const first = closing(Socket.listen('127.0.0.1:0', { reusePort: true }));
    if (!onLinux) {
      expectFdError(() => first.setOption('SO_ATTACH_REUSEPORT_CBPF', ACCEPT_ALL), 'ENOPROTOOPT', 'setsockopt');
      return;
    }
    const second = closing(Socket.listen(`127.0.0.1:${portOf(first)}`, { reusePort: true }));
    // return 1: always the second.
    first.setOption('SO_ATTACH_REUSEPORT_CBPF', Buffer.from([6, 0, 0, 0, 1, 0, 0, 0]));
    for (let i = 0; i < 8; i++) closing(Socket.connect(addressOf(first), { timeout: 1000 }));
    expect(first.acceptAll()).toEqual([]);
    const accepted = second.acceptAll();
    expect(accepted).toHaveLength(8);
    for (const socket of accepted) socket.close();
  });
});

describe('options given when a socket is made', () => {
  checkDescriptorsAfterEachTest();

  it('are set before it is bound', () => {
    const options = { IPV6_RECVPKTINFO: true, IPV6_RECVTCLASS: true, SO_RCVBUF: 9216 };
    const more = onLinux ? { IP_RECVTOS: true, UDP_GRO: true, IPV6_MTU_DISCOVER: 'do', IP_FREEBIND: true } : {};
    const socket = closing(Socket.listen('[::]:0', { type: 'dgram', options: { ...options, ...more } }));
    for (const name of ['IPV6_RECVPKTINFO', 'IPV6_RECVTCLASS'])
      expect([name, socket.getOption(name)]).toEqual([name, true]);
    if (!onLinux) return;
    for (const name of ['IP_RECVTOS', 'UDP_GRO']) expect([name, socket.getOption(name)]).toEqual([name, true]);
    expect(socket.getOption('IPV6_MTU_DISCOVER')).toBe('do');
  });

  it('leave no descriptor when one is refused', () => {
    const refused = { TCP_NODELAY: true, SO_NOSUCH: true };
    expect(() => Socket.listen('127.0.0.1:0', { options: refused })).toThrow(/SO_NOSUCH/);
    expect(() => Socket.connect(addressOf(listen()), { options: { TCP_NODELAY: 1 } })).toThrow(/a boolean/);
    expectFdError(
      () => Socket.listen('127.0.0.1:0', { type: 'dgram', options: { IP_TTL: 0 } }),
      'EINVAL',
      'setsockopt',
    );
  });

  it('go with the connection', () => {
    const client = closing(Socket.connect(addressOf(listen()), { options: { TCP_NODELAY: true } }));
    expect(client.getOption('TCP_NODELAY')).toBe(true);
  });
});
