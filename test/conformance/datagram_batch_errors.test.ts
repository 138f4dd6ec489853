import { describe, expect, it } from 'vitest';
import { memoryOf } from '../../lib/datagram_batch.ts';
import { DatagramBatch, ERROR, FdError, READABLE, type Socket, waitFor } from '../../lib/index.ts';
import {
  batchOf,
  connectedTo,
  datagramSocket,
  linux,
  put,
  receiveTexts,
  setNumber,
  textsOf,
} from '../support/datagrams.ts';
import { checkDescriptorsAfterEachTest } from '../support/descriptors.ts';
import { expectFdError, expectOutOfRange, expectWrongType, thrownBy } from '../support/expect.ts';
import { addressOf } from '../support/sockets.ts';

const send = linux ? 'sendmmsg' : 'sendmsg';
const receive = linux ? 'recvmmsg' : 'recvmsg';

/** A socket whose peer is gone, with the error of what it sent to it pending. */
const withPendingError = (): Socket => {
  const server = datagramSocket();
  const client = connectedTo(server);
  server.close();
  expect(client.sendBatch(batchOf(['nobody hears it']))).toBe(1);
  expect(waitFor(client, READABLE, 2000) & ERROR).toBe(ERROR);
  return client;
};

/** Out of bounds in a way that the type of the batch does not show. */
const resizable = (size: number): { arena: Uint8Array; resize(n: number): void } => {
  const Resizable = ArrayBuffer as unknown as new (
    size: number,
    options: object,
  ) => ArrayBuffer & { resize(n: number): void };
  const memory = new Resizable(size, { maxByteLength: 2 * size });
  return { arena: new Uint8Array(memory), resize: (n) => memory.resize(n) };
};

describe('the error of a datagram', () => {
  checkDescriptorsAfterEachTest();

  it('is thrown by the call that starts at it; those before and after it go', () => {
    const [server, client] = [datagramSocket(), datagramSocket()];
    const batch = new DatagramBatch(4, { size: 70_000 });
    for (const text of ['a', 'b', 'c', 'd']) put(batch, text, addressOf(server));
    batch.lengths[2] = 70_000;
    expect(client.sendBatch(batch)).toBe(2);
    const error = expectFdError(() => client.sendBatch(batch, 2), 'EMSGSIZE', send);
    expect(error).toMatchObject({ fd: client.fd, ...pick(addressOf(server)) });
    expectFdError(() => client.sendBatch(batch, 2), 'EMSGSIZE', send);
    expect(client.sendBatch(batch, 3)).toBe(1);
    expect(receiveTexts(server, 3)).toEqual(['a', 'b', 'd']);
  });

  it('is that of its address', () => {
    const client = datagramSocket();
    const batch = batchOf(['x'], '[::1]:9');
    expect(thrownBy(() => client.sendBatch(batch))).toMatchObject({ address: '::1', port: 9, syscall: send });
    batch.setAddress(0, new Uint8Array([250, 250, 1]));
    expect(thrownBy(() => client.sendBatch(batch))).toBeInstanceOf(FdError);
    expectFdError(() => client.sendBatch(batchOf(['x'])), 'EDESTADDRREQ', send);
  });

  it('that came back from the peer is thrown by the next receive, and is taken by that', () => {
    const client = withPendingError();
    const batch = batchOf(['x']);
    expectFdError(() => client.recvBatch(batch), 'ECONNREFUSED', receive);
    expect(batch.count).toBe(0);
    expect(client.recvBatch(batch)).toBe(-1);
  });

  it('that came back from the peer is thrown by the next send, which a retry then makes', () => {
    const client = withPendingError();
    const batch = batchOf(['x']);
    expectFdError(() => client.sendBatch(batch), 'ECONNREFUSED', send);
    expect(client.sendBatch(batch)).toBe(1);
  });
});

const pick = (address: object): object =>
  'host' in address && 'port' in address ? { address: address.host, port: address.port } : {};

