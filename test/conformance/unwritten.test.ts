import { describe, expect, it } from 'vitest';
import { DatagramBatch, read, readv, Socket } from '../../lib/index.ts';
import { OPTION_GROUPS } from '../../lib/option_table.ts';
import { systemConstants } from '../../lib/system_constants.ts';
import { checkDescriptorsAfterEachTest } from '../support/descriptors.ts';
import { bound, closingFd, linux, nextMessage, pairOf } from '../support/messages.ts';
import { addressOf, bytes, closing, connection, pair } from '../support/sockets.ts';

const PATTERN = 0xa5;
const pattern = (size: number): Buffer => Buffer.alloc(size, PATTERN);

/** Fills what Buffer hands out without clearing it, and the frame that messages share. */
const fillOldMemory = (): void => {
  for (let i = 0; i < 64; i++) Buffer.allocUnsafe(2048).fill(PATTERN);
  const [a, b] = pairOf('dgram');
  a.sendMessage(pattern(4096), { fds: Array(100).fill(a.fd) });
  for (const fd of nextMessage(b, 4096).fds) closingFd(fd);
};

const isAll = (view: Uint8Array, value: number): boolean => view.every((byte) => byte === value);

describe('memory that was not written', () => {
  checkDescriptorsAfterEachTest();

  it('is not in what an option returns, of any size, nor in the memory behind it', () => {
    const sockets = [closing(new Socket('inet', 'stream')), closing(new Socket('inet6', 'dgram')), pair()[0]];
    const table = systemConstants();
    fillOldMemory();
    let answered = 0;
    for (const socket of sockets)
      for (const { level, rows } of OPTION_GROUPS)
        for (const [name, , access] of rows) {
          const [at, number] = [table[level], table[name]];
          // Those that open descriptors are asked elsewhere.
          if (access === 'write' || at === undefined || number === undefined || name.includes('PIDFD')) continue;
          for (const size of [0, 1, 3, 4, 7, 16, 400])
            try {
              const value = socket.getOption(at, number, size);
              expect(value.length).toBeLessThanOrEqual(size);
              expect(value.buffer.byteLength, `${name}: its own memory`).toBe(size);
              expect(isAll(new Uint8Array(value.buffer, value.length), 0), name).toBe(true);
              answered++;
            } catch (error) {
              expect(error).toHaveProperty('syscall', 'getsockopt');
            }
        }
    expect(answered).toBeGreaterThan(100);
  });

  it('is not behind what was received: the rest of a buffer stays as it was', () => {
    const [a, b] = pairOf('dgram');
    const [buffer, other] = [pattern(16), pattern(16)];
    const receive: (() => number | undefined)[] = [
      () => b.recv(buffer),
      () => b.recvFrom(buffer)?.bytes,
      () => b.recvMessage(buffer)?.bytes,
      () => b.recvMessage([buffer, other])?.bytes,
      () => read(b.fd, buffer),
      () => readv(b.fd, [buffer, other]),
    ];
    for (const call of receive) {
      buffer.fill(PATTERN);
      a.send(bytes('four'));
      expect(call()).toBe(4);
      expect(buffer.toString('latin1', 0, 4)).toBe('four');
      expect(isAll(buffer.subarray(4), PATTERN)).toBe(true);
      expect(isAll(other, PATTERN)).toBe(true);
    }
  });

  it('is not in a message: nothing of the one before, and each value has memory of its own', () => {
    const [a, b] = pairOf('dgram');
    fillOldMemory();
    a.send(bytes('x'));
    const { text, ...message } = nextMessage(b, 8);
    expect(text).toBe('x');
    expect(Object.keys(message)).toEqual(['bytes', 'fds', 'flags', 'truncated', 'controlTruncated']);
    if (!linux) return;
    // One that comes as bytes: the same when others have come since.
    const [from, to] = [bound(), bound()];
    to.setOption('IP_RECVOPTS', true);
    to.setOption('IP_RECVORIGDSTADDR', true);
    from.sendTo(bytes('y'), addressOf(to));
    const [item] = nextMessage(to, 8).control ?? [];
    const before = Buffer.from(item?.data as Uint8Array);
    expect((item?.data as Uint8Array).buffer.byteLength).toBe(before.length);
    fillOldMemory();
    expect(Buffer.from(item?.data as Uint8Array)).toEqual(before);
  });

  it('is not in the bytes of an address', () => {
    fillOldMemory();
    const [socket] = pairOf('dgram');
    for (const address of [socket.localAddress, connection()[0].localAddress, connection()[0].remoteAddress])
      for (const value of Object.values(address ?? {}))
        if (value instanceof Uint8Array) expect(value.buffer.byteLength).toBe(value.length);
    expect(addressOf(socket)).toEqual({ family: 'unix', path: '' });
  });

  it('is not in a batch: it begins with zeros, and a slot that got less than the one before keeps only that', () => {
    fillOldMemory();
    const batch = new DatagramBatch(4, { size: 32 });
    for (const column of [batch.arena, batch.addresses, batch.locals, batch.tos, batch.addressLengths])
      expect(isAll(column, 0)).toBe(true);
    expect(batch.arena.buffer.byteLength).toBe(4 * 32);
    const [named, unnamed] = [bound('127.0.0.1:0'), pairOf('dgram')];
    const to = bound('127.0.0.1:0');
    named.sendTo(bytes('a long datagram'), addressOf(to));
    expect(to.recvBatch(batch)).toBe(1);
    expect(batch.address(0)).toEqual(addressOf(named));
    batch.arena.fill(PATTERN);
    unnamed[0].send(bytes('b'));
    expect(unnamed[1].recvBatch(batch)).toBe(1);
    expect([batch.lengths[0], batch.segments[0], batch.interfaces[0], batch.tos[0]]).toEqual([1, 0, 0, 0]);
    expect(batch.slot(0).toString('latin1', 0, 1)).toBe('b');
    expect(isAll(batch.arena.subarray(1), PATTERN)).toBe(true);
    // Of whom the kernel says nothing, nothing is said of the one before.
    expect(JSON.stringify(batch.address(0))).not.toContain('127.0.0.1');
  });
});