describe('a batch that is garbage', () => {
  checkDescriptorsAfterEachTest();

  it('is refused when it is no batch', () => {
    const socket = datagramSocket();
    for (const value of [
      undefined,
      null,
      1,
      'batch',
      {},
      [],
      new Uint8Array(8),
      Object.create(DatagramBatch.prototype),
    ]) {
      expectWrongType(() => socket.recvBatch(value as DatagramBatch));
      expectWrongType(() => socket.sendBatch(value as DatagramBatch));
    }
  });

  it('names the slot that is not within the arena, and sends nothing', () => {
    const [server, client] = [datagramSocket(), datagramSocket()];
    for (const [offset, length] of [
      [0, 6145],
      [6144, 1],
      [2 ** 32 - 1, 1],
      [1, 2 ** 32 - 1],
      [2 ** 32 - 1, 2 ** 32 - 1],
    ] as const) {
      const batch = batchOf(['a', 'b', 'c'], addressOf(server));
      batch.offsets[1] = offset;
      batch.lengths[1] = length;
      expect(expectOutOfRange(() => client.sendBatch(batch)).message).toMatch(/slot 1/);
      expect(client.sendBatch(batch, 2)).toBe(1);
      expect(receiveTexts(server, 1)).toEqual(['c']);
    }
    expect(server.recvBatch(new DatagramBatch(1))).toBe(-1);
  });

  it('names the slot whose address is too long', () => {
    const [server, client] = [datagramSocket(), datagramSocket()];
    const batch = batchOf(['a', 'b'], addressOf(server));
    for (const length of [129, 255]) {
      batch.addressLengths[1] = length;
      expect(expectOutOfRange(() => client.sendBatch(batch)).message).toMatch(/addressLengths\[1\]/);
    }
    batch.addressLengths[1] = 128;
    expect(client.sendBatch(batch)).toBe(2);
    expect(receiveTexts(server, 2)).toEqual(['a', 'b']);
  });

  it.each(['1', null, true, 1n, {}, Symbol('n')])('has no count and no beginning that is %o', (value) => {
    const client = datagramSocket();
    const batch = batchOf(['x'], addressOf(client));
    expectWrongType(() => client.sendBatch(batch, value as number));
    batch.count = value as number;
    expectWrongType(() => client.sendBatch(batch));
    expect(client.recvBatch(batch)).toBe(-1);
    expect(batch.count).toBe(0);
  });

  it.each([
    -1,
    3,
    0.5,
    Number.NaN,
    Infinity,
    2 ** 31,
    2 ** 32,
    2 ** 53,
  ])('has no count and no beginning of %d', (value) => {
    const client = datagramSocket();
    const batch = batchOf(['x', 'y'], addressOf(client));
    expectOutOfRange(() => client.sendBatch(batch, value));
    batch.count = value;
    expectOutOfRange(() => client.sendBatch(batch));
    expect(client.recvBatch(batch)).toBe(-1);
  });

  it.each(['recvBatch', 'sendBatch'] as const)('whose columns were transferred is refused by %s', (call) => {
    const client = datagramSocket();
    const batch = batchOf(['x'], addressOf(client));
    const { columns } = memoryOf(batch);
    structuredClone(columns, { transfer: [columns] });
    batch.count = 1;
    expectOutOfRange(() => client[call](batch));
    batch.setAddress(0, '127.0.0.1:1');
    expect(batch.sameAddress(0, new Uint8Array(0))).toBe(false);
    expectOutOfRange(() => batch.address(0));
  });

  it.each(['recvBatch', 'sendBatch'] as const)('whose arena was transferred is refused by %s', (call) => {
    const client = datagramSocket();
    const batch = new DatagramBatch(2, { arena: new Uint8Array(64) });
    put(batch, 'x', addressOf(client));
    structuredClone(batch.arena.buffer, { transfer: [batch.arena.buffer as ArrayBuffer] });
    expectOutOfRange(() => client[call](batch));
  });

  it.each(['recvBatch', 'sendBatch'] as const)('whose arena shrank is refused by %s', (call) => {
    const client = datagramSocket();
    const { arena, resize } = resizable(64);
    const batch = new DatagramBatch(2, { arena });
    put(batch, 'x', addressOf(client));
    put(batch, 'y', addressOf(client));
    resize(40);
    expectOutOfRange(() => client[call](batch));
    resize(64);
    expect(client.sendBatch(Object.assign(batch, { count: 2 }))).toBe(2);
    expect(receiveTexts(client, 2)).toEqual(['x', expect.any(String)]);
  });

  it('may have its size and its columns overwritten', () => {
    const client = datagramSocket();
    for (const size of [0, -1, 1e6, 'x', null, Number.NaN]) {
      const batch = new DatagramBatch(2);
      expect(thrownBy(() => client.recvBatch(Object.assign(batch, { size }) as DatagramBatch))).toBeInstanceOf(Error);
    }
    const batch = batchOf(['x'], addressOf(client));
    Object.assign(batch, { offsets: null, lengths: 7, arena: 'none', capacity: 99 });
    expect(client.sendBatch(batch)).toBe(1);
    expect(receiveTexts(client, 1)).toEqual(['x']);
  });

  it('may lie in shared memory', () => {
    const client = datagramSocket();
    const batch = new DatagramBatch(2, { arena: new Uint8Array(new SharedArrayBuffer(64)) });
    put(batch, 'shared', addressOf(client));
    expect(client.sendBatch(batch)).toBe(1);
    expect(waitFor(client, READABLE, 2000)).toBe(READABLE);
    expect(client.recvBatch(batch)).toBe(1);
    expect(textsOf(batch)).toEqual(['shared']);
  });

  it('of random numbers is sent, refused or an error, and nothing else', () => {
    const client = datagramSocket();
    if (linux) setNumber(client, 'SOL_SOCKET', 'SO_SNDBUF', 1 << 16);
    const batch = new DatagramBatch(4, { size: 256 });
    const { columns } = memoryOf(batch);
    let seed = 12345;
    const bytes = new Uint8Array(columns);
    for (let round = 0; round < 2000; round++) {
      for (let k = 0; k < 40; k++) {
        seed = (seed * 1103515245 + 12345) % 2 ** 31;
        bytes[(seed >> 8) % bytes.length] = seed >> 4;
      }
      if (round % 3 > 0) batch.setAddress(round % 4, '127.0.0.1:9');
      if (round % 5 > 0) batch.offsets.fill(seed % 256);
      if (round % 7 > 0) batch.lengths.fill(seed % 300);
      batch.count = 4;
      try {
        expect(client.sendBatch(batch, round % 4)).toBeLessThanOrEqual(4);
      } catch (error) {
        expect((error as { code?: string }).code).toMatch(/^E/);
      }
    }
  });
});
